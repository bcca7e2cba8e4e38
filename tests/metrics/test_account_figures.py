"""How many follow an account, once a day."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask

from contentdesk.channels import registry
from contentdesk.channels.abilities import AccountStats
from contentdesk.channels.base import Login, TryLater
from contentdesk.channels.models import Account, AccountState
from contentdesk.lib import clock
from contentdesk.lib.db import transaction
from contentdesk.lib.desk import desk
from contentdesk.lib.http import Http
from contentdesk.metrics import account_figures
from tests.channels.conftest import Later
from tests.factories import Factory
from workers import account_figures as worker

TODAY = clock.today()


class Counting:
    kind, name, icon, by_hand, formats = "hitung", "Hitung", "users", False, ()

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.disturbed: set[str] = set()
        self.evil: set[str] = set()
        self.broken: set[str] = set()
        self.again: set[str] = set()
        self.slow: Callable[[], None] = lambda: None

    def measure_account(self, http: Http, login: Login) -> AccountStats:
        self.asked.append(login.handle)
        if login.handle in self.disturbed:
            self.slow()
            raise TryLater("Terganggu.", after=timedelta(minutes=5))
        if login.handle in self.broken:
            raise TypeError
        if login.handle in self.again:
            return AccountStats(followers=2400, again=True)
        return AccountStats(followers=10**30 if login.handle in self.evil else 2400, reach=None, views=310)


@pytest.fixture
def channel(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Counting:
    counting = Counting()
    monkeypatch.setattr(registry, "KINDS", {**registry.KINDS, "hitung": counting})
    return counting


def test_each_account_is_asked_once_a_day(channel: Counting, make: Factory) -> None:
    account = make.account(make.kim(), "hitung", handle="a")
    worker.step(desk())
    worker.step(desk())
    assert channel.asked == ["a"]
    [sample] = account_figures.history(account.id, TODAY)
    assert (sample.followers, sample.reach, sample.views) == (2400, None, 310)


def test_one_that_is_disturbed_stops_no_other_and_is_asked_again(channel: Counting, make: Factory) -> None:
    accounts = [make.account(make.kim(), "hitung", handle=handle) for handle in "abc"]
    channel.disturbed = {"a", "b"}
    worker.step(desk())
    assert sum(len(account_figures.history(one.id, TODAY)) for one in accounts) == 1
    channel.disturbed = set()
    worker.step(desk())
    assert sum(len(account_figures.history(one.id, TODAY)) for one in accounts) == 3


def test_an_answer_that_breaks_us_stops_no_other(channel: Counting, make: Factory) -> None:
    accounts = [make.account(make.kim(), "hitung", handle=handle) for handle in "abc"]
    channel.broken = {"a", "b"}
    worker.step(desk())
    assert sum(len(account_figures.history(one.id, TODAY)) for one in accounts) == 1


def test_a_figure_that_no_database_takes_is_not_known_and_the_others_are(channel: Counting, make: Factory) -> None:
    account = make.account(make.kim(), "hitung", handle="a")
    channel.evil = {"a"}
    worker.step(desk())
    [sample] = account_figures.history(account.id, TODAY)
    assert (sample.followers, sample.views) == (None, 310)


def test_servers_that_do_not_answer_starve_nobody(
    channel: Counting, make: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of them takes half a minute, and there are more of them than a round has time for."""
    later = Later(monkeypatch)
    accounts = [make.account(make.kim(), "hitung", handle=f"mati{number}") for number in range(12)]
    accounts.append(make.account(make.kim(), "hitung", handle="hidup"))
    alive = max(accounts, key=lambda one: one.id)
    channel.disturbed = {one.handle for one in accounts if one.id != alive.id}
    channel.slow = lambda: later(timedelta(seconds=30))
    with transaction():
        yesterday = TODAY - timedelta(days=1)
        account_figures.record(alive.id, yesterday, AccountStats(followers=9), clock.now())
        for one in accounts[:3]:
            if one.id != alive.id:
                account_figures.record(one.id, TODAY - timedelta(days=3), AccountStats(), clock.now())
    worker.step(desk())
    assert len(account_figures.history(alive.id, TODAY)) == 2


def test_half_an_answer_is_asked_for_again_and_kept_before_the_day_is_over(
    channel: Counting, make: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = make.account(make.kim(), "hitung", handle="a")
    channel.again = {"a"}
    moment = datetime(2026, 11, 21, 12, tzinfo=clock.WIB)
    monkeypatch.setattr(clock, "now", lambda: moment)
    worker.step(desk())
    assert account_figures.history(account.id, moment.date()) == []
    moment = moment.replace(hour=22)
    worker.step(desk())
    [sample] = account_figures.history(account.id, moment.date())
    assert (sample.followers, sample.views) == (2400, None)


def test_closed_cut_off_and_hand_kept_accounts_are_not_asked(channel: Counting, make: Factory) -> None:
    for values in ({"state": AccountState.CLOSED}, {"state": AccountState.EXPIRED}, {"by_hand": True}):
        make.account(make.kim(), "hitung", **values)
    worker.step(desk())
    assert channel.asked == []


def test_the_page_says_what_was_won_in_a_week_and_what_is_not_known(channel: Counting, make: Factory) -> None:
    kim = make.kim()
    account = make.account(kim, "hitung")
    with transaction():
        for days, followers in ((8, 2100), (7, 2200), (3, None), (0, 2400)):
            moment = clock.now() - timedelta(days=days)
            day = TODAY - timedelta(days=days)
            account_figures.record(account.id, day, AccountStats(followers=followers), moment)
    page = make.signed_in(make.user(kim=kim)).get(f"/akun/{account.id}/angka").text
    assert "2.400" in page
    assert "▲ 200" in page
    assert account_figures.gained(account_figures.history(account.id, TODAY)[-1:], timedelta(days=7)) is None


def test_another_kim_does_not_see_it(channel: Counting, make: Factory) -> None:
    account: Account = make.account(make.kim(), "hitung")
    assert make.signed_in(make.user()).get(f"/akun/{account.id}/angka").status_code == 404
