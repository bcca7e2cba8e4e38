"""The irreversible call of Threads, its quota, and posts made by hand in the app."""

import json
import sqlite3
from dataclasses import dataclass
from typing import Any

from contentdesk.sandbox.platforms.instagram.auth import own_account
from contentdesk.sandbox.platforms.instagram.containers import children_of, status
from contentdesk.sandbox.platforms.instagram.errors import refuse
from contentdesk.sandbox.platforms.instagram.publishing import shortcode
from contentdesk.sandbox.platforms.instagram.rules import DAY
from contentdesk.sandbox.platforms.threads import containers
from contentdesk.sandbox.store import Store
from contentdesk.sandbox.wire import Call, Reply, World

FIRST_ID = 18_100_000_000_000_000
REPLY = "THREADS_REPLY"
"""Product of what answers a post: it stands under that and not in the list of posts."""
READ_BACK = {"TEXT": "TEXT_POST", "IMAGE": "IMAGE", "VIDEO": "VIDEO", "CAROUSEL": "CAROUSEL_ALBUM"}


@dataclass(frozen=True)
class NewPost:
    account_id: str
    media_type: str
    text: str
    created_at: float
    parts: list[sqlite3.Row]
    source_id: str | None = None
    answers: str = ""
    """The post that this replies to."""


def publish(call: Call, node: str) -> Reply:
    account = own_account(call, node, "publish")
    creation_id = call.args.get("creation_id", "")
    container = containers.visible(call, creation_id, account["id"])
    if container is None:
        raise refuse(call, 24, 4279009)
    word = status(container, call.now)
    if word == "PUBLISHED":
        raise refuse(call, call.knobs.second_publish_code, 4279009)
    if word != "FINISHED" or json.loads(container["params"]).get("is_carousel_item"):
        raise refuse(call, 24, 4279009)
    is_reply, knobs = bool(containers.answered(container)), call.knobs
    most = knobs.threads_reply_quota_total if is_reply else knobs.threads_quota_total
    if used(call, account["id"], is_reply) >= most:
        raise refuse(call, 9, 2207042)
    post_id = insert(call.store, call.knobs.seed, _from_container(call, container))
    call.store.run("UPDATE th_containers SET post_id = ? WHERE id = ?", post_id, creation_id)
    return Reply({"id": post_id})


def _from_container(call: Call, container: sqlite3.Row) -> NewPost:
    params = json.loads(container["params"])
    children = [containers.find(call, c, container["account_id"]) for c in children_of(params.get("children", ""))]
    parts = [child for child in children if child is not None] or [container]
    return NewPost(
        container["account_id"],
        READ_BACK[container["kind"]],
        params.get("text", ""),
        call.now,
        [part for part in parts if part["sha256"]],
        container["id"],
        containers.answered(container),
    )


def insert(store: Store, seed: int, new: NewPost) -> str:
    post_id = _new_id(store)
    code = shortcode(seed, post_id)
    owner = store.row("SELECT username FROM accounts WHERE id = ?", new.account_id)
    permalink = f"https://www.threads.net/@{owner['username'] if owner else ''}/post/{code}"
    store.run(
        "INSERT INTO posts (id, platform, account_id, shortcode, permalink, product, media_type, caption,"
        " created_at, by_hand, source_id) VALUES (?, 'threads', ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        *(post_id, new.account_id, code, permalink, REPLY if new.answers else "THREADS", new.media_type, new.text),
        new.created_at,
        *(new.source_id is None, new.source_id),
    )
    if new.answers:
        told = (post_id, new.answers, owner["username"] if owner else "", new.text, new.created_at)
        store.run("INSERT INTO comments VALUES (?, ?, ?, ?, ?)", *told)
    for position, part in enumerate(new.parts):
        params = json.loads(part["params"])
        url = params.get("video_url") or params.get("image_url", "")
        values = (_new_id(store), post_id, position, url, part["sha256"], params.get("alt_text", ""))
        store.run("INSERT INTO post_media VALUES (?, ?, ?, ?, ?, ?)", *values)
    return post_id


def _new_id(store: Store) -> str:
    return str(FIRST_ID + 15_485_863 * store.next_number("th_media"))


def used(call: Call, account_id: str, replies: bool) -> int:
    """Posts or replies by the API alone, in the last 24 hours. Each have a quota of their own."""
    counted = "SELECT count(*) FROM posts WHERE account_id = ? AND by_hand = 0 AND created_at > ? AND product = ?"
    return call.store.number(counted, account_id, call.now - DAY, REPLY if replies else "THREADS")


def limit(call: Call, node: str) -> Reply:
    account = own_account(call, node, "publish")
    full: dict[str, object] = {
        "quota_usage": used(call, account["id"], replies=False),
        "config": {"quota_total": call.knobs.threads_quota_total, "quota_duration": int(DAY)},
        "reply_quota_usage": used(call, account["id"], replies=True),
        "reply_config": {"quota_total": call.knobs.threads_reply_quota_total, "quota_duration": int(DAY)},
    }
    wanted = call.args.get("fields", "quota_usage").split(",")
    return Reply({"data": [{name: full[name] for name in wanted if name in full}]})


def by_hand(world: World, wishes: dict[str, Any]) -> dict[str, Any]:
    """What a person posts in the app, past the API; `age_s` puts it into the past."""
    account_id = str(wishes.get("account_id", ""))
    if world.store.row("SELECT id FROM accounts WHERE id = ? AND platform = 'threads'", account_id) is None:
        raise ValueError(f"no account {account_id!r}")
    at = world.clock.now() - float(wishes.get("age_s", 0))
    new = NewPost(account_id, "TEXT_POST", str(wishes.get("caption", "")), at, [])
    with world.store.transaction():
        post_id = insert(world.store, world.settings.now().seed, new)
        world.store.run("UPDATE posts SET figures = ? WHERE id = ?", json.dumps(wishes.get("figures", {})), post_id)
    made = world.store.row("SELECT id, shortcode, permalink FROM posts WHERE id = ?", post_id)
    assert made is not None
    return dict(made)
