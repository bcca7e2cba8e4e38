"""What Threads tells: figures of posts and of the account, and replies."""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from contentdesk.channels.abilities import AccountStats, Comment, Comments
from contentdesk.channels.base import ChannelError, LoginExpired, NotAllowed, PartOf, Rejected, Stats, TryLater
from contentdesk.channels.kinds.failing import FewTries
from contentdesk.channels.kinds.instagram_account import last_full_day
from contentdesk.channels.kinds.instagram_comments import newest
from contentdesk.channels.kinds.meta_containers import GONE
from contentdesk.channels.kinds.meta_figures import values
from contentdesk.channels.kinds.meta_find import after_of, moment
from contentdesk.channels.kinds.meta_graph import Graph
from contentdesk.lib import clock

METRICS: Mapping[str, str] = MappingProxyType(
    {"views": "views", "likes": "likes", "replies": "comments", "shares": "shares"}
)
REPLY_FIELDS = "id,text,username,permalink,timestamp,is_reply_owned_by_me"


def measure(graph: Graph, external_ids: Sequence[str]) -> dict[str, Stats]:
    """The platform knows no batches. A limit met halfway ends the round; what was read until then counts."""
    metrics = list(METRICS)
    found: dict[str, Stats] = {}
    refusal: ChannelError | None = None
    for key in external_ids:
        try:
            known = _insights(graph, key, metrics)
        except NotAllowed as error:
            refusal = error
            continue
        except TryLater as error:
            refusal = error
            break
        if known is not None:
            found[key] = Stats(**known)
    if refusal and not found:
        raise refusal
    return PartOf(found) if isinstance(refusal, TryLater) else found


def _insights(graph: Graph, key: str, metrics: list[str]) -> dict[str, int] | None:
    """None for a post that was not found. A metric refused once is not asked again in this round."""
    if not metrics:
        return {}
    try:
        return _named(graph.get(f"{key}/insights", metric=",".join(metrics)))
    except ChannelError as error:
        if error.code in GONE:
            return None
        if not isinstance(error, Rejected | FewTries):
            raise
    return _one_by_one(graph, key, metrics)


def _one_by_one(graph: Graph, key: str, metrics: list[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for metric in tuple(metrics):
        try:
            found |= _named(graph.get(f"{key}/insights", metric=metric))
        except Rejected:
            metrics.remove(metric)
        except FewTries:
            continue
    return found


def _named(body: dict[str, Any]) -> dict[str, int]:
    return {METRICS[name]: value for name, value in values(body).items() if name in METRICS}


def measure_account(graph: Graph, account: str) -> AccountStats:
    """Followers now (that figure takes no period), views of the last full day in Western Indonesia."""
    since, until = last_full_day(clock.now())
    span = {"since": str(int(since.timestamp())), "until": str(int(until.timestamp()))}
    followers = _account(graph, account, "followers_count", {})
    try:
        return AccountStats(followers=followers, views=_account(graph, account, "views", span))
    except TryLater:
        return AccountStats(followers=followers, again=True)


def _account(graph: Graph, account: str, metric: str, span: Mapping[str, str]) -> int | None:
    try:
        return values(graph.get(f"{account}/threads_insights", metric=metric, **span)).get(metric)
    except (LoginExpired, TryLater) as error:
        if not isinstance(error, FewTries):
            raise
    except ChannelError:
        pass
    return None


def replies(graph: Graph, external_id: str) -> Comments:
    rows, whole = newest(_pages(graph, external_id))
    return Comments([told for row in rows if (told := _comment(row))], whole)


def _pages(graph: Graph, external_id: str) -> Iterator[list[Any]]:
    params = {"fields": REPLY_FIELDS, "reverse": "true"}
    while True:
        body = graph.get(f"{external_id}/replies", **params)
        rows = body.get("data")
        yield rows if isinstance(rows, list) else []
        params["after"] = after_of(body)
        if not params["after"]:
            return


def _comment(row: Any) -> Comment | None:
    written_at = moment(row.get("timestamp")) if isinstance(row, dict) and row.get("id") else None
    if written_at is None:
        return None
    return Comment(
        str(row["id"]),
        str(row.get("username") or ""),
        str(row.get("text") or ""),
        written_at,
        row.get("permalink"),
        row.get("is_reply_owned_by_me") is True,
    )
