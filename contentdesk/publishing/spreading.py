"""New times for many posts at once: each KIM its own next busy hour, and never two posts too close to each other."""

from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import select

from contentdesk.lib import clock
from contentdesk.lib.db import db
from contentdesk.posts import planning
from contentdesk.publishing.models import Delivery
from contentdesk.publishing.states import MOVABLE

DAYS = 120
"""So far ahead a slot is looked for; what finds none gets no suggestion."""


def planned() -> list[datetime]:
    """When something goes out already, earliest first."""
    query = select(Delivery.due_at).where(Delivery.state.in_(MOVABLE), Delivery.due_at > clock.now())
    return sorted(db.session.scalars(query.distinct()))


def spread(kims: Mapping[str, Iterable[str]], gap: timedelta, taken: Iterable[datetime]) -> dict[str, datetime]:
    """A time for each post. `kims`: ids of posts by KIM, in the order they were planned.

    One post of a KIM a day, in the busy hours, at least `gap` apart from all others and from `taken`.
    """
    days, used = planning.suggestions(DAYS), sorted(taken)
    found: dict[str, datetime] = {}
    for posts in kims.values():
        first = 0
        for post in posts:
            for number, day in enumerate(days[first:], first):
                slot = _free_slot(day, gap, used)
                if slot is not None:
                    found[post], first = slot, number + 1
                    insort(used, slot)
                    break
    return found


def _free_slot(start: datetime, gap: timedelta, used: list[datetime]) -> datetime | None:
    slot, end = start, start + planning.busy_for()
    while slot < end:
        at = bisect_left(used, slot)
        near = [moment for moment in used[max(0, at - 1) : at + 1] if abs(moment - slot) < gap]
        if not near:
            return slot
        slot += gap
    return None
