"""What Redis knows of the engine: how long the queues are, and who was there when."""

from dataclasses import dataclass

import redis

from contentdesk.lib import pulse
from contentdesk.lib.jobs import Bell

QUEUES = ("publish", "comments", "metrics", "media")
EXPECTED = (pulse.BEAT, pulse.PUBLISHER)
"""Without one of each nothing goes out."""


@dataclass(frozen=True)
class Signs:
    queues: dict[str, int]
    """How many jobs wait, by name."""
    pulses: list[pulse.Sign]
    """The newest first."""

    def newest(self, who: str) -> pulse.Sign | None:
        return next((each for each in self.pulses if each.who == who), None)


def read(bell: Bell) -> Signs | None:
    """In one call. None: Redis does not answer."""
    try:
        with bell.connection.pipeline(transaction=False) as line:
            for name in QUEUES:
                line.llen(bell.queue(name).key)
            line.zrevrange(pulse.KEY, 0, 199, withscores=True)
            *lengths, found = line.execute()
    except redis.RedisError:
        return None
    return Signs(dict(zip(QUEUES, lengths, strict=True)), pulse.read(found))
