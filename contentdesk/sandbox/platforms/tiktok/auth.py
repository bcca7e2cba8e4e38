"""Tokens: an access token of hours, a refresh token that is used up; scopes; calls in a minute."""

import json
import secrets
import sqlite3
from typing import Any

from contentdesk.sandbox.keeping import Key, give
from contentdesk.sandbox.platforms.tiktok.errors import refuse
from contentdesk.sandbox.platforms.tiktok.schema import MINUTE
from contentdesk.sandbox.wire import Call, World

SCOPES = ("user.info.basic", "user.info.profile", "user.info.stats", "video.list", "video.upload", "video.publish")
ACCESS, REFRESH = "access", "refresh"


def issue(world: World, account_id: str, scopes: list[str], issued_at: float) -> dict[str, Any]:
    """A new pair, as the token endpoint tells it."""
    knobs, now = world.settings.now(), world.clock.now()
    lifetimes = {ACCESS: knobs.tiktok_token_s, REFRESH: knobs.tiktok_refresh_s}
    tokens = {ACCESS: "act." + secrets.token_urlsafe(48), REFRESH: "rft." + secrets.token_urlsafe(48)}
    for kind, token in tokens.items():
        give(world.store, Key(token, account_id, "tiktok", kind, scopes, issued_at, lifetimes[kind]))
    return {
        "access_token": tokens[ACCESS],
        "expires_in": int(issued_at + lifetimes[ACCESS] - now),
        "open_id": account_id,
        "refresh_token": tokens[REFRESH],
        "refresh_expires_in": int(issued_at + lifetimes[REFRESH] - now),
        "scope": ",".join(scopes),
        "token_type": "Bearer",
    }


def live(call: Call, token: str, kind: str) -> sqlite3.Row | None:
    row = call.store.row("SELECT * FROM tokens WHERE token = ? AND login = 'tiktok' AND kind = ?", token, kind)
    return row if row and row["revoked"] is None and row["expires_at"] > call.now else None


def login(call: Call, *scopes: str) -> sqlite3.Row:
    """The account behind the token, if the token carries one of the scopes."""
    bearer = call.headers.get("Authorization", "")
    token = live(call, bearer.removeprefix("Bearer "), ACCESS) if bearer.startswith("Bearer ") else None
    if token is None:
        raise refuse(call, "access_token_invalid")
    call.account_id = token["account_id"]
    if not set(scopes) & set(json.loads(token["scopes"])):
        raise refuse(call, "scope_not_authorized")
    account = call.store.row("SELECT * FROM accounts WHERE id = ?", token["account_id"])
    if account is None:
        raise refuse(call, "access_token_invalid")
    return account


def scopes_of(call: Call) -> set[str]:
    token = live(call, call.headers.get("Authorization", "").removeprefix("Bearer "), ACCESS)
    return set(json.loads(token["scopes"])) if token else set()


def limited(call: Call, per_minute: int) -> None:
    """So many calls of this path in a rolling minute for each account; refused ones count too."""
    sql = "SELECT count(*) FROM calls WHERE account_id = ? AND path = ? AND at > ?"
    if call.store.number(sql, call.account_id, call.path, call.now - MINUTE) >= per_minute:
        raise refuse(call, "rate_limit_exceeded")


def body_of(call: Call) -> dict[str, Any]:
    """The JSON body, {} when there is none."""
    if not call.raw:
        return {}
    try:
        body = json.loads(call.raw)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise refuse(call, "invalid_params", "The body must be a JSON object.")
    return body
