"""How long after its time a post is still useful: chosen with the plan, and kept as the end of each delivery."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from contentdesk.channels.queries import published_by_hand
from contentdesk.lib.i18n import N_
from contentdesk.publishing.handwork import HAND_GRACE
from contentdesk.publishing.models import Delivery

HOUR = timedelta(hours=1)
CHOICES = (1, 24)
"""Hours that may be chosen beside those of the city."""
ENDS_FIRST = N_("Batas gunanya harus setelah waktu terbit. Periksa tanggal dan jamnya.")


@dataclass(frozen=True)
class Useful:
    """`by_hand`: where a member posts it, who needs longer unless somebody said how long."""

    span: timedelta
    by_hand: timedelta

    def of(self, by_hand: bool) -> timedelta:
        return self.by_hand if by_hand else self.span


def usual(city: timedelta) -> Useful:
    return Useful(city, HAND_GRACE)


def chosen(hours: int | None, until: datetime | None, due_at: datetime, city: timedelta) -> Useful:
    """What a person chose; `until` comes first. Whoever chooses nothing, or the city's, gets the usual."""
    if until is not None:
        return Useful(until - due_at, until - due_at)
    if hours is None or hours * HOUR == city:
        return usual(city)
    return Useful(hours * HOUR, hours * HOUR)


def hours_offered(city: timedelta) -> list[int]:
    return sorted({*CHOICES, city // HOUR})


def kept(deliveries: Iterable[Delivery], city: timedelta) -> Useful | None:
    """What was chosen for the plan of `deliveries`; None where there is no plan."""
    spans = {published_by_hand(row.account): row.expires_at - row.due_at for row in deliveries}
    if not spans:
        return None
    by_hand = spans.get(True)
    if False not in spans:
        return usual(city) if by_hand == HAND_GRACE else Useful(spans[True], spans[True])
    return Useful(spans[False], by_hand if by_hand is not None else _same_by_hand(spans[False], city))


def _same_by_hand(span: timedelta, city: timedelta) -> timedelta:
    return HAND_GRACE if span == city else span


def is_of_an_event(useful: Useful, city: timedelta) -> bool:
    """Until a moment that a person named, after which the words themselves may be wrong."""
    return useful.span not in {hours * HOUR for hours in hours_offered(city)}
