"""Signs of life: who of the processes without a page was there when. In Redis, so that the pages can tell."""

import logging
import os
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

import redis

from contentdesk.lib import clock

log = logging.getLogger(__name__)
KEY = "contentdesk:pulse"
EVERY_S = 5.0
"""More often a process does not write, however often it signs."""
KEEP = timedelta(days=1)
ALIVE = timedelta(seconds=120)
"""A worker with nothing to do signs at least this often."""
BEAT, PUBLISHER, WORKER, VIDEOS = "beat", "publisher", "worker", "videos"
_signed: dict[tuple[str, int], float] = {}


@dataclass(frozen=True)
class Sign:
    who: str
    """What the process is for, such as `beat` or `worker`."""
    host: str
    pid: int
    at: datetime

    def is_alive(self, now: datetime) -> bool:
        return now - self.at <= ALIVE


def sign(connection: redis.Redis, who: str) -> None:
    """Says that this process is there; cheap, and never a reason to stop."""
    mine = (who, os.getpid())
    if monotonic() - _signed.get(mine, -EVERY_S) < EVERY_S:
        return
    _signed[mine] = monotonic()
    now = clock.now()
    try:
        with connection.pipeline(transaction=False) as line:
            line.zadd(KEY, {f"{who}|{socket.gethostname()}|{os.getpid()}": now.timestamp()})
            line.zremrangebyscore(KEY, "-inf", (now - KEEP).timestamp())
            line.execute()
    except redis.RedisError as error:
        log.warning("queue cannot be reached: %s", type(error).__name__)


def seen(connection: redis.Redis) -> list[Sign]:
    """Who gave a sign lately, the newest first. Raises RedisError."""
    now = clock.now()
    found: Any = connection.zrevrange(KEY, 0, 199, withscores=True)
    return [one for one in read(found) if one.is_alive(now)]


def read(found: Iterable[tuple[bytes, float]]) -> list[Sign]:
    """From `zrevrange(KEY, 0, -1, withscores=True)`: the newest first. What is not ours is left out."""
    signs = []
    for member, moment in found:
        parts = member.decode(errors="replace").split("|")
        if len(parts) == 3 and parts[2].isdigit():
            signs.append(Sign(parts[0], parts[1], int(parts[2]), datetime.fromtimestamp(moment, UTC)))
    return signs
