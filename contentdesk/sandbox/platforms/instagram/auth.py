"""Tokens: who calls, whether the token still lives, what it may do."""

import json
import secrets
import sqlite3
from dataclasses import dataclass

from contentdesk.sandbox.platforms.instagram.errors import refuse
from contentdesk.sandbox.platforms.instagram.rules import DAY
from contentdesk.sandbox.store import Store
from contentdesk.sandbox.wire import Call

HOUR = 3600.0
SHORT = HOUR
LONG = 60 * DAY

# What a call needs -> the name of the scope in each of the two ways to sign in.
SCOPES = {
    "instagram": {
        "basic": "instagram_business_basic",
        "publish": "instagram_business_content_publish",
        "comments": "instagram_business_manage_comments",
        "insights": "instagram_business_manage_insights",
    },
    "facebook": {
        "basic": "instagram_basic",
        "publish": "instagram_content_publish",
        "comments": "instagram_manage_comments",
        "insights": "instagram_manage_insights",
    },
    "threads": {
        "basic": "threads_basic",
        "publish": "threads_content_publish",
        "comments": "threads_read_replies",
        "insights": "threads_manage_insights",
    },
}
LOGIN_OF_HOST = {
    "graph.instagram.com": "instagram",
    "graph.facebook.com": "facebook",
    "graph.threads.net": "threads",
    "graph.threads.com": "threads",
}
PREFIX = {"instagram": "IGAA", "facebook": "EAAG", "threads": "THAA"}


@dataclass(frozen=True)
class Grant:
    login: str
    kind: str
    scopes: list[str]
    issued_at: float
    lifetime_s: float


def issue(store: Store, account_id: str, grant: Grant) -> str:
    token = PREFIX[grant.login] + secrets.token_urlsafe(90)
    store.run(
        "INSERT INTO tokens (token, account_id, login, kind, scopes, issued_at, expires_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        token,
        account_id,
        grant.login,
        grant.kind,
        json.dumps(grant.scopes),
        grant.issued_at,
        grant.issued_at + grant.lifetime_s,
    )
    return token


def token_of(call: Call) -> str:
    bearer = call.headers.get("Authorization", "")
    if bearer.lower().startswith("bearer "):
        return bearer[7:].strip()
    return call.args.get("access_token", "")


def live_token(call: Call, token: str) -> sqlite3.Row:
    if not token:
        raise refuse(call, 2500, message="An active access token must be used to query information.")
    row = call.store.row("SELECT * FROM tokens WHERE token = ?", token)
    if row is None or LOGIN_OF_HOST.get(call.host, row["login"]) != row["login"]:
        raise refuse(call, 190)
    call.account_id = row["account_id"]
    if row["revoked"] is not None:
        raise refuse(call, 190, row["revoked"])
    if row["expires_at"] <= call.now:
        raise refuse(call, 190, 463)
    return row


def login(call: Call, need: str) -> sqlite3.Row:
    """The account behind the token, if the token carries the scope that is needed."""
    token = live_token(call, token_of(call))
    scope = SCOPES[token["login"]][need]
    if scope not in json.loads(token["scopes"]):
        raise refuse(call, 10, http=403, message=f"Application does not have permission: {scope}")
    account = call.store.row("SELECT * FROM accounts WHERE id = ?", call.on_behalf or token["account_id"])
    if account is None:
        raise refuse(call, 190, 458)
    return account


def own_account(call: Call, node: str, need: str) -> sqlite3.Row:
    account = login(call, need)
    if node not in ("me", account["id"]):
        raise refuse(call, 100, 33)
    return account
