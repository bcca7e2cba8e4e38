"""The book of calls: what came in, what was answered, whether it had an effect. Secrets are masked."""

import json
import re
import sqlite3
from typing import Any

from contentdesk.sandbox.clock import stamp
from contentdesk.sandbox.store import Store
from contentdesk.sandbox.wire import Call, step_of

SECRET = {
    "access_token",
    "upload_token",
    "client_secret",
    "code",
    "fb_exchange_token",
    "input_token",
    "password",
    "upload_id",
    "code_verifier",
    "refresh_token",
    "hub.secret",
    "hub.verify_token",
}
KEY_IN_PATH = re.compile(r"(?<=/bot)\d[^/]*(?=[^/]{4}(/|$))")
KEPT = 50_000


def mask(values: dict[str, str]) -> dict[str, str]:
    return {name: f"…{text[-4:]}" if name in SECRET else text for name, text in values.items()}


def mask_path(path: str) -> str:
    """Of a key that stands in the path, the end alone."""
    return KEY_IN_PATH.sub("…", path)


def record(call: Call, status: int, committed: bool, fault: str | None) -> None:
    """Status 0 means: the connection was closed without a reply."""
    store = call.store
    with store.transaction():
        store.run(
            "INSERT INTO calls (at, method, host, path, query, form, status, committed, fault, account_id)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            call.now,
            call.method,
            call.host,
            mask_path(call.path),
            json.dumps(mask(call.query)),
            json.dumps(mask(call.form)),
            status,
            committed,
            fault,
            call.account_id,
        )
        store.run("DELETE FROM calls WHERE id <= (SELECT max(id) FROM calls) - ?", KEPT)


def listing(store: Store, host: str = "", path: str = "", method: str = "") -> list[dict[str, Any]]:
    """Oldest first. `path` is a regular expression that is searched for."""
    rows = store.rows(
        "SELECT * FROM calls WHERE (? = '' OR host = ?) AND (? = '' OR method = upper(?)) ORDER BY id",
        host,
        host,
        method,
        method,
    )
    wanted = re.compile(path)
    return [_told(dict(row)) for row in rows if wanted.search(row["path"]) or wanted.search(_step(row))]


def _step(row: sqlite3.Row) -> str:
    return step_of(row["path"], json.loads(row["query"]) | json.loads(row["form"]))


def latest(store: Store, count: int) -> list[dict[str, Any]]:
    return [_told(dict(row)) for row in store.rows("SELECT * FROM calls ORDER BY id DESC LIMIT ?", count)]


def count_since(store: Store, since: float, account_id: str | None = None) -> int:
    if account_id is None:
        return store.number("SELECT count(*) FROM calls WHERE at > ?", since)
    return store.number("SELECT count(*) FROM calls WHERE at > ? AND account_id = ?", since, account_id)


def _told(row: dict[str, Any]) -> dict[str, Any]:
    return row | {
        "time": stamp(row["at"]),
        "query": json.loads(row["query"]),
        "form": json.loads(row["form"]),
        "committed": bool(row["committed"]),
    }
