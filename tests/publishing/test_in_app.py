"""What a platform leaves in its app: a member finishes it there and proves it, as with a post by hand."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from contentdesk.lib import clock
from contentdesk.lib.db import db, transaction
from contentdesk.notices.models import Notice
from contentdesk.posts.models import Revision
from contentdesk.publishing import handwork
from contentdesk.publishing.models import Delivery
from contentdesk.publishing.queries import get_delivery
from contentdesk.publishing.states import DeliveryState
from tests.publishing.conftest import CAPTION, Scene, wait_until

D = DeliveryState
INIT = "/content/init/$"


@pytest.fixture
def waiting(scene: Scene) -> Delivery:
    """Photos for the inbox of the app, handed to the platform."""
    scene.sandbox.admin("settings", {"tiktok_processing_s": 0.0, "tiktok_moderation_s": 0.0})
    opened = scene.sandbox.account("kim.latihan", platform="tiktok")
    account = scene.make.account(
        scene.kim,
        kind="tiktok",
        external_id=opened["id"],
        handle="kim.latihan",
        token_sealed=scene.at.box.seal(opened["access_token"]),
    )
    delivery = scene.scheduled(account=account)
    with transaction():
        options = {"tiktok": {"mode": "inbox"}}
        db.session.execute(update(Revision).where(Revision.id == delivery.revision_id).values(options=options))
    scene.change(delivery, expires_at=clock.now() + timedelta(hours=1))
    scene.go(delivery)
    assert scene.state(delivery) == D.ACCEPTED
    return delivery


def test_what_a_platform_takes_and_never_brings_out_is_for_a_person(scene: Scene, waiting: Delivery) -> None:
    """Accepted is no dead end: after a day there are the two buttons."""
    scene.sandbox.admin("settings", {"tiktok_processing_s": 999_999.0})
    stuck = scene.scheduled(account=get_delivery(waiting.id).account)
    with transaction():
        options = {"tiktok": {"privacy": "PUBLIC_TO_EVERYONE"}}
        db.session.execute(update(Revision).where(Revision.id == stuck.revision_id).values(options=options))
    scene.go(stuck)
    assert scene.look(stuck).state == D.ACCEPTED
    scene.change(stuck, intent_at=clock.now() - timedelta(hours=25))
    assert scene.look(stuck).state == D.UNKNOWN
    page = scene.make.signed_in(scene.chair).get(f"/terbitan/{stuck.id}").text
    assert "Belum pasti terbit" in page


def test_a_person_is_asked_also_when_the_first_look_came_too_early(scene: Scene, waiting: Delivery) -> None:
    scene.sandbox.admin("faults", {"fault": "drop_before", "path_regex": INIT})
    lost = scene.scheduled(account=get_delivery(waiting.id).account)
    with transaction():
        options = {"tiktok": {"privacy": "PUBLIC_TO_EVERYONE"}}
        db.session.execute(update(Revision).where(Revision.id == lost.revision_id).values(options=options))
    assert scene.go(lost).state == D.UNKNOWN
    assert scene.look(lost).state == D.UNKNOWN
    assert db.session.query(Notice).all() == []
    scene.minutes_pass(lost, 3)
    scene.look(lost)
    assert {notice.path for notice in db.session.query(Notice)} == {f"/terbitan/{lost.id}"}


def test_what_can_never_be_looked_at_is_for_a_person_too(scene: Scene, waiting: Delivery) -> None:
    """The platform took it and tells nothing any more, or somebody deleted it there."""
    scene.sandbox.admin("faults", {"fault": "5xx", "path_regex": "status/fetch", "times": None})
    assert scene.look(waiting).state == D.ACCEPTED
    scene.change(waiting, intent_at=clock.now() - timedelta(hours=25))
    for _ in range(3):
        assert scene.look(waiting).state == D.UNKNOWN
    asked = [notice for notice in db.session.query(Notice) if notice.user_id == scene.member.id]
    assert [notice.path for notice in asked] == [f"/terbitan/{waiting.id}"]
    assert "Belum pasti terbit" in (scene.fresh(waiting).problem or "")


def in_app(scene: Scene, delivery: Delivery) -> Delivery:
    wait_until(lambda: scene.look(delivery).state == D.HANDED_OVER)
    return scene.fresh(delivery)


def test_it_is_handed_to_the_members_who_are_told_where_it_lies(scene: Scene, waiting: Delivery) -> None:
    delivery = in_app(scene, waiting)
    assert delivery.intent_at is None
    assert delivery.problem
    assert "kotak masuk" in delivery.problem
    assert delivery.expires_at > clock.now() + timedelta(hours=23)
    told = [notice.user_id for notice in db.session.query(Notice)]
    assert {scene.member.id, scene.chair.id} <= set(told)
    page = scene.make.signed_in(scene.member).get(f"/tugas/{delivery.id}").text
    assert "kotak masuk" in page
    assert CAPTION in page
    assert scene.sandbox.published() == []


def test_the_engine_leaves_it_alone_from_then_on(scene: Scene, waiting: Delivery) -> None:
    delivery = in_app(scene, waiting)
    for _ in range(3):
        scene.look(delivery)
    assert scene.state(delivery) == D.HANDED_OVER
    assert sum(1 for call in scene.sandbox.calls(INIT) if call["committed"]) == 1


def test_the_member_posts_it_in_the_app_and_the_link_proves_it(scene: Scene, waiting: Delivery) -> None:
    delivery = in_app(scene, waiting)
    with transaction():
        handwork.take(scene.member, get_delivery(delivery.id))
    posted = scene.sandbox.admin(
        "platforms/tiktok/finish_in_app", {"publish_id": delivery.checkpoint["publish_id"], "caption": CAPTION}
    )
    with transaction():
        handwork.finish(scene.member, get_delivery(delivery.id), posted["permalink"])
    after = scene.fresh(delivery)
    assert (after.state, after.permalink, after.problem) == (D.SENT, posted["permalink"], None)
    assert [post["caption"] for post in scene.sandbox.published()] == [CAPTION]


def test_a_lost_answer_is_a_task_for_the_members_too_and_never_a_second_draft(scene: Scene, waiting: Delivery) -> None:
    """With the texts and photos of the task they can post it whether or not the draft arrived."""
    again = scene.scheduled(account=get_delivery(waiting.id).account)
    with transaction():
        options = {"tiktok": {"mode": "inbox"}}
        db.session.execute(update(Revision).where(Revision.id == again.revision_id).values(options=options))
    scene.sandbox.admin("faults", {"fault": "commit_then_drop", "path_regex": INIT})
    scene.go(again)
    assert scene.state(again) == D.UNKNOWN
    in_app(scene, again)
    assert sum(1 for call in scene.sandbox.calls(INIT) if call["committed"]) == 2
