"""Media and statuses. The same key within the hour brings the same status."""

import html
import json
import re
import sqlite3
from datetime import UTC, datetime
from typing import Any

import regex

from contentdesk.sandbox import keeping
from contentdesk.sandbox.fetch import ENDINGS
from contentdesk.sandbox.platforms.mastodon.auth import caller, number_of
from contentdesk.sandbox.platforms.mastodon.errors import refuse
from contentdesk.sandbox.wire import Call, Reply, World

SCHEMA = """
CREATE TABLE IF NOT EXISTS mastodon_media (
  id TEXT PRIMARY KEY, account_id TEXT NOT NULL, sha256 TEXT NOT NULL, description TEXT NOT NULL,
  ready_at REAL NOT NULL, status_id TEXT);
CREATE TABLE IF NOT EXISTS mastodon_keys (
  key TEXT NOT NULL, account_id TEXT NOT NULL, status_id TEXT NOT NULL, at REAL NOT NULL,
  PRIMARY KEY (key, account_id));
CREATE TABLE IF NOT EXISTS mastodon_statuses (id TEXT PRIMARY KEY, visibility TEXT NOT NULL, spoiler TEXT NOT NULL);
"""
FIRST_ID = 115_500_000_000_000_000
LINK_CHARS = 23
DESCRIPTION = 10_000
KEY_S = 3600.0
VISIBILITIES = ("public", "unlisted", "private", "direct")
LINK = re.compile(r"https?://[^\s<>\"']*[^\s<>\"'.,;:!?)\]}…]")
MENTION = re.compile(r"(@\w+)@[\w.-]*\w")


def upload(call: Call) -> Reply:
    """A video is worked on after the reply, a photo only when the server is slow."""
    account, body = caller(call, "write:media"), call.files.get("file", b"")
    content_type = _type(body)
    film = content_type.startswith("video/")
    heaviest = call.knobs.mastodon_video_bytes if film else call.knobs.mastodon_image_bytes
    too_much = len(body) > heaviest or len(call.args.get("description", "")) > DESCRIPTION
    if content_type not in ENDINGS or too_much:
        raise refuse(call, 422)
    kept = keeping.keep_file(call.world, body, content_type)
    slow = film or call.knobs.mastodon_slow_photos
    ready_at = call.now + (call.knobs.container_delay_s if slow else 0)
    media_id = _new_id(call)
    values = (media_id, account["id"], kept.sha256, call.args.get("description", ""), ready_at)
    call.store.run("INSERT INTO mastodon_media VALUES (?, ?, ?, ?, ?, NULL)", *values)
    return Reply(_media_told(call, _media(call, media_id)), 202 if slow else 200)


def _type(body: bytes) -> str:
    if body[4:8] == b"ftyp":
        return "video/mp4"
    return {b"\xff\xd8": "image/jpeg", b"\x89P": "image/png"}.get(body[:2], "")


def _new_id(call: Call) -> str:
    return str(FIRST_ID + 104_729 * call.store.next_number("mastodon"))


def _media(call: Call, media_id: str) -> sqlite3.Row | None:
    return call.store.row("SELECT * FROM mastodon_media WHERE id = ? AND account_id = ?", media_id, call.account_id)


def _media_told(call: Call, row: sqlite3.Row | None) -> dict[str, Any]:
    assert row is not None
    url = f"https://{call.host}/media/{row['id']}" if row["ready_at"] <= call.now else None
    return {"id": row["id"], "type": "image", "url": url, "description": row["description"]}


def media(call: Call, media_id: str) -> Reply:
    """Gone from here as soon as a status has it."""
    caller(call, "write:media")
    row = _media(call, media_id)
    if row is None or row["status_id"]:
        raise refuse(call, 404)
    return Reply(_media_told(call, row), 200 if row["ready_at"] <= call.now else 206)


def post(call: Call) -> Reply:
    account = caller(call, "write:statuses")
    key = call.headers.get("Idempotency-Key", "")
    sql = "SELECT status_id FROM mastodon_keys WHERE key = ? AND account_id = ? AND at > ?"
    known = call.store.row(sql, key, account["id"], call.now - KEY_S) if key else None
    status_id = known["status_id"] if known else _write(call, account)
    if key and known is None:
        call.store.run(
            "INSERT OR REPLACE INTO mastodon_keys VALUES (?, ?, ?, ?)", key, account["id"], status_id, call.now
        )
    return Reply(_told(call, _row(call, status_id)))


def _write(call: Call, account: sqlite3.Row) -> str:
    sent = _sent(call)
    text, spoiler = str(sent.get("status") or ""), str(sent.get("spoiler_text") or "")
    visibility = str(sent.get("visibility") or "public")
    items = _attached(call, sent.get("media_ids") or [])
    counted = MENTION.sub(r"\1", LINK.sub("x" * LINK_CHARS, text))
    too_long = len(regex.findall(r"\X", counted)) + len(spoiler) > call.knobs.mastodon_chars
    if too_long or not (text.strip() or items) or visibility not in VISIBILITIES:
        raise refuse(call, 422)
    status_id, name = _new_id(call), account["username"].partition("@")[0]
    link = f"https://{call.host}/@{name}/{status_id}"
    shown = [keeping.Item(row["sha256"], row["description"]) for row in items]
    new = keeping.NewPost(status_id, "mastodon", account["id"], link, text, call.now, shown, f"status {status_id}")
    keeping.make_public(call.store, new)
    call.store.run("INSERT INTO mastodon_statuses VALUES (?, ?, ?)", status_id, visibility, spoiler)
    for row in items:
        call.store.run("UPDATE mastodon_media SET status_id = ? WHERE id = ?", status_id, row["id"])
    return status_id


def _sent(call: Call) -> dict[str, Any]:
    try:
        sent = json.loads(call.raw)
    except ValueError:
        sent = dict(call.form)
    return sent if isinstance(sent, dict) else {}


def _attached(call: Call, ids: list[str]) -> list[sqlite3.Row]:
    """Ready, ours, in no other status."""
    rows = [_media(call, str(media_id)) for media_id in ids]
    good = [row for row in rows if row and row["status_id"] is None and row["ready_at"] <= call.now]
    if len(good) < len(ids) or len(ids) > call.knobs.mastodon_media:
        raise refuse(call, 422)
    return good


def many(call: Call) -> Reply:
    """Several by their ids; older servers know no such call."""
    caller(call, "read:statuses")
    if call.knobs.mastodon_old:
        raise refuse(call, 404)
    rows = [_find(call, status_id) for status_id in call.many.get("id[]", [])]
    return Reply([_told(call, row) for row in rows if row])


def one(call: Call, status_id: str) -> Reply:
    caller(call, "read:statuses")
    return Reply(_told(call, _row(call, status_id)))


def context(call: Call, status_id: str) -> Reply:
    caller(call, "read:statuses")
    post = _row(call, status_id)
    written = keeping.comments_of(call.store, call.knobs, post, call.now)
    below = [
        {
            "id": comment_id,
            "created_at": _moment(at),
            "account": {"id": name, "acct": f"{name}@{call.host}"},
            "content": f"<p>{html.escape(words)}</p>",
            "url": f"https://{call.host}/@{name}/{comment_id}",
        }
        for at, comment_id, name, words in written
    ]
    return Reply({"ancestors": [], "descendants": below})


def of_account(call: Call, number: str) -> Reply:
    """Newest first."""
    account = caller(call, "read:statuses")
    if number_of(account["id"]) != number:
        raise refuse(call, 404)
    before, limit = call.args.get("max_id", ""), min(int(call.args.get("limit", "20")), 40)
    rows = call.store.rows(
        "SELECT * FROM posts WHERE account_id = ? AND (? = '' OR id < ?) ORDER BY created_at DESC, id DESC LIMIT ?",
        account["id"],
        before,
        before,
        limit,
    )
    return Reply([_told(call, row) for row in rows])


def _find(call: Call, status_id: str) -> sqlite3.Row | None:
    return call.store.row("SELECT * FROM posts WHERE id = ? AND platform = 'mastodon'", status_id)


def _row(call: Call, status_id: str) -> sqlite3.Row:
    row = _find(call, status_id)
    if row is None:
        raise refuse(call, 404)
    return row


def _told(call: Call, row: sqlite3.Row) -> dict[str, Any]:
    known = keeping.figures_of(call.world, row["id"])
    kept = call.store.row("SELECT * FROM mastodon_statuses WHERE id = ?", row["id"])
    media = call.store.rows("SELECT * FROM mastodon_media WHERE status_id = ? ORDER BY id", row["id"])
    return {
        "id": row["id"],
        "created_at": _moment(row["created_at"]),
        "content": _content(row["caption"]),
        "visibility": kept["visibility"] if kept else "public",
        "spoiler_text": kept["spoiler"] if kept else "",
        "url": row["permalink"],
        "uri": row["permalink"],
        "media_attachments": [{"id": one["id"], "type": "image", "description": one["description"]} for one in media],
        "favourites_count": known["likes"],
        "reblogs_count": known["shares"],
        "replies_count": known["comments"],
    }


def _content(text: str) -> str:
    """As the real server writes it: a link's beginning is there but hidden, a mention loses its server."""
    text = html.escape(text, quote=False)
    text = re.sub(
        r"(https?://)([^\s<>]+)", r'<a href="\1\2"><span class="invisible">\1</span><span>\2</span></a>', text
    )
    text = MENTION.sub(r'<span class="h-card"><a>\1</a></span>', text)
    return "".join(f"<p>{part}</p>" for part in text.split("\n\n")).replace("\n", "<br />")


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def by_hand(world: World, wishes: dict[str, Any]) -> dict[str, Any]:
    """Posted in the app."""
    account, at = keeping.wished_account(world, wishes), world.clock.now() - float(wishes.get("age_s", 0))
    name, _, host = account["username"].partition("@")
    with world.store.transaction():
        status_id = str(FIRST_ID + 104_729 * world.store.next_number("mastodon"))
        link, caption = f"https://{host}/@{name}/{status_id}", str(wishes.get("caption", ""))
        figures = wishes.get("figures")
        keeping.make_public(
            world.store, keeping.NewPost(status_id, "mastodon", account["id"], link, caption, at, figures=figures)
        )
    return {"id": status_id, "permalink": link}
