"""Before a platform is asked: is there room, is it up? Afterwards: what did its answers say of that?

    with manners.before(manners.of(item), at, Doing.LOOK) as http:
        channel.find(http, …)

`before` raises Deferred when the account, the city's app, the platform or its server has no room now, or does not
answer; then nobody asked it, and the row waits, not a thread. Where Redis is lost nobody waits because of us.
"""

import contextlib
import logging
import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import cached_property, lru_cache, partial
from types import MappingProxyType, TracebackType
from typing import TypeVar

import redis

from contentdesk.channels import registry
from contentdesk.channels.base import ChannelError, Login
from contentdesk.channels.quotas import Counts, Deferred, Quota, Scope, Usage
from contentdesk.lib.desk import Desk
from contentdesk.lib.http import Heard, Http, NoAnswer, PrivateAddress
from contentdesk.lib.i18n import N_
from contentdesk.publishing.deferring import DOWN, DOWN_FOR_ACCOUNT, DOWN_SERVER
from contentdesk.publishing.outgoing import Work
from workers.breakers import Breakers
from workers.gates import Gates, Seen
from workers.rooms import Rooms

Answer = TypeVar("Answer")
log = logging.getLogger(__name__)
FOR_READING = 0.7
"""Figures and comments use no more than this share of anything; the rest is for posts."""
WORTH_NOTING = 0.5
LONGEST_WAIT_S = 3600.0
"""Numbers change, and rows are looked at again."""
UNSAID_S = 300.0
APART_S = 0.5
"""Between two that come back where no quota says how fast the platform takes them."""
SLOWEST_PACE_S = 60.0
DOWN_SPREAD_S = 60.0
BROKEN = 500
TOLD_EVERY_S = 60.0
REST_S = 5.0
"""So long nobody asks Redis again after it did not answer."""
FULL: Mapping[Scope, str] = MappingProxyType(
    {
        Scope.ACCOUNT: N_(
            "Batas %(platform)s untuk akun %(handle)s tercapai. Unggahan menunggu dan dikirim begitu ada tempat lagi."
        ),
        Scope.APP: N_(
            "Batas %(platform)s untuk kota ini tercapai. Unggahan menunggu dan dikirim begitu ada tempat lagi."
        ),
        Scope.PLATFORM: N_(
            "%(platform)s membatasi permintaan kita. Unggahan menunggu dan dikirim begitu ada tempat lagi."
        ),
    }
)


class Doing(StrEnum):
    BEGIN = "begin"
    """The first step of a post."""
    PREPARE = "prepare"
    POST = "post"
    """The irreversible call: asked before the intent is written, never after."""
    LOOK = "look"
    READ = "read"
    """Figures, comments and whatever else gives way to posts."""


CONCERNS: Mapping[Doing, tuple[Counts, ...]] = MappingProxyType(
    {
        Doing.BEGIN: (Counts.CALLS, Counts.POSTS, Counts.BEGUN),
        Doing.PREPARE: (Counts.CALLS, Counts.POSTS),
        Doing.POST: (Counts.CALLS, Counts.POSTS),
        Doing.LOOK: (Counts.CALLS,),
        Doing.READ: (Counts.CALLS,),
    }
)
"""What stops it: nothing is prepared that could not go out."""
TAKES: Mapping[Doing, tuple[Counts, ...]] = MappingProxyType(
    {
        Doing.BEGIN: (Counts.BEGUN, Counts.CALLS),
        Doing.PREPARE: (Counts.CALLS,),
        Doing.POST: (Counts.POSTS, Counts.CALLS),
        Doing.LOOK: (Counts.CALLS,),
        Doing.READ: (Counts.CALLS,),
    }
)
"""What it uses up."""


@dataclass(frozen=True)
class Who:
    account_id: str
    kind: str
    login: Login
    asker: str
    """The post, or the account where it is not about one: ten failures of one post say little of its platform."""

    @property
    def words(self) -> dict[str, str]:
        return {"platform": registry.name(self.kind), "handle": self.login.handle or self.login.external_id}

    @cached_property
    def server(self) -> str:
        return registry.server(self.kind, self.login.details)

    def place(self, scope: Scope) -> str:
        return f"account:{self.account_id}" if scope is Scope.ACCOUNT else self.shared(scope)

    def shared(self, scope: Scope) -> str:
        return f"{scope}:{self.kind}" + (f":{self.server}" if self.server else "")

    @property
    def health(self) -> tuple[str, ...]:
        """What may be down: a server by itself; otherwise the platform, or it answers this account alone no more."""
        above = self.shared(Scope.PLATFORM)
        return (above,) if self.server else (above, self.place(Scope.ACCOUNT))


def of(item: Work) -> Who:
    return Who(item.account_id, item.channel.kind, item.outgoing.login, item.delivery_id)


def step_of(item: Work) -> Doing:
    return Doing.PREPARE if item.checkpoint else Doing.BEGIN


def reading(account_id: str, kind: str, login: Login) -> Who:
    return Who(account_id, kind, login, account_id)


class Manners:
    """For all threads of a process. Every question to Redis is one, and costs nothing where it has no answer."""

    def __init__(self, connection: redis.Redis) -> None:
        self.gates, self.breakers, self.rooms = Gates(connection), Breakers(connection), Rooms(connection)
        self._lost_until, self._told_at = 0.0, float("-inf")
        self._lock = threading.Lock()

    def quietly(self, ask: Callable[[], Answer], otherwise: Answer) -> Answer:
        if time.monotonic() < self._lost_until:
            return otherwise
        try:
            return ask()
        except redis.RedisError as error:
            self._lost(error)
            return otherwise

    def _lost(self, error: redis.RedisError) -> None:
        """Posts are due and the platform itself still says no, so nobody waits. Told once a minute."""
        now = time.monotonic()
        with self._lock:
            self._lost_until, due = now + REST_S, now - self._told_at >= TOLD_EVERY_S
            self._told_at = now if due else self._told_at
        if due:
            log.warning("Redis does not answer, quotas are not kept: %s", type(error).__name__)

    def look(self, who: Who, doing: Doing) -> Seen:
        gates = [gate_of(who, scope, counts) for scope in Scope for counts in CONCERNS[doing]]
        used = [who.place(scope) for scope in Scope]
        return self.quietly(lambda: self.gates.look(gates, used, who.health), Seen())

    def take(self, who: Who, doing: Doing) -> None:
        """Of the account's own room first, so that one account in a hurry uses up none of the others'."""
        quotas = [quota for quota in registry.quotas(who.kind) if quota.counts in TAKES[doing]]
        for quota in sorted(quotas, key=lambda one: list(Scope).index(one.scope)):
            self._take(who, doing, quota)

    def _take(self, who: Who, doing: Doing, quota: Quota) -> None:
        place, share = who.place(quota.scope), FOR_READING if doing is Doing.READ else 1.0
        free_at = self.quietly(lambda: self.rooms.take(place, quota, share), None)
        if free_at is None:
            return
        gate = gate_of(who, quota.scope, quota.counts)
        if doing is not Doing.READ:
            self.quietly(lambda: self.gates.shut(gate, free_at), None)
        raise self.full(who, doing, quota.scope, quota.counts, free_at)

    def full(self, who: Who, doing: Doing, scope: Scope, counts: Counts, free_at: float) -> Deferred:
        """Those who are turned away come back one after the other, as fast as there is room."""
        free_at = max(free_at, time.time())
        late = free_at + random.random() * min(free_at - time.time() + APART_S, 60)  # noqa: S311 - spreads load
        if doing is not Doing.READ:
            step, gate = _pace(who, scope, counts), gate_of(who, scope, counts)
            late = self.quietly(lambda: self.gates.turn(gate, free_at, step), late)
        return Deferred(FULL[scope], after=_wait(late - time.time()), code=f"quota_{scope}", **who.words)


def gate_of(who: Who, scope: Scope, counts: Counts) -> str:
    return f"{who.place(scope)}:{counts}"


def _pace(who: Who, scope: Scope, counts: Counts) -> float:
    """Seconds for each, where the platform's numbers say so."""
    paces = [
        quota.per.total_seconds() / quota.amount
        for quota in registry.quotas(who.kind)
        if (quota.scope, quota.counts) == (scope, counts)
    ]
    return min(max(paces, default=APART_S), SLOWEST_PACE_S)


def _wait(seconds: float) -> timedelta:
    if seconds > LONGEST_WAIT_S:
        seconds = LONGEST_WAIT_S * random.uniform(0.75, 1)  # noqa: S311 - spreads load, guards nothing
    return timedelta(seconds=max(seconds, 0.1))


@lru_cache(maxsize=8)
def manners_of(connection: redis.Redis) -> Manners:
    return Manners(connection)


def before(who: Who, at: Desk, doing: Doing) -> "Talk":
    """Raises Deferred. Outside a transaction: a platform that was down may be asked whether it is up."""
    manners = manners_of(at.bell.connection)
    seen = manners.look(who, doing)
    talk = Talk(manners, who, at.http, seen)
    for place in seen.down:
        talk.probe(place)
    _refuse_full(manners, who, doing, seen)
    manners.take(who, doing)
    return talk


def _refuse_full(manners: Manners, who: Who, doing: Doing, seen: Seen) -> None:
    for scope in Scope:
        for counts in CONCERNS[doing]:
            if until := seen.shut.get(gate_of(who, scope, counts)):
                raise manners.full(who, doing, scope, counts, until)
        if doing is Doing.READ and seen.used.get(who.place(scope), 0) >= FOR_READING:
            raise manners.full(who, doing, scope, Counts.CALLS, time.time() + UNSAID_S)


class Talk:
    """What is said to a platform in one step, and what its answers teach."""

    def __init__(self, manners: Manners, who: Who, http: Http, seen: Seen) -> None:
        self._manners, self._who, self._seen, self._plain = manners, who, seen, http
        self._probes: list[str] = []
        self._cost = 0
        self._last: Heard | None = None
        self._usages: dict[tuple[Scope, Counts], Usage] = {}

    def __enter__(self) -> Http:
        return self.http

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.over()

    @property
    def http(self) -> Http:
        return self._plain.observed(self._hear)

    def _hear(self, heard: Heard) -> None:
        self._last = heard
        self._cost += registry.weight(self._who.kind, heard)
        if heard.reply is None:
            return
        for usage in registry.usage(self._who.kind, heard.reply):
            known = self._usages.get((usage.scope, usage.counts))
            if known is None or known.used < 1 or usage.used >= 1:
                self._usages[usage.scope, usage.counts] = usage

    def over(self) -> None:
        """One question to Redis for each thing that was learned, mostly none."""
        if self._last is None:
            self._give_back()
            return
        for usage in self._usages.values():
            self._learn(usage)
        self._pay()
        self._health(self._last)
        self._cost, self._last, self._usages = 0, None, {}

    def _give_back(self) -> None:
        breakers = self._manners.breakers
        while self._probes:
            self._manners.quietly(partial(breakers.give_back, self._probes.pop()), None)

    def _learn(self, usage: Usage) -> None:
        place, gates = self._who.place(usage.scope), self._manners.gates
        seconds = usage.free_in.total_seconds() if usage.free_in is not None else UNSAID_S
        if usage.used >= 1:
            gate = gate_of(self._who, usage.scope, usage.counts)
            self._manners.quietly(lambda: gates.shut(gate, time.time() + seconds), None)
        if usage.counts is Counts.CALLS and (usage.used >= WORTH_NOTING or place in self._seen.used):
            self._manners.quietly(lambda: gates.note_used(place, usage.used, seconds), None)

    def _pay(self) -> None:
        """One call was paid for beforehand."""
        more = self._cost - 1
        if more <= 0:
            return
        for quota in registry.quotas(self._who.kind):
            if quota.counts is Counts.CALLS:
                self._pay_into(quota, more)

    def _pay_into(self, quota: Quota, more: int) -> None:
        place, rooms = self._who.place(quota.scope), self._manners.rooms
        self._manners.quietly(lambda: rooms.take(place, quota, count=more), None)

    def _health(self, last: Heard) -> None:
        if last.reply is None or last.reply.status >= BROKEN:
            self._failed()
            return
        breakers = self._manners.breakers
        while self._probes:
            place = self._probes.pop()
            if self._manners.quietly(partial(breakers.well, place), False):
                log.warning("%s answers again", place)
        for place in self._seen.failing:
            self._manners.quietly(partial(breakers.forget, place), None)

    def _failed(self) -> None:
        who, breakers = self._who, self._manners.breakers
        self._probes.clear()
        for place in who.health:
            accounts = 2 if place == who.shared(Scope.PLATFORM) and not who.server else 1
            if self._manners.quietly(partial(breakers.failed, place, who.account_id, who.asker, accounts), False):
                log.warning("%s does not answer, it is tried now and then", place)
                return

    def probe(self, place: str) -> None:
        """Down as far as is known. One of those who come tries, with a call that does nothing if there is one."""
        now, breakers = time.time(), self._manners.breakers
        if self._seen.down[place] > now or not self._manners.quietly(lambda: breakers.may_probe(place), True):
            raise self._down(place)
        self._probes.append(place)
        if channel := registry.checkable(self._who.kind):
            with contextlib.suppress(ChannelError, NoAnswer, PrivateAddress):
                channel.check(self.http, self._who.login)
            answered = self._is_answered()
            self.over()
            if not answered:
                raise self._down(place)

    def _is_answered(self) -> bool:
        return self._last is not None and self._last.reply is not None and self._last.reply.status < BROKEN

    def _down(self, place: str) -> Deferred:
        after = max(self._seen.down[place] - time.time(), 1.0) + random.random() * DOWN_SPREAD_S  # noqa: S311
        if place == self._who.place(Scope.ACCOUNT):
            sentence, code = DOWN_FOR_ACCOUNT, "down_account"
        elif self._who.server:
            sentence, code = DOWN_SERVER, "down_server"
        else:
            sentence, code = DOWN, "down_platform"
        words = {**self._who.words, "server": self._who.server}
        return Deferred(sentence, after=timedelta(seconds=after), code=code, **words)
