"""Signing in: the page where scopes can be unticked, the code, the pair of tokens, the refresh that uses up the old."""

import json
import secrets
from urllib.parse import urlencode, urlsplit

from flask import render_template

from contentdesk.sandbox.platforms.instagram.accounts import WrongAccount, everyone
from contentdesk.sandbox.platforms.tiktok import auth
from contentdesk.sandbox.platforms.tiktok.accounts import open_creator
from contentdesk.sandbox.platforms.tiktok.errors import oauth_error
from contentdesk.sandbox.wire import Call, Refused, Reply

ASKED = ("client_key", "redirect_uri", "response_type", "scope", "state")
NOT_UNTICKED = "user.info.basic"
CODE_LIVES_S = 600.0


def page(call: Call) -> Reply:
    return Reply(_page(call, _asked(call), ""))


def decide(call: Call) -> Reply:
    """The person pressed a button on the page."""
    asked = _asked(call)
    if call.args.get("deny"):
        return _back(asked, {"error": "access_denied", "error_description": "The user denied the request."})
    try:
        account_id = call.args.get("account_id") or _opened(call)
    except WrongAccount:
        return Reply(_page(call, asked, "Nama akun: 1 sampai 30 huruf kecil, angka, titik, atau garis bawah."), 400)
    scopes = [one for one in _scopes(asked) if one == NOT_UNTICKED or call.args.get(f"allow:{one}")]
    code = secrets.token_urlsafe(40) + "*1!4567.va"
    values = (code, account_id, asked["client_key"], asked["redirect_uri"], json.dumps(scopes), call.now)
    call.store.run("INSERT INTO codes VALUES (?, ?, ?, ?, ?, ?, NULL)", *values)
    return _back(asked, {"code": code, "scopes": ",".join(scopes)})


def token(call: Call) -> Reply:
    """Form-encoded. Errors have an envelope of their own, and may come with HTTP 200."""
    args, knobs = call.form, call.knobs
    known = knobs.client_id in ("", args.get("client_key")) and knobs.client_secret in ("", args.get("client_secret"))
    if not args.get("client_key") or not args.get("client_secret") or not known:
        raise _no(call, "invalid_client")
    match args.get("grant_type"):
        case "authorization_code":
            return _for_code(call)
        case "refresh_token":
            return _for_refresh(call)
    raise _no(call, "unsupported_grant_type")


def revoke(call: Call) -> Reply:
    row = call.store.row("SELECT account_id FROM tokens WHERE token = ?", call.form.get("token", ""))
    if row:
        call.store.run("UPDATE tokens SET revoked = 1 WHERE account_id = ?", row["account_id"])
    return Reply({})


def _for_code(call: Call) -> Reply:
    row = call.store.row("SELECT * FROM codes WHERE code = ?", call.form.get("code", ""))
    if row is None or row["used_at"] is not None or call.now > row["issued_at"] + CODE_LIVES_S:
        raise _no(call, "invalid_grant")
    if (row["client_id"], row["redirect_uri"]) != (call.form["client_key"], call.form.get("redirect_uri")):
        raise _no(call, "invalid_grant")
    call.store.run("UPDATE codes SET used_at = ? WHERE code = ?", call.now, row["code"])
    return Reply(auth.issue(call.world, row["account_id"], json.loads(row["scopes"]), call.now))


def _for_refresh(call: Call) -> Reply:
    row = auth.live(call, call.form.get("refresh_token", ""), auth.REFRESH)
    if row is None:
        raise _no(call, "invalid_grant")
    call.store.run("UPDATE tokens SET revoked = 1 WHERE token = ?", row["token"])
    return Reply(auth.issue(call.world, row["account_id"], json.loads(row["scopes"]), call.now))


def _no(call: Call, word: str) -> Refused:
    return Refused(oauth_error(word, 200 if call.knobs.tiktok_errors_as_200 else 400))


def _asked(call: Call) -> dict[str, str]:
    asked = {name: call.args.get(name, "") for name in ASKED}
    target = urlsplit(asked["redirect_uri"])
    known = call.knobs.client_id in ("", asked["client_key"])
    good = target.scheme in ("http", "https") and target.hostname and not target.fragment
    if not (asked["client_key"] and known and good and asked["response_type"] == "code" and asked["scope"]):
        raise Refused(Reply(render_template("wrong_request.html", asked=asked), 400))
    return asked


def _scopes(asked: dict[str, str]) -> list[str]:
    return [scope for scope in asked["scope"].split(",") if scope]


def _page(call: Call, asked: dict[str, str], error: str) -> str:
    people = [(row["id"], row["username"], row["name"]) for row in everyone(call.store, "tiktok")]
    return render_template(
        "tiktok_authorize.html",
        asked=asked,
        accounts=people,
        scopes=_scopes(asked),
        fixed=NOT_UNTICKED,
        error=error,
    )


def _opened(call: Call) -> str:
    username = call.args.get("username", "").strip().lower()
    return str(open_creator(call.store, username, call.args.get("name", ""), 1000, call.now)["id"])


def _back(asked: dict[str, str], values: dict[str, str]) -> Reply:
    values = values | {"state": asked["state"]}
    joint = "&" if urlsplit(asked["redirect_uri"]).query else "?"
    return Reply("", 302, {"Location": f"{asked['redirect_uri']}{joint}{urlencode(values)}"})
