"""People, workers, the beat, the platforms and time act in orders that nobody planned, and after each act every
guarantee is asked for.

`MACHINE=long` (or a number of examples) looks longer. A failure prints its steps, and the blob that repeats it.
"""

import os
import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from contentdesk.lib import clock
from contentdesk.lib.db import db
from contentdesk.reviews.models import Verdict
from tests.databases import Database
from tests.publishing.played import Fault, Platforms, PlayedServer
from tests.publishing.world import Crash, Time, World

WORKERS = ("publish", "steps", "commits", "lanes")
"""Where a step's transactions are opened."""
EXAMPLES = {"": 12, "long": 400}
STEPS = 40
STOPS = ("edit", "cancel", "withdraw", "consent", "account 0", "account 1", "hold", "campaign hold")
WHICH = st.integers(0, 5)
FAULTS = st.sampled_from(list(Fault))
POINTS = st.integers(1, 12)
"""More than a step has stops: then nothing happens on the way."""
POINTS_OF_A_STEP = 8
BEGINNINGS = st.sampled_from(["", "held", "running", ""])
"""Of the campaign that the first post is in. Later on chance seldom brings hold, campaign and post together."""
MINUTES = st.sampled_from([0, 0, 1, 20, 45, 300])
SECONDS = st.sampled_from([1, 5, 20, 61, 130, 700, 1900, 4000, 12_000, 90_000])


def crash() -> None:
    raise Crash


def in_turn(*acts: Callable[[], object]) -> Callable[[], None]:
    def all_of_them() -> None:
        for act in acts:
            act()

    return all_of_them


class Machine(RuleBasedStateMachine):
    new_world: Callable[[], World]

    def __init__(self) -> None:
        super().__init__()
        self.world = type(self).new_world()

    @initialize(minutes=MINUTES, campaign=BEGINNINGS)
    def a_plan(self, minutes: int, campaign: str) -> None:
        self.world.plan_anew(minutes)
        if campaign:
            self.world.move(self.world.posts()[0], into=True)
        if campaign == "held":
            self.world.hold_campaign()

    @precondition(lambda self: len(self.world.posts()) < 3)
    @rule(minutes=MINUTES)
    def another_plan(self, minutes: int) -> None:
        self.world.plan_anew(minutes)

    @rule(which=WHICH, what=st.sampled_from(STOPS))
    def somebody_stops_it(self, which: int, what: str) -> None:
        world = self.world
        match what:
            case "edit":
                world.edit(self._post(which))
            case "cancel":
                world.cancel(self._delivery(which))
            case "withdraw":
                world.withdraw_post(self._post(which))
            case "consent":
                world.withdraw_consent()
            case "hold":
                world.hold()
            case "campaign hold":
                world.hold_campaign()
            case _:
                world.disconnect(int(what[-1]))

    @rule(which=WHICH, minutes=MINUTES, what=st.sampled_from(["text", "consent", "accounts", "hold", "all"]))
    def somebody_mends_it(self, which: int, minutes: int, what: str) -> None:
        if what in {"consent", "all"}:
            self.world.give_consent()
        if what in {"accounts", "all"}:
            self.world.reconnect(0)
            self.world.reconnect(1)
        if what in {"hold", "all"}:
            self.world.release()
        if what in {"text", "all"}:
            self.world.approve_again(self._post(which))
            self.world.plan(self._post(which), minutes)

    @rule(which=WHICH, into=st.booleans())
    def move_into_the_campaign_or_out(self, which: int, into: bool) -> None:
        self.world.move(self._post(which), into)

    @rule(which=WHICH)
    def hand_in(self, which: int) -> None:
        self.world.hand_in(self._post(which))

    @rule(which=WHICH, who=st.sampled_from(["reviewer", "chair", "member"]), verdict=st.sampled_from(list(Verdict)))
    def verdict(self, which: int, who: str, verdict: Verdict) -> None:
        self.world.verdict(self._post(which), getattr(self.world, who), verdict)

    @rule(which=WHICH, minutes=MINUTES)
    def plan(self, which: int, minutes: int) -> None:
        self.world.plan(self._post(which), minutes)

    @rule(which=WHICH)
    def person_looks(self, which: int) -> None:
        self.world.person_looks(self._delivery(which))

    @rule(which=WHICH, proves=st.booleans())
    def post_by_hand(self, which: int, proves: bool) -> None:
        self.world.take(self._delivery(which))
        if proves:
            self.world.prove(self._delivery(which))

    @rule(seconds=SECONDS)
    def time_passes(self, seconds: int) -> None:
        self.world.time_passes(seconds)

    @rule(twice=st.booleans())
    def tick(self, twice: bool) -> None:
        self.world.tick()
        if twice:
            self.world.tick()

    @rule()
    def the_queue_is_emptied(self) -> None:
        self.world.forget_rings()

    @rule(faults=st.lists(FAULTS, min_size=1, max_size=3))
    def a_platform_is_disturbed(self, faults: list[Fault]) -> None:
        self.world.platforms.faults[:] = faults

    @rule(which=WHICH, times=st.integers(1, 4))
    def work(self, which: int, times: int) -> None:
        delivery_id = self._delivery(which)
        for _ in range(times):
            self.world.its_moment_comes(delivery_id)
            self.world.work(delivery_id)

    @rule(which=WHICH, fault=FAULTS)
    def work_whose_last_call_is_disturbed(self, which: int, fault: Fault) -> None:
        self.world.platforms.last_faults[:] = [fault]
        self.work(which, 3)
        self.world.platforms.last_faults.clear()

    @rule(seconds=SECONDS)
    def work_what_is_rung_for(self, seconds: int) -> None:
        """The ordinary way: most of what is worth looking at lies on it."""
        self.world.time_passes(seconds)
        self.world.tick()
        for delivery_id in list(self.world.bell.rung):
            self.world.work(delivery_id)

    @rule(which=WHICH, point=POINTS)
    def work_and_crash(self, which: int, point: int) -> None:
        delivery_id = self._delivery(which)
        self.world.its_moment_comes(delivery_id)
        self.world.work(delivery_id, point, crash)

    @rule(which=WHICH, point=POINTS, fault=st.none() | FAULTS, data=st.data())
    def work_while_something_happens(self, which: int, point: int, fault: Fault | None, data: st.DataObject) -> None:
        """The answer to the last call may be disturbed as well."""
        delivery_id = self._delivery(which)
        self.world.platforms.last_faults[:] = [fault] if fault else []
        meanwhile = self._meanwhile(delivery_id)
        name = data.draw(st.sampled_from(sorted(meanwhile)))
        self.world.its_moment_comes(delivery_id)
        self.world.work(delivery_id, point, meanwhile[name])

    def _meanwhile(self, delivery_id: str) -> dict[str, Callable[[], object]]:
        world, post_id = self.world, self.world.row(delivery_id).post_id
        work, edit = partial(world.work, delivery_id), partial(world.edit, post_id)
        plan = partial(world.plan, post_id, 0)
        return {
            "another worker": work,
            "the lease runs out": in_turn(partial(world.time_passes, 700), world.tick, work),
            "an edit": edit,
            "an edit that is planned": in_turn(edit, partial(world.approve_again, post_id), plan),
            "a new plan": plan,
            "a cancellation": partial(world.cancel, delivery_id),
            "the post is withdrawn": partial(world.withdraw_post, post_id),
            "consent is withdrawn": world.withdraw_consent,
            "all is held": world.hold,
            "it moves into a held campaign": in_turn(world.hold_campaign, partial(world.move, post_id, True)),
            "its campaign is held": in_turn(partial(world.move, post_id, True), world.hold_campaign),
            "it leaves its campaign": partial(world.move, post_id, False),
            "the accounts are lost": in_turn(partial(world.disconnect, 0), partial(world.disconnect, 1)),
            "a person looks": in_turn(partial(world.time_passes, 130), partial(world.person_looks, delivery_id)),
            "it is too late": in_turn(partial(world.time_passes, 12_000), world.tick),
        }

    @invariant()
    def every_guarantee_holds(self) -> None:
        self.world.check()

    def teardown(self) -> None:
        if not self.world.guarantees.wrong:
            self.world.settle()

    def _post(self, which: int) -> str:
        posts = self.world.posts()
        return posts[which % len(posts)]

    def _delivery(self, which: int) -> str:
        """Those that the engine will look at first: with the others little happens."""
        deliveries = self.world.deliveries()
        return deliveries[which % len(deliveries)]


@pytest.fixture(name="settings")
def _settings() -> dict[str, Any]:
    """The sandbox is not needed here."""
    return {}


@pytest.fixture(scope="module")
def played() -> Iterator[PlayedServer]:
    server = PlayedServer()
    yield server
    server.stop()


@pytest.fixture
def new_world(
    app: Flask, database: Database, played: PlayedServer, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], World]]:
    monkeypatch.setattr(clock, "datetime", Time)
    start = Time.moment

    def new() -> World:
        db.session.remove()
        db.engine.dispose()
        database.renew()
        Time.moment = start
        played.platforms = Platforms(fetch=lambda _: None)
        world = World(app, played.url, played.platforms)
        for name in WORKERS:
            module = sys.modules.get(f"workers.{name}")
            if hasattr(module, "transaction"):
                monkeypatch.setattr(module, "transaction", world.watched_transaction)
        return world

    yield new
    Time.moment = start


def test_a_text_whose_call_was_lost_does_not_go_out_beside_a_newer_plan(new_world: Callable[[], World]) -> None:
    """The one way in which an old revision stands beside a planned post; chance seldom finds it."""
    world = new_world()
    world.plan_anew(0)
    delivery_id, post_id = world.of_kind("telegram"), world.posts()[0]
    world.platforms.last_faults[:] = [Fault.DROPPED]
    world.work(delivery_id)
    world.edit(post_id)
    world.approve_again(post_id)
    world.plan(post_id, 0)
    world.time_passes(130)
    world.person_looks(delivery_id)
    world.its_moment_comes(delivery_id)
    world.work(delivery_id)
    world.check()
    world.settle()


def test_a_post_whose_answer_was_lost_is_found_and_not_repeated(new_world: Callable[[], World]) -> None:
    world = new_world()
    world.plan_anew(0)
    delivery_id = world.of_kind("instagram")
    world.platforms.last_faults[:] = [Fault.LOST]
    for _ in range(6):
        world.its_moment_comes(delivery_id)
        world.work(delivery_id)
        world.check()
    assert world.row(delivery_id).state == "sent"


@pytest.mark.parametrize("then", ["it moves into a held campaign", "its campaign is held"])
def test_what_is_held_while_a_worker_has_it_in_hand_is_not_sent(new_world: Callable[[], World], then: str) -> None:
    """At each stop of its way in turn. Out of the campaign again it is out once, at the time it is given then."""
    for point in range(1, POINTS_OF_A_STEP):
        world = new_world()
        world.plan_anew(0)
        delivery_id, post_id = world.of_kind("telegram"), world.posts()[0]
        acts: dict[str, list[Callable[[], object]]] = {
            "it moves into a held campaign": [world.hold_campaign, partial(world.move, post_id, True)],
            "its campaign is held": [partial(world.move, post_id, True), world.hold_campaign],
        }
        world.work(delivery_id, point, in_turn(*acts[then]))
        world.check()
    world.move(post_id, False)
    world.plan(post_id, 10)
    world.settle()
    account_id = world.row(delivery_id).account_id
    rows = [world.row(one) for one in world.deliveries()]
    assert [row.state for row in rows if row.account_id == account_id].count("sent") == 1


@pytest.mark.long
def test_in_whatever_order_things_happen_every_guarantee_holds(new_world: Callable[[], World]) -> None:
    wanted = os.environ.get("MACHINE", "")
    machine = type("Machine", (Machine,), {"new_world": staticmethod(new_world)})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES.get(wanted) or int(wanted),
            stateful_step_count=STEPS,
            deadline=None,
            print_blob=True,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.generate, Phase.shrink),
        ),
    )
