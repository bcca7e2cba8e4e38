"""Reading: the user, the list of public videos, figures of up to twenty."""

import json
import sqlite3
from typing import Any

from contentdesk.sandbox.figures import followers_now
from contentdesk.sandbox.keeping import figures_of
from contentdesk.sandbox.platforms.tiktok.auth import body_of, limited, login, scopes_of
from contentdesk.sandbox.platforms.tiktok.errors import ok, refuse
from contentdesk.sandbox.platforms.tiktok.outcome import is_seen
from contentdesk.sandbox.wire import Call, Reply

PER_MINUTE = 600
MOST = 20
USER = {
    "user.info.basic": {"open_id", "union_id", "avatar_url", "display_name"},
    "user.info.profile": {"username", "bio_description", "is_verified"},
    "user.info.stats": {"follower_count", "following_count", "likes_count", "video_count"},
}
VIDEO = {
    *("id", "create_time", "share_url", "title", "video_description"),
    *("view_count", "like_count", "comment_count", "share_count"),
}


def user(call: Call) -> Reply:
    account = login(call, *USER)
    limited(call, PER_MINUTE)
    asked = _fields(call, {name for names in USER.values() for name in names})
    granted = scopes_of(call)
    for scope, names in USER.items():
        if scope not in granted and asked & names:
            raise refuse(call, "scope_not_authorized")
    told = _user(call, account)
    return ok({"user": {name: told[name] for name in asked}})


def _user(call: Call, account: sqlite3.Row) -> dict[str, object]:
    count = "SELECT count(*) FROM posts WHERE platform = 'tiktok' AND account_id = ?"
    return {
        "open_id": account["id"],
        "union_id": f"u{account['id']}",
        "avatar_url": "https://p16-sign.tiktokcdn.com/avatar.webp",
        "display_name": account["name"],
        "username": account["username"],
        "bio_description": "",
        "is_verified": False,
        "follower_count": followers_now(call.knobs, account, call.now),
        "following_count": 12,
        "likes_count": 340,
        "video_count": call.store.number(count, account["id"]),
    }


def video_list(call: Call) -> Reply:
    """Newest first; the cursor is a moment in milliseconds."""
    account = login(call, "video.list")
    limited(call, PER_MINUTE)
    asked, body = _fields(call, VIDEO), body_of(call)
    size, before = body.get("max_count", 10), body.get("cursor", int(call.now * 1000) + 1)
    if not isinstance(size, int) or not 1 <= size <= MOST or not isinstance(before, int):
        raise refuse(call, "invalid_params", "max_count wants 1 to 20.")
    rows = [row for row in _public(call, account) if int(row["created_at"] * 1000) < before]
    shown = rows[:size]
    cursor = int(shown[-1]["created_at"] * 1000) if shown else before
    videos = [_video(call, row, asked) for row in shown]
    return ok({"videos": videos, "cursor": cursor, "has_more": len(rows) > size})


def video_query(call: Call) -> Reply:
    """What is gone, private or somebody else's is simply not in the answer."""
    account = login(call, "video.list")
    limited(call, PER_MINUTE)
    asked, filters = _fields(call, VIDEO), body_of(call).get("filters")
    wanted = filters.get("video_ids") if isinstance(filters, dict) else None
    if not isinstance(wanted, list) or not 1 <= len(wanted) <= MOST or not all(isinstance(one, str) for one in wanted):
        raise refuse(call, "invalid_params", "video_ids wants 1 to 20 texts.")
    rows = [row for row in _public(call, account, photos=True) if row["id"] in wanted]
    return ok({"videos": [_video(call, row, asked) for row in rows]})


def _public(call: Call, account: sqlite3.Row, photos: bool = False) -> list[sqlite3.Row]:
    """Posts of the API once they were looked at, and those made in the app."""
    sql = "SELECT * FROM posts WHERE platform = 'tiktok' AND account_id = ? ORDER BY created_at DESC, id DESC"
    rows = call.store.rows(sql, account["id"])
    return [row for row in rows if _is_listed(call, row, photos or call.knobs.tiktok_photos_listed)]


def _is_listed(call: Call, post: sqlite3.Row, photos: bool) -> bool:
    upload = call.store.row("SELECT * FROM tiktok_uploads WHERE publish_id = ?", post["source_id"])
    if upload is None:
        return True
    return is_seen(upload, call.now, call.knobs.tiktok_moderation_s) and (photos or upload["kind"] == "video")


def _fields(call: Call, known: set[str]) -> set[str]:
    asked = {name for name in call.query.get("fields", "").split(",") if name}
    if not asked or not asked <= known:
        raise refuse(call, "invalid_params", "fields")
    return asked


def _video(call: Call, post: sqlite3.Row, asked: set[str]) -> dict[str, Any]:
    figures = figures_of(call.world, post["id"])
    upload = call.store.row("SELECT info FROM tiktok_uploads WHERE publish_id = ?", post["source_id"])
    title = json.loads(upload["info"]).get("title", "") if upload else post["caption"]
    told = {
        "id": post["id"],
        "create_time": int(post["created_at"]),
        "share_url": f"{post['permalink']}?utm_campaign=client_share&utm_source=open_api",
        "title": title,
        "video_description": post["caption"],
        "view_count": figures["views"],
        "like_count": figures["likes"],
        "comment_count": figures["comments"],
        "share_count": figures["shares"],
    }
    return {name: told[name] for name in asked}
