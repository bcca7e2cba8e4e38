"""Reading on Threads: the account, posts, containers, replies, insights."""

import sqlite3

from contentdesk.sandbox import figures
from contentdesk.sandbox.clock import stamp
from contentdesk.sandbox.platforms.instagram import comments, insights, listing
from contentdesk.sandbox.platforms.instagram.auth import login, own_account
from contentdesk.sandbox.platforms.instagram.errors import refuse
from contentdesk.sandbox.platforms.instagram.fields import Getter, choose
from contentdesk.sandbox.platforms.instagram.rules import DAY
from contentdesk.sandbox.platforms.threads import containers
from contentdesk.sandbox.wire import Call, Reply

METRICS = {"views", "likes", "replies", "reposts", "quotes", "shares"}
MOST_REPLIES = 50


def one(call: Call, node: str) -> Reply:
    account, fields = login(call, "basic"), call.args.get("fields", "")
    if node in ("me", account["id"]):
        return Reply(_account(call, account, fields))
    if post := _own_post(call, account, node):
        return Reply(post_fields(call, post, fields))
    container = containers.visible(call, node, account["id"])
    if container:
        return Reply(choose(call, "ThreadsContainer", containers.getters(call, container), fields))
    raise refuse(call, 24, 4279009)


def _own_post(call: Call, account: sqlite3.Row, node: str) -> sqlite3.Row | None:
    return call.store.row("SELECT * FROM posts WHERE id = ? AND account_id = ?", node, account["id"])


def _account(call: Call, account: sqlite3.Row, fields: str) -> dict[str, object]:
    getters: dict[str, Getter] = {
        "id": lambda _: account["id"],
        "username": lambda _: account["username"],
        "name": lambda _: account["name"],
        "threads_biography": lambda _: None,
        "threads_profile_picture_url": lambda _: None,
    }
    return choose(call, "ThreadsUser", getters, fields)


def post_fields(call: Call, post: sqlite3.Row, text: str) -> dict[str, object]:
    getters: dict[str, Getter] = {
        "id": lambda _: post["id"],
        "media_product_type": lambda _: "THREADS",
        "media_type": lambda _: post["media_type"],
        "text": lambda _: post["caption"] or None,
        "permalink": lambda _: post["permalink"],
        "timestamp": lambda _: stamp(post["created_at"]),
        "shortcode": lambda _: post["shortcode"],
        "is_quote_post": lambda _: False,
    }
    return choose(call, "ThreadsMedia", getters, text)


def posts(call: Call, node: str) -> Reply:
    return listing.page(call, own_account(call, node, "basic"), "product = 'THREADS'", post_fields)


def replies(call: Call, node: str) -> Reply:
    """Newest first unless told otherwise."""
    account = login(call, "comments")
    post = _own_post(call, account, node)
    if post is None:
        raise refuse(call, 24, 4279009)
    found = comments.newest(call, post)
    if call.args.get("reverse", "true") == "false":
        found.reverse()
    fields = call.args.get("fields", "id")
    return Reply({"data": [_reply(call, account, post, row, fields) for row in found[:MOST_REPLIES]]})


def _reply(
    call: Call, account: sqlite3.Row, post: sqlite3.Row, reply: tuple[float, str, str, str], fields: str
) -> dict[str, object]:
    at, reply_id, username, words = reply
    getters: dict[str, Getter] = {
        "id": lambda _: reply_id,
        "text": lambda _: words,
        "timestamp": lambda _: stamp(at),
        "username": lambda _: username,
        "permalink": lambda _: f"https://www.threads.net/@{username}/post/R{reply_id}",
        "is_reply": lambda _: True,
        "is_reply_owned_by_me": lambda _: username == account["username"],
        "root_post": lambda _: {"id": post["id"]},
    }
    return choose(call, "ThreadsMedia", getters, fields)


def _metrics(call: Call, known: set[str]) -> list[str]:
    """One unknown name fails the whole call."""
    asked = [name.strip() for name in call.args.get("metric", "").split(",")]
    if unknown := [name for name in asked if name not in known]:
        raise refuse(call, 100, message=f"metric[0] must be one of the following values, not {unknown[0]}")
    return asked


def post_insights(call: Call, node: str) -> Reply:
    account = login(call, "insights")
    post = _own_post(call, account, node)
    if post is None:
        raise refuse(call, 24, 4279009)
    asked = _metrics(call, METRICS)
    if call.now - post["created_at"] < call.knobs.insights_delay_s:
        return Reply({"data": []})
    known = figures.of_post(call.store, call.knobs, post, call.now)
    known = {"quotes": known["reposts"] // 2} | known | {"replies": known["comments"]}
    return Reply({"data": [_entry(post["id"], name, known[name]) for name in asked]})


def _entry(node: str, name: str, value: int) -> dict[str, object]:
    values = [{"value": value}]
    return {"name": name, "period": "lifetime", "values": values, "title": name, "id": f"{node}/insights/{name}"}


def account_insights(call: Call, node: str) -> Reply:
    """Two shapes: a series of days for views, one figure for the rest. Followers take no period."""
    account = own_account(call, node, "insights")
    asked = _metrics(call, METRICS - {"shares"} | {"followers_count"})
    ranged = "since" in call.args or "until" in call.args
    if "followers_count" in asked and ranged:
        raise refuse(call, 100, message="followers_count does not support since and until.")
    start, end = insights.time_range(call)
    return Reply({"data": [_account_entry(call, account, name, start, end) for name in asked]})


def _account_entry(call: Call, account: sqlite3.Row, name: str, start: float, end: float) -> dict[str, object]:
    entry: dict[str, object] = {"name": name, "period": "day", "title": name}
    if name == "followers_count":
        return entry | {"total_value": {"value": figures.followers_now(call.knobs, account, call.now)}}
    days = [start + DAY * n for n in range(max(1, round((end - start) / DAY)))]
    by_day = [insights.on_day(call, account, "views" if name == "views" else "likes", day) for day in days]
    if name == "views":
        listed = [{"value": value, "end_time": stamp(day + DAY)} for value, day in zip(by_day, days, strict=True)]
        return entry | {"values": listed}
    return entry | {"total_value": {"value": sum(by_day)}}
