"""Videos: their row, what the API tells of them, and those that a person uploads in the app."""

import json
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from contentdesk.sandbox import figures
from contentdesk.sandbox.platforms.youtube.auth import word_of
from contentdesk.sandbox.settings import Knobs
from contentdesk.sandbox.store import Store
from contentdesk.sandbox.wire import Call, World

SCHEMA = """
CREATE TABLE IF NOT EXISTS youtube_videos (
  video_id TEXT PRIMARY KEY, title TEXT NOT NULL, resource TEXT NOT NULL, privacy TEXT NOT NULL,
  upload_status TEXT NOT NULL);
"""
FIGURES = {"viewCount": "views", "likeCount": "likes", "commentCount": "comments"}


@dataclass(frozen=True)
class New:
    account_id: str
    resource: dict[str, Any]
    at: float
    sha256: str = ""
    is_film: bool = True
    by_hand: bool = False


def insert(store: Store, knobs: Knobs, new: New) -> str:
    """An app that nobody has audited gets its videos locked, whatever it asked for."""
    video_id = word_of("video", store.next_number("youtube_video"), length=11)
    snippet, status = new.resource["snippet"], new.resource["status"]
    privacy = status["privacyStatus"] if knobs.youtube_audited or new.by_hand else "private"
    store.run(
        "INSERT INTO posts (id, platform, account_id, shortcode, permalink, product, media_type, caption,"
        " created_at, by_hand, source_id) VALUES (?, 'youtube', ?, ?, ?, 'SHORT', 'VIDEO', ?, ?, ?, NULL)",
        *(video_id, new.account_id, f"youtube{video_id}", f"https://www.youtube.com/shorts/{video_id}"),
        *(snippet.get("description", ""), new.at, new.by_hand),
    )
    state = "uploaded" if new.is_film else "failed"
    values = (video_id, snippet["title"], json.dumps(new.resource), privacy, state)
    store.run("INSERT INTO youtube_videos VALUES (?, ?, ?, ?, ?)", *values)
    if new.sha256:
        store.run("INSERT INTO post_media VALUES (?, ?, 0, '', ?, '')", f"{video_id}.0", video_id, new.sha256)
    return video_id


def find(store: Store, video_id: str) -> sqlite3.Row | None:
    """With its channel they are gone too."""
    return store.row(
        "SELECT p.*, v.* FROM posts p JOIN youtube_videos v ON v.video_id = p.id"
        " JOIN accounts a ON a.id = p.account_id WHERE p.id = ?",
        video_id,
    )


def of_channel(store: Store, account_id: str, until: float) -> list[sqlite3.Row]:
    """Newest first, those of the app and those made by hand."""
    return store.rows(
        "SELECT * FROM posts p JOIN youtube_videos v ON v.video_id = p.id"
        " WHERE p.account_id = ? AND p.created_at <= ? ORDER BY p.created_at DESC, p.id",
        account_id,
        until,
    )


def resource(call: Call, video_id: str, statistics: bool = False) -> dict[str, object]:
    row = find(call.store, video_id)
    assert row is not None
    stored = json.loads(row["resource"])
    told: dict[str, object] = {
        "kind": "youtube#video",
        "id": video_id,
        "snippet": stored["snippet"] | {"channelId": row["account_id"], "publishedAt": stamp(row["created_at"])},
        "status": stored["status"] | {"privacyStatus": row["privacy"], "uploadStatus": row["upload_status"]},
    }
    return told | ({"statistics": counted(call, row)} if statistics else {})


def counted(call: Call, row: sqlite3.Row) -> dict[str, str]:
    """Numbers as texts, as the API has them."""
    known = figures.of_post(call.store, call.knobs, row, call.now)
    told = {theirs: str(known[ours]) for theirs, ours in FIGURES.items()} | {"favoriteCount": "0"}
    if is_for_kids(row):
        del told["commentCount"]
    return told


def is_for_kids(row: sqlite3.Row) -> bool:
    return bool(json.loads(row["resource"])["status"].get("selfDeclaredMadeForKids"))


def stamp(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def by_hand(world: World, wishes: dict[str, Any]) -> dict[str, Any]:
    """What a person uploads in the app; `title`, `caption`, `made_for_kids`, `age_s` puts it into the past."""
    account_id, text = str(wishes.get("account_id", "")), str(wishes.get("caption", ""))
    if world.store.row("SELECT 1 FROM youtube_accounts WHERE account_id = ?", account_id) is None:
        raise ValueError(f"no channel {account_id!r}")
    snippet = {"title": str(wishes.get("title") or text[:100] or "Video"), "description": text}
    status = {"privacyStatus": "public", "selfDeclaredMadeForKids": bool(wishes.get("made_for_kids", False))}
    at = world.clock.now() - float(wishes.get("age_s", 0))
    with world.store.transaction():
        new = New(account_id, {"snippet": snippet, "status": status}, at, by_hand=True)
        video_id = insert(world.store, world.settings.now(), new)
        world.store.run("UPDATE posts SET figures = ? WHERE id = ?", json.dumps(wishes.get("figures", {})), video_id)
    made = world.store.row("SELECT id, shortcode, permalink FROM posts WHERE id = ?", video_id)
    assert made is not None
    return dict(made)
