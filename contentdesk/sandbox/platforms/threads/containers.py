"""Containers of Threads: `status` and `error_message` say how they are. Fetched as on Instagram."""

import json
import sqlite3
from functools import partial

from contentdesk.sandbox.fetch import CannotFetch, Fetched, Wanted, fetch, is_url, look, register
from contentdesk.sandbox.figures import chance
from contentdesk.sandbox.movie import watch
from contentdesk.sandbox.platforms.instagram.auth import own_account
from contentdesk.sandbox.platforms.instagram.containers import VIDEO_SLOWNESS, children_of, status
from contentdesk.sandbox.platforms.instagram.errors import refuse
from contentdesk.sandbox.platforms.instagram.fields import Getter
from contentdesk.sandbox.platforms.threads.rules import (
    CAROUSEL,
    IMAGE_BYTES,
    VIDEO_BYTES,
    check_texts,
    film_problem,
    picture_problem,
)
from contentdesk.sandbox.settings import Knobs
from contentdesk.sandbox.wire import Call, Reply, World

SCHEMA = """
CREATE TABLE IF NOT EXISTS th_containers (
  id TEXT PRIMARY KEY, account_id TEXT NOT NULL, kind TEXT NOT NULL, params TEXT NOT NULL,
  created_at REAL NOT NULL, ready_at REAL NOT NULL, fetched INTEGER NOT NULL DEFAULT 0,
  sha256 TEXT, error TEXT, post_id TEXT);
"""
FIRST_ID = 18_050_000_000_000_000
KINDS = ("TEXT", "IMAGE", "VIDEO", "CAROUSEL")


def create(call: Call, node: str) -> Reply:
    account = own_account(call, node, "publish")
    kind = call.args.get("media_type", "").upper()
    if kind not in KINDS:
        raise refuse(call, 100, message="Param media_type must be one of {TEXT, IMAGE, VIDEO, CAROUSEL}.")
    url = _address(call, kind)
    child = call.args.get("is_carousel_item", "").lower() == "true"
    if child and (call.args.get("text") or kind in ("TEXT", "CAROUSEL")):
        raise refuse(call, 100, message="A carousel item is an image or a video without text.")
    if kind == "TEXT" and not call.args.get("text"):
        raise refuse(call, 100, message="The parameter text is required.")
    check_texts(call)
    asked = call.args.get("reply_to_id", "")
    if asked and call.store.row("SELECT 1 FROM posts WHERE id = ? AND platform = 'threads'", asked) is None:
        raise refuse(call, 24, 4279009)
    if kind == "CAROUSEL":
        _check_children(call, account)
    return Reply({"id": _insert(call, account, kind, url)})


def _address(call: Call, kind: str) -> str:
    if kind not in ("IMAGE", "VIDEO"):
        return ""
    url = call.args.get("image_url" if kind == "IMAGE" else "video_url", "")
    if not is_url(url):
        raise refuse(call, 100, message="The parameter image_url or video_url is required.")
    return url


def _check_children(call: Call, account: sqlite3.Row) -> None:
    children = children_of(call.args.get("children", ""))
    if len(children) not in CAROUSEL or len(set(children)) != len(children):
        raise refuse(call, 100, message="A carousel has 2 to 20 items.")
    for child in children:
        row = find(call, child, account["id"])
        if row is None or not json.loads(row["params"]).get("is_carousel_item"):
            raise refuse(call, 24, 4279009)
        if status(row, call.now) != "FINISHED":
            raise refuse(call, 24, 4279009)


def _insert(call: Call, account: sqlite3.Row, kind: str, url: str) -> str:
    number = call.store.next_number("th_container")
    container_id = str(FIRST_ID + 104_729 * number)
    params = {name: value for name, value in call.args.items() if name != "access_token"}
    slow = VIDEO_SLOWNESS if kind == "VIDEO" else 1
    delay = slow * call.knobs.container_delay_s * (0.75 + 0.5 * chance(call.knobs.seed, "th_delay", number))
    call.store.run(
        "INSERT INTO th_containers (id, account_id, kind, params, created_at, ready_at, fetched)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        *(container_id, account["id"], kind, json.dumps(params), call.now, call.now + delay, not url),
    )
    if url:
        call.later.append(partial(fetch_for, call.world, container_id))
    return container_id


def answered(container: sqlite3.Row) -> str:
    """Id of the post that it replies to; empty for a post."""
    return str(json.loads(container["params"]).get("reply_to_id", ""))


def find(call: Call, container_id: str, account_id: str) -> sqlite3.Row | None:
    return call.store.row("SELECT * FROM th_containers WHERE id = ? AND account_id = ?", container_id, account_id)


def visible(call: Call, container_id: str, account_id: str) -> sqlite3.Row | None:
    """A new container is not found for a moment, as seen."""
    row = find(call, container_id, account_id)
    return row if row and call.now >= row["created_at"] + call.knobs.threads_appear_s else None


def getters(call: Call, row: sqlite3.Row) -> dict[str, Getter]:
    word = status(row, call.now)
    return {
        "id": lambda _: row["id"],
        "status": lambda _: word,
        "error_message": lambda _: row["error"] if word == "ERROR" else None,
    }


def fetch_for(world: World, container_id: str) -> None:
    """Runs in the background. Doing it twice does no harm: the second result replaces the first."""
    row = world.store.row("SELECT * FROM th_containers WHERE id = ?", container_id)
    if row is None or row["fetched"]:
        return
    params, knobs = json.loads(row["params"]), world.settings.now()
    made = _video(world, params["video_url"], knobs) if row["kind"] == "VIDEO" else _picture(world, params, knobs)
    fetched, error = made
    world.store.run(
        "UPDATE th_containers SET fetched = 1, sha256 = ?, error = ? WHERE id = ?",
        *(fetched.sha256 if fetched else None, error, container_id),
    )


Outcome = tuple[Fetched | None, str | None]


def _picture(world: World, params: dict[str, str], knobs: Knobs) -> Outcome:
    wanted = Wanted(("image/jpeg", "image/png"), IMAGE_BYTES, knobs.fetch_timeout_s)
    try:
        fetched = fetch(params["image_url"], world.media, wanted)
    except CannotFetch:
        return None, "UNKNOWN"
    picture = look(fetched.path)
    if error := picture_problem(picture):
        return None, error
    assert picture is not None
    register(world.store, fetched, picture.width, picture.height)
    return fetched, None


def _video(world: World, url: str, knobs: Knobs) -> Outcome:
    wanted = Wanted(("video/mp4", "video/quicktime"), VIDEO_BYTES, knobs.fetch_timeout_s)
    try:
        fetched = fetch(url, world.media, wanted)
    except CannotFetch:
        return None, "FAILED_DOWNLOADING_VIDEO"
    film = watch(fetched.path)
    if error := film_problem(film):
        return None, error
    assert film is not None
    register(world.store, fetched, film.width, film.height)
    return fetched, None


def resume(world: World) -> None:
    for row in world.store.rows("SELECT id FROM th_containers WHERE fetched = 0"):
        world.background.put(partial(fetch_for, world, row["id"]))
