"""What the answers of several platforms say of what is used up. Nothing here raises, whatever a header holds."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from contentdesk.channels.kinds.meta_errors import Means, meaning
from contentdesk.channels.kinds.meta_graph import codes
from contentdesk.channels.kinds.servers import LONGEST_WAIT, asked_wait, header
from contentdesk.channels.quotas import Counts, Scope, Usage
from contentdesk.lib.http import Reply

UNSAID = timedelta(minutes=1)
"""Refused without a word about when: asked again after it."""
OF_THE_APP = frozenset({4, 341})
HOURLY = timedelta(minutes=5)
"""The limits of Graph are those of a rolling hour, so some room comes back all the time."""
FULL = 100


def refused(reply: Reply) -> tuple[Usage, ...]:
    """Too many calls, as HTTP itself says it (RFC 6585, 9110)."""
    if reply.status == 429:
        return (Usage(Scope.ACCOUNT, 1.0, asked_wait(reply) or UNSAID),)
    if reply.status == 503 and header(reply, "Retry-After"):
        return (Usage(Scope.ACCOUNT, 1.0, asked_wait(reply)),)
    return ()


def remaining(reply: Reply, prefix: str, least: int = 1) -> tuple[Usage, ...]:
    """`<prefix>-Limit`, `-Remaining` and `-Reset`, as many servers have them. A limit below `least` says nothing."""
    limit, left = (_whole(header(reply, f"{prefix}-{name}")) for name in ("Limit", "Remaining"))
    if reply.status == 429 or limit is None or left is None or limit < least:
        return refused(reply)
    return (Usage(Scope.ACCOUNT, 1 - min(left, limit) / limit, asked_wait(reply)),)


def graph(reply: Reply) -> tuple[Usage, ...]:
    """The headers of the Graph platforms, their codes for a limit, and their answer about the posts of a day."""
    found = [*_of_headers(reply), *_of_code(reply)]
    if b"quota_usage" in reply.body:
        found += _of_posts(reply)
    return tuple(found) or refused(reply)


def _of_headers(reply: Reply) -> Iterator[Usage]:
    app = _object(header(reply, "X-App-Usage"))
    if app:
        yield _in_percent(Scope.APP, app)
    for row in (_object(header(reply, "X-Page-Usage")), *_use_cases(header(reply, "X-Business-Use-Case-Usage"))):
        if row:
            yield _in_percent(Scope.ACCOUNT, row)


def _in_percent(scope: Scope, row: Mapping[str, Any]) -> Usage:
    """The worst of the three; minutes until there is access again, where there is none now."""
    worst = max(_number(row.get(name)) for name in ("call_count", "total_cputime", "total_time"))
    minutes = _number(row.get("estimated_time_to_regain_access"))
    if minutes > 0:
        return Usage(scope, 1.0, min(timedelta(minutes=minutes), LONGEST_WAIT))
    return Usage(scope, worst / FULL, HOURLY)


def _use_cases(text: str) -> Iterator[Mapping[str, Any]]:
    for rows in _object(text).values():
        if isinstance(rows, list):
            yield from (row for row in rows if isinstance(row, dict))


def _of_code(reply: Reply) -> Iterator[Usage]:
    if reply.status < 400:
        return
    code, subcode = codes(reply.json())
    found = meaning(code, subcode) if code else None
    if found is None or found.means is not Means.LIMIT:
        return
    scope = Scope.APP if code in OF_THE_APP else Scope.ACCOUNT
    counts = Counts.POSTS if code == 9 else Counts.CALLS
    wait = found.after if counts is Counts.POSTS else HOURLY
    yield Usage(scope, 1.0, asked_wait(reply) or wait, counts)


def _of_posts(reply: Reply) -> Sequence[Usage]:
    body = reply.json()
    rows = body.get("data") if isinstance(body, dict) else None
    row = rows[0] if isinstance(rows, list) and rows and isinstance(rows[0], dict) else {}
    config = row.get("config")
    total = _number(config.get("quota_total")) if isinstance(config, dict) else 0
    if total <= 0:
        return ()
    return (Usage(Scope.ACCOUNT, _number(row.get("quota_usage")) / total, timedelta(hours=1), Counts.POSTS),)


def host_of(address: str) -> str:
    """As a name for a server; empty for what is no address."""
    try:
        return urlsplit(address).netloc.lower()
    except ValueError:
        return ""


def _object(text: str) -> dict[str, Any]:
    if not text:
        return {}
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _number(value: Any) -> float:
    return float(value) if type(value) in (int, float) and 0 <= value < 10**9 else 0.0


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 12 else None
