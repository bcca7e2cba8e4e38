"""What can be prepared is with the platform before its time, and nothing of it is public early or twice."""

from datetime import timedelta

from sqlalchemy import update

from contentdesk.lib import clock
from contentdesk.lib.db import db, transaction
from contentdesk.posts.queries import get_post
from contentdesk.publishing import claims, persons, services, sweeps
from contentdesk.publishing.claims import Held
from contentdesk.publishing.models import Delivery
from contentdesk.publishing.queries import get_delivery
from contentdesk.publishing.states import DeliveryState
from contentdesk.umkm.models import Business, Consent
from tests.publishing.conftest import Scene

D = DeliveryState
SOON = timedelta(minutes=20)


def prepared(scene: Scene, *businesses: Business) -> Delivery:
    """Due in twenty minutes, all but the last call done."""
    delivery = scene.scheduled(due_at=clock.now() + SOON, businesses=businesses)
    for _ in range(4):
        scene.go(delivery, rounds=1)
        if scene.fresh(delivery).ready_at:
            break
    return scene.fresh(delivery)


def its_time_comes(scene: Scene, delivery: Delivery) -> Delivery:
    scene.change(delivery, due_at=clock.now())
    return scene.go(delivery, rounds=1)


def test_before_its_time_it_lies_ready_and_is_not_public(scene: Scene) -> None:
    delivery = prepared(scene)
    assert (delivery.state, delivery.next_at) == (D.WAITING, delivery.due_at)
    assert delivery.ready_at
    scene.go(delivery, rounds=3)  # whoever rings too early
    assert scene.sandbox.published() == []
    assert scene.sandbox.calls(path="/media$", method="POST")


def test_at_its_time_one_call_is_left(scene: Scene) -> None:
    delivery = prepared(scene)
    before = len(scene.sandbox.calls())
    after = its_time_comes(scene, delivery)
    assert after.state == D.SENT
    called = [call["path"] for call in scene.sandbox.calls()[before:]]
    assert called[0].endswith("/media_publish")  # then its address is read
    assert scene.committed_publishes() == 1


def test_an_edit_after_preparing_stops_it(scene: Scene) -> None:
    delivery = prepared(scene)
    post = get_post(delivery.post_id)
    with transaction():
        post.newest_number = 2
    its_time_comes(scene, delivery)
    assert scene.sandbox.published() == []


def test_moved_by_days_it_is_prepared_anew(scene: Scene) -> None:
    delivery = prepared(scene)
    dead = delivery.checkpoint["container"]
    with transaction():
        services.schedule(scene.chair, get_post(delivery.post_id), clock.now() + timedelta(days=2))
    a_day_passes_there(scene)
    scene.change(delivery, due_at=clock.now())
    after = scene.go(delivery)
    assert (after.state, len(scene.sandbox.published())) == (D.SENT, 1)
    assert after.checkpoint["container"] != dead


def test_what_lay_ready_for_half_a_day_is_made_anew(scene: Scene) -> None:
    """Its account had stopped. That the container died meanwhile is no sign that anything was published."""
    delivery = prepared(scene)
    dead = delivery.checkpoint["container"]
    assert delivery.ready_at
    scene.change(delivery, ready_at=delivery.ready_at - timedelta(hours=13), due_at=clock.now())
    a_day_passes_there(scene)
    after = scene.go(delivery)
    assert (after.state, len(scene.sandbox.published())) == (D.SENT, 1)
    assert after.checkpoint["container"] != dead


def a_day_passes_there(scene: Scene) -> None:
    """What was made and not published is dropped."""
    scene.sandbox.admin("clock", {"offset_s": 25 * 3600})


def test_withdrawn_consent_stops_what_is_ready(scene: Scene) -> None:
    business = scene.make.business(scene.kim)
    delivery = prepared(scene, business)
    with transaction():
        db.session.execute(update(Consent).values(withdrawn_at=clock.now()))
    its_time_comes(scene, delivery)
    assert scene.sandbox.published() == []


def test_what_is_due_is_rung_for_before_what_can_be_prepared(scene: Scene) -> None:
    now = clock.now()
    early = scene.scheduled(due_at=now + SOON)
    due = scene.scheduled(due_at=now)
    scene.change(early, next_at=now - timedelta(minutes=5))
    scene.change(due, next_at=now - timedelta(seconds=1))
    assert sweeps.due(now) == [due.id, early.id]


def test_the_word_of_a_person_ends_a_doubt(scene: Scene) -> None:
    """A story cannot be found, and with the doubt kept the channel would never call."""
    delivery = scene.scheduled()
    doubt = {"container": "1", "ready_at": clock.now().isoformat(), "doubt": True}
    asked = clock.now() - timedelta(hours=1)
    scene.change(delivery, state=D.UNKNOWN, checkpoint=doubt, intent_at=asked, ready_at=asked)
    with transaction():
        persons.is_not_there(scene.chair, get_delivery(delivery.id), timedelta(hours=3))
    assert scene.fresh(delivery).ready_at is None
    assert scene.go(delivery).state == D.SENT
    assert scene.committed_publishes() == 1


def test_what_the_platform_refuses_is_told_while_there_is_time(scene: Scene) -> None:
    scene.sandbox.admin(
        "faults", {"path_regex": "/media$", "times": 5, "fault": "error", "code": 352, "subcode": 2207026}
    )
    delivery = scene.scheduled(due_at=clock.now() + SOON)
    after = scene.go(delivery)
    assert (after.state, after.ready_at) == (D.FAILED, None)
    assert after.due_at > clock.now()


def test_a_limit_met_ahead_is_tried_again_at_its_time(scene: Scene) -> None:
    scene.sandbox.admin("faults", {"path_regex": "/media$", "times": 1, "fault": "error", "http": 429})
    delivery = scene.scheduled(due_at=clock.now() + timedelta(seconds=40))
    scene.go(delivery, rounds=1)
    waiting = scene.fresh(delivery)
    assert (waiting.state, waiting.next_at <= waiting.due_at) == (D.WAITING, True)
    assert waiting.problem


def test_what_is_rung_for_before_it_may_be_prepared_is_left_until_its_time(scene: Scene) -> None:
    """It was planned by hand, and its account was connected since."""
    delivery = scene.scheduled(due_at=clock.now() + timedelta(hours=2))
    scene.go(delivery, rounds=1)
    assert scene.fresh(delivery).next_at == delivery.due_at


def test_no_intent_before_its_time(scene: Scene) -> None:
    delivery = prepared(scene)
    now = clock.now()
    with transaction():
        lease = claims.claim([delivery.id], now).get(delivery.id)
        assert lease is None or not claims.intend([Held(delivery.id, lease)], now)
    scene.change(delivery, next_at=now)
    with transaction():
        lease = claims.claim([delivery.id], now).get(delivery.id)
        assert lease is not None
        assert not claims.intend([Held(delivery.id, lease)], now)


def test_a_plan_is_looked_at_when_it_can_be_prepared(scene: Scene) -> None:
    delivery = scene.scheduled(due_at=clock.now() + timedelta(hours=5))
    with transaction():
        services.schedule(scene.chair, get_post(delivery.post_id), clock.now() + timedelta(hours=2))
    planned = scene.fresh(delivery)
    assert planned.due_at - planned.next_at == timedelta(minutes=30)
    scene.go(delivery, rounds=2)
    assert scene.sandbox.calls(path="/media$") == []


def test_after_a_refusal_at_its_time_the_platform_is_asked_again(scene: Scene) -> None:
    delivery = prepared(scene)
    scene.sandbox.admin("faults", {"path_regex": "media_publish$", "times": 1, "fault": "error", "code": 4})
    after = its_time_comes(scene, delivery)
    assert (after.state, after.ready_at) == (D.WAITING, None)
    assert scene.go(delivery).state == D.SENT
    assert scene.committed_publishes() == 1
