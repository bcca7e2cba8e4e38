"""The words of a video: title, description, tags, and the choices a person made, as the platform wants them."""

from collections.abc import Mapping
from typing import Any

from contentdesk.channels.base import Outgoing, Rejected
from contentdesk.channels.rules import hashtags
from contentdesk.lib.i18n import N_

TITLE, DESCRIPTION_BYTES, TAGS = 100, 5000, 500
FORBIDDEN = "<>"
CATEGORY = "22"
"""People and blogs, which the platform itself takes when nothing is said."""

PRIVACY, KIDS, SYNTHETIC, TITLE_OPTION = "privacy", "made_for_kids", "synthetic", "title"
NO_TITLE = N_("Judul video belum ada. Isi judulnya, lalu kirim lagi.")
NOT_CHOSEN = N_("Siapa yang dapat menonton dan untuk siapa videonya belum dipilih. Pilih dulu, lalu kirim lagi.")


def resource(outgoing: Outgoing) -> dict[str, Any]:
    """The video as it is announced. Raises Rejected for what no person chose."""
    privacy, kids = outgoing.options.get(PRIVACY), outgoing.options.get(KIDS)
    if privacy not in ("public", "unlisted", "private") or kids not in ("yes", "no"):
        raise Rejected(NOT_CHOSEN, code="not_chosen")
    snippet = {
        "title": title(outgoing),
        "description": outgoing.text,
        "tags": tags(outgoing.text),
        "categoryId": CATEGORY,
    }
    status = {
        "privacyStatus": privacy,
        "selfDeclaredMadeForKids": kids == "yes",
        "containsSyntheticMedia": outgoing.options.get(SYNTHETIC) is True,
    }
    return {"snippet": snippet, "status": status}


def title(outgoing: Outgoing) -> str:
    """What was typed for it, else the title of the post, else the first line of the text."""
    lines = (line for line in outgoing.text.splitlines() if line.strip())
    for words in (outgoing.options.get(TITLE_OPTION), outgoing.title, next(lines, "")):
        plain = " ".join("".join(sign for sign in str(words or "") if sign not in FORBIDDEN).split())
        if plain:
            return _cut(plain)
    raise Rejected(NO_TITLE, code="no_title")


def _cut(words: str) -> str:
    """At the end of a word, with a sign that something is missing."""
    if units(words) <= TITLE:
        return words
    while units(words) > TITLE - 1:
        words = words[:-1]
    whole = words.rpartition(" ")[0]
    return f"{(whole if len(whole) > TITLE // 2 else words).rstrip(' ,.;:-')}…"


def units(text: str) -> int:
    """Characters beyond the first plane, as most emoji, are counted as two, to be on the safe side."""
    return len(text.encode("utf-16-le")) // 2


def size(text: str) -> int:
    return len(text.encode())


def tags(text: str) -> list[str]:
    """The hashtags, each once, as many as there is room for."""
    found: list[str] = []
    room = TAGS
    for tag in dict.fromkeys(hashtags(text)):
        room -= units(tag) + 1
        if room < 0:
            break
        found.append(tag)
    return found


def wanted_privacy(options: Mapping[str, Any]) -> str:
    return str(options.get(PRIVACY, ""))
