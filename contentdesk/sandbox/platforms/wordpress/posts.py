"""Posts: a draft by its own address, public by its status; a slug twice gets a number."""

import json
import re
import sqlite3
from html.parser import HTMLParser
from typing import Any

from contentdesk.sandbox import keeping
from contentdesk.sandbox.clock import stamp
from contentdesk.sandbox.platforms.wordpress import library
from contentdesk.sandbox.platforms.wordpress.errors import refuse
from contentdesk.sandbox.platforms.wordpress.users import allowed, caller, number_of
from contentdesk.sandbox.wire import Call, Reply, World

SCHEMA = """
CREATE TABLE IF NOT EXISTS wordpress_posts (
  id INTEGER PRIMARY KEY, account_id TEXT NOT NULL, host TEXT NOT NULL, status TEXT NOT NULL, slug TEXT NOT NULL,
  fields TEXT NOT NULL, public_at REAL);
"""
FIRST_ID = 610_000
STATUSES = ("draft", "pending", "publish", "private", "future", "trash")
KEPT = ("title", "content", "excerpt", "categories", "tags", "featured_media")
MOST = 100


def listing(call: Call) -> Reply:
    wanted = call.args.get("status", "publish").split(",")
    if wanted != ["publish"] and caller(call) is None:
        raise refuse(call, "rest_forbidden_status", 401)
    size = call.args.get("per_page", "10")
    if not size.isdecimal() or not 1 <= int(size) <= MOST:
        raise refuse(call, "rest_invalid_param", 400, params={"per_page": "1-100"})
    rows = call.store.rows("SELECT * FROM wordpress_posts WHERE host = ? ORDER BY id DESC", call.host)
    rows = [row for row in rows if row["status"] in wanted and _asked_for(call, row)]
    total = {"X-WP-Total": str(len(rows)), "X-WP-TotalPages": str(-(-len(rows) // int(size)))}
    return Reply([told(row) for row in rows[: int(size)]], 200, total)


def _asked_for(call: Call, row: sqlite3.Row) -> bool:
    slug, include = call.args.get("slug"), call.args.get("include")
    return slug in (None, row["slug"]) and (include is None or str(row["id"]) in include.split(","))


def one(call: Call, post_id: str) -> Reply:
    if call.args.get("context") == "edit":
        allowed(call, "edit_posts", "rest_forbidden_context")
    return Reply(told(_post(call, post_id)))


def create(call: Call) -> Reply:
    account_id = allowed(call, "edit_posts", "rest_cannot_create")
    sent = _sent(call)
    if not sent.get("title") and not sent.get("content"):
        raise refuse(call, "empty_content")
    number = FIRST_ID + call.store.next_number("wordpress_post")
    slug = str(sent.get("slug") or number)
    values = (number, account_id, call.host, "draft", slug, json.dumps(_kept(sent)))
    call.store.run(
        "INSERT INTO wordpress_posts (id, account_id, host, status, slug, fields) VALUES (?, ?, ?, ?, ?, ?)", *values
    )
    _to_status(call, number, _status(call, sent, "draft"))
    return Reply(told(_post(call, str(number))), 201, {"Location": f"https://{call.host}/wp-json/wp/v2/posts/{number}"})


def change(call: Call, post_id: str) -> Reply:
    """The same again changes nothing: same id, same date, same slug."""
    allowed(call, "edit_posts", "rest_cannot_edit")
    row, sent = _post(call, post_id), _sent(call)
    fields = json.loads(row["fields"]) | _kept(sent)
    if fields != json.loads(row["fields"]):
        call.store.run("UPDATE wordpress_posts SET fields = ? WHERE id = ?", json.dumps(fields), row["id"])
    _to_status(call, row["id"], _status(call, sent, row["status"]))
    return Reply(told(_post(call, post_id)))


def delete(call: Call, post_id: str) -> Reply:
    """Into the bin, or with `force` for good."""
    allowed(call, "edit_posts", "rest_cannot_delete")
    row = _post(call, post_id)
    call.store.run("DELETE FROM posts WHERE id = ? AND platform = 'wordpress'", post_id)
    if call.args.get("force") != "true":
        call.store.run("UPDATE wordpress_posts SET status = 'trash' WHERE id = ?", row["id"])
        return Reply(told(_post(call, post_id)))
    call.store.run("DELETE FROM wordpress_posts WHERE id = ?", row["id"])
    return Reply({"deleted": True, "previous": told(row)})


def _sent(call: Call) -> dict[str, Any]:
    try:
        sent = json.loads(call.raw)
    except ValueError:
        sent = dict(call.form)
    if not isinstance(sent, dict):
        raise refuse(call, "rest_invalid_json")
    return sent


def _kept(sent: dict[str, Any]) -> dict[str, Any]:
    return {name: sent[name] for name in KEPT if name in sent}


def _status(call: Call, sent: dict[str, Any], otherwise: str) -> str:
    status = str(sent.get("status", otherwise))
    if status not in STATUSES:
        raise refuse(call, "rest_invalid_param", 400, params={"status": "status"})
    if status == "publish":
        allowed(call, "publish_posts", "rest_cannot_publish")
    return status


def _to_status(call: Call, number: int, status: str) -> None:
    row = _post(call, str(number))
    if row["status"] == status:
        return
    slug = _unique(call, row) if status == "publish" else row["slug"]
    sql = "UPDATE wordpress_posts SET status = ?, slug = ?, public_at = coalesce(public_at, ?) WHERE id = ?"
    call.store.run(sql, status, slug, call.now if status == "publish" else None, number)
    if status == "publish":
        _show(call, _post(call, str(number)))


def _unique(call: Call, row: sqlite3.Row) -> str:
    """As the real one does it: without a word."""
    sql = "SELECT slug FROM wordpress_posts WHERE host = ? AND id != ? AND status NOT IN ('draft', 'trash')"
    taken = {other["slug"] for other in call.store.rows(sql, call.host, row["id"])}
    slug, number = str(row["slug"]), 2
    while slug in taken:
        slug, number = f"{row['slug']}-{number}", number + 1
    return slug


def _show(call: Call, row: sqlite3.Row) -> None:
    reader = _Reader()
    reader.feed(json.loads(row["fields"]).get("content", ""))
    pictures = [(library.media(call, number), alt_text) for number, alt_text in reader.pictures]
    items = [keeping.Item(kept["sha256"], alt_text, kept["url"]) for kept, alt_text in pictures if kept]
    new = keeping.NewPost(
        str(row["id"]), "wordpress", row["account_id"], _link(row), reader.text, call.now, items, f"draft {row['id']}"
    )
    keeping.make_public(call.store, new)


class _Reader(HTMLParser):
    """What a visitor sees: paragraphs, and pictures of the library with their alternative texts."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.paragraphs: list[str] = []
        self.pictures: list[tuple[int, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        number = re.search(r"wp-image-(\d+)", known.get("class") or "")
        if tag == "p":
            self.paragraphs.append("")
        elif tag == "br":
            self.handle_data("\n")
        elif tag == "img" and number:
            self.pictures.append((int(number[1]), known.get("alt") or ""))

    def handle_data(self, data: str) -> None:
        if self.paragraphs:
            self.paragraphs[-1] += data

    @property
    def text(self) -> str:
        return "\n\n".join(paragraph.strip("\n") for paragraph in self.paragraphs)


def _post(call: Call, post_id: str) -> sqlite3.Row:
    row = call.store.row("SELECT * FROM wordpress_posts WHERE id = ? AND host = ?", int(post_id), call.host)
    if row is None:
        raise refuse(call, "rest_post_invalid_id", 404)
    return row


def _link(row: sqlite3.Row) -> str:
    return f"https://{row['host']}/{row['slug']}/"


def told(row: sqlite3.Row) -> dict[str, Any]:
    fields = json.loads(row["fields"])
    return {
        "id": row["id"],
        "status": row["status"],
        "slug": row["slug"],
        "link": _link(row) if row["status"] == "publish" else f"https://{row['host']}/?p={row['id']}",
        "date_gmt": stamp(row["public_at"])[:19] if row["public_at"] else None,
        "author": number_of(row["account_id"]),
        "title": {"rendered": fields.get("title", ""), "raw": fields.get("title", "")},
        "content": {"rendered": fields.get("content", ""), "raw": fields.get("content", "")},
        "featured_media": fields.get("featured_media", 0),
        "categories": fields.get("categories", []),
        "tags": fields.get("tags", []),
    }


def by_hand(world: World, wishes: dict[str, Any]) -> dict[str, Any]:
    """Written on the site itself."""
    account = keeping.wished_account(world, wishes)
    host, at = account["username"].partition("@")[2], world.clock.now() - float(wishes.get("age_s", 0))
    with world.store.transaction():
        number = FIRST_ID + world.store.next_number("wordpress_post")
        caption = str(wishes.get("caption", ""))
        fields = json.dumps({"title": caption[:40], "content": f"<p>{caption}</p>"})
        values = (number, account["id"], host, "publish", f"tulisan-{number}", fields, at)
        world.store.run("INSERT INTO wordpress_posts VALUES (?, ?, ?, ?, ?, ?, ?)", *values)
        link = f"https://{host}/tulisan-{number}/"
        figures = wishes.get("figures")
        new = keeping.NewPost(str(number), "wordpress", account["id"], link, caption, at, figures=figures)
        keeping.make_public(world.store, new)
    return {"id": str(number), "permalink": link}


def comments(call: Call) -> Reply:
    post = call.store.row("SELECT * FROM posts WHERE id = ? AND platform = 'wordpress'", call.args.get("post", ""))
    found = keeping.comments_of(call.store, call.knobs, post, call.now) if post else []
    size = int(call.args.get("per_page", "10"))
    rows = [
        {
            "id": int(comment_id),
            "author": 0,
            "author_name": name,
            "date_gmt": stamp(at)[:19],
            "content": {"rendered": f"<p>{words}</p>\n"},
            "link": f"{post['permalink']}#comment-{comment_id}" if post else "",
        }
        for at, comment_id, name, words in found[:size]
    ]
    return Reply(rows, 200, {"X-WP-Total": str(len(found))})
