"""Figures of an Instagram account: followers and posts now, views and reach of the last full day."""

from datetime import datetime, timedelta

from contentdesk.channels.abilities import AccountStats
from contentdesk.channels.base import ChannelError, LoginExpired, TryLater
from contentdesk.channels.kinds.failing import FewTries
from contentdesk.channels.kinds.meta_figures import values
from contentdesk.channels.kinds.meta_graph import Graph
from contentdesk.lib import clock

METRICS = ("views", "reach")
DAY = timedelta(days=1)


def measure_account(graph: Graph, account: str) -> AccountStats:
    """The day is the one of Western Indonesia (UTC+7): [midnight, midnight) before today."""
    node = graph.get_own("followers_count,media_count")
    try:
        known, again = _insights(graph, account, *last_full_day(clock.now())), False
    except TryLater:
        known, again = {}, True
    return AccountStats(
        followers=_count(node.get("followers_count")),
        posts=_count(node.get("media_count")),
        reach=known.get("reach"),
        views=known.get("views"),
        again=again,
    )


def last_full_day(now: datetime) -> tuple[datetime, datetime]:
    """Yesterday in Western Indonesia, as [from, until)."""
    today = now.astimezone(clock.WIB).replace(hour=0, minute=0, second=0, microsecond=0)
    return today - DAY, today


def _insights(graph: Graph, account: str, since: datetime, until: datetime) -> dict[str, int]:
    """One refused metric fails the call for all, so each is then asked alone. Raises TryLater."""
    span = {"since": str(int(since.timestamp())), "until": str(int(until.timestamp()))}
    try:
        return _asked(graph, account, ",".join(METRICS), span)
    except (LoginExpired, TryLater) as error:
        if not isinstance(error, FewTries):
            raise
    except ChannelError:
        pass
    return {name: value for metric in METRICS for name, value in _one(graph, account, metric, span).items()}


def _one(graph: Graph, account: str, metric: str, span: dict[str, str]) -> dict[str, int]:
    try:
        return _asked(graph, account, metric, span)
    except LoginExpired:
        raise
    except ChannelError:
        return {}


def _asked(graph: Graph, account: str, metric: str, span: dict[str, str]) -> dict[str, int]:
    body = graph.get(f"{account}/insights", metric=metric, period="day", metric_type="total_value", **span)
    return values(body)


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
