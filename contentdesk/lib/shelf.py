"""Answers that are worth keeping for a few minutes. Nothing is lost when they are gone."""

import json
from typing import Any

import redis


class Shelf:
    """JSON by name in Redis. A Redis that cannot be reached is an empty shelf."""

    def __init__(self, connection: redis.Redis, prefix: str) -> None:
        self.connection = connection
        self.prefix = prefix

    def put(self, name: str, value: Any, seconds: int) -> None:
        try:
            self.connection.set(self._key(name), json.dumps(value), ex=seconds)
        except redis.RedisError:
            return

    def take(self, name: str) -> Any:
        """None when it is not there any more."""
        try:
            found = self.connection.get(self._key(name))
        except redis.RedisError:
            return None
        try:
            return json.loads(found) if isinstance(found, bytes) else None
        except ValueError:
            return None

    def _key(self, name: str) -> str:
        return f"contentdesk:{self.prefix}:{name}"
