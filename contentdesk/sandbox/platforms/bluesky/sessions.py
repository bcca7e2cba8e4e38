"""Accounts, app passwords, and sessions that end after two hours and are renewed with a key that works once."""

import base64
import json
import re
import secrets
import sqlite3
from typing import Any

from contentdesk.sandbox import keeping
from contentdesk.sandbox.platforms.bluesky.errors import refuse
from contentdesk.sandbox.store import Store
from contentdesk.sandbox.wire import Call, Reply, World

HANDLE = re.compile(r"[a-z0-9][a-z0-9.-]{1,60}")
ACCESS_S = 2 * 3600.0
REFRESH_S = 90 * 86_400.0
PDS = "https://pds.latihan.test"
ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"


def open_with_password(world: World, wishes: dict[str, Any]) -> dict[str, Any]:
    """For the admin: an app password, and a session that is `token_age_s` old."""
    handle, now = str(wishes.get("username", "")), world.clock.now()
    if not HANDLE.fullmatch(handle):
        raise ValueError("username wants 2 to 61 of a-z 0-9 . -")
    with world.store.transaction():
        name, followers = str(wishes.get("name") or handle), int(wishes.get("followers", 1000))
        known = world.store.row("SELECT id FROM accounts WHERE platform = 'bluesky' AND username = ?", handle)
        did = known["id"] if known else f"did:plc:{''.join(secrets.choice(ALPHABET) for _ in range(24))}"
        account = keeping.find_or_open(world.store, keeping.Person("bluesky", did, handle, name, followers), now)
        password = "-".join(secrets.token_hex(2) for _ in range(4))
        keeping.give(world.store, keeping.Key(password, did, handle, "password", [], now))
        session = _session(world.store, account, now - float(wishes.get("token_age_s", 0)))
    return {
        "id": did,
        "username": handle,
        "password": password,
        "access_token": session["accessJwt"],
        "refresh_token": session["refreshJwt"],
        "expires_at": now + ACCESS_S,
    }


def _session(store: Store, account: sqlite3.Row, now: float) -> dict[str, Any]:
    made = {}
    for name, kind, lifetime in (("accessJwt", "access", ACCESS_S), ("refreshJwt", "refresh", REFRESH_S)):
        token = _jwt(account["id"], kind, now, lifetime)
        made[name] = keeping.give(store, keeping.Key(token, account["id"], "", kind, [], now, lifetime))
    return made


def _jwt(did: str, kind: str, now: float, lifetime_s: float) -> str:
    claims = {"scope": f"com.atproto.{kind}", "sub": did, "iat": int(now), "exp": int(now + lifetime_s)}
    parts = ({"typ": "at+jwt", "alg": "ES256K"}, claims | {"jti": secrets.token_hex(8)})
    return ".".join(_coded(part) for part in parts) + "." + secrets.token_urlsafe(32)


def _coded(part: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


def create(call: Call) -> Reply:
    name, password = call.args.get("identifier", ""), call.args.get("password", "")
    account = call.store.row("SELECT * FROM accounts WHERE platform = 'bluesky' AND ? IN (username, id)", name)
    sql = "SELECT 1 FROM tokens WHERE token = ? AND account_id = ? AND kind = 'password' AND revoked IS NULL"
    if account is None or call.store.row(sql, password, account["id"]) is None:
        raise refuse("AuthenticationRequired", 401, "Invalid identifier or password")
    return _told(account, _session(call.store, account, call.now))


def refresh(call: Call) -> Reply:
    """The old pair is over at once; the real server keeps the old key good for a while."""
    token = live(call, "refresh")
    call.store.run("UPDATE tokens SET revoked = 1 WHERE token = ?", token["token"])
    account = account_of(call, token)
    return _told(account, _session(call.store, account, call.now))


def _told(account: sqlite3.Row, session: dict[str, Any]) -> Reply:
    service = {"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": PDS}
    about = {"did": account["id"], "handle": account["username"], "active": True}
    return Reply(about | session | {"didDoc": {"id": account["id"], "service": [service]}})


def show(call: Call) -> Reply:
    account = account_of(call, live(call, "access"))
    return Reply({"did": account["id"], "handle": account["username"], "active": True})


def live(call: Call, kind: str) -> sqlite3.Row:
    scheme, _, token = call.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise refuse("AuthMissing", 401)
    row = call.store.row("SELECT * FROM tokens WHERE token = ? AND kind = ?", token, kind)
    if row is None or row["revoked"] is not None:
        raise refuse("ExpiredToken" if row else "InvalidToken", 400)
    call.account_id = row["account_id"]
    if row["expires_at"] <= call.now:
        raise refuse("ExpiredToken", 400)
    return row


def account_of(call: Call, token: sqlite3.Row) -> sqlite3.Row:
    row = call.store.row("SELECT * FROM accounts WHERE id = ?", token["account_id"])
    if row is None:
        raise refuse("InvalidToken", 400)
    return row


def caller(call: Call) -> sqlite3.Row:
    return account_of(call, live(call, "access"))


def resolve(call: Call) -> Reply:
    handle = call.args.get("handle", "")
    row = call.store.row("SELECT id FROM accounts WHERE platform = 'bluesky' AND username = ?", handle)
    if row is None:
        raise refuse("InvalidRequest", 400, "Unable to resolve handle")
    return Reply({"did": row["id"]})
