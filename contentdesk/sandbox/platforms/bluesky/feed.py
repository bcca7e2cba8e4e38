"""What the network counts and shows: posts with their figures, replies, profiles."""

import sqlite3
from datetime import UTC, datetime
from typing import Any

from contentdesk.sandbox import figures, keeping
from contentdesk.sandbox.platforms.bluesky.errors import refuse
from contentdesk.sandbox.platforms.bluesky.records import POST
from contentdesk.sandbox.platforms.bluesky.sessions import caller
from contentdesk.sandbox.wire import Call, Reply

MOST = 25
COUNTED = {"likeCount": "likes", "repostCount": "shares", "replyCount": "comments", "bookmarkCount": "saved"}


def posts(call: Call) -> Reply:
    caller(call)
    uris = call.many.get("uris", [])
    if not 1 <= len(uris) <= MOST:
        raise refuse("InvalidRequest", 400, "Error: uris must not have more than 25 elements")
    rows = [_post(call, uri) for uri in uris]
    return Reply({"posts": [_told(call, row) for row in rows if row]})


def _post(call: Call, uri: str) -> sqlite3.Row | None:
    did, _, rest = uri.removeprefix("at://").partition("/")
    sql = "SELECT * FROM posts WHERE id = ? AND account_id = ? AND platform = 'bluesky'"
    return call.store.row(sql, rest.rpartition("/")[2], did)


def _told(call: Call, post: sqlite3.Row) -> dict[str, Any]:
    known = keeping.figures_of(call.world, post["id"])
    counters = {theirs: known[ours] for theirs, ours in COUNTED.items()}
    return {
        "uri": f"at://{post['account_id']}/{POST}/{post['id']}",
        "cid": "bafyrei",
        "author": {"did": post["account_id"]},
        "record": {"$type": POST, "text": post["caption"]},
        "indexedAt": _moment(post["created_at"]),
        "quoteCount": 0,
    } | counters


def thread(call: Call) -> Reply:
    caller(call)
    post = _post(call, call.args.get("uri", ""))
    if post is None:
        raise refuse("NotFound", 400, "Post not found")
    replies = [_reply(comment) for comment in keeping.comments_of(call.store, call.knobs, post, call.now)]
    return Reply(
        {"thread": {"$type": "app.bsky.feed.defs#threadViewPost", "post": _told(call, post), "replies": replies}}
    )


def _reply(comment: keeping.Comment) -> dict[str, Any]:
    at, comment_id, name, words = comment
    did = f"did:plc:{name:a<24}"[:32]
    return {
        "$type": "app.bsky.feed.defs#threadViewPost",
        "post": {
            "uri": f"at://{did}/{POST}/{comment_id}",
            "author": {"did": did, "handle": f"{name}.latihan.test"},
            "record": {"$type": POST, "text": words, "createdAt": _moment(at)},
            "indexedAt": _moment(at),
        },
    }


def profile(call: Call) -> Reply:
    caller(call)
    actor = call.args.get("actor", "")
    row = call.store.row("SELECT * FROM accounts WHERE platform = 'bluesky' AND ? IN (id, username)", actor)
    if row is None:
        raise refuse("InvalidRequest", 400, "Profile not found")
    count = call.store.number("SELECT count(*) FROM posts WHERE account_id = ?", row["id"])
    followers = figures.followers_now(call.knobs, row, call.now)
    return Reply({"did": row["id"], "handle": row["username"], "followersCount": followers, "postsCount": count})


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
