"""A city with deliveries in every state that the engine's page tells of."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from contentdesk.channels.models import Account
from contentdesk.kim.models import Kim
from contentdesk.lib import clock, pulse
from contentdesk.lib.desk import desk
from contentdesk.posts.states import PostState
from contentdesk.publishing.models import Delivery, DeliveryEvent
from contentdesk.publishing.states import DeliveryState
from contentdesk.users.models import User
from tests.factories import Factory

Planned = Callable[..., Delivery]


@pytest.fixture
def account(make: Factory, kim: Kim) -> Account:
    return make.account(kim)


@pytest.fixture
def planned(make: Factory, member: User, account: Account) -> Planned:
    """A delivery that is due `ago` before now, in `state`."""

    def plan(ago: timedelta, state: str = DeliveryState.WAITING, on: Account | None = None, **values: Any) -> Delivery:
        at = on or account
        post = make.post(member, state=PostState.SCHEDULED, accounts=(at,), title=values.pop("title", "Keripik tempe"))
        due = values.pop("now", clock.now()) - ago
        return make.delivery(post, at, state=state, due_at=due, expires_at=due + timedelta(days=30), **values)

    return plan


@pytest.fixture
def published(planned: Planned) -> Planned:
    """Out, `late` after its time."""

    def publish(ago: timedelta, late: float, on: Account | None = None, **values: Any) -> Delivery:
        now = clock.now()
        moment = now - ago + timedelta(seconds=late)
        return planned(ago, DeliveryState.SENT, on, now=now, intent_at=moment, sent_at=moment, **values)

    return publish


@pytest.fixture
def ended(make: Factory, planned: Planned) -> Planned:
    """Failed or expired, `ago`."""

    def end(ago: timedelta, what: str, on: Account | None = None) -> Delivery:
        delivery = planned(ago, what, on)
        make._keep(DeliveryEvent(delivery_id=delivery.id, what=what, at=clock.now() - ago, detail={}))
        return delivery

    return end


def give_sign(*whos: str, at: datetime | None = None) -> None:
    """As processes on another machine would."""
    moment = (at or clock.now()).timestamp()
    desk().bell.connection.zadd(pulse.KEY, {f"{who}|mesin-1|{number}": moment for number, who in enumerate(whos, 1)})
