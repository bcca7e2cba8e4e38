"""Public posts of a page: written, scheduled ones brought out when their time has come, and those made by hand."""

import json
import sqlite3
from dataclasses import dataclass, field
from typing import Any

from contentdesk.sandbox.store import Store
from contentdesk.sandbox.wire import Call, World


@dataclass(frozen=True)
class Item:
    id: str
    url: str
    sha256: str
    alt_text: str


@dataclass(frozen=True)
class NewPost:
    page_id: str
    kind: str  # status, link, photo, album, video, reel
    message: str
    at: float
    items: list[Item] = field(default_factory=list)
    link: str = ""
    number: str = ""
    by_hand: bool = False


def insert(store: Store, new: NewPost) -> str:
    """The id of the post, `<page>_<number>`."""
    number = new.number or str(store.next_number("fb_post") * 104_729 + 122_100_000_000)
    post_id = f"{new.page_id}_{number}"
    store.run(
        "INSERT INTO posts (id, platform, account_id, shortcode, permalink, product, media_type, caption,"
        " created_at, by_hand, source_id) VALUES (?, 'facebook', ?, ?, ?, ?, ?, ?, ?, ?, NULL)",
        post_id,
        new.page_id,
        number,
        _permalink(new, number),
        "REELS" if new.kind == "reel" else "FEED",
        new.kind,
        new.message,
        new.at,
        new.by_hand,
    )
    for position, item in enumerate(new.items):
        values = (item.id, post_id, position, item.url, item.sha256, item.alt_text)
        store.run("INSERT INTO post_media VALUES (?, ?, ?, ?, ?, ?)", *values)
    store.run("INSERT INTO fb_details VALUES (?, ?)", post_id, new.link)
    return post_id


def _permalink(new: NewPost, number: str) -> str:
    if new.kind == "reel":
        return f"https://www.facebook.com/reel/{number}/"
    place = "videos" if new.kind == "video" else "posts"
    return f"https://www.facebook.com/{new.page_id}/{place}/{number}/"


def photo_items(store: Store, photo_ids: list[str]) -> list[Item]:
    rows = [store.row("SELECT * FROM fb_photos WHERE id = ?", photo_id) for photo_id in photo_ids]
    return [Item(row["id"], row["url"], row["sha256"], row["alt_text"]) for row in rows if row]


def with_photos(store: Store, draft: sqlite3.Row | dict[str, Any], at: float) -> str:
    """Makes a draft public; its photos are used up by that."""
    photos = json.loads(draft["photos"])
    kind = ("status", "photo")[len(photos)] if len(photos) < 2 else "album"
    kind = "link" if draft["link"] and not photos else kind
    new = NewPost(draft["page_id"], kind, draft["message"], at, photo_items(store, photos), draft["link"])
    post_id = insert(store, new)
    for photo_id in photos:
        store.run("UPDATE fb_photos SET post_id = ? WHERE id = ?", post_id, photo_id)
    return post_id


def bring_out(store: Store, now: float) -> None:
    """What was scheduled and is due, and videos that are processed. Asked before every call."""
    for draft in store.rows("SELECT * FROM fb_drafts WHERE publish_at <= ?", now):
        with_photos(store, draft, draft["publish_at"])
        store.run("DELETE FROM fb_drafts WHERE id = ?", draft["id"])
    due = (
        "SELECT * FROM fb_videos WHERE post_id IS NULL AND error = '' AND state IN ('PUBLISHED', 'SCHEDULED')"
        " AND ready_at <= ? AND coalesce(publish_at, 0) <= ?"
    )
    for video in store.rows(due, now, now):
        at = max(video["ready_at"], video["publish_at"] or 0)
        item = Item(video["id"], "", video["sha256"], "")
        new = NewPost(video["page_id"], video["kind"], video["text"], at, [item], number=video["id"])
        store.run("UPDATE fb_videos SET post_id = ? WHERE id = ?", insert(store, new), video["id"])


def find(call: Call, page_id: str, node: str) -> sqlite3.Row | None:
    """By its whole id, or by the part after the page's."""
    whole = node if "_" in node else f"{page_id}_{node}"
    return call.store.row("SELECT * FROM posts WHERE id = ? AND account_id = ?", whole, page_id)


def by_hand(world: World, wishes: dict[str, Any]) -> dict[str, Any]:
    """What a person posts in the app, past the API; `age_s` puts it into the past."""
    account_id = str(wishes.get("account_id", ""))
    known = world.store.row("SELECT id FROM accounts WHERE id = ? AND platform = 'facebook'", account_id)
    if known is None:
        raise ValueError(f"no page {account_id!r}")
    at = world.clock.now() - float(wishes.get("age_s", 0))
    new = NewPost(account_id, str(wishes.get("kind", "status")), str(wishes.get("caption", "")), at, by_hand=True)
    with world.store.transaction():
        post_id = insert(world.store, new)
        world.store.run("UPDATE posts SET figures = ? WHERE id = ?", json.dumps(wishes.get("figures", {})), post_id)
    made = world.store.row("SELECT id, shortcode, permalink FROM posts WHERE id = ?", post_id)
    assert made is not None
    return dict(made)
