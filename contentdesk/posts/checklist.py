"""The review checklist C01 to C12: the member sees the very list that the reviewer goes through."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).parent / "data" / "checklist_tinjauan.json"


@dataclass(frozen=True)
class Item:
    id: str
    title: str
    question: str
    required: bool
    """Whether a failure stops approval. C12 does not."""
    stock_note: str
    """What a reviewer asks for, in words that a member can act on."""
    applies_to: tuple[str, ...]


@cache
def items() -> tuple[Item, ...]:
    found = json.loads(FILE.read_text("utf-8"))["butir"]
    return tuple(
        Item(
            id=item["id"],
            title=item["judul"],
            question=item["pertanyaan"],
            required=item["tingkat"] == "wajib",
            stock_note=item["saran_revisi"],
            applies_to=tuple(item["berlaku"]),
        )
        for item in found
    )


def item(item_id: str) -> Item:
    return next(one for one in items() if one.id == item_id)


def applying(traits: set[str]) -> list[Item]:
    """Items for a post with these traits: `pangan`, `ada_wajah`, `ada_anak`, `menyebut_izin`, `menyebut_halal`."""
    return [one for one in items() if "semua" in one.applies_to or traits & set(one.applies_to)]
