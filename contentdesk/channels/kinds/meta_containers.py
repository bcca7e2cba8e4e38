"""Containers, as Instagram and Threads have them: for one medium one; for several one each and a parent.

Nothing here is public. A lease covers a slow call, not ten: each step makes one container, or asks about one, and its
checkpoint is kept before the next. (A container that is done costs the quota as a second read, which repeats without
harm.)

The checkpoint: `children` (ids in the order of the media, None for one to be made anew), `done` (children that the
platform has finished), `container` (the id that is published), `made_at`, `first_ready_at`, `ready_at`, and counters
that bound the repeats. `doubt` says that the container was perhaps published already; then `publish` makes no call
and `find` is asked.
"""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol

from contentdesk.channels.base import (
    ChannelError,
    Checkpoint,
    LoginExpired,
    OutcomeUnknown,
    Outgoing,
    Prepared,
    Rejected,
    Sent,
    TryLater,
)
from contentdesk.channels.kinds.failing import FewTries
from contentdesk.channels.kinds.meta_errors import (
    DAILY_LIMIT,
    UNDOCUMENTED,
    UNKNOWN_OUTCOME,
    Meaning,
    Means,
)
from contentdesk.channels.kinds.meta_graph import Graph
from contentdesk.lib import clock

MAX_REMADE = 2
MAX_TRIES = 3
PHOTO_PATIENCE = timedelta(minutes=15)
VIDEO_PATIENCE = timedelta(hours=1)
"""A quarter of an hour of film is worked on longer than a photo; a container lives for a day."""
GONE = frozenset({"24/2207006", "24/4279009", "100/33"})
"""Not found, or not found yet: all are also answered for things that are there."""

AT_ONCE = timedelta(0)
FINISHED, PUBLISHED, IN_PROGRESS = "FINISHED", "PUBLISHED", "IN_PROGRESS"
BROKEN = frozenset({"ERROR", "EXPIRED"})


@dataclass(frozen=True)
class Status:
    """The platform's word, and why it failed: the code for the log and what it means."""

    word: str
    code: str = "0"
    why: Meaning = UNDOCUMENTED


@dataclass(frozen=True)
class Plan:
    """The fields of the containers to be made. Without children `parent` is the only one."""

    parent: Mapping[str, str]
    children: tuple[Mapping[str, str], ...] = ()
    patience: timedelta = PHOTO_PATIENCE


class Dialect(Protocol):
    """What the two platforms say differently."""

    edge: str
    """Where containers are made, below the account."""
    limits: str
    """Where the account's quota is read, below the account."""

    def plan(self, outgoing: Outgoing) -> Plan:
        """Raises Rejected for what cannot be published at all."""

    def status(self, graph: Graph, container: str) -> Status: ...

    def refused(self, error: Rejected, outgoing: Outgoing) -> Rejected:
        """The refusal of a container, in better words where there are some."""


class Containers:
    """Makes them for one delivery, a step at a time."""

    def __init__(self, dialect: Dialect, graph: Graph, outgoing: Outgoing) -> None:
        self._dialect, self._graph, self._outgoing = dialect, graph, outgoing
        self._plan = dialect.plan(outgoing)

    def prepare(self, checkpoint: Checkpoint) -> Prepared:
        """One step further. What was made so far is kept even when the step ends early."""
        state = deepcopy(checkpoint)
        try:
            return self._step(state)
        except FewTries as error:
            return self._once_more(state, error)
        except TryLater as error:
            if state == checkpoint:
                raise
            return Prepared(state, ready=False, again_in=error.after)

    def _step(self, state: Checkpoint) -> Prepared:
        if state.get("doubt"):
            return Prepared(state, ready=True)
        if "container" in state:
            return self._look(state)
        if not self._plan.children:
            state["container"] = self._make(self._plan.parent)
            return _just_made(state)
        children = self._children(state)
        if None in children:
            return self._make_child(state, children, children.index(None))
        return self._when_children_are_done(state)

    def _children(self, state: Checkpoint) -> list[str | None]:
        """As long as there are media."""
        made: list[str | None] = state.get("children", [])
        return [*made, *[None] * (len(self._plan.children) - len(made))]

    def _make_child(self, state: Checkpoint, children: list[str | None], place: int) -> Prepared:
        children[place] = self._make(self._plan.children[place])
        state["children"] = children
        waiting = _just_made(state)
        return waiting if None not in children else _go_on(state)

    def _make(self, fields: Mapping[str, str]) -> str:
        try:
            made = self._graph.post(f"{self._outgoing.login.external_id}/{self._dialect.edge}", fields).get("id")
        except Rejected as error:
            raise self._dialect.refused(error, self._outgoing) from None
        if not made:
            raise self._graph.later(UNDOCUMENTED, "no_container_id")
        return str(made)

    def _when_children_are_done(self, state: Checkpoint) -> Prepared:
        children: list[str] = state["children"]
        done: list[str] = state.setdefault("done", [])
        child = next((one for one in children if one not in done), None)
        if child is not None:
            return self._look_at_child(state, child)
        state["container"] = self._make({**self._plan.parent, "children": ",".join(children)})
        return _just_made(state)

    def _look_at_child(self, state: Checkpoint, child: str) -> Prepared:
        status = self._status(child, state)
        if status.word in (FINISHED, PUBLISHED):
            state["done"].append(child)
            return _go_on(state)
        if status.word in BROKEN:
            self._count_remade(state, status)
            state["children"] = [None if one == child else one for one in state["children"]]
            state.pop("missing", None)
            return _go_on(state)
        return _wait(state)

    def _look(self, state: Checkpoint) -> Prepared:
        status = self._status(state["container"], state)
        if status.word == FINISHED:
            return self._ready(state)
        if status.word == PUBLISHED or (status.word in BROKEN and "ready_at" in state):
            state["doubt"] = True
            return Prepared(state, ready=True)
        if status.word in BROKEN:
            self._count_remade(state, status)
            for made in ("container", "children", "done", "made_at", "missing"):
                state.pop(made, None)
            return _go_on(state)
        return _wait(state)

    def _status(self, container: str, state: Checkpoint) -> Status:
        """A container that is not found several times over, or takes far too long, counts as broken."""
        try:
            status = self._dialect.status(self._graph, container)
        except ChannelError as error:
            if error.code not in GONE:
                raise
            state["missing"] = state.get("missing", 0) + 1
            return Status("EXPIRED" if state["missing"] >= MAX_TRIES else IN_PROGRESS)
        state.pop("missing", None)
        if status.word not in BROKEN | {FINISHED, PUBLISHED} and _waited(state) > self._plan.patience:
            return Status("EXPIRED")
        return status

    def _count_remade(self, state: Checkpoint, status: Status) -> None:
        """Refuses another container when a new one would fail as well."""
        state["remade"] = state.get("remade", 0) + 1
        if status.why.means is Means.CONTENT or state["remade"] > MAX_REMADE:
            raise self._graph.rejected(f"{status.word.lower()}/{status.code}", status.why)

    def _ready(self, state: Checkpoint) -> Prepared:
        if self._is_full():
            raise self._graph.later(DAILY_LIMIT, "quota")
        state["ready_at"] = clock.now().isoformat()
        state.setdefault("first_ready_at", state["ready_at"])
        return Prepared(state, ready=True)

    def _once_more(self, state: Checkpoint, error: FewTries) -> Prepared:
        state["tries"] = state.get("tries", 0) + 1
        if state["tries"] >= MAX_TRIES:
            raise self._graph.given_up(error) from None
        return Prepared(state, ready=False, again_in=error.after)

    def _is_full(self) -> bool:
        """The documents name different figures, so only the one that the account is told counts."""
        path = f"{self._outgoing.login.external_id}/{self._dialect.limits}"
        try:
            rows = self._graph.get(path, fields="quota_usage,config").get("data")
        except LoginExpired:
            raise
        except ChannelError:
            return False  # without this figure the publishing call itself still refuses
        row = rows[0] if isinstance(rows, list) and rows and isinstance(rows[0], dict) else {}
        config = row.get("config")
        used, total = row.get("quota_usage"), config.get("quota_total") if isinstance(config, dict) else None
        return isinstance(used, int) and isinstance(total, int) and used >= total


def _go_on(state: Checkpoint) -> Prepared:
    """There is more to do and nothing to wait for; what is there is kept first."""
    return Prepared(state, ready=False, again_in=AT_ONCE)


def _just_made(state: Checkpoint) -> Prepared:
    state["made_at"] = clock.now().isoformat()
    return _wait(state)


def _wait(state: Checkpoint) -> Prepared:
    """Photos take 1 to 13 seconds, a short film 40; who waits long is asked less often."""
    half = _waited(state) / 2
    return Prepared(state, ready=False, again_in=min(max(half, timedelta(seconds=2)), timedelta(minutes=1)))


def _waited(state: dict[str, Any]) -> timedelta:
    made_at = state.get("made_at")
    return clock.now() - datetime.fromisoformat(made_at) if made_at else timedelta(0)


def publish(graph: Graph, path: str, checkpoint: Checkpoint) -> Sent:
    """The one irreversible call, with a container that is done."""
    container = checkpoint.get("container")
    if checkpoint.get("doubt"):
        raise OutcomeUnknown(UNKNOWN_OUTCOME, code="doubt")
    if not container:
        raise graph.later(Meaning(Means.NOT_YET), "no_container")
    post_id = graph.post_once(path, {"creation_id": str(container)}).get("id")
    if not post_id:
        raise OutcomeUnknown(UNKNOWN_OUTCOME, code="no_id")
    return Sent(str(post_id), link=partial(graph.permalink, str(post_id)))
