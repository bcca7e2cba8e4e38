"""Whom an app is told about: `subscribed_apps` of an account signed in here, or of a page."""

import sqlite3
from collections.abc import Callable

from contentdesk.sandbox.platforms.instagram.auth import own_account
from contentdesk.sandbox.platforms.instagram.errors import refuse
from contentdesk.sandbox.store import Store
from contentdesk.sandbox.wire import Call, Reply

SCHEMA = """
CREATE TABLE IF NOT EXISTS subscribed_apps (account_id TEXT PRIMARY KEY, fields TEXT NOT NULL);
"""
FIELDS = frozenset({"comments", "live_comments", "mentions", "messages"})
Owner = Callable[[Call, str], sqlite3.Row]


def of_account(call: Call, node: str) -> Reply:
    if call.host != "graph.instagram.com":
        raise refuse(call, 100, message="Tried accessing nonexisting field (subscribed_apps) on node type (IGUser)")
    return change(call, own_account(call, node, "comments"), FIELDS)


def change(call: Call, account: sqlite3.Row, known: frozenset[str]) -> Reply:
    """Asking again sets the fields anew."""
    if call.method == "GET":
        row = call.store.row("SELECT * FROM subscribed_apps WHERE account_id = ?", account["id"])
        return Reply({"data": [{"id": "1", "subscribed_fields": row["fields"].split(",")}] if row else []})
    if call.method == "DELETE":
        call.store.run("DELETE FROM subscribed_apps WHERE account_id = ?", account["id"])
        return Reply({"success": True})
    fields = [one for one in call.args.get("subscribed_fields", "").split(",") if one]
    if not fields or not set(fields) <= known:
        raise refuse(call, 100, message=f"Param subscribed_fields must be one of {', '.join(sorted(known))}")
    call.store.run("INSERT OR REPLACE INTO subscribed_apps VALUES (?, ?)", account["id"], ",".join(fields))
    return Reply({"success": True})


def has(store: Store, account_id: str) -> bool:
    return store.row("SELECT 1 FROM subscribed_apps WHERE account_id = ?", account_id) is not None
