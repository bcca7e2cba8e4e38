"""Figures of a page and its posts: counters and insights of twenty-five posts in one call.

Counters (reactions, comments, shares) are stable and stand on the post; views and reach are insights, of which one
unknown name fails the whole call. A reel has insights of its own.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from contentdesk.channels.abilities import AccountStats
from contentdesk.channels.base import ChannelError, NotAllowed, PartOf, Rejected, Stats, TryLater
from contentdesk.channels.kinds.failing import FewTries, passes
from contentdesk.channels.kinds.meta_containers import GONE
from contentdesk.channels.kinds.meta_graph import Graph
from contentdesk.lib import clock

METRICS: Mapping[str, str] = MappingProxyType(
    {
        "post_media_view": "views",
        "post_total_media_view_unique": "reach",
        "post_reactions_by_type_total": "likes",
    }
)
REEL_METRICS: Mapping[str, str] = MappingProxyType(
    {
        "blue_reels_play_count": "views",
        "fb_reels_total_plays": "views",
        "post_total_media_view_unique": "reach",
        "post_video_likes_by_reaction_type": "likes",
    }
)
"""Of two names for one figure the later one counts."""
PAGE_METRICS: Mapping[str, str] = MappingProxyType(
    {"page_media_view": "views", "page_total_media_view_unique": "reach"}
)
COUNTERS = "shares,reactions.limit(0).summary(total_count),comments.limit(0).summary(total_count),attachments"
CALLS_AT_ONCE = 50
POSTS_AT_ONCE = 25
"""Two calls for each."""
LAST_DAYS = timedelta(days=3)

Figures = dict[str, int]
Answer = dict[str, Any] | ChannelError | None


@dataclass(frozen=True)
class _Alone:
    """One metric of one post, asked for by itself."""

    key: str
    path: str
    names: Mapping[str, str]


def measure(graph: Graph, external_ids: Sequence[str]) -> dict[str, Stats]:
    """A limit met halfway ends the round; what was read until then counts."""
    found: dict[str, Stats] = {}
    whole = True
    for start in range(0, len(external_ids), POSTS_AT_ONCE):
        try:
            figures = _group(graph, external_ids[start : start + POSTS_AT_ONCE])
        except TryLater:
            if not found:
                raise
            return PartOf(found)
        found |= figures
        whole = whole and not isinstance(figures, PartOf)
    return found if whole else PartOf(found)


def _group(graph: Graph, group: Sequence[str]) -> dict[str, Stats]:
    """A post that disturbs the platform is left out. Raises TryLater where that are all."""
    answers = graph.batch([_counters_of(key) for key in group] + [_insights_of(key) for key in group])
    figures: dict[str, Figures] = {}
    alone: list[_Alone] = []
    refusal = next(filter(passes, answers), None)
    for key, counted, told in zip(group, answers[: len(group)], answers[len(group) :], strict=True):
        if passes(counted) or passes(told):
            continue
        node = _node(graph, key, counted)
        if node is None:
            continue
        insights = _insights(graph, key, told)
        if insights is None:
            alone += _each_alone(key, node)
        figures[key] = (insights or {}) | _counts(node)
    if refusal and not figures:
        raise refusal
    for key, more in _asked_alone(graph, alone):
        figures[key] = more | figures[key]
    found = {key: Stats(**known) for key, known in figures.items() if known}
    return PartOf(found) if refusal else found


def _counters_of(key: str) -> str:
    return f"{key}?fields={COUNTERS}"


def _insights_of(key: str) -> str:
    return f"{key}/insights?metric={','.join(METRICS)}"


def _node(graph: Graph, key: str, answer: Answer) -> dict[str, Any] | None:
    """A part that took too long is asked by itself. None: there is no such post; empty: its counters are not told."""
    try:
        answer = graph.get(_counters_of(key)) if answer is None else answer
        if isinstance(answer, ChannelError):
            raise answer
    except (FewTries, Rejected, NotAllowed) as error:
        return None if error.code in GONE else {}
    return answer


def _insights(graph: Graph, key: str, told: Answer) -> Figures | None:
    """None: one of them is not known for such a post, which fails all."""
    try:
        told = graph.get(_insights_of(key)) if told is None else told
        if isinstance(told, ChannelError):
            raise told
        return _named(told, METRICS)
    except NotAllowed:
        return {}
    except (FewTries, Rejected):
        return None


def _each_alone(key: str, node: dict[str, Any]) -> list[_Alone]:
    """What stands on the post counts before what stands on the reel."""
    edges = [(f"{key}/insights", METRICS)]
    if _is_video(node):
        edges.append((f"{key.rpartition('_')[2]}/video_insights", REEL_METRICS))
    return [_Alone(key, f"{path}?metric={name}", names) for path, names in edges for name in reversed(list(names))]


def _asked_alone(graph: Graph, alone: Sequence[_Alone]) -> Iterator[tuple[str, Figures]]:
    """Many in a call, each with an answer of its own. A limit ends it: the counters are known."""
    for start in range(0, len(alone), CALLS_AT_ONCE):
        group = alone[start : start + CALLS_AT_ONCE]
        try:
            for one, told in zip(group, graph.batch([one.path for one in group]), strict=True):
                yield one.key, _one(graph, one, told)
        except TryLater:
            return


def _one(graph: Graph, one: _Alone, told: Answer) -> Figures:
    try:
        told = graph.get(one.path) if told is None else told
    except (FewTries, Rejected, NotAllowed) as error:
        told = error
    if isinstance(told, FewTries | Rejected | NotAllowed):
        return {}
    if isinstance(told, ChannelError):
        raise told
    return _named(told, one.names)


def _named(body: dict[str, Any], metrics: Mapping[str, str], place: int = 0) -> Figures:
    """What the platform left out is left out: late figures come as an empty list, never as zero."""
    rows = body.get("data")
    found: Figures = {}
    for row in rows if isinstance(rows, list) else ():
        values = row.get("values") if isinstance(row, dict) else None
        held = values[place] if isinstance(values, list) and values else None
        number = _number(held.get("value")) if isinstance(held, dict) else None
        if number is not None and row.get("name") in metrics:
            found[metrics[row["name"]]] = number
    return found


def _number(value: Any) -> int | None:
    """Some figures come by kind (of reaction, of viewer): then their sum."""
    if isinstance(value, dict):
        parts = [part for part in value.values() if isinstance(part, int) and not isinstance(part, bool)]
        return sum(parts)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _counts(node: dict[str, Any]) -> Figures:
    """Shares are left out while there are none."""
    found: Figures = {"shares": 0} if node else {}
    for theirs, ours, word in (("shares", "shares", "count"), ("reactions", "likes", ""), ("comments", "comments", "")):
        edge = node.get(theirs)
        holder = edge.get("summary") if isinstance(edge, dict) and not word else edge
        number = holder.get(word or "total_count") if isinstance(holder, dict) else None
        if isinstance(number, int):
            found[ours] = number
    return found


def _is_video(node: dict[str, Any]) -> bool:
    edge = node.get("attachments")
    rows = edge.get("data") if isinstance(edge, dict) else None
    return isinstance(rows, list) and any(isinstance(row, dict) and row.get("media_type") == "video" for row in rows)


def measure_account(graph: Graph, page: str) -> AccountStats:
    """Followers now; views and reach of the newest whole day, where the page is large enough to have any."""
    node = graph.get_own("followers_count,fan_count")
    followers = _number(node.get("followers_count"))
    try:
        figures, again = _last_day(graph, page), False
    except TryLater:
        figures, again = {}, True
    return AccountStats(
        followers=_number(node.get("fan_count")) if followers is None else followers,
        reach=figures.get("reach"),
        views=figures.get("views"),
        again=again,
    )


def _last_day(graph: Graph, page: str) -> Figures:
    """Both in one call; each alone where one is refused. Raises TryLater."""
    now = clock.now()
    span = {"since": str(int((now - LAST_DAYS).timestamp())), "until": str(int(now.timestamp())), "period": "day"}
    found: Figures = {}
    for metrics in (",".join(PAGE_METRICS), *PAGE_METRICS):
        try:
            found |= _named(graph.get(f"{page}/insights", metric=metrics, **span), PAGE_METRICS, place=-1)
        except (NotAllowed, Rejected, FewTries):
            continue
        if "," in metrics:
            break
    return found
