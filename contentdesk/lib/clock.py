"""The one place that reads the time. Kept in UTC, shown in WIB (UTC+7, no daylight saving).

With CHAOS_CLOCK in the environment a process reads the seconds by which its clock is wrong from the file of that name.
Only `contentdesk chaos` sets it, for the processes it starts: see docs/decisions/chaos.md.
"""

import os
from collections import deque
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Lock
from time import monotonic
from zoneinfo import ZoneInfo

WIB = ZoneInfo("Asia/Jakarta")
FIRST_YEAR, LAST_YEAR = 2000, 2100
"""What people may type."""
YEARS = range(FIRST_YEAR - 1, LAST_YEAR + 2)
"""What can be counted with: a calendar of the first or last month shows days beside it."""
_WRONG_BY = Path(os.environ["CHAOS_CLOCK"]) if "CHAOS_CLOCK" in os.environ else None


JUMP_S = 5.0
REMEMBERED_S = 900.0
"""Longer than a channel waits before it takes a post that it does not see for one that is not there."""
_seen: deque[tuple[float, float]] = deque()
_lock = Lock()


def now() -> datetime:
    """This moment, aware, in UTC."""
    return _wall()


def _wall() -> datetime:
    now = datetime.now(UTC)
    return now if _WRONG_BY is None else now + timedelta(seconds=float(_WRONG_BY.read_text()))


def watch() -> None:
    """Takes note of how far the clock is from one that never jumps. To be called every few seconds."""
    steady = monotonic()
    with _lock:
        _seen.append((steady, _wall().timestamp() - steady))
        while _seen[0][0] < steady - REMEMBERED_S:
            _seen.popleft()


def has_jumped() -> bool:
    """Whether the clock was set lately, as far as this process saw. What time rows bear does not say then how long ago
    that was."""
    watch()
    with _lock:
        off = [one for _at, one in _seen]
    return max(off) - min(off) > JUMP_S


def today() -> date:
    """The day it is in WIB."""
    return now().astimezone(WIB).date()


def to_wib(moment: datetime) -> datetime:
    return moment.astimezone(WIB)


def from_wib(naive: datetime) -> datetime:
    """A time as typed on a screen (WIB, without zone) as aware UTC. ValueError for a year nobody means."""
    if naive.year not in YEARS:
        raise ValueError("a year out of reach")
    return naive.replace(tzinfo=WIB).astimezone(UTC)
