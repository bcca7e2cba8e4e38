"""The one place that reads the time. Kept in UTC, shown in WIB (UTC+7, no daylight saving)."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

WIB = ZoneInfo("Asia/Jakarta")


def now() -> datetime:
    """This moment, aware, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """The day it is in WIB."""
    return now().astimezone(WIB).date()


def to_wib(moment: datetime) -> datetime:
    return moment.astimezone(WIB)


def from_wib(naive: datetime) -> datetime:
    """A time as typed on a screen (WIB, without zone) as aware UTC."""
    return naive.replace(tzinfo=WIB).astimezone(UTC)
