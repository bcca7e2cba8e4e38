"""Instagram's limits, as far as the documents and the field know them."""

import re
from datetime import UTC, datetime

from contentdesk.sandbox.fetch import Picture
from contentdesk.sandbox.movie import Film
from contentdesk.sandbox.platforms.instagram.errors import refuse
from contentdesk.sandbox.wire import Call

DAY = 86_400.0
CAPTION = 2200
HASHTAGS = 30
MENTIONS = 20
USER_TAGS = 20
ALT_TEXT = 1000
CAROUSEL = range(2, 11)
IMAGE_BYTES = 8 * 1024 * 1024
VIDEO_BYTES = 300 * 1024 * 1024
STORY_BYTES = 100 * 1024 * 1024
REEL_SECONDS = (3, 15 * 60)
STORY_SECONDS = (3, 60)
FILM_RATIOS = {False: (0.01, 10.0), True: (0.1, 10.0)}
FILM_WIDTH = 1920
RATIOS = (4 / 5, 1.91)
WIDTH = 320

# The last day of each version; None: no end announced.
VERSIONS: dict[str, str | None] = {
    "v20.0": "2026-09-24",
    "v21.0": "2027-01-21",
    "v22.0": "2027-05-20",
    "v23.0": "2027-10-08",
    "v24.0": "2028-02-18",
    "v25.0": "2028-07-29",
    "v26.0": None,
}


def check_version(call: Call, version: str) -> None:
    if call.knobs.graph_ended and _number(version) <= _number(call.knobs.graph_ended):
        raise refuse(call, call.knobs.graph_ended_code, message=f"Unsupported version: {version}")
    if version not in VERSIONS:
        raise refuse(call, 2500, message=f"Unknown path components: /{version}")
    end = VERSIONS[version]
    if end and call.now >= datetime.fromisoformat(end).replace(tzinfo=UTC).timestamp():
        raise refuse(call, 2635, message=f"You are calling a deprecated version of the API: {version}")


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))


def check_caption(call: Call, caption: str) -> None:
    if len(caption) > CAPTION or len(re.findall(r"#\w+", caption)) > HASHTAGS:
        raise refuse(call, 36004, 2207010)
    if len(re.findall(r"(?<![\w@.])@[\w.]+", caption)) > MENTIONS:
        raise refuse(call, 100, 2207040)


def picture_problem(picture: Picture | None, story: bool, progressive_allowed: bool) -> tuple[int, int] | None:
    """Code and subcode, or None when Instagram would take the picture."""
    if picture is None or picture.format != "JPEG" or (picture.progressive and not progressive_allowed):
        return 36001, 2207005
    if picture.width < WIDTH:
        return 36003, 2207009
    low, high = (0.1, 10.0) if story else RATIOS
    # A pixel of rounding is forgiven: what was scaled by whole pixels is never exactly 4:5.
    if (picture.width + 1) / picture.height < low or picture.width / (picture.height + 1) > high:
        return 36003, 2207009
    return None


def film_problem(film: Film | None, story: bool) -> tuple[int, int] | None:
    """Code and subcode, or None when Instagram would take the film. Frame rates come back a bit longer or shorter."""
    if film is None or not film.moov_first:
        return 352, 2207026
    shortest, longest = STORY_SECONDS if story else REEL_SECONDS
    low, high = FILM_RATIOS[story]
    fits = shortest - 0.1 <= film.seconds <= longest + 0.1 and film.width <= FILM_WIDTH
    return None if fits and low <= film.width / film.height <= high else (352, 2207026)
