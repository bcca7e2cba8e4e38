"""Figures of TikTok videos, twenty in a call; ids that are gone or private are simply not in the answer."""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from contentdesk.channels.abilities import AccountStats
from contentdesk.channels.base import PartOf, Stats, TryLater
from contentdesk.channels.kinds.tiktok_api import Api
from contentdesk.channels.kinds.tiktok_login import ask_user

BATCH = 20
COUNTS: Mapping[str, str] = MappingProxyType(
    {"view_count": "views", "like_count": "likes", "comment_count": "comments", "share_count": "shares"}
)


def measure(api: Api, external_ids: Sequence[str]) -> dict[str, Stats]:
    """A limit met halfway ends the round; what was read until then counts."""
    asked = [key for key in external_ids if key.isdecimal()]
    found: dict[str, Stats] = {}
    for start in range(0, len(asked), BATCH):
        try:
            found |= dict(_batch(api, asked[start : start + BATCH]))
        except TryLater:
            if start == 0:
                raise
            return PartOf(found)
    return found


def videos(api: Api, keys: Sequence[str], *fields: str) -> list[dict[str, Any]]:
    body = {"filters": {"video_ids": list(keys)}}
    rows = api.post("video/query/", body, fields=",".join(("id", *fields))).get("videos")
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _batch(api: Api, keys: Sequence[str]) -> Iterator[tuple[str, Stats]]:
    for row in videos(api, keys, *COUNTS):
        if str(row.get("id")) in keys:
            yield str(row["id"]), Stats(**{ours: _count(row.get(theirs)) for theirs, ours in COUNTS.items()})


def measure_account(api: Api) -> AccountStats:
    user = ask_user(api, "follower_count", "video_count")
    return AccountStats(followers=_count(user.get("follower_count")), posts=_count(user.get("video_count")))


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
