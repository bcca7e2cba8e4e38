"""`fields=id,children{media_url},caption`: what a caller wants to know of a node."""

from collections.abc import Callable, Mapping

from contentdesk.sandbox.platforms.instagram.errors import refuse
from contentdesk.sandbox.wire import Call

Getter = Callable[[str], object]


def split(text: str) -> list[tuple[str, str]]:
    """Names with what stands in their braces."""
    found: list[tuple[str, str]] = []
    depth, start = 0, 0
    for at, letter in enumerate(text + ","):
        depth += {"{": 1, "}": -1}.get(letter, 0)
        if letter == "," and depth == 0:
            name, _, inner = text[start:at].strip().partition("{")
            if name:
                found.append((name, inner.removesuffix("}")))
            start = at + 1
    return found


def choose(call: Call, kind: str, getters: Mapping[str, Getter], text: str) -> dict[str, object]:
    """The id is always there. A getter that answers None leaves its field out, as Graph does."""
    chosen: dict[str, object] = {}
    for name, inner in [*split(text), ("id", "")]:
        if name not in getters:
            raise refuse(call, 100, message=f"Tried accessing nonexistent field ({name}) on node type ({kind})")
        value = getters[name](inner)
        if value is not None:
            chosen[name] = value
    return chosen
