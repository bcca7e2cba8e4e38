"""What is public on the pretend platforms, newest first."""

import sqlite3
from typing import Any

from contentdesk.sandbox.clock import stamp
from contentdesk.sandbox.wire import World


def published(world: World, most: int = 1000, by_hand: bool = True) -> list[dict[str, Any]]:
    rows = world.store.rows(
        "SELECT p.*, a.username, a.name FROM posts p JOIN accounts a ON a.id = p.account_id"
        " WHERE (? OR NOT p.by_hand) ORDER BY p.created_at DESC, p.id DESC LIMIT ?",
        by_hand,
        most,
    )
    return [_told(world, row) for row in rows]


def _told(world: World, post: sqlite3.Row) -> dict[str, Any]:
    return {
        "id": post["id"],
        "platform": post["platform"],
        "account": {"id": post["account_id"], "username": post["username"], "name": post["name"]},
        "caption": post["caption"],
        "product": post["product"],
        "media_type": post["media_type"],
        "shortcode": post["shortcode"],
        "permalink": post["permalink"],
        "at": post["created_at"],
        "time": stamp(post["created_at"]),
        "by_hand": bool(post["by_hand"]),
        "source_id": post["source_id"],
        "images": images(world, post["id"]),
    }


def images(world: World, post_id: str) -> list[dict[str, Any]]:
    rows = world.store.rows(
        "SELECT m.url, m.alt_text, f.* FROM post_media m JOIN files f ON f.sha256 = m.sha256"
        " WHERE m.post_id = ? ORDER BY m.position",
        post_id,
    )
    return [
        {
            "url": row["url"],
            "alt_text": row["alt_text"],
            "sha256": row["sha256"],
            "size": row["size"],
            "width": row["width"],
            "height": row["height"],
            "content_type": row["content_type"],
            "stored": f"/_media/{row['name']}",
        }
        for row in rows
    ]
