"""What differs between two texts, word by word, and between two contents, part by part."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from contentdesk.lib.i18n import N_
from contentdesk.posts.content import Content

_WORDS = re.compile(r"\s+|\w+|[^\w\s]")
_PARTS = {
    "title": N_("Judul"),
    "text": N_("Teks"),
    "texts": N_("Teks khusus kanal"),
    "photos": N_("Foto"),
    "business_ids": N_("UMKM"),
    "campaign_id": N_("Kampanye"),
    "account_ids": N_("Kanal"),
    "options": N_("Pengaturan kanal"),
    "photo_source": N_("Sumber foto"),
    "faces": N_("Wajah di foto"),
    "children": N_("Anak di foto"),
}


@dataclass(frozen=True)
class Piece:
    """`kind`: same, added or removed."""

    kind: str
    text: str


def words(old: str, new: str) -> list[Piece]:
    before, after = _WORDS.findall(old), _WORDS.findall(new)
    return list(_pieces(before, after))


def _pieces(before: list[str], after: list[str]) -> Iterator[Piece]:
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for tag, start, end, new_start, new_end in matcher.get_opcodes():
        if tag == "equal":
            yield Piece("same", "".join(before[start:end]))
            continue
        if end > start:
            yield Piece("removed", "".join(before[start:end]))
        if new_end > new_start:
            yield Piece("added", "".join(after[new_start:new_end]))


def parts(one: Content, other: Content) -> list[str]:
    """Names of the parts that differ, for the catalogue."""
    return [word for name, word in _PARTS.items() if getattr(one, name) != getattr(other, name)]
