"""Step two: the one irreversible call, its quota, and posts made by hand in the app."""

import base64
import hashlib
import json
import sqlite3
from dataclasses import dataclass
from typing import Any

from contentdesk.sandbox.platforms.instagram import containers
from contentdesk.sandbox.platforms.instagram.auth import own_account
from contentdesk.sandbox.platforms.instagram.errors import refuse
from contentdesk.sandbox.platforms.instagram.rules import DAY
from contentdesk.sandbox.store import Store
from contentdesk.sandbox.wire import Call, Reply, World

FIRST_ID = 17_900_000_000_000_000
PRODUCTS = {"REELS": ("REELS", "VIDEO"), "CAROUSEL": ("FEED", "CAROUSEL_ALBUM"), "IMAGE": ("FEED", "IMAGE")}


@dataclass(frozen=True)
class Item:
    url: str
    sha256: str
    alt_text: str


@dataclass(frozen=True)
class NewPost:
    account_id: str
    product: str
    media_type: str
    caption: str
    created_at: float
    items: list[Item]
    source_id: str | None = None  # the container; None for posts made by hand


def publish(call: Call, node: str) -> Reply:
    account = own_account(call, node, "publish")
    creation_id = call.args.get("creation_id", "")
    if not creation_id:
        raise refuse(call, 100, message="The parameter creation_id is required.")
    container = containers.find(call, creation_id, account["id"])
    if container is None:
        raise refuse(call, 24, 2207006)
    _check_state(call, container)
    if used(call, account["id"], call.now - DAY) >= call.knobs.quota_total:
        raise refuse(call, 9, 2207042)
    post_id = insert(call.store, call.knobs.seed, _from_container(call, container))
    call.store.run("UPDATE containers SET post_id = ? WHERE id = ?", post_id, creation_id)
    return Reply({"id": post_id})


def _check_state(call: Call, container: sqlite3.Row) -> None:
    """A container becomes one post at most, whatever is asked."""
    status = containers.status(container, call.now)
    if status == "PUBLISHED":
        raise refuse(call, call.knobs.second_publish_code, call.knobs.second_publish_subcode)
    if status == "EXPIRED":
        raise refuse(call, -2, 2207020)
    if status == "ERROR":
        raise refuse(call, 24, 2207006)
    if status == "IN_PROGRESS":
        raise refuse(call, 9007, 2207027)
    if json.loads(container["params"]).get("is_carousel_item"):
        raise refuse(call, 100, message="A carousel item cannot be published by itself.")


def _from_container(call: Call, container: sqlite3.Row) -> NewPost:
    params = json.loads(container["params"])
    story = ("STORY", "VIDEO" if params.get("video_url") else "IMAGE")
    product, media_type = PRODUCTS.get(container["kind"], story)
    parts = [container]
    if container["kind"] == "CAROUSEL":
        found = [containers.find(call, c, container["account_id"]) for c in _children(params)]
        parts = [child for child in found if child is not None]
    return NewPost(
        container["account_id"],
        product,
        media_type,
        "" if product == "STORY" else params.get("caption", ""),
        call.now,
        [_item(part) for part in parts],
        container["id"],
    )


def _children(params: dict[str, str]) -> list[str]:
    return containers.children_of(params.get("children", ""))


def _item(container: sqlite3.Row) -> Item:
    params = json.loads(container["params"])
    url = params.get("video_url") or params.get("image_url", "")
    return Item(url, container["sha256"], params.get("alt_text", ""))


def insert(store: Store, seed: int, new: NewPost) -> str:
    post_id = _new_id(store)
    code = shortcode(seed, post_id)
    owner = store.row("SELECT username FROM accounts WHERE id = ?", new.account_id)
    store.run(
        "INSERT INTO posts (id, platform, account_id, shortcode, permalink, product, media_type, caption,"
        " created_at, by_hand, source_id) VALUES (?, 'instagram', ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        post_id,
        new.account_id,
        code,
        _permalink(new.product, post_id, code, owner["username"] if owner else ""),
        new.product,
        new.media_type,
        new.caption,
        new.created_at,
        new.source_id is None,
        new.source_id,
    )
    for position, item in enumerate(new.items):
        values = (_new_id(store), post_id, position, item.url, item.sha256, item.alt_text)
        store.run("INSERT INTO post_media VALUES (?, ?, ?, ?, ?, ?)", *values)
    return post_id


def _permalink(product: str, post_id: str, code: str, username: str) -> str:
    if product == "STORY":
        return f"https://www.instagram.com/stories/{username}/{post_id}"
    return f"https://www.instagram.com/{'reel' if product == 'REELS' else 'p'}/{code}/"


def _new_id(store: Store) -> str:
    return str(FIRST_ID + 15_485_863 * store.next_number("media"))


def shortcode(seed: int, post_id: str) -> str:
    digest = hashlib.sha256(f"{seed}:{post_id}".encode()).digest()
    return "D" + base64.urlsafe_b64encode(digest)[:10].decode()


def used(call: Call, account_id: str, since: float) -> int:
    """Posts by the API alone: what is posted by hand is free."""
    counted = "SELECT count(*) FROM posts WHERE account_id = ? AND by_hand = 0 AND created_at > ?"
    return call.store.number(counted, account_id, since)


def limit(call: Call, node: str) -> Reply:
    account = own_account(call, node, "publish")
    since = call.args.get("since", "")
    start = float(since) if since.isdecimal() else call.now - DAY
    if not call.now - DAY - 60 <= start <= call.now:
        raise refuse(call, 100, message="since must lie within the last 24 hours.")
    config = {"quota_total": call.knobs.quota_total, "quota_duration": int(DAY)}
    full: dict[str, object] = {"quota_usage": used(call, account["id"], start), "config": config}
    wanted = call.args.get("fields", "quota_usage").split(",")
    return Reply({"data": [{name: full[name] for name in wanted if name in full}]})


def by_hand(world: World, wishes: dict[str, Any]) -> dict[str, Any]:
    """What a person posts in the app, past the API; `age_s` puts it into the past."""
    account_id = str(wishes.get("account_id", ""))
    if world.store.row("SELECT id FROM accounts WHERE id = ?", account_id) is None:
        raise ValueError(f"no account {account_id!r}")
    at = world.clock.now() - float(wishes.get("age_s", 0))
    new = NewPost(account_id, "FEED", "IMAGE", str(wishes.get("caption", "")), at, [])
    seed = world.settings.now().seed
    with world.store.transaction():
        post_id = insert(world.store, seed, new)
        world.store.run("UPDATE posts SET figures = ? WHERE id = ?", json.dumps(wishes.get("figures", {})), post_id)
    made = world.store.row("SELECT id, shortcode, permalink FROM posts WHERE id = ?", post_id)
    assert made is not None
    return dict(made)
