"""Spans of whole days in WIB, both ends included."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from contentdesk.lib import clock
from contentdesk.lib.errors import DomainError
from contentdesk.lib.i18n import N_

EARLIEST = date(2015, 1, 1)
LONGEST = timedelta(days=3 * 366)
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Period:
    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def start(self) -> datetime:
        """The first moment, UTC."""
        return clock.from_wib(datetime.combine(self.first, time()))

    @property
    def end(self) -> datetime:
        """The first moment after it, UTC."""
        return clock.from_wib(datetime.combine(self.last + ONE_DAY, time()))

    @property
    def is_month(self) -> bool:
        return self == month_of(self.first)

    def before(self) -> "Period":
        """The span of the same length right before."""
        return Period(self.first - timedelta(days=self.days), self.first - ONE_DAY)

    def up_to(self, day: date) -> "Period":
        """Without the days after `day`, so that a month that runs is compared with as many days as it has had."""
        return Period(self.first, max(self.first, min(self.last, day)))


def month_of(day: date) -> Period:
    first = day.replace(day=1)
    return Period(first, month_after(first) - ONE_DAY)


def month_after(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)


def months_back(day: date, count: int) -> list[date]:
    """First days of the month of `day` and of those before it, newest first."""
    months = [day.replace(day=1)]
    while len(months) < count:
        months.append((months[-1] - ONE_DAY).replace(day=1))
    return months


def weeks_up_to(last: date, count: int) -> list[Period]:
    """Spans of seven days, oldest first; the last one ends with `last` and is as long as the others."""
    ends = [last - timedelta(days=7 * back) for back in reversed(range(count))]
    return [Period(end - timedelta(days=6), end) for end in ends]


def chosen(first: date, last: date) -> Period:
    """A span that a person typed, refused with a sentence when it cannot be."""
    if last < first:
        raise DomainError(N_("Tanggal akhir lebih awal daripada tanggal awal."))
    if first < EARLIEST or last > clock.today() + timedelta(days=366):
        raise DomainError(N_("Pilih tanggal antara tahun 2015 dan tahun depan."))
    if last - first > LONGEST:
        raise DomainError(N_("Pilih rentang paling lama tiga tahun."))
    return Period(first, last)
