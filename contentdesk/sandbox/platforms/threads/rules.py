"""Threads' limits, as far as the documents know them."""

import re

import regex

from contentdesk.sandbox.fetch import Picture
from contentdesk.sandbox.movie import Film
from contentdesk.sandbox.platforms.instagram.errors import refuse
from contentdesk.sandbox.wire import Call

TEXT = 500
LINKS = 5
TAG = 50
ALT_TEXT = 1000
CAROUSEL = range(2, 21)
IMAGE_BYTES = 8 * 1024 * 1024
VIDEO_BYTES = 1024 * 1024 * 1024
SECONDS = 300
WIDTH = 320
RATIO = 10
REPLY_CONTROLS = (
    "everyone",
    "accounts_you_follow",
    "mentioned_only",
    "parent_post_author_only",
    "followers_only",
)
_EMOJI = regex.compile(
    r"[\p{Extended_Pictographic}\p{Emoji_Modifier}\p{Regional_Indicator}\u200d\ufe0f\u20e3\U000e0020-\U000e007f]"
)


def length(text: str) -> int:
    """An emoji counts as many as it has bytes in UTF-8."""
    return sum(len(letter.encode()) if _EMOJI.match(letter) else 1 for letter in text)


def check_texts(call: Call) -> None:
    args = call.args
    text, tag = args.get("text", ""), args.get("topic_tag", "")
    if length(text) > TEXT:
        raise refuse(call, 100, message="Param text must be at most 500 characters long.")
    if len(re.findall(r"https?://\S+", text)) > LINKS:
        raise refuse(call, 100, message="A post has at most 5 links.")
    if len(tag) > TAG or "." in tag or "&" in tag:
        raise refuse(call, 100, 4279071)
    if args.get("reply_control", "everyone") not in REPLY_CONTROLS:
        raise refuse(call, 100, message="Param reply_control is not one of the known values.")
    if len(args.get("alt_text", "")) > ALT_TEXT:
        raise refuse(call, 100, message="alt_text has at most 1000 characters.")


def picture_problem(picture: Picture | None) -> str | None:
    """The word of a failed container, or None."""
    if picture is None or picture.format not in ("JPEG", "PNG") or picture.width < WIDTH:
        return "UNKNOWN"
    sides = sorted((picture.width, picture.height))
    return "INVALID_ASPEC_RATIO" if sides[1] / sides[0] > RATIO else None


def film_problem(film: Film | None) -> str | None:
    if film is None or not film.moov_first:
        return "FAILED_PROCESSING_VIDEO"
    return "INVALID_DURATION" if film.seconds > SECONDS + 0.1 else None
