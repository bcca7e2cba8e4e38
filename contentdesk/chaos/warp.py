"""Wrong clocks, and time that passes faster.

`contentdesk.lib.clock` reads from a file by how many seconds it is wrong. The platforms have a clock of their own,
which never jumps. What is measured is measured by theirs.
"""

import os
import time
from bisect import bisect_right
from collections.abc import Callable
from pathlib import Path
from threading import Lock

VARIABLE = "CHAOS_CLOCK"
"""As in `contentdesk.lib.clock`."""


def start_file(folder: Path) -> Path:
    path = folder / "clock"
    path.write_text("0")
    return path


class Warp:
    def __init__(self, path: Path, platforms: Callable[[float], None]) -> None:
        """`platforms` sets by how much the platforms' clock is ahead of this machine's."""
        self._path, self._platforms, self._lock = path, platforms, Lock()
        self._passed = 0.0
        self._wrong: list[tuple[float, float]] = [(0.0, 0.0)]
        """Since when by the platforms' clock, by how much ours is ahead of it."""

    def now(self) -> float:
        """By the platforms' clock, in seconds since 1970."""
        return time.time() + self._passed

    def jump(self, wrong_by: float) -> None:
        """From now on our clock is so many seconds ahead of the platforms', or behind."""
        with self._lock:
            self._wrong.append((self.now(), wrong_by))
            self._write()

    def pass_by(self, seconds: float) -> None:
        """So much time passes at once, for the platforms and for us."""
        with self._lock:
            self._passed += seconds
            self._platforms(self._passed)
            self._write()

    def _write(self) -> None:
        new = self._path.with_suffix(".new")
        new.write_text(repr(self._passed + self._wrong[-1][1]))
        os.replace(new, self._path)

    def came_due(self, due: float, before: float) -> float:
        """Since when, by the platforms' clock, ours has said without a break that `due` is over, seen from `before`."""
        place = bisect_right(self._wrong, (before, float("inf"))) - 1
        since = before
        while place >= 0:
            begun, wrong_by = self._wrong[place]
            if due - wrong_by > begun:
                return min(due - wrong_by, since)
            since = begun
            place -= 1
        return due
