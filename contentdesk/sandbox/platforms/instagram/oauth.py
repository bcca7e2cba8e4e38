"""Signing in: the platform's page, the code, the short token, the long one."""

import json
import secrets
import sqlite3
from urllib.parse import urlencode, urlsplit

from flask import render_template

from contentdesk.sandbox.platforms.instagram import accounts, auth
from contentdesk.sandbox.platforms.instagram.errors import refuse
from contentdesk.sandbox.platforms.instagram.rules import DAY
from contentdesk.sandbox.wire import Call, Refused, Reply

ASKED = ("client_id", "redirect_uri", "response_type", "scope", "state")


def page(call: Call) -> Reply:
    asked = _asked(call)
    everyone = [(row["id"], row["username"], row["name"]) for row in accounts.everyone(call.store)]
    return Reply(_page(asked, everyone, ""))


def _page(asked: dict[str, str], everyone: list[tuple[str, str, str]], error: str) -> str:
    scopes = [scope for scope in asked["scope"].split(",") if scope]
    return render_template("authorize.html", asked=asked, accounts=everyone, scopes=scopes, error=error)


def _asked(call: Call) -> dict[str, str]:
    asked = {name: call.args.get(name, "") for name in ASKED}
    target = urlsplit(asked["redirect_uri"])
    known = call.knobs.client_id in ("", asked["client_id"])
    good = target.scheme in ("http", "https") and target.hostname and asked["response_type"] == "code"
    if not (asked["client_id"] and known and good):
        raise Refused(Reply(render_template("wrong_request.html", asked=asked), 400))
    return asked


def decide(call: Call) -> Reply:
    """The person pressed a button on the page."""
    asked = _asked(call)
    if call.args.get("deny"):
        denied = {"error": "access_denied", "error_reason": "user_denied"}
        return _back(asked, denied | {"error_description": "The user denied your request."})
    try:
        account = _chosen(call)
    except accounts.WrongAccount:
        everyone = [(row["id"], row["username"], row["name"]) for row in accounts.everyone(call.store)]
        wrong = "Nama akun: 1 sampai 30 huruf kecil, angka, titik, atau garis bawah."
        return Reply(_page(asked, everyone, wrong), 400)
    code = "AQ" + secrets.token_urlsafe(60)
    scopes = json.dumps([scope for scope in asked["scope"].split(",") if scope])
    values = (code, account["id"], asked["client_id"], asked["redirect_uri"], scopes, call.now)
    call.store.run("INSERT INTO codes VALUES (?, ?, ?, ?, ?, ?, NULL)", *values)
    return _back(asked, {"code": code})


def _chosen(call: Call) -> sqlite3.Row:
    account_id = call.args.get("account_id")
    if account_id:
        found = call.store.row("SELECT * FROM accounts WHERE id = ?", account_id)
        if found is None:
            raise accounts.WrongAccount("no such account")
        return found
    username = call.args.get("username", "").strip().lower()
    return accounts.find_or_open(call.store, username, call.args.get("name", ""), 1000, call.now)


def _back(asked: dict[str, str], values: dict[str, str]) -> Reply:
    """The platform appends #_ to the address; callers have to live with it."""
    if asked["state"]:
        values = values | {"state": asked["state"]}
    joint = "&" if urlsplit(asked["redirect_uri"]).query else "?"
    location = f"{asked['redirect_uri']}{joint}{urlencode(values)}#_"
    return Reply("", 302, {"Location": location})


def code_to_token(call: Call) -> Reply:
    args = call.args
    row = call.store.row("SELECT * FROM codes WHERE code = ?", args.get("code", "").removesuffix("#_"))
    _check_secret(call, args.get("client_id", ""))
    if args.get("grant_type") != "authorization_code":
        raise _wrong(400, "Invalid grant_type")
    if row is None or row["client_id"] != args.get("client_id"):
        raise _wrong(400, "Invalid authorization code")
    if row["used_at"] is not None:
        raise _wrong(400, "This authorization code has been used")
    if row["redirect_uri"] != args.get("redirect_uri"):
        raise _wrong(400, "Error validating verification code. Use the redirect_uri of the dialog request")
    if call.now > row["issued_at"] + auth.HOUR:
        raise _wrong(400, "This authorization code has expired")
    call.store.run("UPDATE codes SET used_at = ? WHERE code = ?", call.now, row["code"])
    return Reply(_short_token(call, row))


def _short_token(call: Call, row: sqlite3.Row) -> dict[str, object]:
    scopes = json.loads(row["scopes"])
    grant = auth.Grant("instagram", "short", scopes, call.now, auth.SHORT)
    token = auth.issue(call.store, row["account_id"], grant)
    body: dict[str, object] = {
        "access_token": token,
        "user_id": int(row["account_id"]),  # a number here, a text in /me: both are seen
        "permissions": scopes,
    }
    return {"data": [body]} if call.knobs.oauth_wrapped else body


def _check_secret(call: Call, client_id: str) -> None:
    knobs, secret = call.knobs, call.args.get("client_secret", "")
    if (knobs.client_id and client_id != knobs.client_id) or not secret:
        raise _wrong(400, "Invalid platform app")
    if knobs.client_secret and secret != knobs.client_secret:
        raise _wrong(400, "Error validating client secret")


def _wrong(http: int, message: str) -> Refused:
    """api.instagram.com has an envelope of its own."""
    return Refused(Reply({"error_type": "OAuthException", "code": http, "error_message": message}, http))


def exchange(call: Call) -> Reply:
    if call.args.get("grant_type") != "ig_exchange_token":
        raise refuse(call, 100, message="grant_type must be ig_exchange_token")
    secret = call.args.get("client_secret", "")
    if not secret or (call.knobs.client_secret and secret != call.knobs.client_secret):
        raise refuse(call, 101, message="Error validating client secret.")
    token = auth.live_token(call, auth.token_of(call))
    if token["kind"] != "short":
        raise refuse(call, 452, message="Session key invalid. This is not a short-lived token.")
    return _long(call, token)


def refresh(call: Call) -> Reply:
    if call.args.get("grant_type") != "ig_refresh_token":
        raise refuse(call, 100, message="grant_type must be ig_refresh_token")
    token = auth.live_token(call, auth.token_of(call))
    if token["kind"] != "long" or call.now - token["issued_at"] < DAY:
        raise refuse(call, 100, message="The token must be a long-lived one of at least 24 hours.")
    return _long(call, token)


def _long(call: Call, token: sqlite3.Row) -> Reply:
    grant = auth.Grant(token["login"], "long", json.loads(token["scopes"]), call.now, auth.LONG)
    fresh = auth.issue(call.store, token["account_id"], grant)
    body = {"access_token": fresh, "token_type": "bearer", "expires_in": int(auth.LONG)}
    return Reply(body | {"permissions": ",".join(grant.scopes)})
