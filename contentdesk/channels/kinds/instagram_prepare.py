"""Containers of Instagram: one for a photo; for several one each and a parent. Nothing here is public.

A lease covers a slow call, not ten: each step makes one container, or asks about one, and its checkpoint is kept
before the next. (A container that is done costs the quota as a second read, which repeats without harm.)

The checkpoint: `children` (ids in the order of the photos, None for one to be made anew), `done` (children that the
platform has finished), `container` (the id that is published), `made_at`, `first_ready_at`, `ready_at`, and counters
that bound the repeats. `doubt` says that the container was perhaps published already; then `publish` makes no call
and `find` is asked.
"""

from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from contentdesk.channels.base import (
    ChannelError,
    Checkpoint,
    LoginExpired,
    Outgoing,
    Photo,
    Prepared,
    Rejected,
    TryLater,
)
from contentdesk.channels.kinds.meta_errors import (
    DAILY_LIMIT,
    UNDOCUMENTED,
    Means,
    meaning_of_subcode,
    subcode_in_status,
)
from contentdesk.channels.kinds.meta_graph import FewTries, Graph
from contentdesk.lib import clock

MAX_REMADE = 2
MAX_TRIES = 3
TOO_LONG = timedelta(minutes=15)
GONE = frozenset({"24/2207006", "100/33"})
"""Not found, or not found yet: both are also answered for things that are there."""

AT_ONCE = timedelta(0)
FINISHED, PUBLISHED, IN_PROGRESS = "FINISHED", "PUBLISHED", "IN_PROGRESS"
BROKEN = frozenset({"ERROR", "EXPIRED"})


@dataclass(frozen=True)
class Status:
    word: str
    subcode: int = 0


def prepare(graph: Graph, outgoing: Outgoing, checkpoint: Checkpoint) -> Prepared:
    """One step further. What was made so far is kept even when the step ends early."""
    state = deepcopy(checkpoint)
    try:
        return _step(graph, outgoing, state)
    except FewTries as error:
        return _once_more(graph, state, error)
    except TryLater as error:
        if state == checkpoint:
            raise
        return Prepared(state, ready=False, again_in=error.after)


def _once_more(graph: Graph, state: Checkpoint, error: FewTries) -> Prepared:
    state["tries"] = state.get("tries", 0) + 1
    if state["tries"] >= MAX_TRIES:
        raise Rejected(error.sentence, code=error.code, **error.values) from None
    return Prepared(state, ready=False, again_in=error.after)


def _step(graph: Graph, outgoing: Outgoing, state: Checkpoint) -> Prepared:
    if state.get("doubt"):
        return Prepared(state, ready=True)
    if "container" in state:
        return _look(graph, outgoing, state)
    if len(outgoing.photos) == 1:
        state["container"] = _make_single(graph, outgoing)
        return _just_made(state)
    place = _missing_place(outgoing, state)
    if place is not None:
        return _make_child(graph, outgoing, state, place)
    return _when_children_are_done(graph, outgoing, state)


def _make_single(graph: Graph, outgoing: Outgoing) -> str:
    return _make(graph, outgoing, _photo_fields(outgoing.photos[0]) | {"caption": outgoing.text})


def _missing_place(outgoing: Outgoing, state: Checkpoint) -> int | None:
    children = _children(outgoing, state)
    return children.index(None) if None in children else None


def _children(outgoing: Outgoing, state: Checkpoint) -> list[str | None]:
    """As long as there are photos."""
    made: list[str | None] = state.get("children", [])
    return [*made, *[None] * (len(outgoing.photos) - len(made))]


def _make_child(graph: Graph, outgoing: Outgoing, state: Checkpoint, place: int) -> Prepared:
    children = _children(outgoing, state)
    fields = _photo_fields(outgoing.photos[place]) | {"is_carousel_item": "true"}
    children[place] = _make(graph, outgoing, fields)
    state["children"] = children
    waiting = _just_made(state)
    return waiting if None not in children else _go_on(state)


def _photo_fields(photo: Photo) -> dict[str, str]:
    fields = {"image_url": photo.url}
    return fields | {"alt_text": photo.alt_text} if photo.alt_text else fields


def _make(graph: Graph, outgoing: Outgoing, fields: dict[str, str]) -> str:
    made = graph.post(f"{outgoing.login.external_id}/media", fields).get("id")
    if not made:
        raise graph.later(UNDOCUMENTED, "no_container_id")
    return str(made)


def _when_children_are_done(graph: Graph, outgoing: Outgoing, state: Checkpoint) -> Prepared:
    children: list[str] = state["children"]
    done: list[str] = state.setdefault("done", [])
    child = next((one for one in children if one not in done), None)
    if child is not None:
        return _look_at_child(graph, state, child)
    fields = {"media_type": "CAROUSEL", "children": ",".join(children), "caption": outgoing.text}
    state["container"] = _make(graph, outgoing, fields)
    return _just_made(state)


def _look_at_child(graph: Graph, state: Checkpoint, child: str) -> Prepared:
    status = _status(graph, child, state)
    if status.word in (FINISHED, PUBLISHED):
        state["done"].append(child)
        return _go_on(state)
    if status.word in BROKEN:
        _count_remade(graph, state, status)
        state["children"] = [None if one == child else one for one in state["children"]]
        state.pop("missing", None)
        return _go_on(state)
    return _wait(state)


def _look(graph: Graph, outgoing: Outgoing, state: Checkpoint) -> Prepared:
    status = _status(graph, state["container"], state)
    if status.word == FINISHED:
        return _ready(graph, outgoing, state)
    if status.word == PUBLISHED or (status.word in BROKEN and "ready_at" in state):
        state["doubt"] = True
        return Prepared(state, ready=True)
    if status.word in BROKEN:
        _count_remade(graph, state, status)
        for made in ("container", "children", "done", "made_at", "missing"):
            state.pop(made, None)
        return _go_on(state)
    return _wait(state)


def _status(graph: Graph, container: str, state: Checkpoint) -> Status:
    """A container that is not found several times over, or takes far too long, counts as broken."""
    try:
        status = read_status(graph, container)
    except ChannelError as error:
        if error.code not in GONE:
            raise
        state["missing"] = state.get("missing", 0) + 1
        return Status("EXPIRED" if state["missing"] >= MAX_TRIES else IN_PROGRESS)
    state.pop("missing", None)
    if status.word not in BROKEN | {FINISHED, PUBLISHED} and _waited(state) > TOO_LONG:
        return Status("EXPIRED")
    return status


def read_status(graph: Graph, container: str) -> Status:
    body = graph.get(container, fields="status_code,status")
    return Status(str(body.get("status_code", "")), subcode_in_status(str(body.get("status", ""))))


def _count_remade(graph: Graph, state: Checkpoint, status: Status) -> None:
    """Refuses another container when a new one would fail as well."""
    found = meaning_of_subcode(status.subcode)
    state["remade"] = state.get("remade", 0) + 1
    if found.means is Means.CONTENT or state["remade"] > MAX_REMADE:
        raise graph.rejected(f"{status.word.lower()}/{status.subcode}", found)


def _ready(graph: Graph, outgoing: Outgoing, state: Checkpoint) -> Prepared:
    if _is_full(graph, outgoing):
        raise graph.later(DAILY_LIMIT, "quota")
    state["ready_at"] = clock.now().isoformat()
    state.setdefault("first_ready_at", state["ready_at"])
    return Prepared(state, ready=True)


def _is_full(graph: Graph, outgoing: Outgoing) -> bool:
    """The documents name 25, 50 and 100 a day, so only the figure that the account is told counts."""
    path = f"{outgoing.login.external_id}/content_publishing_limit"
    try:
        rows = graph.get(path, fields="quota_usage,config").get("data")
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
    """Photos take 1 to 13 seconds; who waits long is asked less often."""
    half = _waited(state) / 2
    return Prepared(state, ready=False, again_in=min(max(half, timedelta(seconds=2)), timedelta(minutes=1)))


def _waited(state: dict[str, Any]) -> timedelta:
    made_at = state.get("made_at")
    return clock.now() - datetime.fromisoformat(made_at) if made_at else timedelta(0)
