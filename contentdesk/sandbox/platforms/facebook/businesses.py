"""Business Manager: pages that a person has through a business stand under it, and not in `/me/accounts`."""

import json
import sqlite3

from contentdesk.sandbox.platforms.facebook import auth
from contentdesk.sandbox.platforms.facebook.errors import refuse
from contentdesk.sandbox.platforms.facebook.fields import choose
from contentdesk.sandbox.platforms.facebook.oauth import listed, paged
from contentdesk.sandbox.wire import Call, Reply

SCOPE = "business_management"


def of_person(call: Call) -> Reply:
    user = _person(call)
    rows = call.store.rows(
        "SELECT b.* FROM fb_business_people p JOIN fb_businesses b ON b.id = p.business_id"
        " WHERE p.user_id = ? AND b.id > ? ORDER BY b.id LIMIT ?",
        *(user["account_id"], call.args.get("after", ""), paged(call) + 1),
    )
    return listed(call, rows, lambda row: _business(call, row))


def _business(call: Call, row: sqlite3.Row) -> dict[str, object]:
    getters = {"id": lambda _: row["id"], "name": lambda _: row["name"]}
    return choose(call, "Business", getters, call.args.get("fields", "id,name"))


def pages(call: Call, business_id: str, edge: str) -> Reply:
    user = _person(call)
    mine = "SELECT 1 FROM fb_business_people WHERE business_id = ? AND user_id = ?"
    if call.store.row(mine, business_id, user["account_id"]) is None:
        raise refuse(call, 100, 33)
    rows = call.store.rows(
        "SELECT a.*, r.tasks FROM fb_business_pages b JOIN accounts a ON a.id = b.page_id"
        " LEFT JOIN fb_roles r ON r.page_id = a.id AND r.user_id = ?"
        " WHERE b.business_id = ? AND b.edge = ? AND a.id > ? ORDER BY a.id LIMIT ?",
        *(user["account_id"], business_id, edge, call.args.get("after", ""), paged(call) + 1),
    )
    return listed(call, rows, lambda row: _page(call, user, row))


def _page(call: Call, user: sqlite3.Row, row: sqlite3.Row) -> dict[str, object]:
    """As any page: what one may do there is told in `/me/accounts` alone. No token without a role."""
    has_role = bool(row["tasks"]) and json.loads(row["tasks"]) != []
    getters = {
        "id": lambda _: row["id"],
        "name": lambda _: row["name"],
        "access_token": lambda _: auth.page_token(call, user, row["id"]) if has_role else None,
        "instagram_business_account": lambda inner: auth.linked(call, user, row["id"], inner),
    }
    return choose(call, "Page", getters, call.args.get("fields", "id,name"))


def _person(call: Call) -> sqlite3.Row:
    user = auth.person(call)
    if SCOPE not in json.loads(user["scopes"]):
        raise refuse(call, 200, http=403)
    return user
