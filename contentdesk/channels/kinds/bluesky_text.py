"""A text as Bluesky counts and marks it, and the keys of its records.

Links, mentions and tags are marks beside the text, placed by bytes in UTF-8.
"""

import re
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any

import regex

MAX_GRAPHEMES = 300
MAX_BYTES = 3000
MAX_TAG = 64
LINK = re.compile(r"https?://[^\s<>\"']+", re.IGNORECASE)
MENTION = re.compile(r"(?<![\w@./])@([a-z0-9][a-z0-9-]*(?:\.[a-z0-9][a-z0-9-]*)+)", re.IGNORECASE)
TAG = re.compile(r"(?:(?<=\s)|^)[#＃]([^\s#＃]+)")
TRAILING = ".,;:!?)]}'\"…"
_GRAPHEME = regex.compile(r"\X")
_ALPHABET = "234567abcdefghijklmnopqrstuvwxyz"
_FACET = "app.bsky.richtext.facet"

Facet = dict[str, Any]


def length(text: str) -> int:
    """Characters as people see them; where the bytes are nearer to their limit, tenths of bytes, rounded up."""
    return max(len(_GRAPHEME.findall(text)), -(-len(text.encode()) * MAX_GRAPHEMES // MAX_BYTES))


def mentioned(text: str) -> list[str]:
    """Handles, each once."""
    return list(dict.fromkeys(found.group(1).lower() for found in MENTION.finditer(text)))


def facets(text: str, dids: Mapping[str, str | None]) -> list[Facet]:
    """In the order of the text. A mention of somebody who is not there stays plain text."""
    return sorted(_facets(text, dids), key=lambda facet: int(facet["index"]["byteStart"]))


def _facets(text: str, dids: Mapping[str, str | None]) -> Iterator[Facet]:
    for found in LINK.finditer(text):
        address = found.group().rstrip(TRAILING)
        yield _facet(text, found.start(), found.start() + len(address), {"$type": f"{_FACET}#link", "uri": address})
    for found in MENTION.finditer(text):
        did = dids.get(found.group(1).lower())
        if did:
            yield _facet(text, found.start(), found.end(), {"$type": f"{_FACET}#mention", "did": did})
    for found in TAG.finditer(text):
        tag = found.group(1).rstrip(TRAILING)
        if tag and not tag.isdecimal() and len(tag) <= MAX_TAG:
            start = found.start(1) - 1
            yield _facet(text, start, start + 1 + len(tag), {"$type": f"{_FACET}#tag", "tag": tag})


def _facet(text: str, start: int, end: int, feature: dict[str, str]) -> Facet:
    first = len(text[:start].encode())
    index = {"byteStart": first, "byteEnd": first + len(text[start:end].encode())}
    return {"$type": _FACET, "index": index, "features": [feature]}


def record_key(seconds: float, owner: str) -> str:
    """A TID: microseconds since 1970 in 53 bits, then ten bits that tell apart who made it at the same moment."""
    number = (int(seconds * 1_000_000) << 10) | int.from_bytes(sha256(owner.encode()).digest()[:2]) >> 6
    return "".join(_ALPHABET[(number >> shift) & 31] for shift in range(60, -1, -5))
