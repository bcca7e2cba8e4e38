"""Resumable uploads: a session, pieces of 256 KiB and their multiples, and a video when the last byte is there.

Nothing is a video before. A finished session answers with its video, whoever asks it again.
"""

import hashlib
import json
import re
import secrets
import sqlite3
from pathlib import Path
from typing import Any

from contentdesk.sandbox.fetch import Fetched, register
from contentdesk.sandbox.movie import watch
from contentdesk.sandbox.platforms.youtube import auth, videos
from contentdesk.sandbox.platforms.youtube.errors import refuse
from contentdesk.sandbox.wire import Call, Reply, World

SCHEMA = """
CREATE TABLE IF NOT EXISTS youtube_sessions (
  upload_id TEXT PRIMARY KEY, account_id TEXT NOT NULL, resource TEXT NOT NULL, total INTEGER NOT NULL,
  received INTEGER NOT NULL, created_at REAL NOT NULL, video_id TEXT);
"""
PIECE = 256 * 1024
TITLE, DESCRIPTION_BYTES, TAGS = 100, 5000, 500
PRIVACY = ("public", "unlisted", "private")
RANGE = re.compile(r"bytes (?:(\d+)-(\d+)|\*)/(\d+)")
ADDRESS = "https://www.googleapis.com/upload/youtube/v3/videos?uploadType=resumable&part=snippet,status&upload_id="


def begin(call: Call) -> Reply:
    account = auth.login(call, auth.UPLOAD)
    auth.need_channel(call.store, account["id"])
    resource = _resource(call)
    total = call.headers.get("X-Upload-Content-Length", "")
    if call.query.get("uploadType") != "resumable" or not total.isdecimal() or total == "0":
        raise refuse("badRequest")
    auth.charge(call, "uploads", call.knobs.youtube_uploads_per_day)
    counted = "SELECT count(*) FROM posts WHERE account_id = ? AND NOT by_hand AND created_at > ?"
    if call.store.number(counted, account["id"], call.now - auth.DAY) >= call.knobs.youtube_channel_uploads_per_day:
        raise refuse("uploadLimitExceeded")
    upload_id = "A" + secrets.token_urlsafe(60)
    values = (upload_id, account["id"], json.dumps(resource), int(total), call.now)
    call.store.run("INSERT INTO youtube_sessions VALUES (?, ?, ?, ?, 0, ?, NULL)", *values)
    return Reply("", 200, {"Location": ADDRESS + upload_id})


def _resource(call: Call) -> dict[str, Any]:
    try:
        resource = json.loads(call.raw)
        snippet, status = resource["snippet"], resource["status"]
    except (ValueError, KeyError, TypeError):
        raise refuse("badRequest") from None
    title, text = str(snippet.get("title", "")), str(snippet.get("description", ""))
    if not title.strip() or len(title) > TITLE or set("<>") & set(title):
        raise refuse("invalidTitle")
    if len(text.encode()) > DESCRIPTION_BYTES or set("<>") & set(text):
        raise refuse("invalidDescription")
    if sum(len(tag) + 1 + 2 * (" " in tag) for tag in snippet.get("tags", [])) > TAGS:
        raise refuse("invalidTags")
    if status.get("privacyStatus") not in PRIVACY or not isinstance(status.get("selfDeclaredMadeForKids"), bool):
        raise refuse("invalidVideoMetadata")
    return dict(resource)


def put(call: Call) -> Reply:
    """Bytes, or with none the question how much is there. The address alone is the key to the session."""
    row = _session(call)
    found = RANGE.fullmatch(call.headers.get("Content-Range", f"bytes 0-{len(call.raw) - 1}/{len(call.raw)}"))
    if found is None or int(found[3]) != row["total"]:
        raise refuse("badRequest")
    if row["video_id"]:
        return Reply(videos.resource(call, row["video_id"]), 201)
    if found[1] is None:
        return _so_far(row["received"])
    received = _keep(call, row, int(found[1]), int(found[2]))
    if received < row["total"]:
        return _so_far(received)
    return Reply(videos.resource(call, _finish(call, row)))


def _session(call: Call) -> sqlite3.Row:
    row = call.store.row("SELECT * FROM youtube_sessions WHERE upload_id = ?", call.query.get("upload_id", ""))
    if row is None or call.now > row["created_at"] + call.knobs.youtube_session_s:
        raise refuse("notFound", 404)
    call.account_id = row["account_id"]
    if "Authorization" in call.headers:
        auth.login(call, auth.UPLOAD)
    auth.need_channel(call.store, row["account_id"])
    return row


def _so_far(received: int) -> Reply:
    """No header at all while there is nothing."""
    return Reply("", 308, {"Range": f"bytes=0-{received - 1}"} if received else {})


def _keep(call: Call, row: sqlite3.Row, first: int, last: int) -> int:
    """How much is there afterwards: perhaps less than was sent, never a hole."""
    body, total = call.raw, row["total"]
    is_last = last == total - 1
    if len(body) != last - first + 1 or first > row["received"] or not (is_last or len(body) % PIECE == 0):
        raise refuse("badRequest")
    most = call.knobs.youtube_kept_bytes
    if most and not is_last:
        body = body[: most - most % PIECE]
    with _part(call.world, row["upload_id"]).open("r+b" if row["received"] else "wb") as file:
        file.seek(first)
        file.write(body)
    received = max(int(row["received"]), first + len(body))
    call.store.run("UPDATE youtube_sessions SET received = ? WHERE upload_id = ?", received, row["upload_id"])
    return received


def _part(world: World, upload_id: str) -> Path:
    return world.media / f"{hashlib.sha256(upload_id.encode()).hexdigest()[:24]}.part"


def _finish(call: Call, row: sqlite3.Row) -> str:
    part = _part(call.world, row["upload_id"])
    with part.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    path = call.world.media / f"{digest}.mp4"
    part.replace(path)
    film = watch(path)
    register(
        call.store,
        Fetched(digest, path, "video/mp4", row["total"]),
        film.width if film else 0,
        film.height if film else 0,
    )
    new = videos.New(row["account_id"], json.loads(row["resource"]), call.now, digest, is_film=film is not None)
    video_id = videos.insert(call.store, call.knobs, new)
    call.store.run("UPDATE youtube_sessions SET video_id = ? WHERE upload_id = ?", video_id, row["upload_id"])
    return video_id
