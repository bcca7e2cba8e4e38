"""How far did the posts of each kelurahan's KIM reach, in a period?

Reach *from* a kelurahan: where the people live who saw a post is not known. Summed reach counts a person
more than once. What is not known is never counted as zero, and stands beside every sum.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import reduce
from operator import add

from contentdesk.access.permissions import Actor, Permission, allow
from contentdesk.lib import clock
from contentdesk.metrics.sums import Sums, plus
from contentdesk.regions.models import Kecamatan, Kelurahan
from contentdesk.reports import queries
from contentdesk.reports.periods import Period, weeks_up_to
from contentdesk.reports.queries import Origin, Scope

WEEKS = 13
FIRST_DAYS = 7
"""A period that runs is compared from then on: one day against one says nothing."""


class Standing(StrEnum):
    """How a kelurahan stands; four things that must not be taken for one another."""

    KNOWN = "known"
    UNKNOWN = "unknown"
    """Posts are out, but no reach is known."""
    SILENT = "silent"
    """There is a KIM, nothing went out."""
    NO_KIM = "no_kim"


@dataclass(frozen=True)
class Place:
    """One kelurahan."""

    code: str
    name: str
    kecamatan_code: str
    kecamatan: str
    row: int | None
    col: int | None
    shifted: bool
    has_kim: bool
    sums: Sums
    previous_reach: int | None

    @property
    def standing(self) -> Standing:
        if self.sums.reach is not None:
            return Standing.KNOWN
        if self.sums.posts:
            return Standing.UNKNOWN
        return Standing.SILENT if self.has_kim else Standing.NO_KIM

    @property
    def trend(self) -> int | None:
        return change(self.sums.reach, self.previous_reach)


@dataclass(frozen=True)
class KecamatanTotal:
    code: str
    name: str
    sums: Sums
    previous_reach: int | None
    population: int | None
    population_year: int | None
    population_source: str | None

    @property
    def per_1000(self) -> float | None:
        return per_1000(self.sums.reach, self.population)

    @property
    def trend(self) -> int | None:
        return change(self.sums.reach, self.previous_reach)


@dataclass(frozen=True)
class Week:
    period: Period
    sums: Sums


@dataclass(frozen=True)
class ReachReport:
    city: str
    period: Period
    """As asked."""
    compared: Period
    """As many days before it as it has had until today."""
    scope: Scope
    places: tuple[Place, ...]
    kecamatan: tuple[KecamatanTotal, ...]
    total: Sums
    previous_reach: int | None
    weeks: tuple[Week, ...]
    origins: tuple[Origin, ...]

    @property
    def area(self) -> str:
        """What the totals are of."""
        if self.scope.kecamatan and self.kecamatan:
            return self.kecamatan[0].name
        return self.city

    @property
    def trend(self) -> int | None:
        return change(self.total.reach, self.previous_reach)

    @property
    def is_too_young(self) -> bool:
        """Whether it has run too few days to be compared with as many before it."""
        return too_young(self.period, self.compared)

    @property
    def population(self) -> int | None:
        """Of the whole area; None unless all its parts are known."""
        parts = [one.population for one in self.kecamatan if one.population]
        return sum(parts) if parts and len(parts) == len(self.kecamatan) else None

    @property
    def per_1000(self) -> float | None:
        return per_1000(self.total.reach, self.population)

    @property
    def data_at(self) -> datetime | None:
        """When the newest of the figures was taken."""
        return max((origin.newest for origin in self.origins if origin.newest), default=None)

    def count(self, standing: Standing) -> int:
        return sum(place.standing == standing for place in self.places)


def too_young(period: Period, so_far: Period) -> bool:
    return so_far.days < min(FIRST_DAYS, period.days)


def per_1000(reach: int | None, population: int | None) -> float | None:
    """Reach for each 1,000 residents; None where one of the two is not known."""
    return None if reach is None or not population else round(reach * 1000 / population, 1)


def change(now: int | None, before: int | None) -> int | None:
    """In whole percent; None unless both are known and there was something before."""
    if now is None or not before:
        return None
    return round((now - before) * 100 / before)


def build(actor: Actor, scope: Scope, period: Period) -> ReachReport:
    """A constant number of queries, however many posts there are."""
    allow(actor, Permission.REPORT_READ)
    so_far = period.up_to(clock.today())
    sums = queries.sums_by_kelurahan(scope, period)
    before = {} if too_young(period, so_far) else queries.sums_by_kelurahan(scope, so_far.before())
    with_kim = queries.with_kim(period.end)
    regions = queries.places(scope)
    places = tuple(_place(kelurahan, kecamatan, with_kim, sums, before) for kelurahan, kecamatan in regions)
    return ReachReport(
        city=queries.city_name(scope.city_code),
        period=period,
        compared=so_far.before(),
        scope=scope,
        places=places,
        kecamatan=tuple(_totals(places, {kecamatan.code: kecamatan for _, kecamatan in regions}.values())),
        total=_all(place.sums for place in places),
        previous_reach=_all(before.values()).reach,
        weeks=_weeks(scope, so_far),
        origins=tuple(queries.origins(scope, period)),
    )


def _place(
    kelurahan: Kelurahan, kecamatan: Kecamatan, with_kim: set[str], sums: dict[str, Sums], before: dict[str, Sums]
) -> Place:
    return Place(
        code=kelurahan.code,
        name=kelurahan.name,
        kecamatan_code=kecamatan.code,
        kecamatan=kecamatan.name,
        row=kelurahan.tile_row,
        col=kelurahan.tile_col,
        shifted=kelurahan.tile_shifted,
        has_kim=kelurahan.code in with_kim,
        sums=sums.get(kelurahan.code, Sums()),
        previous_reach=before.get(kelurahan.code, Sums()).reach,
    )


def _all(sums: Iterable[Sums]) -> Sums:
    return reduce(add, sums, Sums())


def _totals(places: tuple[Place, ...], kecamatan: Iterable[Kecamatan]) -> Iterable[KecamatanTotal]:
    for one in kecamatan:
        inside = [place for place in places if place.kecamatan_code == one.code]
        yield KecamatanTotal(
            code=one.code,
            name=one.name,
            sums=_all(place.sums for place in inside),
            previous_reach=reduce(plus, (place.previous_reach for place in inside), None),
            population=one.population,
            population_year=one.population_year,
            population_source=one.population_source,
        )


def _weeks(scope: Scope, so_far: Period) -> tuple[Week, ...]:
    spans = weeks_up_to(so_far.last, WEEKS)
    return tuple(Week(span, sums) for span, sums in zip(spans, queries.sums_by_span(scope, spans), strict=True))
