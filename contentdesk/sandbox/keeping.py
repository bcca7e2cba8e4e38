"""What platforms that take the bytes themselves have in common: accounts, files, posts, comments by followers."""

import hashlib
import json
import secrets
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from contentdesk.sandbox import figures
from contentdesk.sandbox.fetch import ENDINGS, Fetched, look, register
from contentdesk.sandbox.settings import Knobs
from contentdesk.sandbox.store import Store
from contentdesk.sandbox.wire import World

FIRST_COMMENT = 17_870_000_000_000_000
NEVER_ENDS = 100 * 365 * 86_400.0
WORDS = ("Mantap, sukses selalu!", "Buka jam berapa?", "Harganya berapa, Kak?", "Di mana alamatnya?")

Comment = tuple[float, str, str, str]
"""When, id, who, what."""


@dataclass(frozen=True)
class Person:
    """An account that is to be there."""

    platform: str
    account_id: str
    username: str
    name: str
    followers: int


def find_or_open(store: Store, person: Person, now: float) -> sqlite3.Row:
    """The same username is the same account, so that seeding twice changes nothing."""
    sql = "SELECT * FROM accounts WHERE platform = ? AND username = ?"
    found = store.row(sql, person.platform, person.username)
    if found is None:
        values = (person.account_id, person.platform, person.username, person.name, person.followers, now)
        store.run("INSERT INTO accounts VALUES (?, ?, ?, ?, ?, ?)", *values)
        found = store.row(sql, person.platform, person.username)
    assert found is not None
    return found


@dataclass(frozen=True)
class Key:
    """A token that is to be given out."""

    token: str
    account_id: str
    login: str
    kind: str
    scopes: Sequence[str]
    issued_at: float
    lifetime_s: float = NEVER_ENDS


def give(store: Store, key: Key) -> str:
    store.run(
        "INSERT INTO tokens (token, account_id, login, kind, scopes, issued_at, expires_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        key.token,
        key.account_id,
        key.login,
        key.kind,
        json.dumps(list(key.scopes)),
        key.issued_at,
        key.issued_at + key.lifetime_s,
    )
    return key.token


def keep_file(world: World, body: bytes, content_type: str) -> Fetched:
    """Into the folder named by content, once."""
    digest = hashlib.sha256(body).hexdigest()
    path = world.media / (digest + ENDINGS[content_type])
    if not path.exists():
        part = path.with_suffix(f".{secrets.token_hex(4)}.part")
        part.write_bytes(body)
        part.replace(path)
    kept = Fetched(digest, path, content_type, len(body))
    picture = look(path) if content_type.startswith("image/") else None
    register(world.store, kept, picture.width if picture else 0, picture.height if picture else 0)
    return kept


@dataclass(frozen=True)
class Item:
    """A file in a post."""

    sha256: str
    alt_text: str = ""
    url: str = ""


@dataclass(frozen=True)
class NewPost:
    """`source_id`: the call or draft it was made of; None for posts made by hand."""

    id: str
    platform: str
    account_id: str
    permalink: str
    caption: str
    created_at: float
    items: Sequence[Item] = ()
    source_id: str | None = None
    figures: Mapping[str, int] | None = None


def make_public(store: Store, new: NewPost) -> None:
    store.run(
        "INSERT INTO posts (id, platform, account_id, shortcode, permalink, product, media_type, caption,"
        " created_at, by_hand, source_id, figures) VALUES (?, ?, ?, ?, ?, 'FEED', ?, ?, ?, ?, ?, ?)",
        new.id,
        new.platform,
        new.account_id,
        f"{new.platform}:{new.id}",
        new.permalink,
        "IMAGE" if new.items else "TEXT",
        new.caption,
        new.created_at,
        new.source_id is None,
        new.source_id,
        json.dumps(new.figures or {}),
    )
    for position, item in enumerate(new.items):
        values = (f"{new.id}/{position}", new.id, position, item.url, item.sha256, item.alt_text)
        store.run("INSERT INTO post_media VALUES (?, ?, ?, ?, ?, ?)", *values)


def wished_account(world: World, wishes: dict[str, Any]) -> sqlite3.Row:
    """Of a post by hand."""
    found = world.store.row("SELECT * FROM accounts WHERE id = ?", str(wishes.get("account_id", "")))
    if found is None:
        raise ValueError(f"no account {wishes.get('account_id')!r}")
    return found


def figures_of(world: World, post_id: str) -> dict[str, int]:
    post = world.store.row("SELECT * FROM posts WHERE id = ?", post_id)
    assert post is not None
    return figures.of_post(world.store, world.settings.now(), post, world.clock.now())


def write_comment(world: World, post_id: str, username: str, text: str) -> dict[str, Any]:
    if world.store.row("SELECT 1 FROM posts WHERE id = ?", post_id) is None:
        raise ValueError(f"no post {post_id!r}")
    with world.store.transaction():
        comment_id = str(FIRST_COMMENT + 32_452_843 * world.store.next_number("comment"))
        values = (comment_id, post_id, username, text, world.clock.now())
        world.store.run("INSERT INTO comments VALUES (?, ?, ?, ?, ?)", *values)
    return {"id": comment_id}


def comments_of(store: Store, knobs: Knobs, post: sqlite3.Row, now: float) -> list[Comment]:
    """Newest first: those that were written, and by followers as many as the figure says."""
    rows = store.rows("SELECT * FROM comments WHERE post_id = ?", post["id"])
    written = [(row["created_at"], row["id"], row["username"], row["text"]) for row in rows]
    missing = figures.of_post(store, knobs, post, now)["comments"] - len(written)
    age = now - post["created_at"]
    made = [
        (now - age * number / (missing + 1), _comment_id(post, number), f"pengikut{number}", WORDS[number % len(WORDS)])
        for number in range(1, missing + 1)
    ]
    return sorted(written + made, reverse=True)


def _comment_id(post: sqlite3.Row, number: int) -> str:
    return str(int(hashlib.sha256(f"{post['id']}:{number}".encode()).hexdigest()[:12], 16))
