"""The calendar pages: month, week, list."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from contentdesk.access.guards import needs
from contentdesk.access.permissions import Permission, scope
from contentdesk.channels import registry
from contentdesk.kim.queries import open_kims
from contentdesk.lib import clock
from contentdesk.lib.forms import date_or_none
from contentdesk.posts.queries import first_photos
from contentdesk.publishing import calendar, holds, queries, take_downs
from contentdesk.publishing.views import blueprint
from contentdesk.regions.queries import all_kelurahan

LIST_DAYS = 60
VIEWS = ("bulan", "pekan", "daftar")
SHOWN_PER_DAY = 3
FIRST_YEAR, LAST_YEAR = 2000, 2100


@dataclass(frozen=True)
class Chosen:
    """What the address asks for; whatever it says wrongly is left out."""

    view: str
    day: date
    wanted: queries.Wanted

    def url(self, day: date | None = None, view: str = "", *, at_day: bool = False) -> str:
        """The same page with the same filters at another day or in another form; `at_day`: where it lists the day."""
        return url_for(
            "publishing.calendar",
            tampil=view or self.view,
            hari=(day or self.day).isoformat(),
            kecamatan=self.wanted.kecamatan_code or None,
            kim=request.args.get("kim") or None,
            kanal=self.wanted.kind or None,
            _anchor=f"hari-{day.isoformat()}" if day and at_day else None,
        )


@blueprint.get("/kalender", endpoint="calendar")
@needs(Permission.POST_READ)
def month_or_list() -> ResponseReturnValue:
    chosen = _chosen()
    first, last = _bounds(chosen)
    entries = _entries(chosen.wanted, first, last)
    days = calendar.days(first, (last - first).days + 1, entries)
    agenda = _agenda(days, chosen)
    return render_template(
        "publishing/calendar.html",
        chosen=chosen,
        today=clock.today(),
        weeks=calendar.weeks(chosen.day.year, chosen.day.month, entries) if chosen.view == "bulan" else [],
        agenda=agenda,
        week=_week(chosen, days),
        previous=chosen.url(_step(chosen, -1)),
        following=chosen.url(_step(chosen, 1)),
        last=last,
        views=VIEWS,
        shown_per_day=SHOWN_PER_DAY,
        photos=first_photos({entry.post_id for day in agenda for entry in day.entries}),
        **_filters(),
    )


def _chosen() -> Chosen:
    own = scope(current_user, Permission.POST_READ)
    view = request.args.get("tampil", "bulan")
    kind = request.args.get("kanal", "")
    wanted = queries.Wanted(
        kim_id=own or request.args.get("kim") or None,
        kecamatan_code=request.args.get("kecamatan", "") if own is None else "",
        kind=kind if kind in registry.KINDS else "",
    )
    return Chosen(view if view in VIEWS else "bulan", _day(), wanted)


def _day() -> date:
    day = date_or_none(request.args.get("hari"))
    return day if day and FIRST_YEAR <= day.year <= LAST_YEAR else clock.today()


def _entries(wanted: queries.Wanted, first: date, last: date) -> list[calendar.Entry]:
    start, end = calendar.midnight(first), calendar.midnight(last + timedelta(days=1))
    planned, proposed = queries.between(wanted, start, end), queries.proposed_between(wanted, start, end)
    stops = take_downs.stops(list({row.post_id for row in planned} | {post.id for post in proposed}))
    return calendar.entries_of(planned, proposed, stops, holds.over({row.post_id for row in planned}))


def _filters() -> dict[str, Any]:
    """Choices of the filter row; who sees one KIM only has no KIM to choose."""
    found: dict[str, Any] = {"kinds": registry.choices(), "kims": [], "kecamatan": []}
    if scope(current_user, Permission.POST_READ) is None:
        found["kims"] = open_kims()
        parts = {row.kecamatan_code: row.kecamatan.name for row in all_kelurahan()}
        found["kecamatan"] = list(parts.items())
    return found


def _bounds(chosen: Chosen) -> tuple[date, date]:
    day = chosen.day
    if chosen.view == "bulan":
        return calendar.month_bounds(day.year, day.month)
    if chosen.view == "pekan":
        monday = day - timedelta(days=day.weekday())
        return monday, monday + timedelta(days=6)
    return day, day + timedelta(days=LIST_DAYS - 1)


def _step(chosen: Chosen, direction: int) -> date:
    """A day in the period before or after."""
    if chosen.view == "pekan":
        return chosen.day + timedelta(days=7 * direction)
    if chosen.view == "daftar":
        return chosen.day + timedelta(days=LIST_DAYS * direction)
    return (chosen.day.replace(day=1) + timedelta(days=31 if direction > 0 else -1)).replace(day=1)


def _week(chosen: Chosen, days: list[calendar.Day]) -> list[calendar.Day]:
    """The strip of seven days above the agenda, from what is loaded."""
    monday = chosen.day - timedelta(days=chosen.day.weekday())
    known = {day.date: day for day in days}
    return [known.get(at) or calendar.Day(at) for at in (monday + timedelta(days=n) for n in range(7))]


def _agenda(days: list[calendar.Day], chosen: Chosen) -> list[calendar.Day]:
    """The days to list. The chosen day of a month is among them, so that the strip's link leads to it."""
    if chosen.view == "bulan":
        days = [day for day in days if day.date.month == chosen.day.month]
    shown = [day for day in days if _worth_showing(day, chosen)]
    return [day for day in days if day in shown or day.date == chosen.day] if shown else []


def _worth_showing(day: calendar.Day, chosen: Chosen) -> bool:
    return bool(day.entries) or chosen.view == "pekan" or day.is_today or day.holiday is not None
