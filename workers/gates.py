"""What all workers know together of how full a platform is, kept in Redis for as long as it matters.

Places are words such as `account:<id>`. A gate that is shut opens by itself.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import redis

PREFIX = "contentdesk:manners"
LONGEST_S = 24 * 3600.0
TURN = """
local at = math.max(tonumber(redis.call('get', KEYS[1]) or '0') + tonumber(ARGV[2]), tonumber(ARGV[1]))
redis.call('set', KEYS[1], string.format('%.3f', at), 'PX', ARGV[3])
return string.format('%.3f', at)
"""
"""The next place in the line of those who come back: one after the other, the first one when there is room again."""


@dataclass(frozen=True)
class Seen:
    """What was known at the moment of asking. Times are seconds since 1970."""

    shut: dict[str, float] = field(default_factory=dict)
    """Gate -> until when."""
    used: dict[str, float] = field(default_factory=dict)
    """Place -> share of it that is used up."""
    down: dict[str, float] = field(default_factory=dict)
    """Place -> when it is probed next."""
    failing: frozenset[str] = frozenset()
    """Places whose last answers were none."""


class Gates:
    def __init__(self, connection: redis.Redis) -> None:
        self._redis = connection
        self._turn = connection.register_script(TURN)

    def look(self, gates: Sequence[str], used: Sequence[str], health: Sequence[str]) -> Seen:
        """All of it in one question."""
        keys = [*(key("shut", gate) for gate in gates), *(key("used", place) for place in used)]
        keys += [*(key("down", place) for place in health), *(key("fails", place) for place in health)]
        values = iter([_text(value) for value in self._redis.mget(keys)])
        return Seen(
            shut={gate: float(value) for gate in gates if (value := next(values))},
            used={place: float(value) for place in used if (value := next(values))},
            down={place: float(value.split("|")[1]) for place in health if (value := next(values))},
            failing=frozenset(place for place in health if next(values)),
        )

    def shut(self, gate: str, until: float) -> None:
        """Never for longer than a day. Of two that shut it the later one counts, who knows more."""
        rest = min(until - time.time(), LONGEST_S)
        if rest > 0:
            self._redis.set(key("shut", gate), f"{time.time() + rest:.3f}", px=int(rest * 1000) + 1)

    def note_used(self, place: str, used: float, for_s: float) -> None:
        self._redis.set(key("used", place), f"{used:.3f}", px=int(min(max(for_s, 1.0), LONGEST_S) * 1000))

    def turn(self, gate: str, free_at: float, step_s: float) -> float:
        """When the next one of those who were turned away should come back."""
        kept_ms = int((max(free_at - time.time(), 0) + 60 * step_s + 60) * 1000)
        return float(self._turn([key("turn", gate)], [f"{free_at:.3f}", f"{step_s:.3f}", kept_ms]))


def _text(value: bytes | str | None) -> str:
    return value.decode() if isinstance(value, bytes) else value or ""


def key(what: str, place: str) -> str:
    return f"{PREFIX}:{what}:{place}"
