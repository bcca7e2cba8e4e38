"""Room in the quotas of platforms, counted by the library `limits` for all workers together."""

import time

import redis
from limits.storage import RedisStorage

from contentdesk.channels.quotas import Quota
from workers.gates import PREFIX


class Rooms:
    """A moving window each: never more than the amount in any stretch of that length."""

    def __init__(self, connection: redis.Redis) -> None:
        self._storage = RedisStorage(
            "redis://", connection_pool=connection.connection_pool, key_prefix=f"{PREFIX}:room"
        )

    def take(self, place: str, quota: Quota, share: float = 1.0, count: int = 1) -> float | None:
        """None: there was room, and it is taken. Otherwise when there will be some.

        `share`: as much of it may be used up by everybody, for this caller to get any.
        """
        key, seconds = f"{place}:{quota.counts}:{quota.amount}", int(quota.per.total_seconds())
        most = max(1, int(quota.amount * share))
        if self._storage.acquire_entry(key, most, seconds, min(count, most)):
            return None
        oldest, _count = self._storage.get_moving_window(key, most, seconds)
        return max(oldest + seconds, time.time() + 0.1)
