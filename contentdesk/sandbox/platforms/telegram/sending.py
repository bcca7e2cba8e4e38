"""The calls that post. Each is public at once; there is no draft, no key against doubles, no list to read."""

import hashlib
import json
import re
import secrets
import sqlite3
from dataclasses import dataclass
from typing import Any

from contentdesk.sandbox.fetch import Fetched, look, register
from contentdesk.sandbox.platforms.telegram import chats
from contentdesk.sandbox.platforms.telegram.errors import refuse
from contentdesk.sandbox.store import Store
from contentdesk.sandbox.wire import Call, Reply, World

TEXT, CAPTION = 4096, 1024
PHOTO_BYTES, VIDEO_BYTES = 10 * 1024 * 1024, 50 * 1024 * 1024
GROUP = range(2, 11)
MINUTE = 60.0
HOST = "https://t.me"


@dataclass(frozen=True)
class Item:
    kind: str
    body: bytes


def message(call: Call) -> Reply:
    text = call.args.get("text", "")
    if not text.strip():
        raise refuse(400, "Bad Request: message text is empty")
    return _posted(call, text, TEXT, [])[0]


def photo(call: Call) -> Reply:
    return _posted(call, call.args.get("caption", ""), CAPTION, [_file(call, "photo", "photo")])[0]


def video(call: Call) -> Reply:
    return _posted(call, call.args.get("caption", ""), CAPTION, [_file(call, "video", "video")])[0]


def group(call: Call) -> Reply:
    media = _media(call)
    items = [_file(call, part["media"].removeprefix("attach://"), str(part["type"])) for part in media]
    return _posted(call, str(media[0].get("caption", "")), CAPTION, items)[1]


def _media(call: Call) -> list[dict[str, Any]]:
    try:
        media = json.loads(call.args.get("media", ""))
    except ValueError:
        media = None
    if not isinstance(media, list) or len(media) not in GROUP:
        raise refuse(400, "Bad Request: media must be an array of 2 to 10 items")
    if not all(re.fullmatch(r"attach://\w+", str(part.get("media"))) for part in media):
        raise refuse(400, "Bad Request: wrong file identifier")
    return media


def _file(call: Call, field: str, kind: str) -> Item:
    body = call.files.get(field)
    if not body:
        raise refuse(400, f"Bad Request: there is no {kind} in the request")
    if len(body) > (PHOTO_BYTES if kind == "photo" else VIDEO_BYTES):
        raise refuse(413)
    if kind == "video" and body[4:8] != b"ftyp":
        raise refuse(400, "Bad Request: VIDEO_CONTENT_TYPE_INVALID")
    return Item(kind, body)


def _posted(call: Call, text: str, limit: int, items: list[Item]) -> tuple[Reply, Reply]:
    """The answer as one message and as several."""
    chat = chats.asked_for(call)
    if chat["status"] != "creator" and not (chat["status"] == "administrator" and chat["can_post"]):
        raise refuse(400, "Bad Request: need administrator rights in the channel chat")
    if _units(text) > limit:
        raise refuse(400, "Bad Request: message is too long")
    count = max(1, len(items))
    _check_rate(call, chat, count)
    first = chat["last_message"] + 1
    files = [_kept(call.world, item) for item in items]
    insert(call.store, chat, New(first, count, text.strip(), call.now, [file.sha256 for file in files]))
    told = [_told(chat, number, call.now, text if number == first else "") for number in range(first, first + count)]
    return Reply({"ok": True, "result": told[0]}), Reply({"ok": True, "result": told})


def _units(text: str) -> int:
    """Counted as the clients do: characters beyond the first plane are two."""
    return len(text.encode("utf-16-le")) // 2


def _check_rate(call: Call, chat: sqlite3.Row, count: int) -> None:
    sql = "SELECT created_at FROM posts WHERE account_id = ? AND created_at > ? AND NOT by_hand ORDER BY created_at"
    recent = call.store.rows(sql, chat["account_id"], call.now - MINUTE)
    if len(recent) + count > call.knobs.telegram_per_minute:
        oldest = recent[0]["created_at"] if recent else call.now
        raise refuse(429, wait_s=max(1, int(oldest + MINUTE - call.now) + 1))


def _kept(world: World, item: Item) -> Fetched:
    digest = hashlib.sha256(item.body).hexdigest()
    ending, content_type = (".mp4", "video/mp4") if item.kind == "video" else (".jpg", "image/jpeg")
    path, part = world.media / f"{digest}{ending}", world.media / f"{secrets.token_hex(8)}.part"
    part.write_bytes(item.body)
    part.replace(path)
    picture = look(path) if item.kind == "photo" else None
    if item.kind == "photo" and picture is None:
        raise refuse(400, "Bad Request: IMAGE_PROCESS_FAILED")
    fetched = Fetched(digest, path, content_type, len(item.body))
    width, height = (picture.width, picture.height) if picture else (0, 0)
    register(world.store, fetched, width, height)
    return fetched


@dataclass(frozen=True)
class New:
    first: int
    count: int
    text: str
    at: float
    files: list[str]
    by_hand: bool = False


def insert(store: Store, chat: sqlite3.Row, new: New) -> str:
    post_id = f"{chat['account_id']}_{new.first}"
    link = f"{HOST}/{chat['username']}/{new.first}" if chat["public"] else f"{HOST}/c/{post_id[4:].replace('_', '/')}"
    kind = "MESSAGE" if not new.files else "GROUP" if new.count > 1 else "MEDIA"
    store.run(
        "INSERT INTO posts (id, platform, account_id, shortcode, permalink, product, media_type, caption,"
        " created_at, by_hand, source_id) VALUES (?, 'telegram', ?, ?, ?, 'CHANNEL', ?, ?, ?, ?, NULL)",
        *(post_id, chat["account_id"], f"telegram{post_id}", link, kind, new.text, new.at, new.by_hand),
    )
    for position, sha256 in enumerate(new.files):
        values = (f"{post_id}_{position}", post_id, position, sha256)
        store.run("INSERT INTO post_media VALUES (?, ?, ?, '', ?, '')", *values)
    last = new.first + new.count - 1
    store.run("UPDATE telegram_chats SET last_message = ? WHERE account_id = ?", last, chat["account_id"])
    return post_id


def _told(chat: sqlite3.Row, number: int, at: float, text: str) -> dict[str, object]:
    body = {"message_id": number, "chat": chats.told(chat), "sender_chat": chats.told(chat), "date": int(at)}
    return body | {"text": text} if text else body


def by_hand(world: World, wishes: dict[str, Any]) -> dict[str, Any]:
    """What a person posts in the app; `age_s` puts it into the past."""
    chat = chats.of_account(world.store, str(wishes.get("account_id", "")))
    if chat is None:
        raise ValueError(f"no channel {wishes.get('account_id')!r}")
    at = world.clock.now() - float(wishes.get("age_s", 0))
    with world.store.transaction():
        new = New(chat["last_message"] + 1, 1, str(wishes.get("caption", "")), at, [], by_hand=True)
        post_id = insert(world.store, chat, new)
        world.store.run("UPDATE posts SET figures = ? WHERE id = ?", json.dumps(wishes.get("figures", {})), post_id)
    made = world.store.row("SELECT id, shortcode, permalink FROM posts WHERE id = ?", post_id)
    assert made is not None
    return dict(made)
