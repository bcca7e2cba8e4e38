"""Finds out whether a post of unknown outcome is public. Reads only.

A video says by itself whether it is. A post is looked for among the page's: our photos' ids prove it; without photos
its text, kind and time must fit, and only one may. Others are made by hand in the app, and one may be newer than ours.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from contentdesk.channels.base import Accepted, CannotTell, Checkpoint, NotThere, Outgoing, Sent, TryLater
from contentdesk.channels.kinds.facebook_status import Status, read
from contentdesk.channels.kinds.meta_errors import UNKNOWN_OUTCOME
from contentdesk.channels.kinds.meta_find import QUIET, SKEW, after_of, moment, same_text
from contentdesk.channels.kinds.meta_graph import Graph
from contentdesk.lib import clock

PAGE_SIZE = 50
MAX_PAGES = 10
FIELDS = "id,message,created_time,permalink_url,attachments{media_type,target,subattachments{target}}"
MOST_ABSENT = 3
"""After so many attempts that left no trace a person is asked: something else is wrong."""
PATIENCE = timedelta(hours=2)
"""So long the platform may work on a video that it took."""
PERHAPS_BEGUN = timedelta(minutes=10)

Found = Sent | Accepted | NotThere | CannotTell


@dataclass(frozen=True)
class Listing:
    """The page's posts since a moment; `whole` when nothing of them was left unread."""

    posts: tuple[dict[str, Any], ...]
    whole: bool


def find(graph: Graph, outgoing: Outgoing, checkpoint: Checkpoint, since: datetime) -> Found:
    if outgoing.video:
        return _find_video(graph, outgoing, checkpoint, since)
    return _find_post(graph, outgoing, checkpoint, since)


def _find_video(graph: Graph, outgoing: Outgoing, checkpoint: Checkpoint, since: datetime) -> Found:
    """The video's id is in the checkpoint before the call, and one video becomes one post at most."""
    if not checkpoint.get("video"):
        return NotThere(checkpoint)
    status = read(graph, str(checkpoint["video"]))
    if status.public:
        return Sent(f"{outgoing.login.external_id}_{checkpoint['video']}", status.permalink)
    if status.broken:
        return NotThere({"failed": checkpoint.get("failed", 0) + 1})
    waited = clock.now() - _newest_call(checkpoint, since)
    if waited < _patience(status, checkpoint):
        return _not_yet(status, checkpoint, waited)
    return CannotTell() if checkpoint.get("taken") else NotThere(checkpoint)


def _patience(status: Status, checkpoint: Checkpoint) -> timedelta:
    if checkpoint.get("taken") or status.publishing:
        return PATIENCE
    return PERHAPS_BEGUN if status.processing else QUIET


def _not_yet(status: Status, checkpoint: Checkpoint, waited: timedelta) -> Accepted:
    if not (checkpoint.get("taken") or status.publishing):
        raise TryLater(UNKNOWN_OUTCOME, after=max(QUIET - waited, timedelta(seconds=10)), code="quiet")
    return Accepted(checkpoint, min(max(waited / 4, timedelta(seconds=10)), timedelta(minutes=5)))


def _find_post(graph: Graph, outgoing: Outgoing, checkpoint: Checkpoint, since: datetime) -> Found:
    listing = _listing(graph, outgoing.login.external_id, _from(checkpoint, since))
    ours = set(checkpoint.get("photos", ()))
    proven = [post for post in listing.posts if ours & set(_targets(post))]
    if len(proven) == 1:
        return _sent(proven[0])
    alike = [post for post in listing.posts if _looks_like(post, outgoing)]
    if proven or alike:
        return _the_one(alike, listing, bool(ours))
    waited = clock.now() - _newest_call(checkpoint, since)
    if waited < QUIET:
        raise TryLater(UNKNOWN_OUTCOME, after=QUIET - waited, code="quiet")
    return _absent(listing, checkpoint)


def _the_one(alike: list[dict[str, Any]], listing: Listing, with_photos: bool) -> Found:
    """A post that names other photos than ours was rather made by hand: a person looks."""
    if len(alike) != 1 or not listing.whole or (with_photos and any(_targets(alike[0]))):
        return CannotTell()
    return _sent(alike[0])


def _sent(post: dict[str, Any]) -> Sent:
    return Sent(str(post["id"]), post.get("permalink_url"))


def _absent(listing: Listing, checkpoint: Checkpoint) -> Found:
    absent = checkpoint.get("absent", 0) + 1
    if not listing.whole or absent >= MOST_ABSENT:
        return CannotTell()
    kept = {name: value for name, value in checkpoint.items() if name != "doubt"}
    return NotThere(kept | {"absent": absent})


def _from(checkpoint: Checkpoint, since: datetime) -> datetime:
    """An earlier attempt may have been taken for refused and was not."""
    first = checkpoint.get("first_ready_at")
    return (min(since, datetime.fromisoformat(first)) if first else since) - SKEW


def _newest_call(checkpoint: Checkpoint, since: datetime) -> datetime:
    """No irreversible call came before the newest "ready", however generous `since` is."""
    ready_at = checkpoint.get("ready_at")
    return max(since, datetime.fromisoformat(ready_at)) if ready_at else since


def _looks_like(post: dict[str, Any], outgoing: Outgoing) -> bool:
    kinds = set(_media_types(post))
    wanted = {"photo", "album"} if outgoing.photos else set()
    fits = bool(kinds & wanted) if outgoing.photos else not kinds & {"photo", "album", "video"}
    text = outgoing.text.strip()
    return fits and bool(text) and same_text(str(post.get("message") or ""), text)


def _media_types(post: dict[str, Any]) -> Iterator[str]:
    return (str(row.get("media_type")) for row in _rows(post.get("attachments")))


def _targets(post: dict[str, Any]) -> Iterator[str]:
    """Ids of the photos that hang on the post, an album's too."""
    for row in _rows(post.get("attachments")):
        inner = list(_rows(row.get("subattachments")))
        for part in inner or [row]:
            target = part.get("target")
            if row.get("media_type") in ("photo", "album") and isinstance(target, dict) and target.get("id"):
                yield str(target["id"])


def _rows(edge: Any) -> Iterator[dict[str, Any]]:
    data = edge.get("data") if isinstance(edge, dict) else None
    return (row for row in data if isinstance(row, dict)) if isinstance(data, list) else iter(())


def _listing(graph: Graph, page: str, since: datetime) -> Listing:
    posts: list[dict[str, Any]] = []
    params = {"fields": FIELDS, "limit": str(PAGE_SIZE), "since": str(int(since.timestamp()))}
    for _ in range(MAX_PAGES):
        body = graph.get(f"{page}/published_posts", **params)
        rows = list(_rows(body))
        fresh = [row for row in rows if row.get("id") and (moment(row.get("created_time")) or since) >= since]
        posts += fresh
        params["after"] = after_of(body)
        if not params["after"] or (rows and not fresh):
            return Listing(tuple(posts), True)
    return Listing(tuple(posts), False)
