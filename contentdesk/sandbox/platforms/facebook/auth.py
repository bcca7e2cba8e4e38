"""Tokens of people and of pages: who calls, whether the token still lives, what it may do."""

import json
import sqlite3
from dataclasses import dataclass

from contentdesk.sandbox.platforms.facebook.errors import refuse
from contentdesk.sandbox.platforms.facebook.fields import choose
from contentdesk.sandbox.platforms.instagram import auth as graph
from contentdesk.sandbox.store import Store
from contentdesk.sandbox.wire import Call

HOUR = 3600.0
DAY = 24 * HOUR
SHORT = 2 * HOUR
LONG = 60 * DAY
NEVER = 4_000_000_000.0
"""A page's token has no end; the column wants a number."""
DATA_ACCESS = 90 * DAY
TASKS = ("ANALYZE", "ADVERTISE", "MESSAGING", "MODERATE", "CREATE_CONTENT", "MANAGE")
SCOPES = (
    "pages_show_list",
    "pages_manage_posts",
    "pages_read_engagement",
    "pages_manage_engagement",
    "pages_read_user_content",
    "pages_manage_metadata",
    "business_management",
    "read_insights",
    "instagram_basic",
    "instagram_content_publish",
    "instagram_manage_comments",
    "instagram_manage_insights",
)


@dataclass(frozen=True)
class Grant:
    kind: str  # short, long: a person's; page
    scopes: list[str]
    issued_at: float
    lifetime_s: float


def issue(store: Store, owner_id: str, grant: Grant, user_token: str = "") -> str:
    shared = graph.Grant("facebook", grant.kind, grant.scopes, grant.issued_at, grant.lifetime_s)
    token = graph.issue(store, owner_id, shared)
    if user_token:
        store.run("INSERT INTO fb_page_tokens VALUES (?, ?)", token, user_token)
    return token


def page_token(call: Call, user: sqlite3.Row, page_id: str) -> str:
    """The same person's token brings the same page token as long as it lives."""
    known = call.store.row(
        "SELECT t.token FROM tokens t JOIN fb_page_tokens p ON p.token = t.token"
        " WHERE t.account_id = ? AND p.user_token = ? AND t.revoked IS NULL",
        page_id,
        user["token"],
    )
    if known:
        return str(known["token"])
    lifetime = NEVER - call.now if user["kind"] == "long" else user["expires_at"] - call.now
    return issue(call.store, page_id, Grant("page", json.loads(user["scopes"]), call.now, lifetime), user["token"])


def linked(call: Call, user: sqlite3.Row, page_id: str, fields: str) -> dict[str, object] | None:
    """The professional account of a page, for a person who may see it."""
    row = call.store.row(
        "SELECT a.* FROM fb_links l JOIN accounts a ON a.id = l.instagram_id WHERE l.page_id = ?", page_id
    )
    if row is None or "instagram_basic" not in json.loads(user["scopes"]):
        return None
    getters = {"id": lambda _: row["id"], "username": lambda _: row["username"], "name": lambda _: row["name"]}
    return choose(call, "IGUser", getters, fields)


def token_of(call: Call) -> str:
    """In the header (two words for it are in use) or among the arguments."""
    word, _, token = call.headers.get("Authorization", "").partition(" ")
    if word.lower() in ("bearer", "oauth"):
        return token.strip()
    return call.args.get("access_token", "")


def live(call: Call) -> sqlite3.Row:
    """A page's token dies with the one of the person it was made from."""
    token = graph.live_token(call, token_of(call))
    parent = call.store.row(
        "SELECT t.* FROM fb_page_tokens p JOIN tokens t ON t.token = p.user_token WHERE p.token = ?", token["token"]
    )
    if parent and parent["revoked"] is not None:
        raise refuse(call, 190, parent["revoked"])
    return token


def person(call: Call) -> sqlite3.Row:
    token = live(call)
    if token["kind"] not in ("short", "long"):
        raise refuse(call, 100, message="A user access token is required to request this resource.")
    return token


def own_page(call: Call, node: str, scope: str, task: str = "") -> sqlite3.Row:
    """The page behind a page token that carries the scope, held by a person who has the task."""
    token = live(call)
    if token["kind"] != "page":
        raise refuse(call, 210, http=403)
    page = call.store.row("SELECT * FROM accounts WHERE id = ? AND platform = 'facebook'", token["account_id"])
    if page is None or node not in ("me", page["id"]):
        raise refuse(call, 100, 33)
    if scope not in json.loads(token["scopes"]):
        raise refuse(call, 200, http=403)
    if task and task not in _tasks(call, token):
        raise refuse(call, 200, http=403)
    return page


def _tasks(call: Call, token: sqlite3.Row) -> list[str]:
    row = call.store.row(
        "SELECT r.tasks FROM fb_page_tokens p JOIN tokens t ON t.token = p.user_token"
        " JOIN fb_roles r ON r.user_id = t.account_id AND r.page_id = ? WHERE p.token = ?",
        token["account_id"],
        token["token"],
    )
    return list(json.loads(row["tasks"])) if row else []
