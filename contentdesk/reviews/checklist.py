"""The reviewers' twelve points: which of them apply to a post, and what stops an approval.

The texts lie in `posts/data/checklist_tinjauan.json`, because members see the same list before they send.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from contentdesk import posts
from contentdesk.posts.models import Revision
from contentdesk.umkm.models import Category

FILE = Path(posts.__file__).parent / "data" / "checklist_tinjauan.json"
_NOT_THERE = "tidak_ada"


class Mark(StrEnum):
    OK = "ok"
    FAIL = "fail"
    NOT_APPLICABLE = "na"


MARKS = frozenset(Mark)


@dataclass(frozen=True)
class Item:
    id: str
    title: str
    question: str
    required: bool
    """False: worth mending, but it stops nothing."""
    applies_to: frozenset[str]
    note: str
    """Standard text of a revision note."""
    law: tuple[str, ...]


@cache
def items() -> tuple[Item, ...]:
    return tuple(_item(entry) for entry in json.loads(FILE.read_text("utf-8"))["butir"])


def _item(entry: Mapping[str, object]) -> Item:
    return Item(
        id=str(entry["id"]),
        title=str(entry["judul"]),
        question=str(entry["pertanyaan"]),
        required=entry["tingkat"] == "wajib",
        applies_to=frozenset(map(str, entry["berlaku"])),  # type: ignore[call-overload]  # a list in our own file
        note=str(entry["saran_revisi"]),
        law=tuple(map(str, entry["dasar"])),  # type: ignore[call-overload]  # a list in our own file
    )


def applying(revision: Revision, mentioned: Iterable[str] = ()) -> set[str]:
    """Ids of the points that apply. Needs `businesses` loaded.

    `mentioned`: ids that something in the text touches, whatever is sold (a craft post may say "halal").
    What the author did not answer applies.
    """
    traits = _traits(revision)
    return {item.id for item in items() if item.applies_to & traits} | set(mentioned)


def _traits(revision: Revision) -> set[str]:
    found = {"semua"}
    if not revision.businesses or any(business.category == Category.FOOD for business in revision.businesses):
        found.add("pangan")
    if revision.faces != _NOT_THERE:
        found.add("ada_wajah")
    if revision.children != _NOT_THERE:
        found.add("ada_anak")
    return found


def stopping(marks: Mapping[str, str], applying_ids: set[str]) -> list[Item]:
    """Required points that stop an approval: failed ones, and those that apply but were not confirmed."""
    return [item for item in items() if item.required and _stops(marks.get(item.id), item.id in applying_ids)]


def _stops(mark: str | None, applies: bool) -> bool:
    return mark == Mark.FAIL or (applies and mark != Mark.OK)
