"""Apps, the sign-in page, codes with PKCE, tokens that never end."""

import base64
import hashlib
import json
import re
import secrets
import sqlite3
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import render_template

from contentdesk.sandbox import calls, keeping
from contentdesk.sandbox.platforms.mastodon.errors import refuse
from contentdesk.sandbox.store import Store
from contentdesk.sandbox.wire import Call, Refused, Reply, World

SCHEMA = """
CREATE TABLE IF NOT EXISTS mastodon_apps (
  client_id TEXT PRIMARY KEY, client_secret TEXT NOT NULL, host TEXT NOT NULL, name TEXT NOT NULL,
  redirect_uris TEXT NOT NULL, scopes TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS mastodon_challenges (code TEXT PRIMARY KEY, challenge TEXT NOT NULL);
"""
HOSTS = ("mastodon.latihan.test", "sosial.latihan.test", "mastodon.social")
SCOPES = ("read:accounts", "read:statuses", "write:statuses", "write:media")
USERNAME = re.compile(r"[a-z0-9_]{1,30}")
FIRST_ACCOUNT = 109_300_000_000_000_000
ASKED = ("client_id", "redirect_uri", "response_type", "scope", "state", "code_challenge", "code_challenge_method")
CODE_S = 600.0
LIMIT_S = 300.0


def open_with_token(world: World, wishes: dict[str, Any]) -> dict[str, Any]:
    """For the admin. `scopes` may be fewer than all."""
    username, host = str(wishes.get("username", "")), str(wishes.get("host", HOSTS[0]))
    now = world.clock.now()
    with world.store.transaction():
        account = find_or_open(world.store, host, username, str(wishes.get("name", "")), now)
        token = issue(world.store, account["id"], wishes.get("scopes") or list(SCOPES), now)
    return {
        "id": account["id"],
        "username": username,
        "server": f"https://{host}",
        "account": number_of(account["id"]),
        "access_token": token,
        "expires_at": now + keeping.NEVER_ENDS,
    }


def find_or_open(store: Store, host: str, username: str, name: str, now: float) -> sqlite3.Row:
    if not USERNAME.fullmatch(username) or host not in HOSTS:
        raise ValueError(f"username wants 1 to 30 of a-z 0-9 _, host {', '.join(HOSTS)}")
    full = f"{username}@{host}"
    known = store.row("SELECT * FROM accounts WHERE platform = 'mastodon' AND username = ?", full)
    number = 0 if known else FIRST_ACCOUNT + 7919 * store.next_number("mastodon_account")
    person = keeping.Person("mastodon", f"{host}#{number}", full, name or username, 800)
    return keeping.find_or_open(store, person, now)


def number_of(account_id: str) -> str:
    return account_id.partition("#")[2]


def issue(store: Store, account_id: str, scopes: list[str], now: float) -> str:
    token = secrets.token_urlsafe(32)
    return keeping.give(store, keeping.Key(token, account_id, "", "access", scopes, now))


def caller(call: Call, scope: str) -> sqlite3.Row:
    """The account behind the token, if the token may do this. A broad scope (`write`) holds the narrow ones."""
    scheme, _, token = call.headers.get("Authorization", "").partition(" ")
    row = call.store.row("SELECT * FROM tokens WHERE token = ? AND kind = 'access' AND revoked IS NULL", token)
    account = row and call.store.row("SELECT * FROM accounts WHERE id = ?", row["account_id"])
    if scheme.lower() != "bearer" or row is None or account is None or not account["id"].startswith(f"{call.host}#"):
        raise refuse(call, 401)
    call.account_id = account["id"]
    if used(call) >= call.knobs.mastodon_calls:
        raise refuse(call, 429)
    if not {scope, scope.partition(":")[0]} & set(json.loads(row["scopes"])):
        raise refuse(call, 403)
    return account


def used(call: Call) -> int:
    """Calls of the account in the last five minutes, without this one."""
    return calls.count_since(call.store, call.now - LIMIT_S, call.account_id) if call.account_id else 0


def make_app(call: Call) -> Reply:
    args = call.args
    if not args.get("client_name") or not args.get("redirect_uris"):
        raise refuse(call, 422)
    client_id, client_secret = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
    values = (
        client_id,
        client_secret,
        call.host,
        args["client_name"],
        args["redirect_uris"],
        args.get("scopes", "read"),
    )
    call.store.run("INSERT INTO mastodon_apps VALUES (?, ?, ?, ?, ?, ?)", *values)
    return Reply({"name": args["client_name"], "client_id": client_id, "client_secret": client_secret})


def page(call: Call) -> Reply:
    return Reply(_page(call, _asked(call), ""))


def _page(call: Call, asked: dict[str, str], error: str) -> str:
    like = f"%@{call.host}"
    rows = call.store.rows("SELECT * FROM accounts WHERE platform = 'mastodon' AND username LIKE ?", like)
    return render_template(
        "authorize.html",
        asked=asked,
        accounts=[(row["id"], row["username"], row["name"]) for row in rows],
        scopes=asked["scope"].split(),
        error=error,
        action=f"/{call.host}/oauth/authorize",
    )


def _asked(call: Call) -> dict[str, str]:
    asked = {name: call.args.get(name, "") for name in ASKED}
    app = _app(call, asked["client_id"])
    known = app and asked["redirect_uri"] in app["redirect_uris"].split()
    fits = app and set(asked["scope"].split()) <= set(app["scopes"].split())
    if not known or not fits or asked["response_type"] != "code" or asked["code_challenge_method"] not in ("", "S256"):
        raise Refused(Reply(render_template("wrong_request.html", asked=asked), 400))
    return asked


def _app(call: Call, client_id: str) -> sqlite3.Row | None:
    return call.store.row("SELECT * FROM mastodon_apps WHERE client_id = ? AND host = ?", client_id, call.host)


def decide(call: Call) -> Reply:
    """The person pressed a button on the page."""
    asked = _asked(call)
    if call.args.get("deny"):
        return _back(asked, {"error": "access_denied"})
    try:
        account = _chosen(call)
    except ValueError:
        return Reply(_page(call, asked, "Nama akun: 1 sampai 30 huruf kecil, angka, atau garis bawah."), 400)
    code = secrets.token_urlsafe(32)
    scopes = json.dumps(asked["scope"].split())
    values = (code, account["id"], asked["client_id"], asked["redirect_uri"], scopes, call.now)
    call.store.run("INSERT INTO codes VALUES (?, ?, ?, ?, ?, ?, NULL)", *values)
    call.store.run("INSERT INTO mastodon_challenges VALUES (?, ?)", code, asked["code_challenge"])
    return _back(asked, {"code": code})


def _chosen(call: Call) -> sqlite3.Row:
    account_id = call.args.get("account_id", "")
    known = call.store.row("SELECT * FROM accounts WHERE id = ? AND platform = 'mastodon'", account_id)
    return known or find_or_open(call.store, call.host, call.args.get("username", "").strip().lower(), "", call.now)


def _back(asked: dict[str, str], values: dict[str, str]) -> Reply:
    joint = "&" if urlsplit(asked["redirect_uri"]).query else "?"
    kept = {"state": asked["state"]} if asked["state"] else {}
    return Reply("", 302, {"Location": f"{asked['redirect_uri']}{joint}{urlencode(values | kept)}"})


def token(call: Call) -> Reply:
    args, app = call.args, _app(call, call.args.get("client_id", ""))
    if app is None or app["client_secret"] != args.get("client_secret"):
        raise Refused(Reply({"error": "invalid_client", "error_description": "Klien tidak dikenal"}, 401))
    row = call.store.row(
        "SELECT c.*, m.challenge FROM codes c JOIN mastodon_challenges m ON m.code = c.code WHERE c.code = ?",
        args.get("code", ""),
    )
    if row is None or not _fits(call, row):
        raise Refused(Reply({"error": "invalid_grant", "error_description": "Izin sudah tidak berlaku"}, 400))
    call.store.run("UPDATE codes SET used_at = ? WHERE code = ?", call.now, row["code"])
    scopes = json.loads(row["scopes"])
    made = issue(call.store, row["account_id"], scopes, call.now)
    return Reply({"access_token": made, "token_type": "Bearer", "scope": " ".join(scopes), "created_at": int(call.now)})


def _fits(call: Call, row: sqlite3.Row) -> bool:
    args = call.args
    digest = hashlib.sha256(args.get("code_verifier", "").encode()).digest()
    proof = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    fresh = row["used_at"] is None and call.now <= row["issued_at"] + CODE_S
    ours = (row["client_id"], row["redirect_uri"]) == (args.get("client_id"), args.get("redirect_uri"))
    return fresh and ours and (not row["challenge"] or row["challenge"] == proof)
