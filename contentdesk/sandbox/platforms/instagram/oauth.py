"""Signing in: the platform's page, the code, the short token, the long one. Threads does it in the same way."""

import json
import secrets
import sqlite3
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from flask import render_template

from contentdesk.sandbox.platforms.instagram import accounts, auth
from contentdesk.sandbox.platforms.instagram.errors import refuse
from contentdesk.sandbox.platforms.instagram.rules import DAY
from contentdesk.sandbox.wire import Call, Refused, Reply

ASKED = ("client_id", "redirect_uri", "response_type", "scope", "state")


@dataclass(frozen=True)
class Door:
    """Where one platform lets people in. `prefix` begins the names of its grant types."""

    platform: str
    action: str
    prefix: str
    tells_scopes: bool = True

    def page(self, call: Call) -> Reply:
        return Reply(self._page(call, asked_of(call), ""))

    def _page(self, call: Call, asked: dict[str, str], error: str) -> str:
        known = accounts.everyone(call.store, self.platform)
        scopes = [scope for scope in asked["scope"].split(",") if scope]
        return render_template(
            "authorize.html",
            asked=asked,
            accounts=[(row["id"], row["username"], row["name"]) for row in known],
            scopes=scopes,
            error=error,
            action=self.action,
        )

    def decide(self, call: Call) -> Reply:
        """The person pressed a button on the page."""
        asked = asked_of(call)
        if call.args.get("deny"):
            denied = {"error": "access_denied", "error_reason": "user_denied"}
            return _back(asked, denied | {"error_description": "The user denied your request."})
        try:
            account = self._chosen(call)
        except accounts.WrongAccount:
            wrong = "Nama akun: 1 sampai 30 huruf kecil, angka, titik, atau garis bawah."
            return Reply(self._page(call, asked, wrong), 400)
        code = "AQ" + secrets.token_urlsafe(60)
        scopes = json.dumps([scope for scope in asked["scope"].split(",") if scope])
        values = (code, account["id"], asked["client_id"], asked["redirect_uri"], scopes, call.now)
        call.store.run("INSERT INTO codes VALUES (?, ?, ?, ?, ?, ?, NULL)", *values)
        return _back(asked, {"code": code})

    def _chosen(self, call: Call) -> sqlite3.Row:
        account_id = call.args.get("account_id")
        if account_id:
            found = call.store.row("SELECT * FROM accounts WHERE id = ? AND platform = ?", account_id, self.platform)
            if found is None:
                raise accounts.WrongAccount("no such account")
            return found
        username = call.args.get("username", "").strip().lower()
        return accounts.find_or_open(call.store, username, call.args.get("name", ""), 1000, call.now, self.platform)

    def code_to_token(self, call: Call) -> Reply:
        row = _good_code(call)
        call.store.run("UPDATE codes SET used_at = ? WHERE code = ?", call.now, row["code"])
        return Reply(self._short_token(call, row))

    def _short_token(self, call: Call, row: sqlite3.Row) -> dict[str, object]:
        scopes = json.loads(row["scopes"])
        grant = auth.Grant(self.platform, "short", scopes, call.now, auth.SHORT)
        token = auth.issue(call.store, row["account_id"], grant)
        # The id is a number here, a text in /me: both are seen.
        body: dict[str, object] = {"access_token": token, "user_id": int(row["account_id"])}
        body |= {"permissions": scopes} if self.tells_scopes else {}
        return {"data": [body]} if call.knobs.oauth_wrapped else body

    def exchange(self, call: Call) -> Reply:
        if call.args.get("grant_type") != f"{self.prefix}_exchange_token":
            raise refuse(call, 100, message=f"grant_type must be {self.prefix}_exchange_token")
        secret = call.args.get("client_secret", "")
        if not secret or (call.knobs.client_secret and secret != call.knobs.client_secret):
            raise refuse(call, 101, message="Error validating client secret.")
        token = auth.live_token(call, auth.token_of(call))
        if token["kind"] != "short":
            raise refuse(call, 452, message="Session key invalid. This is not a short-lived token.")
        return self._long(call, token)

    def refresh(self, call: Call) -> Reply:
        if call.args.get("grant_type") != f"{self.prefix}_refresh_token":
            raise refuse(call, 100, message=f"grant_type must be {self.prefix}_refresh_token")
        token = auth.live_token(call, auth.token_of(call))
        if token["kind"] != "long" or call.now - token["issued_at"] < DAY:
            raise refuse(call, 100, message="The token must be a long-lived one of at least 24 hours.")
        return self._long(call, token)

    def _long(self, call: Call, token: sqlite3.Row) -> Reply:
        grant = auth.Grant(token["login"], "long", json.loads(token["scopes"]), call.now, auth.LONG)
        fresh = auth.issue(call.store, token["account_id"], grant)
        body = {"access_token": fresh, "token_type": "bearer", "expires_in": int(auth.LONG)}
        return Reply(body | ({"permissions": ",".join(grant.scopes)} if self.tells_scopes else {}))


INSTAGRAM = Door("instagram", "/www.instagram.com/oauth/authorize", "ig")


def asked_of(call: Call) -> dict[str, str]:
    asked = {name: call.args.get(name, "") for name in ASKED}
    target = urlsplit(asked["redirect_uri"])
    known = call.knobs.client_id in ("", asked["client_id"])
    good = target.scheme in ("http", "https") and target.hostname and asked["response_type"] == "code"
    if not (asked["client_id"] and known and good):
        raise Refused(Reply(render_template("wrong_request.html", asked=asked), 400))
    return asked


def _back(asked: dict[str, str], values: dict[str, str]) -> Reply:
    """The platform appends #_ to the address; callers have to live with it."""
    if asked["state"]:
        values = values | {"state": asked["state"]}
    joint = "&" if urlsplit(asked["redirect_uri"]).query else "?"
    location = f"{asked['redirect_uri']}{joint}{urlencode(values)}#_"
    return Reply("", 302, {"Location": location})


def _good_code(call: Call) -> sqlite3.Row:
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
    return row


def _check_secret(call: Call, client_id: str) -> None:
    knobs, secret = call.knobs, call.args.get("client_secret", "")
    if (knobs.client_id and client_id != knobs.client_id) or not secret:
        raise _wrong(400, "Invalid platform app")
    if knobs.client_secret and secret != knobs.client_secret:
        raise _wrong(400, "Error validating client secret")


def _wrong(http: int, message: str) -> Refused:
    """api.instagram.com has an envelope of its own."""
    return Refused(Reply({"error_type": "OAuthException", "code": http, "error_message": message}, http))
