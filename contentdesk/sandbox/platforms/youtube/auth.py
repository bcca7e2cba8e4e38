"""Channels, their tokens, and the day's quota of the project."""

import base64
import hashlib
import json
import re
import secrets
import sqlite3
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from contentdesk.sandbox.platforms.youtube.errors import refuse
from contentdesk.sandbox.settings import Knobs
from contentdesk.sandbox.store import Store
from contentdesk.sandbox.wire import Call, World

SCHEMA = """
CREATE TABLE IF NOT EXISTS youtube_accounts (
  account_id TEXT PRIMARY KEY, has_channel INTEGER NOT NULL, hides_followers INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS youtube_quota (
  bucket TEXT NOT NULL, day TEXT NOT NULL, used INTEGER NOT NULL, PRIMARY KEY (bucket, day));
"""
BASE = "https://www.googleapis.com/auth/"
UPLOAD, READ, COMMENTS = f"{BASE}youtube.upload", f"{BASE}youtube.readonly", f"{BASE}youtube.force-ssl"
USERNAME = re.compile(r"[\w.-]{1,30}")
HOUR, DAY = 3599.0, 86_400.0
NEVER_ENDS = 100 * 365 * DAY
PACIFIC = ZoneInfo("America/Los_Angeles")


def word_of(*parts: object, length: int) -> str:
    """A word in the form of Google's ids, the same for the same parts."""
    digest = hashlib.sha256(":".join(map(str, parts)).encode()).digest()
    return base64.urlsafe_b64encode(digest).decode()[:length].replace("=", "")


def find_or_open(world: World, wishes: dict[str, Any]) -> sqlite3.Row:
    """The same username is the same channel. `channel` False: a Google account without one."""
    username = str(wishes.get("username", ""))
    if not USERNAME.fullmatch(username):
        raise ValueError("username wants 1 to 30 letters, numbers, . _ or -")
    store, sql = world.store, "SELECT * FROM accounts WHERE platform = 'youtube' AND username = ?"
    found = store.row(sql, username)
    if found is None:
        account_id = "UC" + word_of("channel", store.next_number("youtube_channel"), length=22)
        name, followers = str(wishes.get("name") or username), int(wishes.get("followers", 1000))
        values = (account_id, username, name, followers, world.clock.now())
        store.run("INSERT INTO accounts VALUES (?, 'youtube', ?, ?, ?, ?)", *values)
        found = store.row(sql, username)
    assert found is not None
    has, hides = bool(wishes.get("channel", True)), bool(wishes.get("hides_followers", False))
    store.run("INSERT OR REPLACE INTO youtube_accounts VALUES (?, ?, ?)", found["id"], has, hides)
    return found


def everyone(store: Store) -> list[sqlite3.Row]:
    return store.rows("SELECT * FROM accounts WHERE platform = 'youtube' ORDER BY username")


@dataclass(frozen=True)
class Grant:
    account_id: str
    scopes: list[str]
    now: float


def access_token(store: Store, grant: Grant, lifetime_s: float = HOUR) -> str:
    return _issue(store, grant, "access", "ya29.", lifetime_s)


def refresh_token(store: Store, grant: Grant, knobs: Knobs) -> str:
    """While an app is only being tried out, its refresh tokens end after seven days."""
    days = knobs.youtube_refresh_token_days
    return _issue(store, grant, "refresh", "1//0", days * DAY if days else NEVER_ENDS)


def _issue(store: Store, grant: Grant, kind: str, prefix: str, lifetime_s: float) -> str:
    token = prefix + secrets.token_urlsafe(60)
    values = (token, grant.account_id, kind, json.dumps(grant.scopes), grant.now, grant.now + lifetime_s)
    store.run("INSERT INTO tokens VALUES (?, ?, 'google', ?, ?, ?, ?, NULL)", *values)
    return token


def open_with_token(world: World, wishes: dict[str, Any]) -> dict[str, Any]:
    """For the admin. Also `scopes`, `expires_in`."""
    with world.store.transaction():
        account = find_or_open(world, wishes)
        grant = Grant(account["id"], list(wishes.get("scopes") or (UPLOAD, READ, COMMENTS)), world.clock.now())
        lifetime = float(wishes.get("expires_in", HOUR))
        token = access_token(world.store, grant, lifetime)
        refresh = refresh_token(world.store, grant, world.settings.now())
    return dict(account) | {
        "access_token": token,
        "refresh_token": refresh,
        "expires_at": grant.now + lifetime,
        "scopes": grant.scopes,
    }


def login(call: Call, *scopes: str) -> sqlite3.Row:
    """The account behind the token, which carries one of the scopes. A channel that was deleted leaves it without."""
    token = call.headers.get("Authorization", "").removeprefix("Bearer ")
    row = call.store.row("SELECT * FROM tokens WHERE token = ? AND login = 'google' AND kind = 'access'", token)
    if row is None or row["revoked"] is not None or row["expires_at"] <= call.now:
        raise refuse("authError", 401)
    call.account_id = row["account_id"]
    if not set(scopes) & set(json.loads(row["scopes"])):
        raise refuse("insufficientPermissions", 403)
    account = call.store.row(
        "SELECT y.account_id AS id, a.username, a.name, a.followers, a.created_at, y.hides_followers,"
        " y.has_channel AND a.id IS NOT NULL AS has_channel"
        " FROM youtube_accounts y LEFT JOIN accounts a ON a.id = y.account_id WHERE y.account_id = ?",
        row["account_id"],
    )
    assert account is not None
    return account


def need_channel(store: Store, account_id: str) -> None:
    sql = "SELECT 1 FROM youtube_accounts y JOIN accounts a ON a.id = y.account_id WHERE a.id = ? AND y.has_channel"
    if store.row(sql, account_id) is None:
        raise refuse("youtubeSignupRequired", 401)


def charge(call: Call, bucket: str, most: int) -> None:
    """One call of the project's day, which begins at midnight in California."""
    day = datetime.fromtimestamp(call.now, PACIFIC).date().isoformat()
    sql = "SELECT used FROM youtube_quota WHERE bucket = ? AND day = ?"
    if call.store.number(sql, bucket, day) >= most:
        raise refuse("quotaExceeded", 403)
    call.store.run(
        "INSERT INTO youtube_quota VALUES (?, ?, 1) ON CONFLICT (bucket, day) DO UPDATE SET used = used + 1",
        bucket,
        day,
    )
