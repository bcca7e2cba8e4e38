"""Pretend people and their pages, opened by the admin or on the sign-in page."""

import json
import re
import sqlite3
from typing import Any

from contentdesk.sandbox.platforms.facebook import auth
from contentdesk.sandbox.platforms.instagram import accounts as instagram
from contentdesk.sandbox.store import Store
from contentdesk.sandbox.wire import World

USERNAME = re.compile(r"[a-z0-9.]{1,50}")
FIRST_PAGE = 615_500_000_000_000
FIRST_USER = 122_100_000_000_000
FIRST_BUSINESS = 701_500_000_000_000
BUSINESS_EDGES = ("owned_pages", "client_pages")
SOMEBODY = "Pengelola Latihan"


WrongAccount = instagram.WrongAccount


def find_or_open_page(store: Store, username: str, name: str, followers: int, now: float) -> sqlite3.Row:
    """The same username is the same page, so that seeding twice changes nothing."""
    if not USERNAME.fullmatch(username):
        raise WrongAccount("username wants 1 to 50 of a-z 0-9 .")
    found = store.row("SELECT * FROM accounts WHERE platform = 'facebook' AND username = ?", username)
    if found is None:
        page_id = str(FIRST_PAGE + 7919 * store.next_number("fb_page"))
        values = (page_id, username, name or username, followers, now)
        store.run("INSERT INTO accounts VALUES (?, 'facebook', ?, ?, ?, ?)", *values)
        found = store.row("SELECT * FROM accounts WHERE id = ?", page_id)
    assert found is not None
    return found


def find_or_open_user(store: Store, name: str, now: float) -> sqlite3.Row:
    found = store.row("SELECT * FROM fb_users WHERE name = ?", name)
    if found is None:
        user_id = str(FIRST_USER + 6_700_417 * store.next_number("fb_user"))
        store.run("INSERT INTO fb_users VALUES (?, ?, ?)", user_id, name, now)
        found = store.row("SELECT * FROM fb_users WHERE id = ?", user_id)
    assert found is not None
    return found


def put_under(store: Store, name: str, edge: str, user_id: str, page_id: str) -> str:
    """The same name is the same business. `edge`: one of `BUSINESS_EDGES`."""
    if edge not in BUSINESS_EDGES:
        raise ValueError(f"business_edge wants one of {', '.join(BUSINESS_EDGES)}")
    found = store.row("SELECT id FROM fb_businesses WHERE name = ?", name)
    business_id = str(found["id"]) if found else str(FIRST_BUSINESS + 7919 * store.next_number("fb_business"))
    store.run("INSERT OR IGNORE INTO fb_businesses VALUES (?, ?)", business_id, name)
    store.run("INSERT OR IGNORE INTO fb_business_people VALUES (?, ?)", business_id, user_id)
    store.run("INSERT OR REPLACE INTO fb_business_pages VALUES (?, ?, ?)", page_id, business_id, edge)
    return business_id


def give_role(store: Store, user_id: str, page_id: str, tasks: list[str]) -> None:
    store.run("INSERT OR REPLACE INTO fb_roles VALUES (?, ?, ?)", user_id, page_id, json.dumps(tasks))


def grant(store: Store, user_id: str, scopes: list[str], declined: list[str] | None = None) -> None:
    for status, names in (("granted", scopes), ("declined", declined or [])):
        for scope in names:
            store.run("INSERT OR REPLACE INTO fb_grants VALUES (?, ?, ?)", user_id, scope, status)


def everyone(store: Store) -> list[tuple[str, str, str]]:
    """(id, name, names of the pages) of all people."""
    rows = store.rows(
        "SELECT u.id, u.name, group_concat(a.name, ', ') AS pages FROM fb_users u"
        " LEFT JOIN fb_roles r ON r.user_id = u.id LEFT JOIN accounts a ON a.id = r.page_id"
        " GROUP BY u.id ORDER BY u.name"
    )
    return [(row["id"], row["name"], row["pages"] or "") for row in rows]


def open_with_token(world: World, wishes: dict[str, Any]) -> dict[str, Any]:
    """For the admin: a page and a person who runs it, with long-lived tokens of both.

    `user` (a name), `tasks`, `scopes`, `instagram` (username of the linked account), `business` and `business_edge`
    (the page stands under that business alone), `token_age_s`, `expires_in`.
    """
    store, now = world.store, world.clock.now()
    scopes = [str(scope) for scope in wishes.get("scopes") or auth.SCOPES]
    lifetime = float(wishes.get("expires_in", auth.LONG))
    issued = now - float(wishes.get("token_age_s", 0))
    name, username = str(wishes.get("name", "")), str(wishes.get("username", ""))
    with store.transaction():
        page = find_or_open_page(store, username, name, int(wishes.get("followers", 1000)), now)
        user = find_or_open_user(store, str(wishes.get("user", SOMEBODY)), issued)
        give_role(store, user["id"], page["id"], [str(task) for task in wishes.get("tasks", auth.TASKS)])
        grant(store, user["id"], scopes)
        if business := str(wishes.get("business", "")):
            edge = str(wishes.get("business_edge", BUSINESS_EDGES[0]))
            put_under(store, business, edge, user["id"], page["id"])
        linked = link_instagram(store, page["id"], str(wishes.get("instagram", "")), now)
        user_token = auth.issue(store, user["id"], auth.Grant("long", scopes, issued, lifetime))
        for_page = auth.Grant("page", scopes, issued, auth.NEVER - issued)
        token = auth.issue(store, page["id"], for_page, user_token)
    told = {"id": page["id"], "username": page["username"], "name": page["name"], "followers": page["followers"]}
    tokens = {"access_token": token, "user_token": user_token, "expires_at": None}
    return told | tokens | {"user_id": user["id"], "scopes": scopes, "instagram_id": linked}


def link_instagram(store: Store, page_id: str, username: str, now: float) -> str | None:
    if not username:
        return linked_instagram(store, page_id)
    account = instagram.find_or_open(store, username, username, 1000, now)
    store.run("INSERT OR REPLACE INTO fb_links VALUES (?, ?)", page_id, account["id"])
    return str(account["id"])


def linked_instagram(store: Store, page_id: str) -> str | None:
    row = store.row("SELECT instagram_id FROM fb_links WHERE page_id = ?", page_id)
    return str(row["instagram_id"]) if row else None
