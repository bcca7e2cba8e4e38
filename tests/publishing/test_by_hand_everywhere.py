"""Every platform can be used by hand: a task, a link as proof, figures that a person read in the app."""

import pytest
from sqlalchemy import select

from contentdesk.channels import registry, services
from contentdesk.channels.base import Stats
from contentdesk.channels.models import Account
from contentdesk.lib import clock
from contentdesk.lib.db import db, transaction
from contentdesk.metrics.models import LatestFigures
from contentdesk.metrics.services import enter_by_hand, entered_by_hand
from contentdesk.publishing.models import Delivery
from contentdesk.publishing.queries import get_delivery
from contentdesk.publishing.states import DeliveryState
from tests.channels import test_registry
from tests.publishing.conftest import Scene

KINDS = tuple(registry.KINDS)


def link_to(kind: str) -> str:
    """One that the channel takes for a post of its own."""
    known = (*test_registry.LINKS, *test_registry.BY_HAND_LINKS)
    return next(link.strip() for other, link in known if other == kind)


def account_by_hand(scene: Scene, kind: str) -> Account:
    with transaction():
        made = services.add_by_hand(scene.chair, kind, scene.kim.id, "@kim_latihan", None)
        return db.session.get_one(Account, made.id)


@pytest.fixture
def task(scene: Scene, kind: str) -> Delivery:
    delivery = scene.scheduled(account=account_by_hand(scene, kind))
    scene.go(delivery, rounds=1)
    return delivery


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.alike("kind")
def test_a_member_gets_a_task_and_no_platform_is_asked(scene: Scene, task: Delivery, kind: str) -> None:
    assert scene.state(task) == DeliveryState.HANDED_OVER
    assert scene.sandbox.calls() == []
    member = scene.make.signed_in(scene.member)
    page = member.get(f"/tugas/{task.id}")
    assert page.status_code == 200
    assert registry.name(kind) in page.text


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.alike("kind")
def test_the_link_to_the_post_is_the_proof_and_one_of_elsewhere_is_none(
    scene: Scene, task: Delivery, kind: str
) -> None:
    member = scene.make.signed_in(scene.member)
    member.post(f"/tugas/{task.id}/ambil")
    other = next(link_to(one) for one in KINDS if one != kind and not registry.get(kind).owns_link(link_to(one)))
    assert member.post(f"/tugas/{task.id}/selesai", data={"link": other}).status_code == 422
    assert scene.state(task) == DeliveryState.HANDED_OVER
    assert member.post(f"/tugas/{task.id}/selesai", data={"link": link_to(kind)}).status_code == 303
    assert (scene.fresh(task).state, scene.fresh(task).permalink) == (DeliveryState.SENT, link_to(kind))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.alike("kind")
def test_a_person_types_the_figures_that_the_app_shows(scene: Scene, task: Delivery, kind: str) -> None:
    member = scene.make.signed_in(scene.member)
    member.post(f"/tugas/{task.id}/selesai", data={"link": link_to(kind)})
    shown = registry.get(kind).figures
    assert shown
    delivery = get_delivery(task.id)
    assert entered_by_hand(delivery)
    page = member.get(f"/angka/{task.id}")
    assert all(f'name="{figure}"' in page.text for figure in shown)
    typed = dict.fromkeys(shown, 7)
    with transaction():
        enter_by_hand(scene.chair, get_delivery(task.id), Stats(**typed), clock.now())
    row = db.session.scalars(select(LatestFigures).where(LatestFigures.delivery_id == task.id)).one()
    assert {figure: getattr(row, figure) for figure in shown} == typed
    assert row.poll_at is None


@pytest.mark.parametrize("kind", [kind for kind in KINDS if registry.figures_by_people(kind)])
@pytest.mark.alike("kind")
def test_figures_that_only_people_see_are_typed_though_the_post_went_out_by_itself(scene: Scene, kind: str) -> None:
    account = scene.make.account(scene.kim, kind=kind)
    delivery = scene.scheduled(
        account=account, state=DeliveryState.SENT, external_id="-1001_2", sent_at=clock.now(), permalink=link_to(kind)
    )
    assert entered_by_hand(get_delivery(delivery.id))
    with transaction():
        enter_by_hand(scene.chair, get_delivery(delivery.id), Stats(views=120), clock.now())
    row = db.session.scalars(select(LatestFigures).where(LatestFigures.delivery_id == delivery.id)).one()
    assert (row.views, row.poll_at) == (120, None)
