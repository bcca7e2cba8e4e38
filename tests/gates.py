"""What keeps a platform from being asked lies in Redis and passes with time, which tests move."""

import redis

from workers.gates import PREFIX


def open_all(connection: redis.Redis) -> None:
    """As if all limits and outages were long over. What nobody has heard of yet stays."""
    found = [name for name in connection.scan_iter(f"{PREFIX}:*") if b":news" not in name and b":told:" not in name]
    if found:
        connection.delete(*found)
