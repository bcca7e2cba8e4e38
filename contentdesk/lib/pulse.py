"""Signs of life in Redis: who works here, and was there a moment ago."""

import logging
import os
import socket
from contextlib import suppress
from datetime import datetime

import redis

from contentdesk.lib import clock

log = logging.getLogger(__name__)
PREFIX = "contentdesk:pulse"
LIVES_S = 60
"""Whoever has given no sign for so long is taken for gone."""
BEAT, WORKER, VIDEOS = "beat", "worker", "videos"


def beat(connection: redis.Redis, name: str) -> None:
    """This process is there. Without Redis nothing is said, and nothing fails."""
    key = f"{PREFIX}:{name}:{socket.gethostname()}:{os.getpid()}"
    try:
        connection.set(key, clock.now().isoformat(), ex=LIVES_S)
    except redis.RedisError as error:
        log.debug("no sign of life: %s", type(error).__name__)


def seen(connection: redis.Redis) -> list[tuple[str, str, int, datetime]]:
    """(name, host, pid, when) of all that gave a sign lately, the newest sign first. Raises RedisError."""
    found = []
    for key in connection.scan_iter(match=f"{PREFIX}:*", count=500):
        said = connection.get(key)
        with suppress(ValueError, UnicodeDecodeError):
            _, _, name, rest = _text(key).split(":", 3)
            host, _, pid = rest.rpartition(":")
            found.append((name, host, int(pid), datetime.fromisoformat(_text(said))))
    return sorted(found, key=lambda one: one[3], reverse=True)


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
