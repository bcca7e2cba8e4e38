"""What can be prepared is with the platform before its time, and nothing of it is public early or twice."""

from datetime import timedelta

from contentdesk.lib import clock
from contentdesk.lib.db import transaction
from contentdesk.posts.queries import get_post
from contentdesk.publishing import services
from contentdesk.publishing.models import Delivery
from contentdesk.publishing.states import DeliveryState
from contentdesk.users.models import User
from tests.publishing.conftest import Scene

D = DeliveryState
SOON = timedelta(minutes=20)


def prepared(scene: Scene) -> Delivery:
    """Due in twenty minutes, all but the last call done."""
    delivery = scene.scheduled(due_at=clock.now() + SOON)
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


def test_moved_it_keeps_what_is_prepared(scene: Scene) -> None:
    delivery = prepared(scene)
    container = delivery.checkpoint["container"]
    chair: User = scene.chair
    with transaction():
        services.schedule(chair, get_post(delivery.post_id), clock.now() + timedelta(minutes=25))
    moved = scene.fresh(delivery)
    assert (moved.checkpoint.get("container"), moved.ready_at) == (container, None)
    scene.change(delivery, due_at=clock.now())
    assert scene.go(delivery).state == D.SENT
    made = [call for call in scene.sandbox.calls(path="/media$", method="POST") if call["committed"]]
    assert len(made) == 1


def test_after_half_a_day_the_platform_is_asked_again(scene: Scene) -> None:
    delivery = prepared(scene)
    assert delivery.ready_at
    scene.change(delivery, ready_at=delivery.ready_at - timedelta(hours=13))
    before = len(scene.sandbox.calls())
    its_time_comes(scene, delivery)
    assert not scene.sandbox.calls()[before]["path"].endswith("/media_publish")


def test_what_the_platform_refuses_is_told_while_there_is_time(scene: Scene) -> None:
    scene.sandbox.admin(
        "faults", {"path_regex": "/media$", "times": 5, "fault": "error", "code": 352, "subcode": 2207026}
    )
    delivery = scene.scheduled(due_at=clock.now() + SOON)
    after = scene.go(delivery)
    assert (after.state, after.ready_at) == (D.FAILED, None)
    assert after.due_at > clock.now()


def test_a_plan_is_looked_at_when_it_can_be_prepared(scene: Scene) -> None:
    delivery = scene.scheduled(due_at=clock.now() + timedelta(hours=5))
    chair: User = scene.chair
    with transaction():
        services.schedule(chair, get_post(delivery.post_id), clock.now() + timedelta(hours=2))
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
