"""What one server of Mastodon's network takes: each has its own limits, which it tells everybody."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

from contentdesk.channels.base import NotAllowed, Rejected, Rules
from contentdesk.channels.kinds.mastodon_server import Home, row
from contentdesk.channels.kinds.mastodon_text import LINK_CHARS, length

TOLD = {
    "chars": ("statuses", "max_characters"),
    "link_chars": ("statuses", "characters_reserved_per_url"),
    "media": ("statuses", "max_media_attachments"),
    "alt_chars": ("media_attachments", "description_limit"),
    "photo_bytes": ("media_attachments", "image_size_limit"),
    "video_bytes": ("media_attachments", "video_size_limit"),
}
"""Our name of a limit -> where the server's `configuration` has it."""


def told(home: Home) -> dict[str, int]:
    """What the server says, without what it does not."""
    try:
        about = row(home.get("v2/instance"))
    except (NotAllowed, Rejected):
        return {}
    said = row(about.get("configuration"))
    figures = {ours: row(said.get(part)).get(theirs) for ours, (part, theirs) in TOLD.items()}
    return {name: figure for name, figure in figures.items() if type(figure) is int and figure > 0}


def applied(rules: Rules, limits: Mapping[str, int]) -> Rules:
    """Photos are never made heavier than elsewhere only because a server would take it."""
    text, photo, video = rules.text, rules.photo, rules.video
    count = partial(length, link_chars=limits.get("link_chars", LINK_CHARS))
    heaviest = min(photo.max_bytes, limits.get("photo_bytes", photo.max_bytes))
    return replace(
        rules,
        text=replace(text, max_chars=limits.get("chars", text.max_chars), count=count),
        photo=replace(photo, max_count=limits.get("media", photo.max_count), max_bytes=heaviest),
        video=video and replace(video, max_bytes=limits.get("video_bytes", video.max_bytes)),
        alt_max_chars=limits.get("alt_chars", rules.alt_max_chars),
    )


@dataclass(frozen=True)
class Limits:
    """As `told` just before sending; the usual figures where the server does not say, 0 where none is usual."""

    chars: int = 500
    link_chars: int = LINK_CHARS
    media: int = 4
    alt_chars: int = 0
    photo_bytes: int = 0
    video_bytes: int = 0
