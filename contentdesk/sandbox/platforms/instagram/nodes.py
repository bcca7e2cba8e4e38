"""Reading: the account, posts, their parts, containers."""

import json
import sqlite3

from contentdesk.sandbox import figures
from contentdesk.sandbox.clock import stamp
from contentdesk.sandbox.platforms.instagram import comments, containers
from contentdesk.sandbox.platforms.instagram.auth import login, own_account
from contentdesk.sandbox.platforms.instagram.errors import refuse
from contentdesk.sandbox.platforms.instagram.fields import Getter, choose
from contentdesk.sandbox.wire import Call, Reply

MOST_IDS = 50


def one(call: Call, node: str) -> Reply:
    return Reply(_read(call, login(call, "basic"), node))


def me(call: Call) -> Reply:
    return Reply(_account(call, own_account(call, "me", "basic")))


def many(call: Call) -> Reply:
    """`/?ids=a,b`: an object keyed by id. One bad id fails the whole call."""
    account = login(call, "basic")
    ids = [part for part in call.args.get("ids", "").split(",") if part]
    if not ids or len(ids) > MOST_IDS:
        raise refuse(call, 100, message="ids wants 1 to 50 ids.")
    return Reply({node: _read(call, account, node) for node in ids})


def _read(call: Call, account: sqlite3.Row, node: str) -> dict[str, object]:
    if node == account["id"]:
        return _account(call, account)
    if post := own_post(call, account, node):
        return post_fields(call, post, call.args.get("fields", ""))
    if container := containers.find(call, node, account["id"]):
        return choose(call, "IGContainer", containers.getters(call, container), call.args.get("fields", ""))
    return _part(call, account, node)


def own_post(call: Call, account: sqlite3.Row, node: str) -> sqlite3.Row | None:
    return call.store.row("SELECT * FROM posts WHERE id = ? AND account_id = ?", node, account["id"])


def _account(call: Call, account: sqlite3.Row) -> dict[str, object]:
    count = "SELECT count(*) FROM posts WHERE account_id = ? AND product != 'STORY'"
    getters: dict[str, Getter] = {
        "id": lambda _: account["id"],
        "user_id": lambda _: account["id"],
        "username": lambda _: account["username"],
        "name": lambda _: account["name"],
        "account_type": lambda _: "BUSINESS",
        "profile_picture_url": lambda _: None,
        "followers_count": lambda _: figures.followers_now(call.knobs, account, call.now),
        "follows_count": lambda _: int(account["followers"] / 7),
        "media_count": lambda _: call.store.number(count, account["id"]),
    }
    return choose(call, "IGUser", getters, call.args.get("fields", ""))


def post_fields(call: Call, post: sqlite3.Row, text: str) -> dict[str, object]:
    def figure(name: str) -> int:
        return figures.of_post(call.store, call.knobs, post, call.now)[name]

    getters: dict[str, Getter] = {
        "id": lambda _: post["id"],
        "caption": lambda _: post["caption"] or None,
        "media_type": lambda _: post["media_type"],
        "media_product_type": lambda _: post["product"],
        "shortcode": lambda _: post["shortcode"],
        "permalink": lambda _: post["permalink"],
        "timestamp": lambda _: stamp(post["created_at"]),
        "username": lambda _: _username(call, post["account_id"]),
        "owner": lambda _: {"id": post["account_id"]},
        "like_count": lambda _: figure("likes"),
        "comments_count": lambda _: figure("comments"),
        "media_url": lambda _: _media_url(call, post["id"]),
        "alt_text": lambda _: _alt_text(call, post["id"]),
        "is_shared_to_feed": lambda _: _in_feed(call, post),
        "children": lambda inner: _children(call, post, inner),
        "comments": lambda inner: comments.inside(call, post, inner),
    }
    return choose(call, "IGMedia", getters, text)


def _in_feed(call: Call, post: sqlite3.Row) -> bool | None:
    """Only reels have a choice."""
    if post["product"] != "REELS":
        return None
    made = call.store.row("SELECT params FROM containers WHERE id = ?", post["source_id"])
    return not made or json.loads(made["params"]).get("share_to_feed", "true") == "true"


def _username(call: Call, account_id: str) -> object:
    row = call.store.row("SELECT username FROM accounts WHERE id = ?", account_id)
    return row["username"] if row else None


def _parts(call: Call, post_id: str) -> list[sqlite3.Row]:
    return call.store.rows("SELECT * FROM post_media WHERE post_id = ? ORDER BY position", post_id)


def _stored(call: Call, sha256: str) -> str | None:
    file = call.store.row("SELECT name FROM files WHERE sha256 = ?", sha256)
    return f"{call.base_url}/_media/{file['name']}" if file else None


def _media_url(call: Call, post_id: str) -> str | None:
    parts = _parts(call, post_id)
    return _stored(call, parts[0]["sha256"]) if parts else None


def _alt_text(call: Call, post_id: str) -> str | None:
    parts = _parts(call, post_id)
    return (parts[0]["alt_text"] or None) if parts else None


def _children(call: Call, post: sqlite3.Row, inner: str) -> object:
    if post["media_type"] != "CAROUSEL_ALBUM":
        return None
    return {"data": [_part_fields(call, post, part, inner) for part in _parts(call, post["id"])]}


def _part(call: Call, account: sqlite3.Row, node: str) -> dict[str, object]:
    """A child of a carousel, or nothing that this token may see."""
    part = call.store.row("SELECT * FROM post_media WHERE id = ?", node)
    post = own_post(call, account, part["post_id"]) if part else None
    if part is None or post is None:
        raise refuse(call, 100, 33)
    return _part_fields(call, post, part, call.args.get("fields", ""))


def _part_fields(call: Call, post: sqlite3.Row, part: sqlite3.Row, text: str) -> dict[str, object]:
    stored = _stored(call, part["sha256"])
    getters: dict[str, Getter] = {
        "id": lambda _: part["id"],
        "media_type": lambda _: "IMAGE" if (stored or "").endswith(".jpg") else "VIDEO",
        "media_url": lambda _: stored,
        "permalink": lambda _: post["permalink"],
        "timestamp": lambda _: stamp(post["created_at"]),
        "alt_text": lambda _: part["alt_text"] or None,
    }
    return choose(call, "IGMedia", getters, text)
