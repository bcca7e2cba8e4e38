"""The beginning of a post: a video to be uploaded in pieces, or photos by address; directly or into the inbox."""

import json
import secrets
import sqlite3
from functools import partial
from typing import Any

from contentdesk.sandbox.fetch import is_url
from contentdesk.sandbox.platforms.tiktok import outcome, pulling
from contentdesk.sandbox.platforms.tiktok.accounts import creator_of
from contentdesk.sandbox.platforms.tiktok.auth import body_of, limited, login
from contentdesk.sandbox.platforms.tiktok.creators import ONLY_ME, check_may_post, levels
from contentdesk.sandbox.platforms.tiktok.errors import ok, refuse
from contentdesk.sandbox.platforms.tiktok.schema import DAY
from contentdesk.sandbox.wire import Call, Reply

INITS_PER_MINUTE = 6
MB = 1_000_000
SMALLEST_CHUNK, LARGEST_CHUNK, LARGEST_LAST = 5 * MB, 64 * 1024 * 1024, 128 * 1024 * 1024
MOST_CHUNKS, MOST_BYTES = 1000, 4 * 1024 * MB
PENDING = 5
TITLE, PHOTO_TITLE, DESCRIPTION, MOST_PHOTOS = 2200, 90, 4000, 35


def init_video(call: Call) -> Reply:
    account = login(call, "video.publish")
    limited(call, INITS_PER_MINUTE)
    body = body_of(call)
    info = _part(call, body, "post_info")
    _check_direct(call, account, info)
    _check_length(call, str(info.get("title", "")), TITLE)
    return _upload(call, account, _part(call, body, "source_info"), info, inbox=False)


def init_inbox(call: Call) -> Reply:
    """Takes no text and no privacy: the person chooses in the app."""
    account = login(call, "video.upload")
    limited(call, INITS_PER_MINUTE)
    body = body_of(call)
    if "post_info" in body:
        raise refuse(call, "invalid_params", "post_info is not taken here.")
    _check_pending(call, account)
    return _upload(call, account, _part(call, body, "source_info"), {}, inbox=True)


def init_content(call: Call) -> Reply:
    """Photos. From here on the platform fetches and posts by itself."""
    body = body_of(call)
    inbox = body.get("post_mode") == "MEDIA_UPLOAD"
    account = login(call, "video.upload" if inbox else "video.publish")
    limited(call, INITS_PER_MINUTE)
    if body.get("media_type") != "PHOTO" or body.get("post_mode") not in ("DIRECT_POST", "MEDIA_UPLOAD"):
        raise refuse(call, "invalid_params", "media_type or post_mode")
    info = _part(call, body, "post_info")
    _check_length(call, str(info.get("title", "")), PHOTO_TITLE)
    _check_length(call, str(info.get("description", "")), DESCRIPTION)
    if inbox:
        _check_pending(call, account)
    else:
        _check_direct(call, account, info)
    urls = _photo_urls(call, _part(call, body, "source_info"))
    publish_id = f"p_pub_url~v2.{_number(call)}"
    _insert(call, publish_id, account, info, kind="photo", inbox=inbox, urls=json.dumps(urls), fetched=0)
    outcome.take(call, publish_id)
    call.later.append(partial(pulling.pull, call.world, publish_id))
    return ok({"publish_id": publish_id})


def cancel(call: Call) -> Reply:
    account = login(call, "video.publish", "video.upload")
    publish_id = str(body_of(call).get("publish_id", ""))
    row = outcome.own(call, publish_id, account)
    if row["taken_at"] is not None:
        raise refuse(call, "publish_not_cancellable")
    call.store.run("UPDATE tiktok_uploads SET reason = 'publish_cancelled' WHERE publish_id = ?", publish_id)
    return ok({})


def _part(call: Call, body: dict[str, Any], name: str) -> dict[str, Any]:
    part = body.get(name)
    if not isinstance(part, dict):
        raise refuse(call, "invalid_params", f"{name} is required.")
    return part


def _check_length(call: Call, text: str, most: int) -> None:
    if len(text.encode("utf-16-le", "surrogatepass")) // 2 > most:
        raise refuse(call, "invalid_params", "The text is too long.")


def _check_direct(call: Call, account: sqlite3.Row, info: dict[str, Any]) -> None:
    creator = creator_of(call.store, account["id"])
    check_may_post(call, creator)
    level = info.get("privacy_level")
    if level not in levels(creator):
        raise refuse(call, "privacy_level_option_mismatch")
    if not call.knobs.tiktok_audited and (level != ONLY_ME or not creator["private"]):
        raise refuse(call, "unaudited_client_can_only_post_to_private_accounts")
    if info.get("brand_content_toggle") is True and level == ONLY_ME:
        raise refuse(call, "invalid_params", "Branded content visibility cannot be set to private.")


def _check_pending(call: Call, account: sqlite3.Row) -> None:
    sql = "SELECT count(*) FROM tiktok_uploads WHERE account_id = ? AND inbox = 1 AND post_id IS NULL AND made_at > ?"
    if call.store.number(sql, account["id"], call.now - DAY) >= PENDING:
        raise refuse(call, "spam_risk_too_many_pending_share")


def _upload(call: Call, account: sqlite3.Row, source: dict[str, Any], info: dict[str, Any], inbox: bool) -> Reply:
    if source.get("source") != "FILE_UPLOAD":
        raise refuse(call, "invalid_params", "Only FILE_UPLOAD is played for videos.")
    size, chunk, count = (_whole(source.get(name)) for name in ("video_size", "chunk_size", "total_chunk_count"))
    if not _fits(size, chunk, count):
        raise refuse(call, "invalid_params", "The total chunk count is invalid.")
    number = _number(call)
    publish_id = f"v_inbox_file~v2.{number}" if inbox else f"v_pub_file~v2-1.{number}"
    token = secrets.token_urlsafe(24)
    upload = {"upload_id": str(number), "upload_token": token, "size": size, "chunk": chunk, "count": count}
    _insert(call, publish_id, account, info, kind="video", inbox=inbox, **upload)
    url = f"https://open-upload.tiktokapis.com/video/?upload_id={number}&upload_token={token}"
    return ok({"publish_id": publish_id, "upload_url": url})


def _whole(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _fits(size: int, chunk: int, count: int) -> bool:
    """The last piece takes what is left over; a small file is one piece; a large one must be several."""
    if size < 1 or size > MOST_BYTES or chunk < 1 or count != max(1, size // chunk) or count > MOST_CHUNKS:
        return False
    if count == 1:
        return chunk == size <= LARGEST_CHUNK
    last = size - (count - 1) * chunk
    return SMALLEST_CHUNK <= chunk <= LARGEST_CHUNK and last <= LARGEST_LAST


def _photo_urls(call: Call, source: dict[str, Any]) -> list[str]:
    urls = source.get("photo_images")
    if source.get("source") != "PULL_FROM_URL" or not isinstance(urls, list) or not 1 <= len(urls) <= MOST_PHOTOS:
        raise refuse(call, "invalid_params", "photo_images wants 1 to 35 addresses.")
    if not all(isinstance(url, str) and is_url(url) for url in urls):
        raise refuse(call, "invalid_params", "photo_images wants addresses.")
    if not all(url.startswith(call.knobs.tiktok_verified_prefix) for url in urls):
        raise refuse(call, "url_ownership_unverified")
    return urls


def _number(call: Call) -> int:
    return 7_000_000_000 + 7919 * call.store.next_number("tiktok_upload")


def _insert(call: Call, publish_id: str, account: sqlite3.Row, info: dict[str, Any], **values: object) -> None:
    row = {"publish_id": publish_id, "account_id": account["id"], "info": json.dumps(info), "made_at": call.now}
    row |= values
    # The names are written in this file, never by a caller.
    names, places = ", ".join(row), ", ".join("?" * len(row))
    call.store.run(f"INSERT INTO tiktok_uploads ({names}) VALUES ({places})", *row.values())  # noqa: S608
