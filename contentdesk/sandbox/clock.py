"""Real time plus an offset that the admin moves, so that sixty days pass at once."""

import time
from datetime import UTC, datetime

from contentdesk.sandbox.store import Store


class Clock:
    def __init__(self, store: Store) -> None:
        self._store = store

    def now(self) -> float:
        return time.time() + self.offset()

    def offset(self) -> float:
        row = self._store.row("SELECT offset_s FROM clock")
        return float(row["offset_s"]) if row else 0.0

    def set_offset(self, seconds: float) -> None:
        with self._store.transaction():
            self._store.run("INSERT OR REPLACE INTO clock VALUES (1, ?)", seconds)


def stamp(at: float) -> str:
    """The way Graph writes a moment: 2026-11-21T04:05:06+0000."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S%z")
