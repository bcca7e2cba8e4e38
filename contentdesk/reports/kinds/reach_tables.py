"""The reach report as tables: one row for each kelurahan, totals for kecamatan and the city, and what to know."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType

from contentdesk.channels import registry
from contentdesk.lib.i18n import N_
from contentdesk.metrics.sums import Sums
from contentdesk.reports.kinds.reach import KecamatanTotal, Place, ReachReport, Standing
from contentdesk.reports.queries import Origin
from contentdesk.reports.table import Column, Kind, Row, Saying, Table

STANDING_WORDS: Mapping[Standing, str] = MappingProxyType(
    {
        Standing.KNOWN: N_("ada data"),
        Standing.UNKNOWN: N_("belum ada data"),
        Standing.SILENT: N_("belum ada unggahan"),
        Standing.NO_KIM: N_("belum ada KIM"),
    }
)
YES, NO = N_("ya"), N_("belum")

SUM_COLUMNS = (
    Column("posts", N_("Unggahan")),
    Column("known", N_("Unggahan diketahui")),
    Column("deliveries", N_("Terbitan")),
    Column("deliveries_known", N_("Terbitan diketahui")),
    Column("reach", N_("Total jangkauan")),
    Column("views", N_("Tayangan")),
    Column("interactions", N_("Interaksi")),
    Column("previous", N_("Jangkauan periode sebelumnya")),
    Column("trend", N_("Tren"), Kind.PERCENT, "%"),
)
PLACE_COLUMNS = (
    Column("code", N_("Kode"), Kind.TEXT),
    Column("name", N_("Kelurahan"), Kind.TEXT),
    Column("kecamatan", N_("Kecamatan"), Kind.TEXT),
    Column("kim", N_("Ada KIM"), Kind.WORD),
    Column("standing", N_("Keadaan"), Kind.WORD),
    *SUM_COLUMNS,
)
KECAMATAN_COLUMNS = (
    Column("code", N_("Kode"), Kind.TEXT),
    Column("kecamatan", N_("Kecamatan"), Kind.TEXT),
    *SUM_COLUMNS,
    Column("population", N_("Penduduk")),
    Column("population_year", N_("Tahun data penduduk"), Kind.TEXT),
    Column("population_source", N_("Sumber data penduduk"), Kind.TEXT),
    Column("per_1000", N_("Jangkauan per 1.000 penduduk"), Kind.RATE),
)

Order = Callable[[Place], str | int | None]
ORDERS: Mapping[str, Order] = MappingProxyType(
    {
        "kelurahan": lambda place: place.name.casefold(),
        "kecamatan": lambda place: f"{place.kecamatan} {place.name}".casefold(),
        "unggahan": lambda place: place.sums.posts if place.has_kim or place.sums.posts else None,
        "jangkauan": lambda place: place.sums.reach,
        "tayangan": lambda place: place.sums.views,
        "interaksi": lambda place: place.sums.interactions,
        "tren": lambda place: place.trend,
    }
)


def ordered(places: Iterable[Place], by: str, descending: bool) -> list[Place]:
    """What is not known stands at the end, whichever way it is sorted."""
    key = ORDERS[by]
    by_name = sorted(places, key=lambda place: (_LAST[place.standing], place.name.casefold()))
    known = [place for place in by_name if key(place) is not None]
    known.sort(key=lambda place: key(place) or 0, reverse=descending)
    return known + [place for place in by_name if key(place) is None]


_LAST = {standing: number for number, standing in enumerate(Standing)}


def ranks(places: Iterable[Place]) -> dict[str, int]:
    """By code, the highest reach first; equal reach, equal rank."""
    reaches = sorted((place.sums.reach for place in places if place.sums.reach is not None), reverse=True)
    return {place.code: reaches.index(place.sums.reach) + 1 for place in places if place.sums.reach is not None}


def places_table(report: ReachReport, places: Sequence[Place] | None = None) -> Table:
    """In the given order, by default the highest reach first."""
    shown = places or ordered(report.places, "jangkauan", descending=True)
    total = ("", report.area, "", "", "", *_sums(report.total, report.previous_reach, report.trend))
    return Table(N_("Kelurahan"), PLACE_COLUMNS, tuple(_place_row(place) for place in shown), (total,), notes(report))


def _place_row(place: Place) -> Row:
    return (
        place.code,
        place.name,
        place.kecamatan,
        YES if place.has_kim else NO,
        STANDING_WORDS[place.standing],
        *_sums(place.sums, place.previous_reach, place.trend),
    )


def kecamatan_table(report: ReachReport) -> Table:
    population = (report.population, "", "", report.per_1000)
    total = ("", report.area, *_sums(report.total, report.previous_reach, report.trend), *population)
    return Table(N_("Kecamatan"), KECAMATAN_COLUMNS, tuple(_kecamatan_row(one) for one in report.kecamatan), (total,))


def city_table(report: ReachReport) -> Table:
    row = (report.scope.city_code, report.area, *_sums(report.total, report.previous_reach, report.trend))
    columns = (Column("code", N_("Kode"), Kind.TEXT), Column("name", N_("Kota"), Kind.TEXT), *SUM_COLUMNS)
    return Table(N_("Kota"), columns, (row,))


def _kecamatan_row(one: KecamatanTotal) -> Row:
    return (
        one.code,
        one.name,
        *_sums(one.sums, one.previous_reach, one.trend),
        one.population,
        str(one.population_year or ""),
        one.population_source or "",
        one.per_1000,
    )


def _sums(sums: Sums, previous: int | None, trend: int | None) -> Row:
    return (
        sums.posts,
        sums.known,
        sums.deliveries,
        sums.deliveries_known,
        sums.reach,
        sums.views,
        sums.interactions,
        previous,
        trend,
    )


def notes(report: ReachReport) -> tuple[Saying, ...]:
    """What must be known to read the figures rightly; the same on the page and in the files."""
    return tuple(_notes(report))


def _notes(report: ReachReport) -> Iterable[Saying]:
    yield Saying(
        N_("Periode %(first)s sampai %(last)s, menurut waktu terbit dalam WIB."),
        {"first": report.period.first, "last": report.period.last},
    )
    if report.data_at:
        yield Saying(N_("Data per %(moment)s."), {"moment": report.data_at})
    yield Saying(
        N_(
            "Jangkauan di sini adalah jangkauan dari KIM di kelurahan itu, bukan jumlah warga di kelurahan itu yang "
            "melihat. Orang yang sama dapat terhitung lebih dari sekali."
        )
    )
    yield Saying(
        N_("%(known)s dari %(posts)s unggahan diketahui angkanya. Yang belum diketahui tidak dihitung nol."),
        {"known": report.total.known, "posts": report.total.posts},
    )
    yield from (_origin(origin) for origin in report.origins)
    yield _compared(report)


def _compared(report: ReachReport) -> Saying:
    days = {"first": report.compared.first, "last": report.compared.last, "days": report.compared.days}
    if report.is_too_young:
        return Saying(N_("Tren belum ada: periode ini baru berjalan %(days)s hari."), days)
    if report.previous_reach is None:
        return Saying(N_("Tren belum ada: dari %(first)s sampai %(last)s tidak ada angka untuk dibandingkan."), days)
    return Saying(N_("Tren dibandingkan dengan %(first)s sampai %(last)s, rentang sebelumnya yang sama panjang."), days)


def _origin(origin: Origin) -> Saying:
    by_hand = origin.by_hand or (origin.kind in registry.KINDS and registry.is_by_hand(origin.kind))
    message = (
        N_("Sumber %(channel)s: diisi anggota dari aplikasinya, %(known)s dari %(all)s terbitan diketahui.")
        if by_hand
        else N_("Sumber %(channel)s: sambungan resmi, %(known)s dari %(all)s terbitan diketahui.")
    )
    return Saying(message, {"channel": registry.name(origin.kind), "known": origin.known, "all": origin.deliveries})
