"""`fields=id,shares,reactions.limit(0).summary(total_count),from{name}`: what a caller wants to know of a node."""

from collections.abc import Callable, Mapping

from contentdesk.sandbox.platforms.facebook.errors import refuse
from contentdesk.sandbox.platforms.instagram.fields import split
from contentdesk.sandbox.wire import Call

Getter = Callable[[str], object]


def choose(call: Call, kind: str, getters: Mapping[str, Getter], text: str) -> dict[str, object]:
    """The id is always there. A getter that answers None leaves its field out, as Graph does.

    What follows a name after a dot (`limit`, `summary`) narrows an edge; here every edge gives its summary.
    """
    chosen: dict[str, object] = {}
    for asked, inner in [*split(text), ("id", "")]:
        name = asked.partition(".")[0]
        if name not in getters:
            raise refuse(call, 100, message=f"Tried accessing nonexisting field ({name}) on node type ({kind})")
        value = getters[name](inner)
        if value is not None:
            chosen[name] = value
    return chosen
