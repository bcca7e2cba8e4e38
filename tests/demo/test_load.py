"""Loading: once, with the practice platforms or without, for Malang or another city."""

import pytest
from sqlalchemy import func, select

from contentdesk.channels.models import Account, AccountState
from contentdesk.demo import cast
from contentdesk.kim.models import Kim
from contentdesk.lib.db import Model, db
from contentdesk.lib.desk import Desk
from contentdesk.media.models import Asset
from contentdesk.metrics.models import LatestFigures, Sample
from contentdesk.posts.models import Post, Revision
from contentdesk.publishing.models import Delivery
from contentdesk.publishing.states import DeliveryState
from contentdesk.regions.models import Kelurahan
from contentdesk.umkm.models import Business
from contentdesk.users.models import User
from tests.demo.conftest import load
from tests.servers import SandboxProcess, free_port

COUNTED: tuple[type[Model], ...] = (Kelurahan, Kim, User, Business, Account, Asset, Post, Revision, Delivery, Sample)


def counts() -> list[int]:
    return [db.session.scalar(select(func.count()).select_from(model)) or 0 for model in COUNTED]


def sent() -> list[Delivery]:
    return list(db.session.scalars(select(Delivery).where(Delivery.state == DeliveryState.SENT)))


def test_loading_twice_changes_nothing(at: Desk, platforms: SandboxProcess) -> None:
    load(at, at.config.platform_base_url)
    before, published = counts(), len(platforms.published())
    load(at, at.config.platform_base_url)
    assert counts() == before
    assert len(platforms.published()) == published > 80


@pytest.mark.parametrize("url", [None, f"http://127.0.0.1:{free_port()}"], ids=["none", "silent"])
def test_without_the_practice_platforms_accounts_wait_to_be_connected(at: Desk, url: str | None) -> None:
    load(at, url)
    automatic = db.session.scalars(select(Account).where(Account.by_hand.is_(False))).all()
    assert len(automatic) == 43
    assert {account.state for account in automatic} == {AccountState.EXPIRED}
    assert {account.token_sealed for account in automatic} == {None}
    assert len(sent()) > 100
    assert all(row.poll_at is None for row in db.session.scalars(select(LatestFigures)))


@pytest.mark.parametrize("settings", [{"city": "35.79", "practice": True}])
def test_another_city_gets_people_and_one_kim_and_starts_empty(at: Desk) -> None:
    load(at, None)
    assert [kim.kelurahan_code[:5] for kim in db.session.scalars(select(Kim))] == ["35.79"]
    assert len(db.session.scalars(select(User)).all()) == len(cast.PEOPLE)
    assert not sent()
