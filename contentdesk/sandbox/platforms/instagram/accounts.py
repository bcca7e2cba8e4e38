"""Pretend accounts, opened by the admin or on the sign-in page."""

import re
import sqlite3
from typing import Any

from contentdesk.sandbox.platforms.instagram import auth
from contentdesk.sandbox.store import Store
from contentdesk.sandbox.wire import World

USERNAME = re.compile(r"[a-z0-9._]{1,30}")
FIRST_ID = 17_841_400_000_000_000


class WrongAccount(ValueError):
    """Says what is wrong with the wish."""


def find_or_open(
    store: Store, username: str, name: str, followers: int, now: float, platform: str = "instagram"
) -> sqlite3.Row:
    """The same username is the same account, so that seeding twice changes nothing."""
    if not USERNAME.fullmatch(username):
        raise WrongAccount("username wants 1 to 30 of a-z 0-9 . _")
    found = store.row("SELECT * FROM accounts WHERE platform = ? AND username = ?", platform, username)
    if found is None:
        account_id = str(FIRST_ID + 7919 * store.next_number("account"))
        store.run(
            "INSERT INTO accounts VALUES (?, ?, ?, ?, ?, ?)",
            account_id,
            platform,
            username,
            name or username,
            followers,
            now,
        )
        found = store.row("SELECT * FROM accounts WHERE id = ?", account_id)
    assert found is not None
    return found


def everyone(store: Store, platform: str = "instagram") -> list[sqlite3.Row]:
    return store.rows("SELECT * FROM accounts WHERE platform = ? ORDER BY username", platform)


def open_with_token(
    world: World,
    wishes: dict[str, Any],
    platform: str = "instagram",
    ways: tuple[str, ...] = ("instagram", "facebook"),
) -> dict[str, Any]:
    """For the admin: `login` is one of the ways to sign in, `token_age_s` makes a token that is already older."""
    way = str(wishes.get("login", ways[0]))
    if way not in ways:
        raise WrongAccount(f"login wants {' or '.join(ways)}")
    now = world.clock.now()
    scopes = [str(scope) for scope in wishes.get("scopes") or auth.SCOPES[way].values()]
    lifetime = float(wishes.get("expires_in", auth.LONG))
    issued = now - float(wishes.get("token_age_s", 0))
    with world.store.transaction():
        account = find_or_open(
            world.store,
            str(wishes.get("username", "")),
            str(wishes.get("name", "")),
            int(wishes.get("followers", 1000)),
            now,
            platform,
        )
        grant = auth.Grant(way, "long", scopes, issued, lifetime)
        token = auth.issue(world.store, account["id"], grant)
    return {
        "id": account["id"],
        "user_id": account["id"],
        "username": account["username"],
        "name": account["name"],
        "followers": account["followers"],
        "access_token": token,
        "token_type": "bearer",
        "expires_in": int(issued + lifetime - now),
        "expires_at": issued + lifetime,
        "scopes": scopes,
    }
