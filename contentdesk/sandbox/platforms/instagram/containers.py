"""Step one of publishing: a container that fetches its media and becomes ready, or not."""

import json
import sqlite3
from dataclasses import dataclass
from functools import partial

from contentdesk.sandbox import fetch
from contentdesk.sandbox.figures import chance
from contentdesk.sandbox.platforms.instagram.auth import own_account
from contentdesk.sandbox.platforms.instagram.errors import refuse
from contentdesk.sandbox.platforms.instagram.fields import Getter
from contentdesk.sandbox.platforms.instagram.media import fetch_for
from contentdesk.sandbox.platforms.instagram.rules import (
    ALT_TEXT,
    CAROUSEL,
    DAY,
    USER_TAGS,
    check_caption,
)
from contentdesk.sandbox.wire import Call, Reply

SCHEMA = """
CREATE TABLE IF NOT EXISTS containers (
  id TEXT PRIMARY KEY, account_id TEXT NOT NULL, kind TEXT NOT NULL, params TEXT NOT NULL,
  created_at REAL NOT NULL, ready_at REAL NOT NULL, fetched INTEGER NOT NULL DEFAULT 0,
  sha256 TEXT, error TEXT, post_id TEXT);
CREATE INDEX IF NOT EXISTS containers_of_account ON containers (account_id, created_at);
"""

FIRST_ID = 17_850_000_000_000_000
VIDEO_SLOWNESS = 3
"""A film is worked on so many times as long as a photo."""
SENTENCES = {
    "IN_PROGRESS": "In Progress: Media is still being processed.",
    "FINISHED": "Finished: Media has been uploaded and it is ready to be published.",
    "PUBLISHED": "Published: Media has been successfully published.",
    "EXPIRED": "Expired: The container was not published within 24 hours.",
}


@dataclass(frozen=True)
class Wish:
    kind: str  # IMAGE, VIDEO, CAROUSEL, REELS, STORIES
    url: str
    child: bool


def create(call: Call, node: str) -> Reply:
    account = own_account(call, node, "publish")
    wish = _wish(call)
    _check_texts(call, wish)
    if wish.kind == "CAROUSEL":
        _check_children(call, account)
    since = call.now - DAY
    made = "SELECT count(*) FROM containers WHERE account_id = ? AND created_at > ?"
    if call.store.number(made, account["id"], since) >= call.knobs.containers_per_day:
        raise refuse(call, 9, 2207042)
    return Reply({"id": _insert(call, account, wish)})


def _wish(call: Call) -> Wish:
    kind = call.args.get("media_type", "IMAGE").upper()
    image, video = call.args.get("image_url", ""), call.args.get("video_url", "")
    child = call.args.get("is_carousel_item", "").lower() == "true"
    if kind not in ("IMAGE", "VIDEO", "CAROUSEL", "REELS", "STORIES"):
        raise refuse(call, 100, 2207023)
    if kind == "CAROUSEL":
        return Wish(kind, "", False)
    if (kind == "IMAGE" and not image) or (kind in ("REELS", "VIDEO") and not video):
        raise refuse(call, 100, message="The parameter image_url or video_url is required.")
    if not fetch.is_url(image or video):
        raise refuse(call, 9004, 2207052)
    if kind == "VIDEO" and not child:
        raise refuse(call, 100, message="media_type VIDEO is no longer supported; use REELS.")
    if kind == "REELS" and child:
        raise refuse(call, 100, message="Reels are not allowed in a carousel.")
    return Wish(kind, image or video, child)


def _check_texts(call: Call, wish: Wish) -> None:
    args = call.args
    check_caption(call, args.get("caption", ""))
    if wish.child and (args.get("caption") or args.get("location_id") or args.get("is_ai_generated")):
        raise refuse(call, 100, message="caption, location_id and is_ai_generated belong to the parent.")
    if args.get("alt_text") and (wish.kind != "IMAGE" or len(args["alt_text"]) > ALT_TEXT):
        raise refuse(call, 100, message="alt_text is for images and has at most 1000 characters.")
    if len(_list(call, "user_tags")) > USER_TAGS:
        raise refuse(call, 100, 2207040)
    _check_collaborators(call, wish)


def _check_collaborators(call: Call, wish: Wish) -> None:
    """The documents allow them for a carousel, one client was refused: hence the knob."""
    names = _list(call, "collaborators")
    unknown = wish.kind == "STORIES" or wish.child
    if names and (unknown or (wish.kind == "CAROUSEL" and not call.knobs.carousel_collaborators)):
        raise refuse(call, 100, message="Param collaborators is not allowed.")
    if len(names) > 3:
        raise refuse(call, 100, message="At most 3 collaborators.")


def _list(call: Call, name: str) -> list[object]:
    text = call.args.get(name, "")
    if not text:
        return []
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if not isinstance(value, list):
        raise refuse(call, 100, message=f"Param {name} must be an array.")
    return value


def children_of(text: str) -> list[str]:
    """`id1,id2` or a JSON array; both are seen in the field."""
    return [part.strip(' "') for part in text.strip("[] ").split(",") if part.strip(' "')]


def _check_children(call: Call, account: sqlite3.Row) -> None:
    children = children_of(call.args.get("children", ""))
    if len(children) not in CAROUSEL or len(set(children)) != len(children):
        raise refuse(call, 100, 2207028)
    for child in children:
        row = find(call, child, account["id"])
        if row is None or not json.loads(row["params"]).get("is_carousel_item"):
            raise refuse(call, 24, 2207006)
        problem = {"IN_PROGRESS": (9007, 2207027), "EXPIRED": (24, 2207008), "ERROR": (24, 2207006)}
        if status(row, call.now) in problem:
            raise refuse(call, *problem[status(row, call.now)])


def _insert(call: Call, account: sqlite3.Row, wish: Wish) -> str:
    number = call.store.next_number("container")
    container_id = str(FIRST_ID + 104_729 * number)
    params = {name: value for name, value in call.args.items() if name != "access_token"}
    slow = VIDEO_SLOWNESS if params.get("video_url") else 1
    delay = slow * call.knobs.container_delay_s * (0.75 + 0.5 * chance(call.knobs.seed, "delay", number))
    call.store.run(
        "INSERT INTO containers (id, account_id, kind, params, created_at, ready_at, fetched)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        container_id,
        account["id"],
        wish.kind,
        json.dumps(params),
        call.now,
        call.now + delay,
        not wish.url,
    )
    if wish.url:
        call.later.append(partial(fetch_for, call.world, container_id))
    return container_id


def find(call: Call, container_id: str, account_id: str) -> sqlite3.Row | None:
    return call.store.row("SELECT * FROM containers WHERE id = ? AND account_id = ?", container_id, account_id)


def status(row: sqlite3.Row, now: float) -> str:
    if row["post_id"]:
        return "PUBLISHED"
    if now >= row["created_at"] + DAY:
        return "EXPIRED"
    if not row["fetched"] or now < row["ready_at"]:
        return "IN_PROGRESS"
    return "ERROR" if row["error"] else "FINISHED"


def getters(call: Call, row: sqlite3.Row) -> dict[str, Getter]:
    code = status(row, call.now)
    subcode = str(row["error"]).split("/")[-1]
    failed = f"Error: Media upload has failed with error code {subcode}"
    return {
        "id": lambda _: row["id"],
        "status_code": lambda _: code,
        "status": lambda _: SENTENCES.get(code, failed),
    }
