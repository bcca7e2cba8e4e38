"""Pretend creators, opened by the admin or on the sign-in page, and what they switch in the app."""

import hashlib
import sqlite3
from typing import Any

from contentdesk.sandbox.keeping import Person, find_or_open
from contentdesk.sandbox.platforms.instagram.accounts import USERNAME, WrongAccount
from contentdesk.sandbox.platforms.tiktok import auth
from contentdesk.sandbox.store import Store
from contentdesk.sandbox.wire import World

SWITCHES = ("nickname", "private", "comment_off", "duet_off", "stitch_off", "max_seconds", "banned")


def open_creator(store: Store, username: str, name: str, followers: int, now: float) -> sqlite3.Row:
    if not USERNAME.fullmatch(username):
        raise WrongAccount("username wants 1 to 30 of a-z 0-9 . _")
    open_id = "-000" + hashlib.sha256(f"tiktok:{username}".encode()).hexdigest()[:32]
    account = find_or_open(store, Person("tiktok", open_id, username, name or username, followers), now)
    sql = "INSERT OR IGNORE INTO tiktok_creators (account_id, nickname) VALUES (?, ?)"
    store.run(sql, account["id"], account["name"])
    return account


def creator_of(store: Store, account_id: str) -> sqlite3.Row:
    found = store.row("SELECT * FROM tiktok_creators WHERE account_id = ?", account_id)
    assert found is not None
    return found


def open_with_token(world: World, wishes: dict[str, Any]) -> dict[str, Any]:
    """For the admin: `scopes`, `token_age_s`, and any switch of the app (`private`, `max_seconds`, …)."""
    now = world.clock.now()
    with world.store.transaction():
        account = open_creator(
            world.store,
            str(wishes.get("username", "")),
            str(wishes.get("name", "")),
            int(wishes.get("followers", 1000)),
            now,
        )
        change(world, {"account_id": account["id"]} | {name: wishes[name] for name in SWITCHES if name in wishes})
        scopes = [str(scope) for scope in wishes.get("scopes") or auth.SCOPES]
        pair = auth.issue(world, account["id"], scopes, now - float(wishes.get("token_age_s", 0)))
    told = {"id": account["id"], "username": account["username"], "name": account["name"]}
    return told | pair | {"expires_at": now + float(pair["expires_in"]), "scopes": scopes}


def change(world: World, wishes: dict[str, Any]) -> dict[str, Any]:
    """What the person switches in the app."""
    account_id = str(wishes["account_id"])
    for name in SWITCHES:
        if name in wishes:
            # The name is one of those above, never a caller's.
            world.store.run(f"UPDATE tiktok_creators SET {name} = ? WHERE account_id = ?", wishes[name], account_id)  # noqa: S608
    return dict(creator_of(world.store, account_id))
