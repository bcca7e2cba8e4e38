"""What is told to TikTok about a post, and what is asked about the account just before. Nothing here has an effect."""

from collections.abc import Mapping
from typing import Any

from contentdesk.channels.base import NotAllowed, Outgoing, Rejected
from contentdesk.channels.kinds.tiktok_api import Api
from contentdesk.channels.kinds.tiktok_errors import PRIVACY, UNAUDITED, WORDS
from contentdesk.channels.kinds.tiktok_options import (
    DIRECT_SCOPE,
    INBOX_SCOPE,
    NO_PRIVACY,
    ONLY_ME,
    ask_creator,
    is_inbox,
    is_unaudited,
    lacks,
    longest,
    offered,
    switched_off,
)
from contentdesk.lib.i18n import N_

CHUNK = 10 * 1024 * 1024
"""Whatever a megabyte is to the platform (10^6 or 2^20), this lies between its 5 and its 64."""

SWITCHED_OFF = N_(
    "Akun %(handle)s mematikan komentar, duet, atau stitch di aplikasi, padahal unggahan ini mengizinkannya. "
    "Naskah tersimpan. Ubah pilihannya, lalu kirim untuk ditinjau."
)
TOO_LONG = N_(
    "Akun %(handle)s hanya boleh mengunggah video sampai %(limit)s detik. Potong videonya, lalu kirim untuk ditinjau."
)


def check_account(api: Api, outgoing: Outgoing) -> None:
    """Raises what stops the post now, although it was approved: choices that are no longer offered, a missing scope."""
    scope = INBOX_SCOPE if is_inbox(outgoing.options) else DIRECT_SCOPE
    if lacks(outgoing.login, scope):
        missing = WORDS["scope_not_authorized"]
        raise NotAllowed(missing.words, code="scope", **api.words)
    if not is_inbox(outgoing.options):
        _check_choices(api, outgoing, ask_creator(api))


def _check_choices(api: Api, outgoing: Outgoing, info: Mapping[str, Any]) -> None:
    options, limit = outgoing.options, longest(info)
    if not options.get("privacy"):
        raise Rejected(NO_PRIVACY, code="no_privacy")
    if is_unaudited(info) and options["privacy"] != ONLY_ME:
        raise Rejected(UNAUDITED, code="unaudited", **api.words)
    if options["privacy"] not in offered(info):
        raise Rejected(PRIVACY, code="privacy_level_option_mismatch", **api.words)
    if any(options.get(name) is True for name in switched_off(info)):
        raise Rejected(SWITCHED_OFF, code="switched_off", **api.words)
    if outgoing.video and limit and outgoing.video.seconds > limit:
        raise Rejected(TOO_LONG, code="too_long", limit=round(limit), **api.words)


def chunk_count(size: int) -> int:
    """The last one takes the rest and so is the largest; a small file is one."""
    return max(1, size // CHUNK)


def video_body(outgoing: Outgoing) -> dict[str, Any]:
    """The inbox takes the file alone: the text is written in the app."""
    assert outgoing.video
    size = outgoing.video.size
    count = chunk_count(size)
    source = {
        "source": "FILE_UPLOAD",
        "video_size": size,
        "chunk_size": size if count == 1 else CHUNK,
        "total_chunk_count": count,
    }
    if is_inbox(outgoing.options):
        return {"source_info": source}
    options = outgoing.options
    info = {
        "title": outgoing.text,
        **_shared(options),
        "disable_duet": options.get("allow_duet") is not True,
        "disable_stitch": options.get("allow_stitch") is not True,
    }
    return {"post_info": info, "source_info": source}


def photo_body(outgoing: Outgoing) -> dict[str, Any]:
    inbox, options = is_inbox(outgoing.options), outgoing.options
    info: dict[str, Any] = {"title": str(options.get("title") or ""), "description": outgoing.text}
    if not inbox:
        info |= {**_shared(options), "auto_add_music": False}
    return {
        "media_type": "PHOTO",
        "post_mode": "MEDIA_UPLOAD" if inbox else "DIRECT_POST",
        "post_info": info,
        "source_info": {
            "source": "PULL_FROM_URL",
            "photo_images": [photo.url for photo in outgoing.photos],
            "photo_cover_index": 0,
        },
    }


def _shared(options: Mapping[str, Any]) -> dict[str, Any]:
    disclosed = options.get("disclosure") is True
    return {
        "privacy_level": options["privacy"],
        "disable_comment": options.get("allow_comment") is not True,
        "brand_content_toggle": disclosed and options.get("branded") is True,
        "brand_organic_toggle": disclosed and options.get("your_brand") is True,
    }
