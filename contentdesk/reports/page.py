"""The reach report in the reader's words: sentences, tiles, legend and bars for the page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from babel.dates import format_date
from babel.numbers import format_decimal
from flask_babel import get_locale, gettext
from markupsafe import Markup

from contentdesk.lib import words
from contentdesk.lib.i18n import N_
from contentdesk.reports import chart, classes
from contentdesk.reports import map as tile_map
from contentdesk.reports.kinds.reach import Place, ReachReport, Standing, Week
from contentdesk.reports.kinds.reach_tables import STANDING_WORDS, ranks
from contentdesk.reports.periods import Period
from contentdesk.reports.table import Saying

IN_THOUSANDS_FROM = 10_000
SIGNS = {Standing.UNKNOWN: "?", Standing.SILENT: "•", Standing.NO_KIM: "–"}
LOOKS = {Standing.UNKNOWN: "unknown", Standing.SILENT: "silent", Standing.NO_KIM: "none"}


def locale() -> str:
    return str(get_locale() or "id")


def say(saying: Saying) -> str:
    """The sentence in the reader's language, its numbers and days as they write them."""
    values = {name: written(value) for name, value in saying.values.items()}
    sentence = str(gettext(saying.message))
    return sentence % values if values else sentence


def written(value: object) -> str:
    if isinstance(value, datetime):
        return words.moment(value, locale())
    if isinstance(value, date):
        return words.short_day(value, locale())
    return words.number(value, locale()) if isinstance(value, int) else str(value)


def period_words(period: Period) -> str:
    """November 2026, or 1 Nov 2026 – 15 Nov 2026"""
    if period.is_month:
        return words.month(period.first, locale())
    return f"{words.short_day(period.first, locale())} – {words.short_day(period.last, locale())}"


def short(value: int, in_thousands: bool) -> str:
    """18,4 for 18.420. A small figure never shrinks to zero."""
    if not in_thousands:
        return words.number(value, locale())
    if 0 < value < 100:
        return f"<{format_decimal(0.1, format='0.0', locale=locale())}"
    return format_decimal(value / 1000, format="#,##0.0", locale=locale()) if value else "0"


@dataclass(frozen=True)
class Legend:
    classes: tuple[tuple[int, str], ...]
    """(colour, words)"""
    explained: str


@dataclass(frozen=True)
class Maps:
    wide: Markup
    narrow: Markup
    legend: Legend
    count: int


def maps(report: ReachReport) -> Maps:
    known = [place.sums.reach for place in report.places if place.sums.reach is not None]
    at = classes.borders(known)
    thousands = max(known, default=0) >= IN_THOUSANDS_FROM
    top = {code for code, rank in ranks(report.places).items() if rank == 1}
    placed = [place for place in report.places if place.row is not None and place.col is not None]

    def tiles(anchor: str) -> list[tile_map.Tile]:
        return [_tile(place, at, thousands, anchor, place.code in top) for place in placed]

    finding = map_finding(report)
    return Maps(
        wide=tile_map.draw(tiles("k"), finding, tile_map.WIDE),
        narrow=tile_map.draw(tiles("p"), finding, tile_map.NARROW),
        legend=_legend(at, len(known), thousands),
        count=len(placed),
    )


def _tile(place: Place, at: Sequence[int], thousands: bool, anchor: str, first: bool) -> tile_map.Tile:
    reach = place.sums.reach
    return tile_map.Tile(
        code=place.code,
        name=place.name,
        row=place.row or 0,
        col=place.col or 0,
        shifted=place.shifted,
        look=LOOKS.get(place.standing) or str(classes.shade(reach or 0, at)),
        value=SIGNS[place.standing] if reach is None else short(reach, thousands),
        says=f"{place.name}: {standing_words(place)}",
        url=f"#{anchor}-{place.code}",
        first=first,
    )


def standing_words(place: Place) -> str:
    """18.420 dari 19 unggahan, or what is missing."""
    if place.sums.reach is None:
        return str(gettext(STANDING_WORDS[place.standing]))
    return say(Saying(N_("%(reach)s dari %(posts)s unggahan"), {"reach": place.sums.reach, "posts": place.sums.posts}))


def map_finding(report: ReachReport) -> str:
    counts = {standing.value: report.count(standing) for standing in Standing}
    best = max((place for place in report.places if place.sums.reach is not None), key=_reach, default=None)
    rest = say(
        Saying(
            N_(
                "%(known)s dari %(all)s kelurahan punya angka, %(unknown)s belum ada data, "
                "%(silent)s belum ada unggahan, %(no_kim)s belum ada KIM."
            ),
            {"all": len(report.places), **counts},
        )
    )
    if best is None:
        return rest
    highest = Saying(N_("Jangkauan tertinggi dari %(name)s: %(reach)s."), {"name": best.name, "reach": _reach(best)})
    return f"{say(highest)} {rest}"


def _reach(place: Place) -> int:
    return place.sums.reach or 0


def _legend(at: Sequence[int], known: int, thousands: bool) -> Legend:
    unit = gettext("Angka dalam ribu.") if thousands else gettext("Angka apa adanya.")
    if not at:
        way = gettext("Satu warna: kelurahan yang punya angka terlalu sedikit untuk dibagi kelas.")
        return Legend(((classes.SHADES[1][0], gettext("Ada angka")),) if known else (), f"{unit} {way}")
    shades = classes.SHADES[len(at) + 1]
    way = gettext("Lima kelas kuantil, batasnya dibulatkan ke ratusan: tiap warna berisi sekitar seperlima kelurahan.")
    if len(shades) < classes.CLASSES:
        way = gettext("Kelas kuantil, batasnya dibulatkan ke ratusan; batas yang sama digabung.")
    return Legend(tuple(zip(shades, _class_words(at), strict=True)), f"{unit} {way}")


def _class_words(at: Sequence[int]) -> list[str]:
    number = [words.number(border, locale()) for border in at]
    inner = [f"{low} – {words.number(high - 1, locale())}" for low, high in zip(number, at[1:], strict=False)]
    return [f"< {number[0]}", *inner, f"≥ {number[-1]}"]


@dataclass(frozen=True)
class Chart:
    wide: Markup
    narrow: Markup
    unit: str


def weekly(report: ReachReport) -> Chart:
    reaches = [week.sums.reach for week in report.weeks]
    highest = max((reach for reach in reaches if reach is not None), default=0)
    thousands = highest >= IN_THOUSANDS_FROM
    bars = [_bar(report.weeks, place, thousands) for place in range(len(report.weeks))]
    step = chart.step_for(highest / 1000 if thousands else highest)
    numbers = [_plain(step * line) for line in range(chart.LINES + 1)]
    finding = weekly_finding(report)
    return Chart(
        wide=chart.draw(bars, finding, numbers, step, chart.WIDE),
        narrow=chart.draw(bars, finding, numbers, step, chart.NARROW),
        unit=gettext("ribu") if thousands else "",
    )


def _plain(value: float) -> str:
    return words.number(int(value) if value == int(value) else value, locale())


def _bar(weeks: Sequence[Week], place: int, thousands: bool) -> chart.Bar:
    week = weeks[place]
    begins_month = place == 0 or week.period.first.month != weeks[place - 1].period.first.month
    reach = week.sums.reach
    value = None if reach is None else reach / 1000 if thousands else float(reach)
    return chart.Bar(
        label=format_date(week.period.first, "MMM", locale=locale()) if begins_month else "",
        value=value,
        text="" if value is None else _plain(round(value) if value >= 10 or not thousands else round(value, 1)),
        unknown=bool(week.sums.posts) and reach is None,
    )


def weekly_finding(report: ReachReport) -> str:
    known = [week for week in report.weeks if week.sums.reach is not None]
    if not known:
        return str(gettext("Belum ada angka dalam 13 pekan ini."))
    best = max(known, key=lambda week: week.sums.reach or 0)
    sentence = N_("Pekan tertinggi %(first)s sampai %(last)s: %(best)s. Pekan terakhir: %(newest)s.")
    newest = report.weeks[-1].sums.reach
    return say(
        Saying(
            sentence,
            {
                "first": best.period.first,
                "last": best.period.last,
                "best": best.sums.reach,
                "newest": gettext("belum ada data") if newest is None else newest,
            },
        )
    )


def trend_words(report: ReachReport) -> str:
    """12% di atas Oktober, said as what it is compared with."""
    if report.is_too_young and report.total.reach is not None:
        return say(Saying(N_("belum ada bandingannya")))
    if report.trend is None:
        return ""
    values = {"percent": abs(report.trend), "days": report.compared.days}
    if report.trend == 0:
        return say(Saying(N_("sama dengan %(days)s hari sebelumnya"), values))
    above = report.trend > 0
    return say(
        Saying(
            N_("%(percent)s%% di atas %(days)s hari sebelumnya")
            if above
            else N_("%(percent)s%% di bawah %(days)s hari sebelumnya"),
            values,
        )
    )
