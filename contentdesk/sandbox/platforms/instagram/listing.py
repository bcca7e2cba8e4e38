"""An account's posts, newest first, page by page; posts made by hand stand between the others."""

import sqlite3
from collections.abc import Callable
from datetime import datetime

from contentdesk.sandbox.platforms.instagram import paging
from contentdesk.sandbox.platforms.instagram.auth import own_account
from contentdesk.sandbox.platforms.instagram.errors import refuse
from contentdesk.sandbox.platforms.instagram.nodes import post_fields
from contentdesk.sandbox.platforms.instagram.rules import DAY
from contentdesk.sandbox.wire import Call, Reply

Told = Callable[[Call, sqlite3.Row, str], dict[str, object]]


def media(call: Call, node: str) -> Reply:
    account = own_account(call, node, "basic")
    return page(call, account, "product != 'STORY'")


def stories(call: Call, node: str) -> Reply:
    account = own_account(call, node, "basic")
    return page(call, account, f"product = 'STORY' AND created_at > {call.now - DAY:f}")


def page(call: Call, account: sqlite3.Row, condition: str, told: Told = post_fields) -> Reply:
    """`condition` is SQL over a post, never from a caller; `told` picks the fields that were asked for."""
    size = paging.size_of(call)
    after, before = paging.place(call, "after"), paging.place(call, "before")
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


def _moment(call: Call, name: str, otherwise: float) -> float:
    """Unix seconds or ISO time; both are documented."""
    text = call.args.get(name, "")
    if not text:
        return otherwise
    try:
        return float(text) if text.isdecimal() else datetime.fromisoformat(text).timestamp()
    except ValueError as error:
        raise refuse(call, 100, message=f"{name} is no time.") from error


def _body(call: Call, posts: list[sqlite3.Row], told: Told, more: bool) -> dict[str, object]:
    fields = call.args.get("fields", "")
    data = [told(call, post, fields) for post in posts]
    if not posts:
        return {"data": data}
    more = more and "before" not in call.args
    return {"data": data, "paging": paging.told(call, paging.mark(posts[0]), paging.mark(posts[-1]), more)}
