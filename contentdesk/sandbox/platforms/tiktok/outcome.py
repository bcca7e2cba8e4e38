"""What becomes of an upload: the post, the draft in the inbox, or a failure with its reason."""

import json
import sqlite3
from pathlib import Path
from typing import Any

from contentdesk.sandbox import movie
from contentdesk.sandbox.fetch import register
from contentdesk.sandbox.keeping import Item, NewPost, keep_file, make_public, wished_account
from contentdesk.sandbox.platforms.tiktok.accounts import creator_of
from contentdesk.sandbox.platforms.tiktok.auth import body_of, limited, login
from contentdesk.sandbox.platforms.tiktok.creators import ONLY_ME, PUBLIC
from contentdesk.sandbox.platforms.tiktok.errors import ok, refuse
from contentdesk.sandbox.store import Store
from contentdesk.sandbox.wire import Call, Reply, World

FIRST_ID = 7_512_345_678_901_234_567
PER_MINUTE = 30
SIDES = (360, 4096)


def part_of(world: World, upload_id: str) -> Path:
    """Where the pieces of a video are put together."""
    return world.media / f"tiktok-{upload_id}.part"


def own(call: Call, publish_id: str, account: sqlite3.Row) -> sqlite3.Row:
    row = call.store.row("SELECT * FROM tiktok_uploads WHERE publish_id = ?", publish_id)
    if row is None:
        raise refuse(call, "invalid_publish_id")
    if row["account_id"] != account["id"]:
        raise refuse(call, "token_not_authorized_for_specified_publish_id")
    return row


def fetch_status(call: Call) -> Reply:
    account = login(call, "video.publish", "video.upload")
    limited(call, PER_MINUTE)
    row = own(call, str(body_of(call).get("publish_id", "")), account)
    word = status_of(row, call.now)
    data: dict[str, object] = {"status": word, "fail_reason": row["reason"] or "", "publicaly_available_post_id": []}
    if word == "PUBLISH_COMPLETE" and is_seen(row, call.now, call.knobs.tiktok_moderation_s):
        data["publicaly_available_post_id"] = [int(row["post_id"])]
    data["uploaded_bytes" if row["kind"] == "video" else "downloaded_bytes"] = row["sent"]
    return ok(data)


def status_of(row: sqlite3.Row, now: float) -> str:
    if row["reason"]:
        return "FAILED"
    if row["taken_at"] is None or now < row["ready_at"] or not row["fetched"]:
        return "PROCESSING_UPLOAD" if row["kind"] == "video" else "PROCESSING_DOWNLOAD"
    return "SEND_TO_USER_INBOX" if row["inbox"] and not row["post_id"] else "PUBLISH_COMPLETE"


def is_seen(row: sqlite3.Row, now: float, moderation_s: float) -> bool:
    """Whether it is public for everybody and was looked at: only then it has an id and stands in lists."""
    level = json.loads(row["info"]).get("privacy_level", PUBLIC)
    return bool(row["post_id"]) and level == PUBLIC and now >= row["ready_at"] + moderation_s


def take(call: Call, publish_id: str) -> None:
    """Everything is there. A direct post is on its way to the public, an upload for the inbox waits for the person."""
    sql = "UPDATE tiktok_uploads SET taken_at = ?, ready_at = ? WHERE publish_id = ?"
    call.store.run(sql, call.now, call.now + call.knobs.tiktok_processing_s, publish_id)
    row = call.store.row("SELECT * FROM tiktok_uploads WHERE publish_id = ?", publish_id)
    assert row is not None
    files = _keep_video(call, row) if row["kind"] == "video" else []
    row = call.store.row("SELECT * FROM tiktok_uploads WHERE publish_id = ?", publish_id)
    assert row is not None
    if call.knobs.tiktok_fail_reason and not row["reason"]:
        fail(call.store, publish_id, call.knobs.tiktok_fail_reason)
    elif not row["reason"] and not row["inbox"]:
        info = json.loads(row["info"])
        _post(call.store, row, _caption(row, info), files, call.now, hidden=info.get("privacy_level") == ONLY_ME)


def fail(store: Store, publish_id: str, reason: str) -> None:
    """Nothing of it stays public."""
    store.run("UPDATE tiktok_uploads SET reason = ?, post_id = NULL WHERE publish_id = ?", reason, publish_id)
    store.run("DELETE FROM posts WHERE source_id = ?", publish_id)


def _keep_video(call: Call, row: sqlite3.Row) -> list[str]:
    part = part_of(call.world, row["upload_id"])
    kept = keep_file(call.world, part.read_bytes(), "video/mp4")
    part.unlink()
    film = movie.watch(kept.path)
    if film:
        register(call.store, kept, film.width, film.height)
    if reason := _refusal(film, creator_of(call.store, row["account_id"])["max_seconds"]):
        fail(call.store, row["publish_id"], reason)
    sql = "UPDATE tiktok_uploads SET files = ? WHERE publish_id = ?"
    call.store.run(sql, json.dumps([kept.sha256]), row["publish_id"])
    return [kept.sha256]


def _refusal(film: movie.Film | None, longest: float) -> str:
    """Why the platform drops a video; empty when it takes it."""
    if film is None:
        return "file_format_check_failed"
    if not SIDES[0] <= min(film.width, film.height) <= max(film.width, film.height) <= SIDES[1]:
        return "picture_size_check_failed"
    return "duration_check_failed" if film.seconds > longest else ""


def _caption(row: sqlite3.Row, info: dict[str, Any]) -> str:
    return str(info.get("title" if row["kind"] == "video" else "description", ""))


def _post(store: Store, row: sqlite3.Row, caption: str, files: list[str], now: float, hidden: bool = False) -> str:
    """A post that only its account sees has an id too, which nobody is told."""
    post_id = new_id(store)
    store.run("UPDATE tiktok_uploads SET post_id = ? WHERE publish_id = ?", post_id, row["publish_id"])
    if not hidden:
        link = permalink(store, row["account_id"], row["kind"], post_id)
        items = [Item(sha256) for sha256 in files]
        make_public(store, NewPost(post_id, "tiktok", row["account_id"], link, caption, now, items, row["publish_id"]))
    return post_id


def new_id(store: Store) -> str:
    return str(FIRST_ID + 15_485_863 * store.next_number("tiktok_post"))


def permalink(store: Store, account_id: str, kind: str, post_id: str) -> str:
    account = store.row("SELECT username FROM accounts WHERE id = ?", account_id)
    assert account is not None
    return f"https://www.tiktok.com/@{account['username']}/{kind}/{post_id}"


def inbox(world: World, wishes: dict[str, Any]) -> dict[str, Any]:
    """What lies there, oldest first, and how many photo posts are still being fetched for it."""
    sql = "SELECT * FROM tiktok_uploads WHERE account_id = ? AND inbox = 1 ORDER BY taken_at"
    rows, now = world.store.rows(sql, str(wishes["account_id"])), world.clock.now()
    told = [(row["publish_id"], status_of(row, now)) for row in rows]
    return {
        "drafts": [publish_id for publish_id, word in told if word == "SEND_TO_USER_INBOX"],
        "coming": sum(word == "PROCESSING_DOWNLOAD" for _publish_id, word in told),
    }


def finish_in_app(world: World, wishes: dict[str, Any]) -> dict[str, Any]:
    """The person opens the notice in the inbox and posts it, with a text of theirs."""
    row = world.store.row("SELECT * FROM tiktok_uploads WHERE publish_id = ?", str(wishes["publish_id"]))
    if row is None or status_of(row, world.clock.now()) != "SEND_TO_USER_INBOX":
        raise ValueError("nothing of that id lies in the inbox")
    caption = str(wishes.get("caption", _caption(row, json.loads(row["info"]))))
    with world.store.transaction():
        post_id = _post(world.store, row, caption, json.loads(row["files"]), world.clock.now())
    return {"post_id": post_id, "permalink": permalink(world.store, row["account_id"], row["kind"], post_id)}


def by_hand(world: World, wishes: dict[str, Any]) -> dict[str, Any]:
    """What a person posts in the app, past the API; `age_s` puts it into the past, `kind` is video or photo."""
    account = wished_account(world, wishes)
    at = world.clock.now() - float(wishes.get("age_s", 0))
    with world.store.transaction():
        post_id = new_id(world.store)
        link = permalink(world.store, account["id"], str(wishes.get("kind", "video")), post_id)
        new = NewPost(post_id, "tiktok", account["id"], link, str(wishes.get("caption", "")), at)
        make_public(world.store, new)
        world.store.run("UPDATE posts SET figures = ? WHERE id = ?", json.dumps(wishes.get("figures", {})), post_id)
    return {"id": post_id, "permalink": link}
