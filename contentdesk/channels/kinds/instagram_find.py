"""Finds out whether a post of unknown outcome is public. Reads only.

The container says whether it was published, but not as which post. The post is found among the account's
newest by its text, its kind and its time; others are made by hand in the app, and one may be newer than ours.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from contentdesk.channels.base import (
    CannotTell,
    ChannelError,
    Checkpoint,
    NotThere,
    Outgoing,
    Sent,
    TryLater,
)
from contentdesk.channels.kinds.instagram_prepare import BROKEN, FINISHED, GONE, read_status
from contentdesk.channels.kinds.meta_errors import UNKNOWN_OUTCOME
from contentdesk.channels.kinds.meta_graph import Graph
from contentdesk.lib import clock

QUIET = timedelta(seconds=60)
"""So long after the call an absence proves nothing: the call may still be on its way inside the platform,
and a new post may be missing from the list. A proven presence needs no wait."""

SKEW = timedelta(seconds=5)
"""How far the platform's clock may be behind ours."""

PAGE_SIZE = 50
MAX_PAGES = 10
FIELDS = "id,caption,media_type,permalink,timestamp"

Found = Sent | NotThere | CannotTell


@dataclass(frozen=True)
class Listing:
    """The account's posts since a moment; `whole` when nothing of them was left unread."""

    posts: tuple[dict[str, Any], ...]
    whole: bool


def find(graph: Graph, outgoing: Outgoing, checkpoint: Checkpoint, since: datetime) -> Found:
    status = _status(graph, checkpoint)
    listing = _listing(graph, outgoing.login.external_id, _from(checkpoint, since))
    matches = [post for post in listing.posts if _is_ours(post, outgoing)]
    if matches:
        return _the_one(matches, status, listing, outgoing)
    quiet_for = clock.now() - _newest_call(checkpoint, since)
    if quiet_for < QUIET and status not in BROKEN | {"NONE"}:
        raise TryLater(UNKNOWN_OUTCOME, after=QUIET - quiet_for, code="quiet")
    return _absent(status, listing, checkpoint)


def _status(graph: Graph, checkpoint: Checkpoint) -> str:
    """The container's word; "NONE" when there is none, "" when the platform does not say."""
    if "container" not in checkpoint:
        return "NONE"
    try:
        return read_status(graph, checkpoint["container"]).word
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
    """The irreversible call followed the newest "ready" at once, however generous `since` is."""
    ready_at = checkpoint.get("ready_at")
    return max(since, datetime.fromisoformat(ready_at)) if ready_at else since


def _the_one(matches: list[dict[str, Any]], status: str, listing: Listing, outgoing: Outgoing) -> Found:
    """Certain only when exactly one fits, and by a text: a photo without one could be anybody's.

    Without a container nothing of ours can be there: what fits was posted by hand, and ours would be a second.
    """
    if len(matches) > 1 or status == "NONE" or not listing.whole or not _plain(outgoing.text):
        return CannotTell()
    post = matches[0]
    return Sent(str(post["id"]), post.get("permalink"))


def _absent(status: str, listing: Listing, checkpoint: Checkpoint) -> Found:
    if not listing.whole:
        return CannotTell()
    if status in BROKEN:
        return NotThere({})
    if status in (FINISHED, "IN_PROGRESS", "NONE"):
        return NotThere({name: value for name, value in checkpoint.items() if name != "doubt"})
    return CannotTell()


def _listing(graph: Graph, account: str, since: datetime) -> Listing:
    posts: list[dict[str, Any]] = []
    whole = False
    for page, is_last in _pages(graph, account, since):
        fresh = [post for post in page if (_at(post) or since) >= since]
        posts += fresh
        whole = is_last or bool(page and not fresh)
        if whole:
            break
    return Listing(tuple(posts), whole)


def _pages(graph: Graph, account: str, since: datetime) -> Iterator[tuple[list[dict[str, Any]], bool]]:
    params = {"fields": FIELDS, "limit": str(PAGE_SIZE), "since": str(int(since.timestamp()))}
    for _ in range(MAX_PAGES):
        body = graph.get(f"{account}/media", **params)
        data = body.get("data")
        after = _after(body)
        yield [post for post in data if isinstance(post, dict)] if isinstance(data, list) else [], not after
        if not after:
            return
        params["after"] = after


def _after(body: dict[str, Any]) -> str:
    """The cursor of the next page; the last page may carry a cursor too, but no `next`."""
    paging = body.get("paging")
    if not isinstance(paging, dict) or not paging.get("next"):
        return ""
    cursors = paging.get("cursors")
    return str(cursors.get("after", "")) if isinstance(cursors, dict) else ""


def _is_ours(post: dict[str, Any], outgoing: Outgoing) -> bool:
    kind = "IMAGE" if len(outgoing.photos) == 1 else "CAROUSEL_ALBUM"
    return (
        _at(post) is not None
        and bool(post.get("id"))
        and post.get("media_type", kind) == kind
        and _plain(str(post.get("caption") or "")) == _plain(outgoing.text)
    )


def _plain(text: str) -> str:
    """The text without what platforms change on the way: line ends, composition, space at the ends."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n")).strip()


def _at(post: dict[str, Any]) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(post.get("timestamp")))
    except ValueError:
        return None
    return moment if moment.tzinfo else None
