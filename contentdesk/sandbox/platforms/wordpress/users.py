"""Users of the sites and their application passwords."""

import json
import re
import secrets
import sqlite3
from base64 import b64decode
from typing import Any

from contentdesk.sandbox import keeping
from contentdesk.sandbox.platforms.wordpress.errors import refuse
from contentdesk.sandbox.store import Store
from contentdesk.sandbox.wire import Call, Reply, World

USERNAME = re.compile(r"[A-Za-z0-9._@-]{1,60}")
HOSTS = ("blog.latihan.test", "www.blog.latihan.test", "situs.latihan.test")
RIGHTS = {
    "administrator": ["publish_posts", "upload_files", "manage_categories", "edit_posts"],
    "editor": ["publish_posts", "upload_files", "manage_categories", "edit_posts"],
    "author": ["publish_posts", "upload_files", "edit_posts"],
    "contributor": ["edit_posts"],
    "subscriber": [],
}


def open_with_password(world: World, wishes: dict[str, Any]) -> dict[str, Any]:
    """For the admin: `host` is the site, `role` what the user may do there."""
    username, host = str(wishes.get("username", "")), str(wishes.get("host", HOSTS[0]))
    role = str(wishes.get("role", "editor"))
    if not USERNAME.fullmatch(username) or role not in RIGHTS or host not in HOSTS:
        raise ValueError(f"username wants letters and digits, role {', '.join(RIGHTS)}, host {', '.join(HOSTS)}")
    now = world.clock.now()
    with world.store.transaction():
        account = find_or_open(world.store, host, username, str(wishes.get("name") or username), now)
        letters = secrets.token_hex(12)
        password = " ".join(letters[start : start + 4] for start in range(0, 24, 4))
        keeping.give(world.store, keeping.Key(letters, account["id"], username, host, RIGHTS[role], now))
    return {
        "id": account["id"],
        "username": username,
        "site": f"https://{host}",
        "access_token": password,
        "expires_at": now + keeping.NEVER_ENDS,
    }


def find_or_open(store: Store, host: str, username: str, name: str, now: float) -> sqlite3.Row:
    """Two sites may each have a user of the same name, so here the name stands with its site."""
    full = f"{username}@{host}"
    known = store.row("SELECT * FROM accounts WHERE platform = 'wordpress' AND username = ?", full)
    number = 0 if known else store.next_number("wordpress_user")
    return keeping.find_or_open(store, keeping.Person("wordpress", f"{host}#{number}", full, name, 300), now)


def number_of(account_id: str) -> int:
    return int(account_id.partition("#")[2])


def caller(call: Call) -> sqlite3.Row | None:
    """The token behind the Basic header; a password's blanks mean nothing. With a user its passwords go."""
    scheme, _, coded = call.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, _, password = b64decode(coded).decode().partition(":")
    except ValueError:
        return None
    token = call.store.row(
        "SELECT t.* FROM tokens t JOIN accounts a ON a.id = t.account_id"
        " WHERE t.token = ? AND t.login = ? AND t.kind = ? AND t.revoked IS NULL",
        re.sub(r"[^A-Za-z0-9]", "", password),
        name,
        call.host,
    )
    call.account_id = token["account_id"] if token else None
    return token


def allowed(call: Call, right: str, word: str) -> str:
    """The account's id. Nobody signed in is 401, somebody without the right 403."""
    token = caller(call)
    if token is None:
        raise refuse(call, word, 401)
    if right not in json.loads(token["scopes"]):
        raise refuse(call, word, 403)
    return str(token["account_id"])


def me(call: Call) -> Reply:
    token = caller(call)
    if token is None:
        raise refuse(call, "rest_not_logged_in", 401)
    account = call.store.row("SELECT * FROM accounts WHERE id = ?", token["account_id"])
    assert account is not None
    body: dict[str, object] = {"id": number_of(account["id"]), "name": account["name"], "slug": token["login"]}
    if call.args.get("context") == "edit":
        body |= {"username": token["login"], "capabilities": dict.fromkeys(json.loads(token["scopes"]), True)}
    return Reply(body)
