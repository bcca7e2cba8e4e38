"""An account's posts, newest first, page by page; posts made by hand stand between the others."""

import base64
import binascii
import sqlite3
from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlencode

from contentdesk.sandbox.platforms.instagram.auth import own_account
from contentdesk.sandbox.platforms.instagram.errors import refuse
from contentdesk.sandbox.platforms.instagram.nodes import post_fields
from contentdesk.sandbox.platforms.instagram.rules import DAY
from contentdesk.sandbox.wire import Call, Reply

MOST = 100
Told = Callable[[Call, sqlite3.Row, str], dict[str, object]]


def media(call: Call, node: str) -> Reply:
    account = own_account(call, node, "basic")
    return page(call, account, "product != 'STORY'")


def stories(call: Call, node: str) -> Reply:
    account = own_account(call, node, "basic")
    return page(call, account, f"product = 'STORY' AND created_at > {call.now - DAY:f}")


def page(call: Call, account: sqlite3.Row, condition: str, told: Told = post_fields) -> Reply:
    """`condition` is SQL over a post, never from a caller; `told` picks the fields that were asked for."""
    size = _size(call)
    after, before = _cursor(call, "after"), _cursor(call, "before")
    order = "ASC" if before[0] else "DESC"
    rows = call.store.rows(
        f"SELECT * FROM posts WHERE account_id = ? AND {condition} AND created_at >= ? AND created_at <= ?"  # noqa: S608
        " AND (? = '' OR (created_at, id) < (CAST(? AS REAL), ?))"
        " AND (? = '' OR (created_at, id) > (CAST(? AS REAL), ?))"
        f" ORDER BY created_at {order}, id {order} LIMIT ?",
        account["id"],
        _moment(call, "since", 0),
        _moment(call, "until", call.now),
        *(after[0], *after),
        *(before[0], *before),
        size + 1,
    )
    shown = rows[:size][::-1] if before[0] else rows[:size]
    return Reply(_body(call, shown, told, more=len(rows) > size))


def _size(call: Call) -> int:
    text = call.args.get("limit", "25")
    if not text.isdecimal() or not 1 <= int(text) <= MOST:
        raise refuse(call, 100, message="limit wants 1 to 100.")
    return int(text)


def _moment(call: Call, name: str, otherwise: float) -> float:
    """Unix seconds or ISO time; both are documented."""
    text = call.args.get(name, "")
    if not text:
        return otherwise
    try:
        return float(text) if text.isdecimal() else datetime.fromisoformat(text).timestamp()
    except ValueError as error:
        raise refuse(call, 100, message=f"{name} is no time.") from error


def _mark(post: sqlite3.Row) -> str:
    return base64.urlsafe_b64encode(f"{post['created_at']!r} {post['id']}".encode()).decode()


def _cursor(call: Call, name: str) -> tuple[str, str]:
    text = call.args.get(name, "")
    if not text:
        return "", ""
    try:
        at, _, post_id = base64.urlsafe_b64decode(text).decode().partition(" ")
        float(at)
    except (binascii.Error, ValueError) as error:
        raise refuse(call, 100, message="Invalid cursor.") from error
    return at, post_id


def _body(call: Call, posts: list[sqlite3.Row], told: Told, more: bool) -> dict[str, object]:
    fields = call.args.get("fields", "")
    data = [told(call, post, fields) for post in posts]
    if not posts:
        return {"data": data}
    cursors = {"before": _mark(posts[0]), "after": _mark(posts[-1])}
    paging: dict[str, object] = {"cursors": cursors}
    if more and "before" not in call.args:
        paging["next"] = _next(call, cursors["after"])
    return {"data": data, "paging": paging}


def _next(call: Call, after: str) -> str:
    kept = {name: text for name, text in call.query.items() if name not in ("after", "access_token")}
    return f"https://{call.host}{call.path}?{urlencode(kept | {'after': after})}"
