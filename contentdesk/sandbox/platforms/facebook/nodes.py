"""Reading: the page, its posts, drafts, photos, videos, and lists of them, newest first."""

import sqlite3
from collections.abc import Callable

from contentdesk.sandbox import figures
from contentdesk.sandbox.clock import stamp
from contentdesk.sandbox.platforms.facebook import auth, comments, posts, videos
from contentdesk.sandbox.platforms.facebook.errors import refuse
from contentdesk.sandbox.platforms.facebook.feed import moment
from contentdesk.sandbox.platforms.facebook.fields import Getter, choose
from contentdesk.sandbox.platforms.instagram import paging
from contentdesk.sandbox.wire import Call, Reply

READ = "pages_read_engagement"
MOST_IDS = 50


def me(call: Call) -> Reply:
    """A page's token speaks for the page, a person's for the person."""
    token = auth.live(call)
    if token["kind"] == "page":
        return Reply(_page(call, auth.own_page(call, "me", READ)))
    user = call.store.row("SELECT * FROM fb_users WHERE id = ?", token["account_id"])
    if user is None:
        raise refuse(call, 190, 458)
    getters: dict[str, Getter] = {"id": lambda _: user["id"], "name": lambda _: user["name"]}
    return Reply(choose(call, "User", getters, call.args.get("fields", "name")))


def one(call: Call, node: str) -> Reply:
    return Reply(_read(call, auth.own_page(call, "me", READ), node))


def many(call: Call) -> Reply:
    """`/?ids=a,b`: an object keyed by id. One bad id fails the whole call."""
    page = auth.own_page(call, "me", READ)
    ids = [part for part in call.args.get("ids", "").split(",") if part]
    if not ids or len(ids) > MOST_IDS:
        raise refuse(call, 100, message="ids wants 1 to 50 ids.")
    return Reply({node: _read(call, page, node) for node in ids})


def _read(call: Call, page: sqlite3.Row, node: str) -> dict[str, object]:
    if node == page["id"]:
        return _page(call, page)
    if row := videos.find(call, page["id"], node):
        return videos.fields(call, row)
    if post := posts.find(call, page["id"], node):
        return post_fields(call, post, call.args.get("fields", "created_time,message"))
    if draft := call.store.row("SELECT * FROM fb_drafts WHERE id = ? AND page_id = ?", node, page["id"]):
        return _draft(call, draft, call.args.get("fields", "created_time,message"))
    if photo := call.store.row("SELECT * FROM fb_photos WHERE id = ? AND page_id = ?", node, page["id"]):
        return _photo(call, photo)
    raise refuse(call, 100, 33)


def _page(call: Call, page: sqlite3.Row) -> dict[str, object]:
    count = figures.followers_now(call.knobs, page, call.now)
    getters: dict[str, Getter] = {
        "id": lambda _: page["id"],
        "name": lambda _: page["name"],
        "username": lambda _: page["username"],
        "followers_count": lambda _: count,
        "fan_count": lambda _: count,
        "link": lambda _: f"https://www.facebook.com/{page['id']}",
    }
    return choose(call, "Page", getters, call.args.get("fields", "name"))


def _photo(call: Call, photo: sqlite3.Row) -> dict[str, object]:
    getters: dict[str, Getter] = {
        "id": lambda _: photo["id"],
        "created_time": lambda _: stamp(photo["created_at"]),
        "alt_text_custom": lambda _: photo["alt_text"] or None,
        "page_story_id": lambda _: photo["post_id"],
    }
    return choose(call, "Photo", getters, call.args.get("fields", "created_time"))


def _draft(call: Call, draft: sqlite3.Row, text: str) -> dict[str, object]:
    getters: dict[str, Getter] = {
        "id": lambda _: draft["id"],
        "message": lambda _: draft["message"] or None,
        "created_time": lambda _: stamp(draft["created_at"]),
        "is_published": lambda _: False,
        "scheduled_publish_time": lambda _: int(draft["publish_at"]) if draft["publish_at"] else None,
    }
    return choose(call, "Post", getters, text)


def post_fields(call: Call, post: sqlite3.Row, text: str) -> dict[str, object]:
    def figure(name: str) -> int:
        return figures.of_post(call.store, call.knobs, post, call.now)[name]

    def summary(name: str) -> dict[str, object]:
        return {"data": [], "summary": {"total_count": figure(name)}}

    getters: dict[str, Getter] = {
        "id": lambda _: post["id"],
        "message": lambda _: post["caption"] or None,
        "created_time": lambda _: stamp(post["created_at"]),
        "permalink_url": lambda _: post["permalink"],
        "is_published": lambda _: True,
        "shares": lambda _: {"count": figure("shares")} if figure("shares") else None,
        "reactions": lambda _: summary("likes"),
        "comments": lambda _: comments.summary(call, post),
        "from": lambda _: {"id": post["account_id"]},
        "attachments": lambda inner: _attachments(call, post),
    }
    return choose(call, "Post", getters, text)


def _attachments(call: Call, post: sqlite3.Row) -> dict[str, object] | None:
    """What hangs on the post; an album's photos stand below it."""
    parts = call.store.rows("SELECT * FROM post_media WHERE post_id = ? ORDER BY position", post["id"])
    kind = {"reel": "video"}.get(post["media_type"], post["media_type"])
    listed = [{"media_type": "photo", "target": {"id": part["id"]}, "type": "photo"} for part in parts]
    if kind == "album":
        album = {"media_type": "album", "type": "album", "target": {"id": post["shortcode"]}}
        return {"data": [album | {"subattachments": {"data": listed}}]}
    if kind in ("photo", "video"):
        target = {"id": parts[0]["id"]} if parts else {}
        return {
            "data": [{"media_type": kind, "type": "photo" if kind == "photo" else "video_inline", "target": target}]
        }
    if kind == "link":
        row = call.store.row("SELECT link FROM fb_details WHERE post_id = ?", post["id"])
        return {"data": [{"media_type": "link", "type": "share", "unshimmed_url": row["link"] if row else ""}]}
    return None


def published(call: Call, node: str) -> Reply:
    """`/feed`, `/posts`, `/published_posts`: without reels, which have a list of their own."""
    page = auth.own_page(call, node, READ)
    return _listed(call, page, "posts", "media_type != 'reel'", lambda row: post_fields(call, row, _fields(call)))


def reels(call: Call, node: str) -> Reply:
    page = auth.own_page(call, node, READ)
    return _listed(
        call, page, "fb_videos", "kind = 'reel' AND post_id IS NOT NULL", lambda row: videos.fields(call, row)
    )


def scheduled(call: Call, node: str) -> Reply:
    page = auth.own_page(call, node, READ)
    condition = "publish_at IS NOT NULL"
    return _listed(call, page, "fb_drafts", condition, lambda row: _draft(call, row, _fields(call)))


def _fields(call: Call) -> str:
    return call.args.get("fields", "created_time,message")


def _listed(
    call: Call, page: sqlite3.Row, table: str, condition: str, tell: Callable[[sqlite3.Row], dict[str, object]]
) -> Reply:
    size = paging.size_of(call)
    owner = "account_id" if table == "posts" else "page_id"
    at, last = paging.place(call, "after")
    # Table and condition are written above in this file, never by a caller.
    rows = call.store.rows(
        f"SELECT * FROM {table} WHERE {owner} = ? AND {condition} AND created_at >= ? AND created_at <= ?"  # noqa: S608
        " AND (? = '' OR (created_at, id) < (CAST(? AS REAL), ?)) ORDER BY created_at DESC, id DESC LIMIT ?",
        page["id"],
        moment(call, "since") or 0,
        moment(call, "until") or call.now,
        *(last, at, last),
        size + 1,
    )
    shown = rows[:size]
    data = {"data": [tell(row) for row in shown]}
    if not shown:
        return Reply(data)
    more = len(rows) > len(shown)
    return Reply(data | {"paging": paging.told(call, paging.mark(shown[0]), paging.mark(shown[-1]), more)})
