"""Lists of a Graph host, page by page: how many, from where, and the address of the next page."""

import base64
import binascii
import sqlite3
from urllib.parse import urlencode

from contentdesk.sandbox.platforms.instagram.errors import refuse
from contentdesk.sandbox.wire import Call

MOST = 100


def size_of(call: Call) -> int:
    text = call.args.get("limit", "25")
    if not text.isdecimal() or not 1 <= int(text) <= MOST:
        raise refuse(call, 100, message="limit wants 1 to 100.")
    return int(text)


def mark(row: sqlite3.Row) -> str:
    """A row as a place in its list."""
    return base64.urlsafe_b64encode(f"{row['created_at']!r} {row['id']}".encode()).decode()


def place(call: Call, name: str) -> tuple[str, str]:
    """Moment and id of the mark that came back as `after` or `before`; empty where none did."""
    text = call.args.get(name, "")
    if not text:
        return "", ""
    try:
        at, _, row_id = base64.urlsafe_b64decode(text).decode().partition(" ")
        float(at)
    except (binascii.Error, ValueError) as error:
        raise refuse(call, 100, message="Invalid cursor.") from error
    return at, row_id


def told(call: Call, before: str, after: str, more: bool) -> dict[str, object]:
    paging: dict[str, object] = {"cursors": {"before": before, "after": after}}
    if more:
        kept = {name: text for name, text in call.query.items() if name not in ("after", "access_token")}
        paging["next"] = f"https://{call.host}{call.path}?{urlencode(kept | {'after': after})}"
    return paging
