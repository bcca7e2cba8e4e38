"""No account, app or platform is asked more than it wants; whoever is down is tried by one at a time."""

import logging
import multiprocessing
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType
from typing import Any

import pytest
import redis
from flask import Flask

from contentdesk.channels import registry
from contentdesk.channels.base import Login
from contentdesk.channels.quotas import Counts, Deferred, Quota, Scope, Usage
from contentdesk.lib.desk import Desk, desk
from contentdesk.lib.http import Heard, Reply
from tests.channels.uji import Uji
from workers import breakers, manners
from workers.manners import Doing, Who
from workers.rooms import Rooms

OTHERS = Quota(Scope.ACCOUNT, Counts.CALLS, 10, timedelta(minutes=1), "this test")
POSTS = Quota(Scope.ACCOUNT, Counts.POSTS, 4, timedelta(minutes=1), "this test")
OF_APP = Quota(Scope.APP, Counts.POSTS, 6, timedelta(minutes=1), "this test")


class Narrow(Uji):
    """As `Uji`, with numbers, and answers that are told to it."""

    kind = "sempit"
    quotas: tuple[Quota, ...] = (OTHERS, POSTS, OF_APP)
    says: tuple[Usage, ...] = ()

    def usage(self, reply: Reply) -> tuple[Usage, ...]:
        return self.says


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> Narrow:
    channel = Narrow()
    monkeypatch.setattr(registry, "KINDS", MappingProxyType({**registry.KINDS, "sempit": channel}))
    return channel


@pytest.fixture
def at(app: Flask, narrow: Narrow) -> Desk:
    return desk()


def who(account: str = "a1", asker: str = "d1") -> Who:
    return Who(account, "sempit", Login(account, f"kim_{account}"), asker)


def let_in(at: Desk, doing: Doing, times: int, account: str = "a1") -> int:
    """How many of so many who ask are let in."""
    count = 0
    for _ in range(times):
        try:
            manners.before(who(account), at, doing)
            count += 1
        except Deferred:
            pass
    return count


def says(at: Desk, reply: Reply | None, one: Who | None = None, doing: Doing = Doing.LOOK) -> None:
    """One call that was answered like this."""
    talk = manners.before(one or who(), at, doing)
    talk._hear(Heard("GET", "https://uji.example/", reply))
    talk.over()


def answer(status: int = 200, **headers: str) -> Reply:
    return Reply(status, headers, b"{}")


def test_an_account_gets_as_much_as_its_platform_allows_and_no_more(at: Desk) -> None:
    assert let_in(at, Doing.POST, 10) == POSTS.amount


def test_one_account_in_a_hurry_uses_up_nothing_of_the_others(at: Desk) -> None:
    assert let_in(at, Doing.POST, 50, "hurried") == 4
    assert let_in(at, Doing.POST, 50, "calm") == 2
    assert let_in(at, Doing.LOOK, 1, "third") == 1


def test_nothing_is_prepared_for_an_account_that_may_not_post_now_but_it_is_looked_after(at: Desk) -> None:
    assert let_in(at, Doing.POST, 5) == 4
    assert let_in(at, Doing.PREPARE, 1) == 0
    assert let_in(at, Doing.LOOK, 1) == 1


def test_reading_figures_leaves_a_part_for_posts(at: Desk) -> None:
    assert let_in(at, Doing.READ, 20) == 7
    assert let_in(at, Doing.LOOK, 20) == 3


def test_those_who_are_turned_away_come_back_one_after_the_other(at: Desk) -> None:
    let_in(at, Doing.POST, 4)
    waits = []
    for _ in range(8):
        with pytest.raises(Deferred) as refused:
            manners.before(who(), at, Doing.POST)
        waits.append(refused.value.after.total_seconds())
    assert waits == sorted(waits)
    assert 55 < waits[0] < 76
    assert waits[-1] - waits[0] == pytest.approx(7 * 15, abs=2)
    assert refused.value.code == "quota_account"
    assert "kim_a1" in refused.value.sentence % refused.value.values


def _ask_in_another_process(url: str, times: int, count: Any) -> None:
    rooms = Rooms(redis.Redis.from_url(url))
    with ThreadPoolExecutor(8) as threads:
        taken = threads.map(lambda _: rooms.take("account:both", replace(POSTS, amount=30)) is None, range(times))
        count.value = sum(taken)


def test_two_processes_with_many_threads_share_one_quota(at: Desk, valkey: str) -> None:
    forks = multiprocessing.get_context("spawn")
    counts = [forks.Value("i", 0) for _ in range(2)]
    processes = [forks.Process(target=_ask_in_another_process, args=(valkey, 100, count)) for count in counts]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0]
    assert sum(count.value for count in counts) == 30


def test_an_answer_that_says_full_stops_that_account_and_nobody_else(at: Desk, narrow: Narrow) -> None:
    narrow.says = (Usage(Scope.ACCOUNT, 1.0, timedelta(minutes=5)),)
    says(at, answer(), who("full"))
    with pytest.raises(Deferred) as refused:
        manners.before(who("full"), at, Doing.LOOK)
    assert timedelta(minutes=4) < refused.value.after < timedelta(minutes=6)
    assert let_in(at, Doing.LOOK, 1, "other") == 1


def test_an_app_that_is_full_stops_all_its_accounts(at: Desk, narrow: Narrow) -> None:
    narrow.says = (Usage(Scope.APP, 1.0, timedelta(minutes=5)),)
    says(at, answer())
    with pytest.raises(Deferred, match="quota_app"):
        manners.before(who("other"), at, Doing.BEGIN)


def test_figures_wait_before_the_platform_says_full_and_posts_do_not(at: Desk, narrow: Narrow) -> None:
    narrow.says = (Usage(Scope.APP, 0.8, timedelta(minutes=5)),)
    says(at, answer())
    assert let_in(at, Doing.READ, 1, "other") == 0
    assert let_in(at, Doing.POST, 1, "other") == 1
    narrow.says = (Usage(Scope.APP, 0.2),)
    says(at, answer())
    assert let_in(at, Doing.READ, 1, "other") == 1


def test_an_answer_of_429_is_understood_of_any_channel(at: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "KINDS", MappingProxyType({**registry.KINDS, "sempit": Uji()}))
    says(at, answer(429, **{"Retry-After": "90"}))
    with pytest.raises(Deferred) as refused:
        manners.before(who(), at, Doing.LOOK)
    assert 85 < refused.value.after.total_seconds() < 95


def test_each_call_of_a_step_counts(at: Desk) -> None:
    talk = manners.before(who(), at, Doing.LOOK)
    for _ in range(6):
        talk._hear(Heard("GET", "https://uji.example/", answer()))
    talk.over()
    assert let_in(at, Doing.LOOK, 20) == 4


@pytest.fixture
def wide(narrow: Narrow) -> None:
    """Without numbers: only what is up and what is down counts."""
    narrow.quotas = ()


def fails(at: Desk, times: int, accounts: int = 2) -> None:
    for number in range(times):
        says(at, None, who(f"a{number % accounts}", f"d{number}"))


def test_a_platform_that_answers_nobody_is_left_alone(at: Desk, wide: None) -> None:
    fails(at, breakers.NEEDED)
    with pytest.raises(Deferred) as refused:
        manners.before(who("another", "new"), at, Doing.BEGIN)
    assert refused.value.code == "down_platform"
    assert 10 < refused.value.after.total_seconds() < 80


def test_errors_of_one_post_or_with_good_answers_between_are_no_outage(at: Desk, wide: None) -> None:
    for _ in range(20):
        says(at, answer(500), who("a1", "d1"))
    for number in range(4):
        says(at, None, who(f"a{number}", f"d{number}"))
        says(at, answer())
    assert let_in(at, Doing.LOOK, 1, "other") == 1


def test_an_account_that_alone_gets_no_answer_waits_alone(at: Desk, wide: None) -> None:
    fails(at, breakers.NEEDED, accounts=1)
    with pytest.raises(Deferred, match="down_account"):
        manners.before(who("a0", "new"), at, Doing.BEGIN)
    assert let_in(at, Doing.BEGIN, 1, "other") == 1


def probe_now(at: Desk) -> None:
    """The time for the next try has come."""
    connection = at.bell.connection
    for name in connection.scan_iter(f"{breakers.PREFIX}:down:*"):
        since, _next, tries = connection.get(name).decode().split("|")
        connection.set(name, f"{since}|0|{tries}")


def test_of_many_that_come_at_once_one_tries(at: Desk, wide: None, monkeypatch: pytest.MonkeyPatch) -> None:
    fails(at, breakers.NEEDED)
    probe_now(at)
    asked: list[str] = []

    def check(_self: Uji, http: Any, login: Login) -> None:
        asked.append(login.external_id)
        http._hear(Heard("GET", "https://uji.example/", None))

    monkeypatch.setattr(Uji, "check", check)
    with ThreadPoolExecutor(16) as threads:
        let = list(threads.map(lambda number: let_in(at, Doing.BEGIN, 1, f"b{number}"), range(40)))
    assert (len(asked), sum(let)) == (1, 0)


def test_tries_grow_rarer(at: Desk, wide: None) -> None:
    breaker = manners.manners_of(at.bell.connection).breakers
    fails(at, breakers.NEEDED)
    waits = []
    for _ in range(8):
        probe_now(at)
        assert breaker.may_probe("platform:sempit")
        assert not breaker.may_probe("platform:sempit")
        seen = manners.manners_of(at.bell.connection).look(who("b"), Doing.LOOK)
        waits.append(seen.down["platform:sempit"] - time.time())
    assert 20 < waits[0] < 40
    assert 200 < waits[-1] < 400


def test_a_good_answer_of_the_one_who_tries_ends_it(at: Desk, wide: None, monkeypatch: pytest.MonkeyPatch) -> None:
    fails(at, breakers.NEEDED)
    probe_now(at)
    heard = Heard("GET", "https://uji.example/", answer(401))
    monkeypatch.setattr(Uji, "check", lambda self, http, login: http._hear(heard))
    assert let_in(at, Doing.LOOK, 3, "b") == 3
    assert let_in(at, Doing.LOOK, 3, "c") == 3


def test_what_was_still_under_way_does_not_end_it(at: Desk, wide: None) -> None:
    begun_before = manners.before(who("slow", "d9"), at, Doing.LOOK)
    fails(at, breakers.NEEDED)
    begun_before._hear(Heard("GET", "https://uji.example/", answer()))
    begun_before.over()
    assert let_in(at, Doing.LOOK, 1, "b") == 0


def test_with_redis_lost_nobody_waits_and_it_is_told_once(
    at: Desk, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = redis.Redis.from_url("unix:///nowhere/s")
    lost = replace(at, bell=replace_connection(at, nowhere))
    with caplog.at_level(logging.WARNING, "workers.manners"):
        assert let_in(lost, Doing.POST, 50) == 50
        manners.manners_of(nowhere)._lost_until = 0
        assert let_in(lost, Doing.POST, 1) == 1
    assert len(caplog.records) == 1


def replace_connection(at: Desk, connection: redis.Redis) -> Any:
    return type(at.bell)(connection)
