"""Blobs and records. A record stands under its key: written again it is the same, with other content it is changed."""

import hashlib
import json
import re
import secrets
import sqlite3
from typing import Any

import regex

from contentdesk.sandbox import keeping
from contentdesk.sandbox.fetch import ENDINGS
from contentdesk.sandbox.platforms.bluesky.errors import refuse
from contentdesk.sandbox.platforms.bluesky.sessions import caller
from contentdesk.sandbox.wire import Call, Reply, World

SCHEMA = """
CREATE TABLE IF NOT EXISTS bluesky_blobs (
  cid TEXT NOT NULL, account_id TEXT NOT NULL, sha256 TEXT NOT NULL, size INTEGER NOT NULL, mime TEXT NOT NULL,
  uploaded_at REAL NOT NULL, used INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (cid, account_id));
CREATE TABLE IF NOT EXISTS bluesky_records (
  rkey TEXT PRIMARY KEY, account_id TEXT NOT NULL, record TEXT NOT NULL, cid TEXT NOT NULL);
"""
POST = "app.bsky.feed.post"
TID = re.compile(r"[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}")
GRAPHEMES, BYTES, IMAGES, IMAGE_BYTES, ALT = 300, 3000, 4, 2_000_000, 10_000
UPLOAD_BYTES = 100_000_000
ALPHABET = "234567abcdefghijklmnopqrstuvwxyz"


def upload(call: Call) -> Reply:
    account, mime = caller(call), call.headers.get("Content-Type", "")
    if len(call.raw) > UPLOAD_BYTES:
        raise refuse("PayloadTooLarge", 413)
    if mime not in ENDINGS or not call.raw:
        raise refuse("InvalidRequest", 400, "an image or a video is wanted")
    kept = keeping.keep_file(call.world, call.raw, mime)
    cid = "bafkrei" + kept.sha256[:52]
    values = (cid, account["id"], kept.sha256, kept.size, mime, call.now)
    call.store.run("INSERT OR REPLACE INTO bluesky_blobs VALUES (?, ?, ?, ?, ?, ?, 0)", *values)
    return Reply({"blob": {"$type": "blob", "ref": {"$link": cid}, "mimeType": mime, "size": kept.size}})


def put(call: Call) -> Reply:
    account, sent = caller(call), _sent(call)
    rkey = str(sent.get("rkey", ""))
    if not TID.fullmatch(rkey):
        raise refuse("InvalidRequest", 400, "Invalid record key")
    return _write(call, account, rkey, sent)


def create(call: Call) -> Reply:
    """A key that is taken breaks the real server: 500, which says nothing."""
    account, sent = caller(call), _sent(call)
    rkey = str(sent.get("rkey") or fresh_key(call.now))
    if not TID.fullmatch(rkey):
        raise refuse("InvalidRequest", 400, "Invalid record key")
    if _record(call, account["id"], rkey) is not None:
        raise refuse("InternalServerError", 500)
    return _write(call, account, rkey, sent)


def _sent(call: Call) -> dict[str, Any]:
    try:
        sent = json.loads(call.raw)
    except ValueError:
        sent = None
    if not isinstance(sent, dict) or sent.get("repo") != call.account_id or sent.get("collection") != POST:
        raise refuse("InvalidRequest", 400, "Input wants repo, collection and record")
    return sent


def _write(call: Call, account: sqlite3.Row, rkey: str, sent: dict[str, Any]) -> Reply:
    record = sent.get("record")
    items = _checked(call, account["id"], record)
    text = json.dumps(record, sort_keys=True)
    cid = "bafyrei" + hashlib.sha256(text.encode()).hexdigest()[:52]
    uri = f"at://{account['id']}/{POST}/{rkey}"
    known = _record(call, account["id"], rkey)
    if known is None or known["cid"] != cid:
        call.store.run("INSERT OR REPLACE INTO bluesky_records VALUES (?, ?, ?, ?)", rkey, account["id"], text, cid)
        _show(call, account, rkey, record, items)
    return Reply({"uri": uri, "cid": cid, "validationStatus": "valid"})


def _show(call: Call, account: sqlite3.Row, rkey: str, record: Any, items: list[keeping.Item]) -> None:
    if call.store.run("UPDATE posts SET caption = ? WHERE id = ?", record["text"], rkey):
        return
    link = link_of(account["id"], rkey)
    new = keeping.NewPost(rkey, "bluesky", account["id"], link, record["text"], call.now, items, f"record {rkey}")
    keeping.make_public(call.store, new)


def _checked(call: Call, account_id: str, record: Any) -> list[keeping.Item]:
    """The media of a record that may be written."""
    if not isinstance(record, dict) or record.get("$type") != POST or not isinstance(record.get("text"), str):
        raise refuse("InvalidRequest", 400, "Invalid app.bsky.feed.post record")
    text = record["text"]
    if len(regex.findall(r"\X", text)) > GRAPHEMES or len(text.encode()) > BYTES or not record.get("createdAt"):
        raise refuse("InvalidRequest", 400, "Invalid app.bsky.feed.post record: Record/text must not be longer")
    for facet in record.get("facets", []):
        index = facet["index"]
        if not 0 <= index["byteStart"] < index["byteEnd"] <= len(text.encode()):
            raise refuse("InvalidRequest", 400, "Invalid app.bsky.richtext.facet")
    return _embedded(call, account_id, record.get("embed"))


def _embedded(call: Call, account_id: str, embed: Any) -> list[keeping.Item]:
    if not embed:
        return []
    if embed.get("$type") == "app.bsky.embed.video":
        return [_item(call, account_id, embed.get("video"), embed.get("alt", ""), "video/", UPLOAD_BYTES)]
    images = embed.get("images", [])
    if len(images) > IMAGES or any("alt" not in image for image in images):
        raise refuse("InvalidRequest", 400, "Record/embed/images must not have more than 4 elements")
    return [_item(call, account_id, image["image"], image["alt"], "image/", IMAGE_BYTES) for image in images]


def _item(call: Call, account_id: str, blob: Any, alt: str, kind: str, limit: int) -> keeping.Item:
    cid = blob["ref"]["$link"]
    row = call.store.row("SELECT * FROM bluesky_blobs WHERE cid = ? AND account_id = ?", cid, account_id)
    stale = row is not None and not row["used"] and row["uploaded_at"] + call.knobs.bluesky_blob_s < call.now
    if row is None or stale:
        raise refuse("BlobNotFound", 400, f"Could not find blob: {cid}")
    if not row["mime"].startswith(kind) or row["size"] > limit or len(alt) > ALT:
        raise refuse("InvalidRequest", 400, "Invalid app.bsky.feed.post record: Record/embed")
    call.store.run("UPDATE bluesky_blobs SET used = 1 WHERE cid = ? AND account_id = ? AND NOT used", cid, account_id)
    return keeping.Item(row["sha256"], alt)


def _record(call: Call, account_id: str, rkey: str) -> sqlite3.Row | None:
    return call.store.row("SELECT * FROM bluesky_records WHERE rkey = ? AND account_id = ?", rkey, account_id)


def read(call: Call) -> Reply:
    row = _record(call, call.args.get("repo", ""), call.args.get("rkey", ""))
    if row is None or call.args.get("collection") != POST:
        raise refuse("RecordNotFound", 400, "Could not locate record")
    uri = f"at://{row['account_id']}/{POST}/{row['rkey']}"
    return Reply({"uri": uri, "cid": row["cid"], "value": json.loads(row["record"])})


def fresh_key(now: float) -> str:
    number = int(now * 1_000_000) << 10 | secrets.randbelow(1024)
    return "".join(ALPHABET[(number >> shift) & 31] for shift in range(60, -1, -5))


def link_of(did: str, rkey: str) -> str:
    return f"https://bsky.app/profile/{did}/post/{rkey}"


def by_hand(world: World, wishes: dict[str, Any]) -> dict[str, Any]:
    """Posted in the app."""
    account, at = keeping.wished_account(world, wishes), world.clock.now() - float(wishes.get("age_s", 0))
    rkey, caption = fresh_key(at), str(wishes.get("caption", ""))
    record = json.dumps({"$type": POST, "text": caption})
    with world.store.transaction():
        world.store.run("INSERT INTO bluesky_records VALUES (?, ?, ?, 'bafyreibyhand')", rkey, account["id"], record)
        link = link_of(account["id"], rkey)
        new = keeping.NewPost(rkey, "bluesky", account["id"], link, caption, at, figures=wishes.get("figures"))
        keeping.make_public(world.store, new)
    return {"id": rkey, "permalink": link}
