"""Figures of videos, fifty at a time, and of the channel. The API writes numbers as texts."""

from collections.abc import Sequence
from typing import Any

from contentdesk.channels.abilities import AccountStats
from contentdesk.channels.base import PartOf, Stats, TryLater
from contentdesk.channels.kinds.youtube_api import Google

BATCH = 50


def measure(google: Google, external_ids: Sequence[str]) -> dict[str, Stats]:
    """Videos that are gone are left out. A limit met halfway ends the round; what was read until then counts."""
    found: dict[str, Stats] = {}
    for start in range(0, len(external_ids), BATCH):
        wanted = external_ids[start : start + BATCH]
        try:
            items = google.get("videos", part="statistics,status", id=",".join(wanted)).get("items")
        except TryLater:
            if start == 0:
                raise
            return PartOf(found)
        rows = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
        found |= {str(item.get("id")): _stats(item.get("statistics")) for item in rows if item.get("id") in wanted}
    return found


def _stats(statistics: Any) -> Stats:
    """Likes and comments are missing where the channel hides them or has them switched off."""
    known = statistics if isinstance(statistics, dict) else {}
    return Stats(
        views=_number(known.get("viewCount")),
        likes=_number(known.get("likeCount")),
        comments=_number(known.get("commentCount")),
    )


def measure_account(google: Google) -> AccountStats:
    items = google.get("channels", mine="true", part="statistics").get("items")
    channel = items[0] if isinstance(items, list) and items and isinstance(items[0], dict) else {}
    known = channel.get("statistics")
    known = known if isinstance(known, dict) else {}
    hidden = known.get("hiddenSubscriberCount") is True
    return AccountStats(
        followers=None if hidden else _number(known.get("subscriberCount")),
        posts=_number(known.get("videoCount")),
    )


def _number(value: Any) -> int | None:
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return int(text) if text.isdecimal() and text.isascii() else None
