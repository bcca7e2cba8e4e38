"""Who has many posts due delays nobody else."""

from datetime import datetime, timedelta

import pytest

from contentdesk.channels.models import Account
from contentdesk.lib import clock
from contentdesk.posts.states import PostState
from contentdesk.publishing import sweeps
from contentdesk.publishing.models import Delivery
from tests.factories import Factory


@pytest.fixture
def now() -> datetime:
    return clock.now()


def due(make: Factory, account: Account, count: int, at: datetime, **values: datetime) -> list[Delivery]:
    author = make.user(kim=account.kim)
    posts = [make.post(author, state=PostState.SCHEDULED, accounts=(account,)) for _ in range(count)]
    return [make.delivery(post, account, due_at=at, **values) for post in posts]


def test_a_burst_of_one_account_leaves_room_for_the_others_in_each_round(
    make: Factory, monkeypatch: pytest.MonkeyPatch, now: datetime
) -> None:
    monkeypatch.setattr(sweeps, "BATCH", 6)
    kims = [make.kim() for _ in range(3)]
    hurried, other, third = (make.account(kim, handle=f"kim{number}") for number, kim in enumerate(kims))
    burst = due(make, hurried, 10, now - timedelta(minutes=9))
    late = [due(make, account, 2, now - timedelta(minutes=1)) for account in (other, third)]
    found = sweeps.due(now)
    assert set(found) == {one.id for group in late for one in group} | {one.id for one in burst[:2]}
    assert {found[0]} == {burst[0].id}
    assert {found[1], found[2]} == {group[0].id for group in late}


def test_what_is_prepared_ahead_stands_behind_everything_whose_time_has_come(make: Factory, now: datetime) -> None:
    kim = make.kim()
    early = due(make, make.account(kim, handle="nanti"), 1, now + timedelta(minutes=20), next_at=now)
    punctual = due(make, make.account(kim, handle="kini"), 3, now)
    found = sweeps.due(now)
    assert found[:3] == [one.id for one in punctual]
    assert found[3:] == [one.id for one in early]
