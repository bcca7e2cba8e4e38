"""How many follow an account, once a day."""

from datetime import timedelta

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
from tests.factories import Factory
from workers import account_figures as worker

TODAY = clock.today()


class Counting:
    kind, name, icon, by_hand, formats = "hitung", "Hitung", "users", False, ()

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.disturbed: set[str] = set()
        self.evil: set[str] = set()

    def measure_account(self, http: Http, login: Login) -> AccountStats:
        self.asked.append(login.handle)
        if login.handle in self.disturbed:
            raise TryLater("Terganggu.", after=timedelta(minutes=5))
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


def test_a_figure_that_no_database_takes_stops_no_other(channel: Counting, make: Factory) -> None:
    accounts = [make.account(make.kim(), "hitung", handle=handle) for handle in "abc"]
    channel.evil = {"a", "b"}
    worker.step(desk())
    assert sum(len(account_figures.history(one.id, TODAY)) for one in accounts) == 1


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
