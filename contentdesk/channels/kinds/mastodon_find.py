"""Finds out whether a post of unknown outcome is public. Reads only.

A post with media is known by the ids of the media, which we keep; one without by its words and its time, and only
when there is one such post.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from contentdesk.channels.base import CannotTell, Checkpoint, NotThere, Outgoing, Sent, TryLater
from contentdesk.channels.kinds.mastodon_server import Home, rows
from contentdesk.channels.kinds.mastodon_text import same_words
from contentdesk.channels.kinds.meta_errors import UNKNOWN_OUTCOME
from contentdesk.channels.kinds.servers import moment
from contentdesk.lib import clock

QUIET = timedelta(seconds=60)
"""So long after the call an absence proves nothing: the call may still be on its way inside the server."""
SKEW = timedelta(seconds=10)
PAGE_SIZE = 40
MAX_PAGES = 10


def find(home: Home, outgoing: Outgoing, checkpoint: Checkpoint, since: datetime) -> Sent | NotThere | CannotTell:
    pages = _Pages(home, since - SKEW)
    ours = [status for status in pages.statuses() if _is_ours(status, outgoing, checkpoint)]
    if len(ours) == 1:
        return sent(ours[0])
    if ours:
        return CannotTell()
    quiet_for = clock.now() - since
    if quiet_for < QUIET:
        raise TryLater(UNKNOWN_OUTCOME, after=QUIET - quiet_for, code="quiet")
    return NotThere(checkpoint) if pages.whole else CannotTell()


def sent(status: dict[str, Any]) -> Sent:
    link = status.get("url") or status.get("uri")
    return Sent(str(status["id"]), str(link) if link else None)


class _Pages:
    """The account's posts since a moment, newest first; `whole` when nothing of them was left unread."""

    def __init__(self, home: Home, since: datetime) -> None:
        self._home, self._since = home, since
        self.whole = False

    def statuses(self) -> Iterator[dict[str, Any]]:
        oldest = ""
        for _ in range(MAX_PAGES):
            page = self._page(oldest)
            fresh = [status for status in page if (_at(status) or self._since) >= self._since]
            yield from fresh
            if not page or len(fresh) < len(page):
                self.whole = True
                return
            oldest = str(page[-1].get("id", ""))

    def _page(self, before: str) -> list[dict[str, Any]]:
        params = [("limit", str(PAGE_SIZE)), ("exclude_reblogs", "true"), *([("max_id", before)] if before else [])]
        return rows(self._home.get(f"v1/accounts/{self._home.account}/statuses", *params))


def _at(status: dict[str, Any]) -> datetime | None:
    return moment(status.get("created_at"))


def _is_ours(status: dict[str, Any], outgoing: Outgoing, checkpoint: Checkpoint) -> bool:
    if not status.get("id") or _at(status) is None:
        return False
    shown = [str(one.get("id")) for one in rows(status.get("media_attachments"))]
    known = [one["id"] for one in checkpoint.get("media", [])]
    if known:
        return sorted(shown) == sorted(known)
    wanted = 1 if outgoing.video else len(outgoing.photos)
    return len(shown) == wanted and same_words(str(status.get("content", "")), outgoing.text)
