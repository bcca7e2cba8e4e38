"""Figures of Instagram posts: insights of each, and counters of fifty at a time where insights are silent."""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from contentdesk.channels.base import ChannelError, LoginExpired, Rejected, Stats, TryLater
from contentdesk.channels.kinds.instagram_prepare import GONE
from contentdesk.channels.kinds.meta_graph import FewTries, Graph

METRICS: Mapping[str, str] = MappingProxyType(
    {
        "views": "views",
        "reach": "reach",
        "likes": "likes",
        "comments": "comments",
        "saved": "saves",
        "shares": "shares",
    }
)
COUNTERS: Mapping[str, str] = MappingProxyType({"like_count": "likes", "comments_count": "comments"})
BATCH = 50

SAYS_NOTHING = frozenset({"10/0", "100/2108006"})
"""Too few viewers; posted before the account became a professional one."""

Figures = dict[str, int]


def measure(graph: Graph, external_ids: Sequence[str]) -> dict[str, Stats]:
    """A limit met halfway ends the round; what was read until then counts."""
    figures = dict(_all_insights(graph, external_ids))
    lacking = [key for key, known in figures.items() if known is None or not known.keys() >= COUNTERS_FILL]
    for key, counted in _counters(graph, lacking):
        figures[key] = counted | (figures[key] or {})
    return {key: Stats(**known) for key, known in figures.items() if known is not None}


COUNTERS_FILL = frozenset(COUNTERS.values())


def _all_insights(graph: Graph, external_ids: Sequence[str]) -> Iterator[tuple[str, Figures | None]]:
    """None for a post that was not found. A metric refused once is not asked again in this round."""
    metrics = list(METRICS)
    for place, key in enumerate(external_ids):
        try:
            yield key, _insights(graph, key, metrics)
        except TryLater:
            if place == 0:
                raise
            return


def _insights(graph: Graph, key: str, metrics: list[str]) -> Figures | None:
    if not metrics:
        return {}
    try:
        return _values(graph.get(f"{key}/insights", metric=",".join(metrics)))
    except ChannelError as error:
        if error.code in GONE:
            return None
        if error.code in SAYS_NOTHING:
            return {}
        if not isinstance(error, Rejected | FewTries):
            raise
    return _one_by_one(graph, key, metrics)


def _one_by_one(graph: Graph, key: str, metrics: list[str]) -> Figures:
    """One unknown metric fails the whole call; so each is asked alone, and the refused ones are dropped."""
    found: Figures = {}
    for metric in tuple(metrics):
        try:
            found |= _values(graph.get(f"{key}/insights", metric=metric))
        except Rejected:
            metrics.remove(metric)
        except FewTries:
            continue
    return found


def _values(body: dict[str, Any]) -> Figures:
    """What the platform left out is left out: late figures come as an empty list, never as zero."""
    rows = body.get("data")
    found: Figures = {}
    for row in rows if isinstance(rows, list) else ():
        name, value = _value(row)
        if name in METRICS and isinstance(value, int) and not isinstance(value, bool):
            found[METRICS[name]] = value
    return found


def _value(row: Any) -> tuple[str, Any]:
    if not isinstance(row, dict):
        return "", None
    holders = row.get("values") or [row.get("total_value")]
    first = holders[0] if isinstance(holders, list) else None
    return str(row.get("name")), first.get("value") if isinstance(first, dict) else None


def _counters(graph: Graph, keys: Sequence[str]) -> Iterator[tuple[str, Figures]]:
    for start in range(0, len(keys), BATCH):
        group = keys[start : start + BATCH]
        try:
            nodes: Mapping[str, Any] = graph.get("", ids=",".join(group), fields=",".join(COUNTERS))
        except LoginExpired:
            raise
        except ChannelError:
            nodes = dict(_one_node_each(graph, group))
        yield from ((key, _counts(nodes[key])) for key in group if key in nodes)


def _one_node_each(graph: Graph, keys: Sequence[str]) -> Iterator[tuple[str, Any]]:
    """One post that is gone fails the call for all fifty."""
    for key in keys:
        try:
            yield key, graph.get(key, fields=",".join(COUNTERS))
        except LoginExpired:
            raise
        except (FewTries, Rejected):
            continue
        except ChannelError:
            return


def _counts(node: Any) -> Figures:
    node = node if isinstance(node, dict) else {}
    return {ours: node[theirs] for theirs, ours in COUNTERS.items() if isinstance(node.get(theirs), int)}
