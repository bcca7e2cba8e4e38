"""What can be posted on a Facebook page, and the choices for it."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from contentdesk.channels.abilities import FIRST_COMMENT
from contentdesk.channels.base import (
    FORMAT,
    Format,
    Option,
    OptionType,
    Outgoing,
    PhotoRule,
    Problem,
    Rules,
    TextRule,
    VideoRule,
)
from contentdesk.lib.i18n import N_

POST, REEL = "post", "reel"
LINK = "link"
MOST_CHARS = 63_206
MOST_COMMENT_CHARS = 8000

# Without a text a lost answer could not be told from what others post by hand.
TEXT = TextRule(max_chars=MOST_CHARS, required=True)
FORMATS = (
    Format(
        POST,
        N_("Unggahan"),
        Rules(
            text=TEXT,
            photo=PhotoRule(min_count=0, max_count=10, min_ratio=0.3, max_ratio=3.0, max_bytes=4_000_000),
            video=VideoRule(max_seconds=1200, max_bytes=1_000_000_000, min_ratio=0.56, max_ratio=1.78),
        ),
    ),
    Format(
        REEL,
        N_("Reel"),
        Rules(
            text=TEXT,
            photo=PhotoRule(max_count=0),
            video=VideoRule(
                min_seconds=3, max_seconds=90, min_ratio=0.5, max_ratio=0.6, min_width=540, min_height=960, min_fps=24
            ),
        ),
    ),
)
OPTIONS = (
    Option(
        LINK,
        N_("Tautan"),
        OptionType.TEXT,
        help=N_("Tampil sebagai kartu di bawah teks. Hanya untuk unggahan tanpa foto dan video."),
        max_chars=2000,
        formats=frozenset({POST}),
    ),
    Option(
        FIRST_COMMENT,
        N_("Komentar pertama"),
        OptionType.TEXT,
        help=N_("Ditulis di bawah unggahan segera setelah terbit."),
        max_chars=MOST_COMMENT_CHARS,
    ),
)


def is_reel(outgoing: Outgoing) -> bool:
    return outgoing.video is not None and outgoing.options.get(FORMAT) == REEL


def link_of(outgoing: Outgoing) -> str:
    return str(outgoing.options.get(LINK) or "").strip()


def problems(options: Mapping[str, Any]) -> Iterator[Problem]:
    link = str(options.get(LINK) or "").strip()
    if link and not _is_address(link):
        sentence = N_("Tautan harus alamat lengkap yang diawali https://. Perbaiki dulu.")
        yield Problem("link_no_address", sentence, {}, LINK)


def _is_address(link: str) -> bool:
    try:
        parts = urlsplit(link)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and "." in (parts.hostname or "") and not any(map(str.isspace, link))
