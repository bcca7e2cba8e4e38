"""Figures of Instagram posts: kinds and counters of fifty at a time, then the insights of each by its kind."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from contentdesk.channels.base import ChannelError, LoginExpired, NotAllowed, PartOf, Rejected, Stats, TryLater
from contentdesk.channels.kinds.failing import FewTries, passes
from contentdesk.channels.kinds.meta_containers import GONE
from contentdesk.channels.kinds.meta_figures import values
from contentdesk.channels.kinds.meta_graph import Graph
from contentdesk.lib import clock

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
FEED, STORY = "FEED", "STORY"
PRODUCTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {FEED: tuple(METRICS), "REELS": tuple(METRICS), STORY: ("views", "reach", "shares")}
)
"""One metric that a kind does not have fails the call for all. A story's answers are letters, not comments."""
COUNTERS: Mapping[str, str] = MappingProxyType({"like_count": "likes", "comments_count": "comments"})
FIELDS = ",".join(("media_product_type", *COUNTERS))
BATCH = 50
LONGEST = timedelta(seconds=60)
"""Who asks post by post asks no further then, so that what came is kept before the job's time is over."""

SAYS_NOTHING = frozenset({"10/0", "100/2108006"})
"""Too few viewers; posted before the account became a professional one."""

Figures = dict[str, int]
Answer = dict[str, Any] | ChannelError | None


def measure(graph: Graph, external_ids: Sequence[str], *, batches: bool) -> dict[str, Stats]:
    """A limit met halfway ends the round; what was read until then counts.

    `batches`: whether the host takes many calls in one. Elsewhere the insights are asked post by post, and a host that
    is slow is left after a while.
    """
    nodes = _nodes(graph, external_ids, batches)
    metrics = {product: list(names) for product, names in PRODUCTS.items()}
    found: dict[str, Stats] = {}
    asked: set[str] = set()
    refusal: ChannelError | None = None
    try:
        for key, told in _told(graph, external_ids, nodes, batches):
            node = nodes.get(key, {})
            if passes(told):
                refusal = told
                continue
            try:
                known = _insights(graph, key, metrics.get(_product(node), metrics[FEED]), told)
            except NotAllowed as error:
                refusal, known = error, None
            asked.add(key)
            if known is not None or node:
                found[key] = Stats(**_counts(node) | (known or {}))
    except TryLater:
        if not found:
            raise
    if refusal and not found:
        raise refusal
    return found if asked.issuperset(external_ids) else PartOf(found)


def _told(
    graph: Graph, keys: Sequence[str], nodes: Mapping[str, Mapping[str, Any]], batches: bool
) -> Iterator[tuple[str, Answer]]:
    """The insights of each post as a batch brought them; None: ask for it alone."""
    begun = clock.now()
    for start in range(0, len(keys), BATCH):
        group = keys[start : start + BATCH]
        wanted = [",".join(PRODUCTS.get(_product(nodes.get(key, {})), PRODUCTS[FEED])) for key in group]
        paths = [f"{key}/insights?metric={metric}" for key, metric in zip(group, wanted, strict=True)]
        for key, answer in zip(group, _batch(graph, paths, batches), strict=True):
            if clock.now() - begun > LONGEST:
                return
            yield key, answer


def _batch(graph: Graph, paths: Sequence[str], batches: bool) -> Sequence[Answer]:
    try:
        return graph.batch(paths) if batches else [None] * len(paths)
    except (FewTries, Rejected):
        return [None] * len(paths)


def _product(node: Mapping[str, Any]) -> str:
    return str(node.get("media_product_type") or FEED)


def _insights(graph: Graph, key: str, metrics: list[str], told: Answer) -> Figures | None:
    """None for a post that was not found. A metric refused once is not asked again in this round."""
    if not metrics:
        return {}
    try:
        if isinstance(told, ChannelError):
            raise told
        return _named(graph.get(f"{key}/insights", metric=",".join(metrics)) if told is None else told)
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
            found |= _named(graph.get(f"{key}/insights", metric=metric))
        except Rejected:
            metrics.remove(metric)
        except FewTries:
            continue
    return found


def _named(body: dict[str, Any]) -> Figures:
    return {METRICS[name]: value for name, value in values(body).items() if name in METRICS}


def _nodes(graph: Graph, keys: Sequence[str], batches: bool) -> dict[str, dict[str, Any]]:
    """By id; what was not found is left out. A throttle or a dead login ends the round before it began."""
    found: dict[str, dict[str, Any]] = {}
    for start in range(0, len(keys), BATCH):
        group = keys[start : start + BATCH]
        try:
            nodes: Mapping[str, Any] = graph.get("", ids=",".join(group), fields=FIELDS)
        except (FewTries, Rejected):
            nodes = dict(_one_node_each(graph, group, batches))
        found |= {key: node for key, node in nodes.items() if key in group and isinstance(node, dict)}
    return found


def _one_node_each(graph: Graph, keys: Sequence[str], batches: bool) -> Iterator[tuple[str, Any]]:
    """One post that is gone fails the call for all fifty."""
    answers = _batch(graph, [f"{key}?fields={FIELDS}" for key in keys], batches)
    for key, told in zip(keys, answers, strict=True):
        try:
            yield key, graph.get(key, fields=FIELDS) if told is None else told
        except LoginExpired:
            raise
        except (FewTries, Rejected):
            continue
        except ChannelError:
            return


def _counts(node: Mapping[str, Any]) -> Figures:
    """Nobody likes or comments on a story in public, so its zeros would say nothing."""
    if _product(node) == STORY:
        return {}
    return {ours: node[theirs] for theirs, ours in COUNTERS.items() if isinstance(node.get(theirs), int)}
