"""Finds out whether a post of unknown outcome is public, on Instagram and Threads. Reads only.

The container says whether it was published, but not as which post. The post is found among the account's
newest by its text, its kind and its time; others are made by hand in the app, and one may be newer than ours.
"""

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from contentdesk.channels.base import (
    CannotTell,
    ChannelError,
    Checkpoint,
    NotThere,
    Sent,
    TryLater,
)
from contentdesk.channels.kinds.meta_containers import BROKEN, FINISHED, GONE, IN_PROGRESS, PUBLISHED, Dialect
from contentdesk.channels.kinds.meta_errors import UNKNOWN_OUTCOME
from contentdesk.channels.kinds.meta_graph import Graph
from contentdesk.lib import clock

QUIET = timedelta(seconds=60)
"""So long after the call an absence proves nothing: the call may still be on its way inside the platform,
and a new post may be missing from the list. A proven presence needs no wait."""

SKEW = timedelta(minutes=5)
"""How far the platform's clock may be behind ours: when the call was made, ours may have been wrong for a while.
With less, a post that is out is not seen, and is doubted for ever or sent again.
"""

PAGE_SIZE = 50
MAX_PAGES = 10
NONE = "NONE"
"""Stands for: there is no container."""
STILL_OURS = frozenset({FINISHED, IN_PROGRESS, NONE})
"""The container was not published."""

Found = Sent | NotThere | CannotTell


@dataclass(frozen=True)
class Traces:
    """How our post reads back in a list of the account's posts."""

    edge: str
    fields: str
    text_field: str
    text: str | None
    """None: the platform shows no text of it (a story)."""
    kind: Mapping[str, str]
    """Fields that say of what kind it is. One that the platform leaves out is no difference."""
    listed_for: timedelta | None = None
    """So long it stands in the list; None: for ever."""


@dataclass(frozen=True)
class Listing:
    """The account's posts since a moment; `whole` when nothing of them was left unread."""

    posts: tuple[dict[str, Any], ...]
    whole: bool


def find(
    graph: Graph, dialect: Dialect, account: str, traces: Traces, checkpoint: Checkpoint, since: datetime
) -> Found:
    status = _status(graph, dialect, checkpoint)
    listing = _listing(graph, account, traces, _from(checkpoint, since))
    matches = [post for post in listing.posts if _is_ours(post, traces)]
    quiet_for = clock.now() - _newest_call(checkpoint, since)
    if traces.text is None:
        found = _wordless(matches, status, listing, checkpoint)
    elif matches:
        return _the_one(matches, status, listing, traces.text)
    else:
        found = _absent(status, listing, checkpoint)
    if quiet_for < QUIET and status not in BROKEN | {NONE}:
        raise TryLater(UNKNOWN_OUTCOME, after=QUIET - quiet_for, code="quiet")
    return found


def _status(graph: Graph, dialect: Dialect, checkpoint: Checkpoint) -> str:
    """The container's word; NONE when there is none, "" when the platform does not say."""
    if "container" not in checkpoint:
        return NONE
    try:
        return dialect.status(graph, checkpoint["container"]).word
    except ChannelError as error:
        if error.code in GONE:
            return ""
        raise


def _from(checkpoint: Checkpoint, since: datetime) -> datetime:
    """A container in doubt was perhaps published by an earlier attempt, before this intent."""
    if checkpoint.get("doubt") and "first_ready_at" in checkpoint:
        since = min(since, datetime.fromisoformat(checkpoint["first_ready_at"]))
    return (since - SKEW).replace(microsecond=0)


def _newest_call(checkpoint: Checkpoint, since: datetime) -> datetime:
    """No irreversible call came before the newest "ready", however generous `since` is."""
    ready_at = checkpoint.get("ready_at")
    return max(since, datetime.fromisoformat(ready_at)) if ready_at else since


def _the_one(matches: list[dict[str, Any]], status: str, listing: Listing, text: str) -> Found:
    """Certain only when exactly one fits, and by a text: a photo without one could be anybody's.

    Without a container nothing of ours can be there: what fits was posted by hand, and ours would be a second.
    """
    if len(matches) > 1 or status == NONE or not listing.whole or not _plain(text):
        return CannotTell()
    return _sent(matches[0])


def _wordless(matches: list[dict[str, Any]], status: str, listing: Listing, checkpoint: Checkpoint) -> Found:
    """Certain only when the platform says that ours went out, and nothing else of its kind did meanwhile."""
    if status == PUBLISHED:
        return _sent(matches[0]) if len(matches) == 1 and listing.whole else CannotTell()
    if matches and status not in STILL_OURS:
        return CannotTell()
    return _absent(status, listing, checkpoint)


def _sent(post: dict[str, Any]) -> Sent:
    return Sent(str(post["id"]), post.get("permalink"))


def _absent(status: str, listing: Listing, checkpoint: Checkpoint) -> Found:
    if not listing.whole:
        return CannotTell()
    if status in BROKEN:
        return NotThere({})
    if status in STILL_OURS:
        return NotThere({name: value for name, value in checkpoint.items() if name != "doubt"})
    return CannotTell()


def _listing(graph: Graph, account: str, traces: Traces, since: datetime) -> Listing:
    posts: list[dict[str, Any]] = []
    whole = False
    for page, is_last in _pages(graph, account, traces, since):
        fresh = [post for post in page if (_at(post) or since) >= since]
        posts += fresh
        whole = is_last or bool(page and not fresh)
        if whole:
            break
    reaches = traces.listed_for is None or clock.now() - since < traces.listed_for
    return Listing(tuple(posts), whole and reaches)


def _pages(graph: Graph, account: str, traces: Traces, since: datetime) -> Iterator[tuple[list[dict[str, Any]], bool]]:
    params = {"fields": traces.fields, "limit": str(PAGE_SIZE), "since": str(int(since.timestamp()))}
    for _ in range(MAX_PAGES):
        body = graph.get(f"{account}/{traces.edge}", **params)
        data = body.get("data")
        after = after_of(body)
        yield [post for post in data if isinstance(post, dict)] if isinstance(data, list) else [], not after
        if not after:
            return
        params["after"] = after


def after_of(body: dict[str, Any]) -> str:
    """The cursor of the next page; the last page may carry a cursor too, but no `next`."""
    paging = body.get("paging")
    if not isinstance(paging, dict) or not paging.get("next"):
        return ""
    cursors = paging.get("cursors")
    return str(cursors.get("after", "")) if isinstance(cursors, dict) else ""


def _is_ours(post: dict[str, Any], traces: Traces) -> bool:
    return (
        _at(post) is not None
        and bool(post.get("id"))
        and all(post.get(name, value) == value for name, value in traces.kind.items())
        and (traces.text is None or same_text(str(post.get(traces.text_field) or ""), traces.text))
    )


def same_text(one: str, other: str) -> bool:
    return _plain(one) == _plain(other)


def _plain(text: str) -> str:
    """The text without what platforms change on the way: line ends, composition, space at the ends."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n")).strip()


def _at(post: dict[str, Any]) -> datetime | None:
    return moment(post.get("timestamp"))


def moment(value: Any) -> datetime | None:
    """2026-11-21T04:05:06+0000; None for anything else."""
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return at if at.tzinfo else None
