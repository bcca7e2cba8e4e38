"""Fetches what a container points to and judges it."""

import json
from functools import partial

from contentdesk.sandbox.fetch import CannotFetch, Fetched, Wanted, fetch, look, register
from contentdesk.sandbox.movie import watch
from contentdesk.sandbox.platforms.instagram.rules import (
    IMAGE_BYTES,
    STORY_BYTES,
    VIDEO_BYTES,
    film_problem,
    picture_problem,
)
from contentdesk.sandbox.settings import Knobs
from contentdesk.sandbox.wire import World

# Why a fetch failed -> code and subcode, for pictures and for videos.
PICTURE = {"timeout": (-2, 2207003), "type": (9004, 2207052), "size": (36000, 2207004)}
VIDEO = {"timeout": (-2, 2207003), "type": (352, 2207026), "size": (352, 2207026), "ranges": (352, 2207077)}


def fetch_for(world: World, container_id: str) -> None:
    """Runs in the background. Doing it twice does no harm: the second result replaces the first."""
    row = world.store.row("SELECT * FROM containers WHERE id = ?", container_id)
    if row is None or row["fetched"]:
        return
    params = json.loads(row["params"])
    knobs = world.settings.now()
    if params.get("video_url"):
        fetched, error = _video(world, params["video_url"], knobs, row["kind"] == "STORIES")
    else:
        fetched, error = _picture(world, params["image_url"], knobs, row["kind"] == "STORIES")
    world.store.run(
        "UPDATE containers SET fetched = 1, sha256 = ?, error = ? WHERE id = ?",
        fetched.sha256 if fetched else None,
        f"{error[0]}/{error[1]}" if error else None,
        container_id,
    )


Outcome = tuple[Fetched | None, tuple[int, int] | None]


def _picture(world: World, url: str, knobs: Knobs, story: bool) -> Outcome:
    wanted = Wanted(("image/jpeg", "image/png"), IMAGE_BYTES, knobs.fetch_timeout_s)
    try:
        fetched = fetch(url, world.media, wanted)
    except CannotFetch as problem:
        return None, PICTURE.get(problem.reason, (9004, 2207052))
    picture = look(fetched.path)
    if error := picture_problem(picture, story, knobs.progressive_allowed):
        return None, error
    assert picture is not None
    register(world.store, fetched, picture.width, picture.height)
    return fetched, None


def _video(world: World, url: str, knobs: Knobs, story: bool) -> Outcome:
    most = STORY_BYTES if story else VIDEO_BYTES
    wanted = Wanted(("video/mp4", "video/quicktime"), most, knobs.fetch_timeout_s, ranges=True)
    try:
        fetched = fetch(url, world.media, wanted)
    except CannotFetch as problem:
        return None, VIDEO.get(problem.reason, (9004, 2207052))
    film = watch(fetched.path)
    if error := film_problem(film, story):
        return None, error
    assert film is not None
    register(world.store, fetched, film.width, film.height)
    return fetched, None


def resume(world: World) -> None:
    for row in world.store.rows("SELECT id FROM containers WHERE fetched = 0"):
        world.background.put(partial(fetch_for, world, row["id"]))
