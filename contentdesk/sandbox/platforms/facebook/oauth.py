"""Signing in with Facebook: the dialog, the code, the short token, the long one, and what was granted."""

import json
import secrets
import sqlite3
from collections.abc import Callable
from urllib.parse import urlencode, urlsplit

from flask import render_template

from contentdesk.sandbox.platforms.facebook import accounts, auth
from contentdesk.sandbox.platforms.facebook.errors import refuse
from contentdesk.sandbox.platforms.facebook.fields import choose
from contentdesk.sandbox.platforms.instagram import paging
from contentdesk.sandbox.platforms.instagram.oauth import asked_of
from contentdesk.sandbox.wire import Call, Reply


def page(call: Call) -> Reply:
    return Reply(_page(call, asked_of(call), ""))


def _page(call: Call, asked: dict[str, str], error: str) -> str:
    people = accounts.everyone(call.store)
    return render_template(
        "facebook_dialog.html", asked=asked, people=people, scopes=_scopes(asked), error=error, action=call.path
    )


def _scopes(asked: dict[str, str]) -> list[str]:
    return [scope for scope in asked["scope"].split(",") if scope]


def decide(call: Call) -> Reply:
    """The person pressed a button. `decline` names scopes that were unticked, `tasks` what a new page's person may."""
    asked = asked_of(call)
    if call.args.get("deny"):
        denied = {"error": "access_denied", "error_reason": "user_denied", "error_code": "200"}
        return _back(asked, denied | {"error_description": "Permissions error"})
    try:
        user = _chosen(call)
    except accounts.WrongAccount:
        wrong = "Nama halaman dan akun: 1 sampai 30 huruf kecil, angka, atau titik."
        return Reply(_page(call, asked, wrong), 400)
    unticked = {name.removeprefix("no_") for name in call.args if name.startswith("no_")}
    granted = [scope for scope in _scopes(asked) if scope not in unticked]
    accounts.grant(call.store, user["id"], granted, sorted(unticked))
    call.store.run("UPDATE fb_users SET allowed_at = ? WHERE id = ?", call.now, user["id"])
    code = "AQ" + secrets.token_urlsafe(60)
    values = (code, user["id"], asked["client_id"], asked["redirect_uri"], json.dumps(granted), call.now)
    call.store.run("INSERT INTO codes VALUES (?, ?, ?, ?, ?, ?, NULL)", *values)
    return _back(asked, {"code": code})


def _chosen(call: Call) -> sqlite3.Row:
    user_id = call.args.get("user_id")
    if user_id:
        found = call.store.row("SELECT * FROM fb_users WHERE id = ?", user_id)
        if found is None:
            raise accounts.WrongAccount("no such person")
        return found
    username = call.args.get("username", "").strip().lower()
    made = accounts.find_or_open_page(call.store, username, call.args.get("name", ""), 1000, call.now)
    accounts.link_instagram(call.store, made["id"], call.args.get("instagram", "").strip().lower(), call.now)
    user = accounts.find_or_open_user(call.store, f"Pengelola {made['name']}", call.now)
    accounts.give_role(call.store, user["id"], made["id"], list(auth.TASKS))
    return user


def _back(asked: dict[str, str], values: dict[str, str]) -> Reply:
    """The platform appends #_=_ to the address; callers have to live with it."""
    if asked["state"]:
        values = values | {"state": asked["state"]}
    joint = "&" if urlsplit(asked["redirect_uri"]).query else "?"
    return Reply("", 302, {"Location": f"{asked['redirect_uri']}{joint}{urlencode(values)}#_=_"})


def access_token(call: Call) -> Reply:
    """One address for the code and for the exchange of a short token into a long one."""
    _check_app(call)
    if call.args.get("grant_type") == "fb_exchange_token":
        return _exchanged(call)
    row = call.store.row("SELECT * FROM codes WHERE code = ?", call.args.get("code", ""))
    if row is None or row["client_id"] != call.args.get("client_id"):
        raise refuse(call, 100, 36007, message="Invalid verification code format.")
    if row["used_at"] is not None:
        raise refuse(call, 100, 36009, message="This authorization code has been used.")
    if row["redirect_uri"] != call.args.get("redirect_uri"):
        raise refuse(call, 100, 36008, message="Error validating verification code.")
    if call.now > row["issued_at"] + auth.HOUR:
        raise refuse(call, 100, 36007, message="This authorization code has expired.")
    call.store.run("UPDATE codes SET used_at = ? WHERE code = ?", call.now, row["code"])
    return _issued(call, row["account_id"], auth.Grant("short", json.loads(row["scopes"]), call.now, auth.SHORT))


def _exchanged(call: Call) -> Reply:
    """A living token, short or long, becomes one of sixty days."""
    token = call.args.get("fb_exchange_token", "")
    row = call.store.row("SELECT * FROM tokens WHERE token = ? AND login = 'facebook'", token)
    if row is None or row["kind"] not in ("short", "long"):
        raise refuse(call, 190)
    if row["revoked"] is not None or row["expires_at"] <= call.now:
        raise refuse(call, 190, row["revoked"] or 463)
    return _issued(call, row["account_id"], auth.Grant("long", json.loads(row["scopes"]), call.now, auth.LONG))


def _issued(call: Call, user_id: str, grant: auth.Grant) -> Reply:
    token = auth.issue(call.store, user_id, grant)
    return Reply({"access_token": token, "token_type": "bearer", "expires_in": int(grant.lifetime_s)})


def _check_app(call: Call) -> None:
    knobs, args = call.knobs, call.args
    if not args.get("client_id") or (knobs.client_id and args["client_id"] != knobs.client_id):
        raise refuse(call, 101, message="Error validating application.")
    if not args.get("client_secret") or (knobs.client_secret and args["client_secret"] != knobs.client_secret):
        raise refuse(call, 1, message="Error validating client secret.")


def permissions(call: Call) -> Reply:
    token = auth.person(call)
    rows = call.store.rows("SELECT * FROM fb_grants WHERE user_id = ? ORDER BY scope", token["account_id"])
    return Reply({"data": [{"permission": row["scope"], "status": row["status"]} for row in rows]})


def pages(call: Call) -> Reply:
    """`/me/accounts`: the pages of a person with their tokens, page by page."""
    user = auth.person(call)
    if "pages_show_list" not in json.loads(user["scopes"]):
        return Reply({"data": []})
    rows = call.store.rows(
        "SELECT a.*, r.tasks FROM fb_roles r JOIN accounts a ON a.id = r.page_id"
        " WHERE r.user_id = ? AND a.id > ? AND a.id NOT IN (SELECT page_id FROM fb_business_pages)"
        " ORDER BY a.id LIMIT ?",
        *(user["account_id"], call.args.get("after", ""), paged(call) + 1),
    )
    return listed(call, rows, lambda row: _page_row(call, user, row))


def listed(call: Call, rows: list[sqlite3.Row], told: Callable[[sqlite3.Row], dict[str, object]]) -> Reply:
    """Rows in the order of their ids, one more than fits: then there is a next page."""
    shown = rows[: paged(call)]
    data = [told(row) for row in shown]
    if not shown:
        return Reply({"data": data})
    more = len(rows) > len(shown)
    return Reply({"data": data, "paging": paging.told(call, shown[0]["id"], shown[-1]["id"], more)})


def paged(call: Call) -> int:
    """So many rows fit on a page."""
    return min(paging.size_of(call), call.knobs.accounts_per_page)


def _page_row(call: Call, user: sqlite3.Row, row: sqlite3.Row) -> dict[str, object]:
    return choose(
        call,
        "Page",
        {
            "id": lambda _: row["id"],
            "name": lambda _: row["name"],
            "category": lambda _: "Community",
            "access_token": lambda _: auth.page_token(call, user, row["id"]),
            "tasks": lambda _: json.loads(row["tasks"]),
            "instagram_business_account": lambda inner: auth.linked(call, user, row["id"], inner),
        },
        call.args.get("fields", "access_token,category,name,tasks"),
    )


def debug_token(call: Call) -> Reply:
    """Asked with the app's own token, `{app id}|{app secret}`."""
    app_id, _, secret = auth.token_of(call).partition("|")
    if not app_id or not secret or (call.knobs.client_secret and secret != call.knobs.client_secret):
        raise refuse(call, 100, message="You must provide an app access token.")
    row = call.store.row("SELECT * FROM tokens WHERE token = ?", call.args.get("input_token", ""))
    if row is not None and row["login"] == "instagram":
        raise refuse(call, 2, message="(#2) Service temporarily unavailable")
    if row is None or row["login"] != "facebook":
        return Reply({"data": {"is_valid": False, "error": {"code": 190, "message": "Malformed access token"}}})
    parent = call.store.row(
        "SELECT t.account_id FROM fb_page_tokens p JOIN tokens t ON t.token = p.user_token WHERE p.token = ?",
        row["token"],
    )
    user_id = parent["account_id"] if parent else row["account_id"]
    user = call.store.row("SELECT allowed_at FROM fb_users WHERE id = ?", user_id)
    told = {
        "app_id": app_id,
        "type": "PAGE" if row["kind"] == "page" else "USER",
        "is_valid": row["revoked"] is None and row["expires_at"] > call.now,
        "expires_at": 0 if row["expires_at"] >= auth.NEVER else int(row["expires_at"]),
        "data_access_expires_at": int((user["allowed_at"] if user else row["issued_at"]) + auth.DATA_ACCESS),
        "scopes": json.loads(row["scopes"]),
        "user_id": user_id,
    }
    return Reply({"data": told | ({"profile_id": row["account_id"]} if parent else {})})
