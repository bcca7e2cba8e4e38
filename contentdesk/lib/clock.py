"""The one place that reads the time. Kept in UTC, shown in WIB (UTC+7, no daylight saving)."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

WIB = ZoneInfo("Asia/Jakarta")
FIRST_YEAR, LAST_YEAR = 2000, 2100
"""What people may type."""
YEARS = range(FIRST_YEAR - 1, LAST_YEAR + 2)
"""What can be counted with: a calendar of the first or last month shows days beside it."""


def now() -> datetime:
    """This moment, aware, in UTC."""
    return datetime.now(UTC)


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
