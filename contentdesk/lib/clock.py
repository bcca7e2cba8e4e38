"""The one place that reads the time. Kept in UTC, shown in WIB (UTC+7, no daylight saving).

With CHAOS_CLOCK in the environment a process reads the seconds by which its clock is wrong from the file of that name.
Only `contentdesk chaos` sets it, for the processes it starts: see docs/decisions/chaos.md.
"""

import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

WIB = ZoneInfo("Asia/Jakarta")
FIRST_YEAR, LAST_YEAR = 2000, 2100
"""What people may type."""
YEARS = range(FIRST_YEAR - 1, LAST_YEAR + 2)
"""What can be counted with: a calendar of the first or last month shows days beside it."""
_WRONG_BY = Path(os.environ["CHAOS_CLOCK"]) if "CHAOS_CLOCK" in os.environ else None


def now() -> datetime:
    """This moment, aware, in UTC."""
    now = datetime.now(UTC)
    return now if _WRONG_BY is None else now + timedelta(seconds=float(_WRONG_BY.read_text()))


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
