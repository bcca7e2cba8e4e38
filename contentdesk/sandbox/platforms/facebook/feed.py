"""Photos and posts: `/photos` and `/feed`, published at once, later, or not at all."""

import json
import re
import sqlite3
from datetime import datetime

from contentdesk.sandbox.fetch import CannotFetch, Fetched, Wanted, fetch, is_url, look, register
from contentdesk.sandbox.platforms.facebook import auth, posts
from contentdesk.sandbox.platforms.facebook.errors import refuse
from contentdesk.sandbox.platforms.facebook.kept import keep
from contentdesk.sandbox.wire import Call, Reply

MESSAGE = 63_206
PHOTO_BYTES = 4 * 1024 * 1024
MOST_BYTES = 30 * 1024 * 1024
FIRST_PHOTO = 122_200_000_000_000
SOONEST, LATEST = 600.0, 30 * auth.DAY
PUBLISH = ("pages_manage_posts", "CREATE_CONTENT")


def photo(call: Call, node: str) -> Reply:
    page = auth.own_page(call, node, *PUBLISH)
    url, source = call.args.get("url", ""), call.files.get("source")
    if not url and source is None:
        raise refuse(call, 324)
    fetched = keep(call, source, ".jpg") if source is not None else _fetched(call, url)
    if fetched.size > PHOTO_BYTES:
        raise refuse(call, 100, 1366046)
    picture = look(fetched.path)
    if picture is None or picture.format not in ("JPEG", "PNG", "GIF", "BMP", "TIFF"):
        raise refuse(call, 324)
    register(call.store, fetched, picture.width, picture.height)
    photo_id = str(FIRST_PHOTO + 3571 * call.store.next_number("fb_photo"))
    values = (photo_id, page["id"], url, fetched.sha256, call.args.get("alt_text_custom", ""), call.now)
    call.store.run("INSERT INTO fb_photos VALUES (?, ?, ?, ?, ?, ?, NULL)", *values)
    if call.args.get("published", "true").lower() == "false":
        return Reply({"id": photo_id})
    draft = {"page_id": page["id"], "message": _message(call, "caption"), "link": "", "photos": json.dumps([photo_id])}
    return Reply({"id": photo_id, "post_id": posts.with_photos(call.store, draft, call.now)})


def _fetched(call: Call, url: str) -> Fetched:
    if not is_url(url):
        raise refuse(call, 100, message="url should represent a valid URL")
    wanted = Wanted(("image/jpeg", "image/png"), MOST_BYTES, call.knobs.fetch_timeout_s)
    try:
        return fetch(url, call.world.media, wanted)
    except CannotFetch as problem:
        raise refuse(call, 324 if problem.reason in ("type", "size") else 389) from problem


def _message(call: Call, name: str) -> str:
    text = call.args.get(name, "")
    if len(text) > MESSAGE:
        raise refuse(call, 100, message=f"{name} is too long.")
    return text


def post(call: Call, node: str) -> Reply:
    page = auth.own_page(call, node, *PUBLISH)
    message, link, photos = _message(call, "message"), call.args.get("link", ""), _attached(call, page)
    if not (message or link or photos):
        raise refuse(call, 100, message="The post is empty. Please enter a message to share.")
    if link and not is_url(link):
        raise refuse(call, 100, 1609005)
    if not photos and _repeats(call, page, message, link):
        raise refuse(call, 506, 1455006)
    draft = {"page_id": page["id"], "message": message, "link": link, "photos": json.dumps(photos)}
    if call.args.get("published", "true").lower() != "false":
        return Reply({"id": posts.with_photos(call.store, draft, call.now)})
    return Reply({"id": _keep_draft(call, draft)})


def _attached(call: Call, page: sqlite3.Row) -> list[str]:
    """`attached_media[0]={"media_fbid":"1"}`… or one JSON array. Only photos that were never posted."""
    found = [call.args[name] for name in sorted(call.args) if re.fullmatch(r"attached_media\[\d+\]", name)]
    try:
        rows = [json.loads(text) for text in found] or json.loads(call.args.get("attached_media", "[]"))
        ids = [str(row["media_fbid"]) for row in rows]
    except (ValueError, TypeError, KeyError) as error:
        raise refuse(call, 100, message="Param attached_media must be an array.") from error
    for photo_id in ids:
        row = call.store.row("SELECT * FROM fb_photos WHERE id = ? AND page_id = ?", photo_id, page["id"])
        if row is None:
            raise refuse(call, 100, message=f"Invalid media_fbid {photo_id}: only photos can be attached.")
        if row["post_id"]:
            raise refuse(call, 100, 1366051)
    return ids


def _repeats(call: Call, page: sqlite3.Row, message: str, link: str) -> bool:
    """Whether the page's newest post says just the same: two in a row are not taken."""
    newest = call.store.row(
        "SELECT p.*, d.link FROM posts p JOIN fb_details d ON d.post_id = p.id WHERE p.account_id = ?"
        " ORDER BY p.created_at DESC, p.id DESC LIMIT 1",
        page["id"],
    )
    return newest is not None and (newest["caption"], newest["link"]) == (message, link)


def _keep_draft(call: Call, draft: dict[str, str]) -> str:
    """Unpublished, or scheduled for 10 minutes to 30 days from now."""
    at = moment(call, "scheduled_publish_time")
    if at is not None and not SOONEST <= at - call.now <= LATEST:
        raise refuse(call, 100, message="The specified scheduled publish time is invalid.")
    draft_id = f"{draft['page_id']}_{call.store.next_number('fb_post') * 104_729 + 122_100_000_000}"
    values = (draft_id, *(draft[name] for name in ("page_id", "message", "link", "photos")), at, call.now)
    call.store.run("INSERT INTO fb_drafts VALUES (?, ?, ?, ?, ?, ?, ?)", *values)
    return draft_id


def moment(call: Call, name: str) -> float | None:
    """Unix seconds or ISO time; both are documented."""
    text = call.args.get(name, "")
    if not text:
        return None
    try:
        return float(text) if text.isdecimal() else datetime.fromisoformat(text).timestamp()
    except ValueError as error:
        raise refuse(call, 100, message=f"{name} is no time.") from error


def change(call: Call, node: str) -> Reply:
    """`POST /{post}`: another message, or a draft made public (`is_published=true`)."""
    page = auth.own_page(call, "me", *PUBLISH)
    draft = call.store.row("SELECT * FROM fb_drafts WHERE id = ? AND page_id = ?", node, page["id"])
    if draft is not None and call.args.get("is_published", "").lower() == "true":
        posts.with_photos(call.store, draft, call.now)
        call.store.run("DELETE FROM fb_drafts WHERE id = ?", node)
        return Reply({"success": True})
    row = posts.find(call, page["id"], node)
    if row is None or row["by_hand"] or "message" not in call.args:
        raise refuse(call, 100, 33)
    call.store.run("UPDATE posts SET caption = ? WHERE id = ?", _message(call, "message"), row["id"])
    return Reply({"success": True})


def remove(call: Call, node: str) -> Reply:
    page = auth.own_page(call, "me", *PUBLISH)
    gone = call.store.run("DELETE FROM posts WHERE id = ? AND account_id = ?", node, page["id"])
    gone += call.store.run("DELETE FROM fb_drafts WHERE id = ? AND page_id = ?", node, page["id"])
    if not gone:
        raise refuse(call, 100, 33)
    return Reply({"success": True})
