"""Comments under a page's posts: some by pretend followers, those by the page itself."""

import sqlite3

from contentdesk.sandbox import figures
from contentdesk.sandbox.clock import stamp
from contentdesk.sandbox.platforms.facebook import auth, posts
from contentdesk.sandbox.platforms.facebook.errors import refuse
from contentdesk.sandbox.platforms.facebook.fields import Getter, choose
from contentdesk.sandbox.platforms.instagram.comments import by_followers
from contentdesk.sandbox.wire import Call, Reply

MOST = 100
LONGEST = 8000

Told = tuple[float, str, str, str]
"""When, id, username (the page's own or a follower's), text."""


def write(call: Call, node: str) -> Reply:
    page = auth.own_page(call, "me", "pages_manage_engagement", "MODERATE")
    post = _post(call, page, node)
    message = call.args.get("message", "")
    if not (message or call.args.get("attachment_url")) or len(message) > LONGEST:
        raise refuse(call, 100, message="message wants 1 to 8000 characters.")
    number = 122_400_000_000 + 3571 * call.store.next_number("fb_comment")
    comment_id = f"{post['shortcode']}_{number}"
    values = (comment_id, post["id"], page["username"], message, call.now)
    call.store.run("INSERT INTO comments VALUES (?, ?, ?, ?, ?)", *values)
    return Reply({"id": comment_id})


def listing(call: Call, node: str) -> Reply:
    """Ranked unless `order=reverse_chronological` asks for the newest first."""
    page = auth.own_page(call, "me", "pages_read_engagement")
    found = sorted(_all(call, _post(call, page, node)))
    if call.args.get("order") == "reverse_chronological":
        found.reverse()
    size, after = call.args.get("limit", "25"), call.args.get("after") or "0"
    if not size.isdecimal() or not 1 <= int(size) <= MOST or not after.isdecimal():
        raise refuse(call, 100, message="limit wants 1 to 100, after what was given.")
    text = call.args.get("fields", "created_time,from,message")
    start, end = int(after), int(after) + int(size)
    paging: dict[str, object] = {"cursors": {"before": after, "after": str(end)}}
    if len(found) > end:
        paging["next"] = f"https://{call.host}{call.path}?after={end}"
    return Reply({"data": [_told(call, page, one, text) for one in found[start:end]], "paging": paging})


def summary(call: Call, post: sqlite3.Row) -> dict[str, object]:
    count = figures.of_post(call.store, call.knobs, post, call.now)["comments"]
    return {"data": [], "summary": {"total_count": count, "order": "ranked"}}


def _post(call: Call, page: sqlite3.Row, node: str) -> sqlite3.Row:
    row = posts.find(call, page["id"], node)
    if row is None:
        raise refuse(call, 100, 33)
    return row


def _all(call: Call, post: sqlite3.Row) -> list[Told]:
    rows = call.store.rows("SELECT * FROM comments WHERE post_id = ?", post["id"])
    return [(row["created_at"], row["id"], row["username"], row["text"]) for row in rows] + _by_followers(call, post)


def _by_followers(call: Call, post: sqlite3.Row) -> list[Told]:
    return [
        (at, f"{post['shortcode']}_{900_000_000_000 + number}", f"Pengikut Latihan {number}", words)
        for number, at, words in by_followers(call, post)
    ]


def _told(call: Call, page: sqlite3.Row, comment: Told, text: str) -> dict[str, object]:
    at, comment_id, username, words = comment
    ours = username == page["username"]
    writer = {"id": page["id"], "name": page["name"]} if ours else {"id": comment_id[::-1], "name": username}
    getters: dict[str, Getter] = {
        "id": lambda _: comment_id,
        "message": lambda _: words,
        "created_time": lambda _: stamp(at),
        "from": lambda _: writer,
        "permalink_url": lambda _: (
            f"https://www.facebook.com/{page['id']}/posts/{comment_id.replace('_', '/?comment_id=')}"
        ),
    }
    return choose(call, "Comment", getters, text)
