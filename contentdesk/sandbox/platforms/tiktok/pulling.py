"""Fetches the photos of a post from their addresses, really, in the background."""

import json
from functools import partial

from contentdesk.sandbox.fetch import CannotFetch, Wanted, fetch, look, register
from contentdesk.sandbox.platforms.tiktok import outcome
from contentdesk.sandbox.wire import World

MOST_BYTES = 20 * 1024 * 1024
LONG_SIDE, SHORT_SIDE = 1920, 1080
REASONS = {"type": "file_format_check_failed", "size": "picture_size_check_failed"}


class Refused(Exception):
    """Carries the reason of the failure."""


def pull(world: World, publish_id: str) -> None:
    """Doing it twice does no harm."""
    row = world.store.row("SELECT * FROM tiktok_uploads WHERE publish_id = ?", publish_id)
    if row is None or row["fetched"] or row["reason"]:
        return
    try:
        files = [_photo(world, url) for url in json.loads(row["urls"])]
    except Refused as refused:
        with world.store.transaction():
            outcome.fail(world.store, publish_id, str(refused))
        return
    with world.store.transaction():
        sql = "UPDATE tiktok_uploads SET fetched = 1, files = ? WHERE publish_id = ?"
        world.store.run(sql, json.dumps(files), publish_id)
        if row["post_id"]:
            for position, sha256 in enumerate(files):
                values = (f"{row['post_id']}/{position}", row["post_id"], position, "", sha256, "")
                world.store.run("INSERT OR REPLACE INTO post_media VALUES (?, ?, ?, ?, ?, ?)", *values)


def _photo(world: World, url: str) -> str:
    wanted = Wanted(("image/jpeg", "image/webp"), MOST_BYTES, world.settings.now().fetch_timeout_s)
    try:
        fetched = fetch(url, world.media, wanted)
    except CannotFetch as problem:
        raise Refused(REASONS.get(problem.reason, "photo_pull_failed")) from problem
    picture = look(fetched.path)
    if picture is None or picture.format not in ("JPEG", "WEBP"):
        raise Refused("file_format_check_failed")
    sides = sorted((picture.width, picture.height))
    if sides[0] > SHORT_SIDE or sides[1] > LONG_SIDE:
        raise Refused("picture_size_check_failed")
    register(world.store, fetched, picture.width, picture.height)
    return fetched.sha256


def resume(world: World) -> None:
    for row in world.store.rows("SELECT publish_id FROM tiktok_uploads WHERE fetched = 0 AND reason IS NULL"):
        world.background.put(partial(pull, world, row["publish_id"]))
