"""The calendar: days with what goes out on them, holidays named."""

import json
from calendar import Calendar
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

from contentdesk.lib import clock
from contentdesk.posts.models import Post
from contentdesk.posts.states import PostState
from contentdesk.publishing import holds
from contentdesk.publishing.models import Delivery, Hold
from contentdesk.publishing.states import MOVABLE, DeliveryState, Removal
from contentdesk.publishing.take_downs import Stop

HOLIDAYS = Path(__file__).parent / "data" / "hari_libur_2026_2027.json"


@dataclass(frozen=True)
class Entry:
    """One line of a day: a post with the state that needs most attention there."""

    post_id: str
    title: str
    kim: str
    at: datetime
    state: str
    kinds: tuple[str, ...]


@dataclass(frozen=True)
class Holiday:
    name: str
    joint_leave: bool
    """Cuti bersama: Diskominfo does not review then."""


@dataclass
class Day:
    date: date
    entries: list[Entry] = field(default_factory=list)
    holiday: Holiday | None = None
    in_month: bool = True
    is_today: bool = False


URGENCY = ("failed", "unknown", "expired", "handed_over", "held", "publishing", "preparing", "accepted", "waiting")
"""Of several deliveries of one post at one time, the first of these is shown; then `sent`."""


@cache
def holidays() -> Mapping[date, Holiday]:
    """By day; from the joint decree of three ministers, which the file names."""
    years = json.loads(HOLIDAYS.read_text())["years"].values()
    return {
        date.fromisoformat(row["date"]): Holiday(row["name"], row["type"] == "cuti_bersama")
        for year in years
        for row in year["holidays"]
    }


def entries_of(
    deliveries: Iterable[Delivery], proposed: Iterable[Post], stops: Mapping[str, Stop], held: Mapping[str, Hold]
) -> list[Entry]:
    """One entry for each post and time, earliest first; a wish is shown until the post is planned.

    `held`: by post, as `holds.over` gives it.
    """
    together: dict[tuple[str, datetime], list[Delivery]] = {}
    for delivery in deliveries:
        together.setdefault((delivery.post_id, delivery.due_at), []).append(delivery)
    entries = [_entry(rows, stops[rows[0].post_id], held.get(rows[0].post_id)) for rows in together.values()]
    planned = {entry.post_id for entry in entries}
    entries += [
        Entry(post.id, post.title, post.kim.name, post.proposed_at, _wished(post, stops[post.id]), ())
        for post in proposed
        if post.id not in planned and post.proposed_at is not None
    ]
    return sorted(entries, key=lambda entry: (entry.at, entry.title))


def _wished(post: Post, stop: Stop) -> str:
    return Removal.STOPPED if stop.names and post.state == PostState.APPROVED else post.state


def _entry(rows: list[Delivery], stop: Stop, hold: Hold | None) -> Entry:
    there = [row.state for row in rows if row.gone_at is None]
    states = {DeliveryState.HELD if holds.keeps(hold, state) else state for state in there} or {Removal.DONE}
    if any(row.id in stop.to_go for row in rows):
        states = {Removal.DUE}
    state = next((word for word in URGENCY if word in states), min(states))
    kinds = tuple(sorted({row.account.kind for row in rows}))
    post = rows[0].post
    if state == DeliveryState.WAITING or (state in MOVABLE and post.state != PostState.SCHEDULED):
        state = post.state  # planned, or edited since: then nothing goes out before it is approved again
    return Entry(post.id, post.title, post.kim.name, rows[0].due_at, state, kinds)


def month_bounds(year: int, month: int) -> tuple[date, date]:
    """First and last day shown: whole weeks from Monday on."""
    days = list(Calendar(firstweekday=0).itermonthdates(year, month))
    return days[0], days[-1]


def weeks(year: int, month: int, entries: Iterable[Entry]) -> list[list[Day]]:
    by_day = _by_day(entries)
    return [
        [_day(day, by_day, in_month=day.month == month) for day in week]
        for week in Calendar(firstweekday=0).monthdatescalendar(year, month)
    ]


def days(first: date, count: int, entries: Iterable[Entry]) -> list[Day]:
    by_day = _by_day(entries)
    return [_day(first + timedelta(days=offset), by_day) for offset in range(count)]


def _day(day: date, by_day: Mapping[date, list[Entry]], *, in_month: bool = True) -> Day:
    return Day(day, by_day.get(day, []), holidays().get(day), in_month, day == clock.today())


def _by_day(entries: Iterable[Entry]) -> dict[date, list[Entry]]:
    found: dict[date, list[Entry]] = {}
    for entry in entries:
        found.setdefault(clock.to_wib(entry.at).date(), []).append(entry)
    return found


def midnight(day: date) -> datetime:
    """When the day begins in WIB, as UTC."""
    return clock.from_wib(datetime(day.year, day.month, day.day))  # noqa: DTZ001 - from_wib adds the zone
