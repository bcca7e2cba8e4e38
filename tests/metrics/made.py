"""Deliveries that are out, for tests."""

from datetime import timedelta
from typing import Any

from contentdesk.channels.models import Account
from contentdesk.kim.models import Kim
from contentdesk.lib import clock, ids
from contentdesk.publishing.models import Delivery
from contentdesk.publishing.states import DeliveryState
from tests.factories import Factory


def sent_delivery(
    make: Factory, kim: Kim | None = None, kind: str = "instagram", account: Account | None = None, **values: Any
) -> Delivery:
    """One post of `kim` that went out two hours ago unless said otherwise."""
    kim = kim or make.kim()
    account = account or make.account(kim, kind)
    values.setdefault("sent_at", clock.now() - timedelta(hours=2))
    values.setdefault("external_id", ids.new())
    post = make.post(make.user(kim=kim), accounts=(account,))
    return make.delivery(post, account, state=DeliveryState.SENT, **values)
