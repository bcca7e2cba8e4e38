"""Comments: some by pretend followers, those by the caller, newest first."""

import sqlite3
from collections.abc import Iterator

from contentdesk.sandbox import figures
from contentdesk.sandbox.clock import stamp
from contentdesk.sandbox.platforms.instagram.auth import login
from contentdesk.sandbox.platforms.instagram.errors import refuse
from contentdesk.sandbox.platforms.instagram.fields import Getter, choose
from contentdesk.sandbox.wire import Call, Reply

FIRST_ID = 17_870_000_000_000_000
MOST = 50
MOST_CHARS = 2200
WORDS = (
    "Mantap, sukses selalu!",
    "Buka jam berapa?",
    "Harganya berapa, Kak?",
    "Enak ini.",
    "Di mana alamatnya?",
)


def write(call: Call, node: str) -> Reply:
    account = login(call, "comments")
    post = _post(call, account, node)
    if post["product"] == "STORY":
        raise refuse(call, 100, message="Comments are not available for stories.")
    message = call.args.get("message", "")
    if not message or len(message) > MOST_CHARS:
        raise refuse(call, 100, message="message wants 1 to 2200 characters.")
    comment_id = str(FIRST_ID + 32_452_843 * call.store.next_number("comment"))
    values = (comment_id, post["id"], account["username"], message, call.now)
    call.store.run("INSERT INTO comments VALUES (?, ?, ?, ?, ?)", *values)
    return Reply({"id": comment_id})


def listing(call: Call, node: str) -> Reply:
    account = login(call, "comments")
    post, fields = _post(call, account, node), call.args.get("fields", "id,text,timestamp")
    limit, after = call.args.get("limit", str(MOST)), call.args.get("after", "0")
    if not limit.isdecimal() or not after.isdecimal():
        raise refuse(call, 100, message="limit and after want what was given.")
    start, size = int(after), min(int(limit), MOST)
    everything = newest(call, post)
    shown = everything[start : start + size]
    cursors = {"after": str(start + len(shown)), "before": after}
    paging: dict[str, object] = {"cursors": cursors}
    if len(everything) > start + size:
        paging["next"] = f"https://{call.host}{call.path}?after={cursors['after']}"
    return Reply({"data": [_told(call, comment, fields) for comment in shown], "paging": paging})


def inside(call: Call, post: sqlite3.Row, text: str) -> dict[str, object]:
    return {"data": [_told(call, comment, text) for comment in newest(call, post)[:MOST]]}


def newest(call: Call, post: sqlite3.Row) -> list[tuple[float, str, str, str]]:
    rows = call.store.rows("SELECT * FROM comments WHERE post_id = ?", post["id"])
    found = [(row["created_at"], row["id"], row["username"], row["text"]) for row in rows]
    return sorted(found + _by_followers(call, post), reverse=True)


def _post(call: Call, account: sqlite3.Row, node: str) -> sqlite3.Row:
    row = call.store.row("SELECT * FROM posts WHERE id = ? AND account_id = ?", node, account["id"])
    if row is None:
        raise refuse(call, 100, 33)
    return row


def _by_followers(call: Call, post: sqlite3.Row) -> list[tuple[float, str, str, str]]:
    return [
        (at, f"{int(post['id']) + 10**15 + number}", f"pengikut.latihan.{number}", words)
        for number, at, words in by_followers(call, post)
    ]


def by_followers(call: Call, post: sqlite3.Row) -> Iterator[tuple[int, float, str]]:
    """Number, moment and words of as many as the figure says, each at the moment when the figure grew by it."""
    followers = call.store.number("SELECT followers FROM accounts WHERE id = ?", post["account_id"])
    most = figures.final(call.knobs, post["id"], followers)["comments"]
    half, age = call.knobs.growth_half_s, call.now - post["created_at"]
    for number in range(1, int(most * figures.grown(age, half)) + 1):
        share = min(number / most, 0.999)
        yield number, post["created_at"] + half * share / (1 - share), WORDS[number % len(WORDS)]


def _told(call: Call, comment: tuple[float, str, str, str], text: str) -> dict[str, object]:
    at, comment_id, username, words = comment
    getters: dict[str, Getter] = {
        "id": lambda _: comment_id,
        "text": lambda _: words,
        "timestamp": lambda _: stamp(at),
        "username": lambda _: username,
        "like_count": lambda _: 0,
        "hidden": lambda _: False,
        "replies": lambda _: None,
    }
    return choose(call, "IGComment", getters, text)
