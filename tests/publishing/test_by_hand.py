"""Publishing by hand: one takes it, proves it, and nobody does it twice."""

from datetime import timedelta

import pytest

from contentdesk.lib import clock
from contentdesk.lib.db import transaction
from contentdesk.lib.errors import Conflict, DomainError, NotFound
from contentdesk.publishing import handwork
from contentdesk.publishing.models import Delivery
from contentdesk.publishing.queries import get_delivery
from contentdesk.publishing.states import DeliveryState
from tests.publishing.conftest import Scene

LINK = "https://www.snackvideo.com/@kim.latihan/video/5199512345678901234"


@pytest.fixture
def task(scene: Scene) -> Delivery:
    account = scene.make.account(scene.kim, kind="snackvideo", handle="kim.latihan")
    delivery = scene.scheduled(account=account)
    scene.go(delivery, rounds=1)
    assert scene.state(delivery) == DeliveryState.HANDED_OVER
    return delivery


def test_only_one_member_has_the_task_in_hand(scene: Scene, task: Delivery) -> None:
    with transaction():
        handwork.take(scene.member, get_delivery(task.id))
    with pytest.raises(Conflict), transaction():
        handwork.take(scene.chair, get_delivery(task.id))


def test_a_task_left_lying_can_be_taken_by_another(scene: Scene, task: Delivery) -> None:
    with transaction():
        handwork.take(scene.member, get_delivery(task.id))
    scene.change(task, taken_until=clock.now() - timedelta(seconds=1))
    with transaction():
        handwork.take(scene.chair, get_delivery(task.id))
    assert scene.fresh(task).taken_by == scene.chair.id


def test_the_link_proves_it(scene: Scene, task: Delivery) -> None:
    with transaction():
        handwork.finish(scene.member, get_delivery(task.id), f" {LINK} ")
    after = scene.fresh(task)
    assert (after.state, after.permalink) == (DeliveryState.SENT, LINK)


@pytest.mark.parametrize("link", ["", "selesai", "https://contoh.test/x", "javascript:alert(1)"])
def test_a_link_of_elsewhere_is_refused_and_the_task_stays(scene: Scene, task: Delivery, link: str) -> None:
    with pytest.raises(DomainError), transaction():
        handwork.finish(scene.member, get_delivery(task.id), link)
    assert scene.state(task) == DeliveryState.HANDED_OVER


def test_a_second_finish_does_not_overwrite_the_first(scene: Scene, task: Delivery) -> None:
    with transaction():
        handwork.finish(scene.member, get_delivery(task.id), LINK)
    with pytest.raises(Conflict), transaction():
        handwork.finish(scene.chair, get_delivery(task.id), LINK + "5")
    assert scene.fresh(task).permalink == LINK


def test_a_member_of_another_kim_does_not_even_see_it(scene: Scene, task: Delivery) -> None:
    stranger = scene.make.user()
    with pytest.raises(NotFound), transaction():
        handwork.take(stranger, get_delivery(task.id))
