"""A large film through the engine: piece by piece from our store, then looked at until it is out."""

import pytest
from sqlalchemy import select, update

from contentdesk.channels import services
from contentdesk.channels.models import Account
from contentdesk.lib.db import db, transaction
from contentdesk.media.models import Media
from contentdesk.posts.models import Revision, RevisionFile
from contentdesk.publishing.models import Delivery
from contentdesk.publishing.states import DeliveryState
from tests.channels.subjects.tiktok import PUBLIC, open_account
from tests.channels.tiktok_stage import PIECES, large
from tests.publishing.conftest import CAPTION, Scene

D = DeliveryState


@pytest.fixture
def film(scene: Scene) -> Delivery:
    scene.sandbox.admin("settings", {"tiktok_processing_s": 0.0, "tiktok_moderation_s": 0.0, "tiktok_token_s": 9999.0})
    with transaction():
        login = open_account(scene.sandbox)
        made = services.connect(scene.chair, "tiktok", scene.kim.id, login, scene.at.box)
        account = db.session.get_one(Account, made.id)
    delivery = scene.scheduled(account=account)
    stored = scene.at.files.put(large(), ".mp4")
    with transaction():
        of_revision = RevisionFile.revision_id == delivery.revision_id
        film = {"media": Media.VIDEO, "seconds": 5.0, "fps": 25.0, "width": 720, "height": 1280}
        db.session.execute(
            update(RevisionFile).where(of_revision).values(sha256=stored.sha256, size=stored.size, **film)
        )
        revision = db.session.scalars(select(Revision).where(Revision.id == delivery.revision_id)).one()
        revision.options = {"tiktok": dict(PUBLIC)}
    return delivery


def test_each_step_sends_one_piece_and_the_last_one_posts(scene: Scene, film: Delivery) -> None:
    scene.go(film, rounds=1)
    assert (scene.state(film), len(scene.sandbox.calls(PIECES))) == (D.PREPARING, 0)
    scene.go(film, rounds=1)
    assert (scene.state(film), len(scene.sandbox.calls(PIECES))) == (D.PREPARING, 1)
    assert scene.go(film).state == D.ACCEPTED
    after = scene.look(film)
    [public] = scene.sandbox.published()
    assert (after.state, after.external_id, after.permalink) == (D.SENT, public["id"], public["permalink"])
    assert (public["caption"], public["images"][0]["size"]) == (CAPTION, len(large()))
    assert [call["status"] for call in scene.sandbox.calls(PIECES)] == [206, 206, 201]


@pytest.mark.parametrize("fault", ["commit_then_drop", "drop_before"])
def test_a_lost_answer_to_the_last_piece_makes_no_second_post(scene: Scene, film: Delivery, fault: str) -> None:
    scene.sandbox.admin("faults", {"fault": fault, "path_regex": PIECES, "skip": 2})
    assert scene.go(film).state == D.UNKNOWN
    if fault == "drop_before":
        assert scene.look(film).state == D.UNKNOWN
        scene.minutes_pass(film, 2)
        assert scene.look(film).state == D.WAITING
        assert scene.go(film).state == D.ACCEPTED
    assert scene.look(film).state == D.SENT
    assert len(scene.sandbox.published()) == 1
    assert len(scene.sandbox.calls("video/init/$")) == 1


def test_choices_that_the_account_withdrew_after_the_approval_go_back_to_a_person(scene: Scene, film: Delivery) -> None:
    account = db.session.get_one(Account, film.account_id).external_id
    scene.sandbox.admin("platforms/tiktok/creator", {"account_id": account, "comment_off": True})
    after = scene.go(film)
    assert (after.state, scene.sandbox.published()) == (D.FAILED, [])
    page = scene.make.signed_in(scene.member).get(f"/terbitan/{film.id}").text
    assert "mematikan komentar" in page
