"""Google's sign-in: each permission may be unticked, the code wants the verifier of its challenge."""

import base64
import hashlib
import json
import secrets
import sqlite3
from urllib.parse import urlencode, urlsplit

from flask import render_template

from contentdesk.sandbox.platforms.youtube import auth
from contentdesk.sandbox.wire import Call, Refused, Reply

SCHEMA = """
CREATE TABLE IF NOT EXISTS youtube_codes (
  code TEXT PRIMARY KEY, account_id TEXT NOT NULL, asked TEXT NOT NULL, scopes TEXT NOT NULL,
  issued_at REAL NOT NULL, used_at REAL);
"""
ASKED = ("client_id", "redirect_uri", "response_type", "scope", "state", "access_type", "prompt")
PROOF = ("code_challenge", "code_challenge_method")
CODE_LIVES_S = 600.0


def page(call: Call) -> Reply:
    return Reply(_page(call, _asked(call), ""))


def _page(call: Call, asked: dict[str, str], error: str) -> str:
    accounts = [(row["id"], row["username"], row["name"]) for row in auth.everyone(call.store)]
    return render_template(
        "google_consent.html", asked=asked, accounts=accounts, scopes=asked["scope"].split(), error=error
    )


def _asked(call: Call) -> dict[str, str]:
    asked = {name: call.args.get(name, "") for name in (*ASKED, *PROOF)}
    target = urlsplit(asked["redirect_uri"])
    known = call.knobs.client_id in ("", asked["client_id"])
    good = target.scheme in ("http", "https") and target.hostname and asked["response_type"] == "code"
    proof = not asked["code_challenge"] or asked["code_challenge_method"] in ("S256", "plain")
    if not (asked["client_id"] and known and good and proof):
        raise Refused(Reply(render_template("wrong_request.html", asked=asked), 400))
    return asked


def decide(call: Call) -> Reply:
    """The person pressed a button on the page."""
    asked = _asked(call)
    if call.args.get("deny"):
        return _back(asked, {"error": "access_denied"})
    scopes = [scope for place, scope in enumerate(asked["scope"].split()) if call.args.get(f"grant_{place}")]
    try:
        account_id = call.args.get("account_id") or auth.find_or_open(call.world, _typed(call))["id"]
    except ValueError:
        wrong = "Nama akun: 1 sampai 30 huruf, angka, titik, garis bawah, atau tanda hubung."
        return Reply(_page(call, asked, wrong), 400)
    code = "4/0A" + secrets.token_urlsafe(50)
    values = (code, account_id, json.dumps(asked), json.dumps(scopes), call.now)
    call.store.run("INSERT INTO youtube_codes VALUES (?, ?, ?, ?, ?, NULL)", *values)
    return _back(asked, {"code": code, "scope": " ".join(scopes)})


def _typed(call: Call) -> dict[str, object]:
    username = call.args.get("username", "").strip().lower()
    return {"username": username, "channel": not call.args.get("no_channel")}


def _back(asked: dict[str, str], values: dict[str, str]) -> Reply:
    joint = "&" if urlsplit(asked["redirect_uri"]).query else "?"
    location = f"{asked['redirect_uri']}{joint}{urlencode({'state': asked['state']} | values)}"
    return Reply("", 302, {"Location": location})


def token(call: Call) -> Reply:
    knobs, args = call.knobs, call.args
    if knobs.client_secret and args.get("client_secret") != knobs.client_secret:
        raise _wrong("invalid_client", 401)
    if args.get("grant_type") == "authorization_code":
        return _for_code(call)
    if args.get("grant_type") == "refresh_token":
        return _for_refresh(call)
    raise _wrong("unsupported_grant_type")


def _for_code(call: Call) -> Reply:
    row = call.store.row("SELECT * FROM youtube_codes WHERE code = ?", call.args.get("code", ""))
    if row is None or row["used_at"] is not None or call.now > row["issued_at"] + CODE_LIVES_S:
        raise _wrong("invalid_grant")
    asked = json.loads(row["asked"])
    if any(call.args.get(name) != asked[name] for name in ("client_id", "redirect_uri")):
        raise _wrong("redirect_uri_mismatch")
    if not _proves(call.args.get("code_verifier", ""), asked):
        raise _wrong("invalid_grant")
    call.store.run("UPDATE youtube_codes SET used_at = ? WHERE code = ?", call.now, row["code"])
    grant = auth.Grant(row["account_id"], json.loads(row["scopes"]), call.now)
    body = _access(call, grant)
    if asked["access_type"] == "offline" and asked["prompt"] == "consent":
        body["refresh_token"] = auth.refresh_token(call.store, grant, call.knobs)
    return Reply(body)


def _proves(verifier: str, asked: dict[str, str]) -> bool:
    if not asked["code_challenge"]:
        return True
    if asked["code_challenge_method"] == "plain":
        return verifier == asked["code_challenge"]
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=") == asked["code_challenge"]


def _for_refresh(call: Call) -> Reply:
    """The refresh token stays the same, so the answer has none."""
    row = _refresh_token(call)
    if row is None:
        raise _wrong("invalid_grant")
    return Reply(_access(call, auth.Grant(row["account_id"], json.loads(row["scopes"]), call.now)))


def _refresh_token(call: Call) -> sqlite3.Row | None:
    sql = "SELECT * FROM tokens WHERE token = ? AND kind = 'refresh' AND revoked IS NULL AND expires_at > ?"
    return call.store.row(sql, call.args.get("refresh_token", ""), call.now)


def _access(call: Call, grant: auth.Grant) -> dict[str, object]:
    return {
        "access_token": auth.access_token(call.store, grant),
        "expires_in": int(auth.HOUR),
        "scope": " ".join(grant.scopes),
        "token_type": "Bearer",
    }


def _wrong(word: str, http: int = 400) -> Refused:
    return Refused(Reply({"error": word, "error_description": "Bad Request"}, http))
