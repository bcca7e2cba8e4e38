"""Media, categories and tags."""

import html
import re
import sqlite3

from contentdesk.sandbox import keeping
from contentdesk.sandbox.fetch import ENDINGS
from contentdesk.sandbox.platforms.wordpress.errors import refuse
from contentdesk.sandbox.platforms.wordpress.users import allowed
from contentdesk.sandbox.wire import Call, Reply

SCHEMA = """
CREATE TABLE IF NOT EXISTS wordpress_media (
  id INTEGER PRIMARY KEY, account_id TEXT NOT NULL, host TEXT NOT NULL, sha256 TEXT NOT NULL, url TEXT NOT NULL,
  alt_text TEXT NOT NULL DEFAULT '');
CREATE TABLE IF NOT EXISTS wordpress_terms (
  id INTEGER PRIMARY KEY, host TEXT NOT NULL, route TEXT NOT NULL, name TEXT NOT NULL,
  UNIQUE (host, route, name COLLATE NOCASE));
"""
ROUTES = ("categories", "tags")


def upload(call: Call) -> Reply:
    """The bytes as they are; their name stands in the header."""
    account_id = allowed(call, "upload_files", "rest_cannot_create")
    named = re.search(r'filename="([^"]+)"', call.headers.get("Content-Disposition", ""))
    if not named or not call.raw:
        raise refuse(call, "rest_upload_no_content_disposition")
    content_type = call.headers.get("Content-Type", "")
    if content_type not in ENDINGS or not named[1].endswith((".jpg", ".jpeg", ".png", ".mp4")):
        raise refuse(call, "rest_upload_sideload_error", 500)
    kept = keeping.keep_file(call.world, call.raw, content_type)
    number = call.store.next_number("wordpress_media")
    url = f"https://{call.host}/wp-content/uploads/{number}-{named[1]}"
    values = (number, account_id, call.host, kept.sha256, url)
    call.store.run("INSERT INTO wordpress_media (id, account_id, host, sha256, url) VALUES (?, ?, ?, ?, ?)", *values)
    return Reply({"id": number, "source_url": url, "alt_text": ""}, 201)


def describe(call: Call, media_id: str) -> Reply:
    allowed(call, "upload_files", "rest_cannot_edit")
    row = media(call, int(media_id))
    if row is None:
        raise refuse(call, "rest_post_invalid_id", 404)
    alt_text = call.args.get("alt_text", row["alt_text"])
    call.store.run("UPDATE wordpress_media SET alt_text = ? WHERE id = ?", alt_text, row["id"])
    return Reply({"id": row["id"], "source_url": row["url"], "alt_text": alt_text})


def media(call: Call, media_id: int) -> sqlite3.Row | None:
    return call.store.row("SELECT * FROM wordpress_media WHERE id = ? AND host = ?", media_id, call.host)


def terms(call: Call, route: str) -> Reply:
    rows = call.store.rows(
        "SELECT * FROM wordpress_terms WHERE host = ? AND route = ? AND name LIKE ? ORDER BY name",
        call.host,
        route,
        f"%{call.args.get('search', '')}%",
    )
    return Reply([{"id": row["id"], "name": html.escape(row["name"])} for row in rows])


def make_term(call: Call, route: str) -> Reply:
    allowed(call, "manage_categories" if route == "categories" else "edit_posts", "rest_cannot_create")
    name = call.args.get("name", "").strip()
    if not name:
        raise refuse(call, "rest_missing_callback_param", 400, params=["name"])
    sql = "SELECT * FROM wordpress_terms WHERE host = ? AND route = ? AND name = ? COLLATE NOCASE"
    known = call.store.row(sql, call.host, route, name)
    if known:
        raise refuse(call, "term_exists", 400, term_id=known["id"])
    number = call.store.next_number("wordpress_term")
    call.store.run("INSERT INTO wordpress_terms VALUES (?, ?, ?, ?)", number, call.host, route, name)
    return Reply({"id": number, "name": html.escape(name)}, 201)
