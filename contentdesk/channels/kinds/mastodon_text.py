"""A text as Mastodon counts it, and as it comes back."""

import re
import unicodedata

import regex

from contentdesk.channels.kinds.html_words import words_of

LINK_CHARS = 23
LINK = re.compile(r"https?://[^\s<>\"']+", re.IGNORECASE)
MENTION = re.compile(r"(?<![\w/])(@[a-z0-9_]+(?:[\w.-]*[a-z0-9_])?)@[\w.-]*\w", re.IGNORECASE)
TRAILING = ".,;:!?)]}'\"…"
_GRAPHEME = regex.compile(r"\X")


def length(text: str, link_chars: int = LINK_CHARS) -> int:
    """Characters as people see them; every link counts the same, a mention without its server.

    `link_chars` is what a server says: it is added up and never written out.
    """
    shown, links = LINK.subn(lambda found: "x" + _after(found.group()), text)
    return len(_GRAPHEME.findall(MENTION.sub(r"\1", shown))) + links * (link_chars - 1)


def _after(link: str) -> str:
    """A full stop behind a link ends the sentence and is counted by itself."""
    return link[len(link.rstrip(TRAILING)) :]


def same_words(html: str, text: str) -> bool:
    """Whether what the server shows is this text, apart from what it changes on the way."""
    return _plain(words_of(html)) == _plain(text)


def _plain(text: str) -> str:
    return " ".join(MENTION.sub(r"\1", unicodedata.normalize("NFC", text)).split())
