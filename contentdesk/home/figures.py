"""The newest figures of deliveries. What is not known is None, never zero."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from contentdesk.access.permissions import Actor, Permission, may
from contentdesk.channels import registry
from contentdesk.channels.base import FIGURES
from contentdesk.metrics.models import LatestFigures
from contentdesk.metrics.queries import latest_of
from contentdesk.metrics.services import entered_by_hand
from contentdesk.publishing.models import Delivery
from contentdesk.publishing.states import DeliveryState


@dataclass(frozen=True)
class Known:
    """Of one delivery that is out: (word of the catalogue, value) for what its channel can tell."""

    delivery: Delivery
    values: tuple[tuple[str, int | None], ...]
    taken_at: datetime | None
    by_hand: bool
    may_enter: bool
    may_refresh: bool

    @property
    def is_empty(self) -> bool:
        return all(value is None for _word, value in self.values)


def of(actor: Actor, deliveries: Sequence[Delivery]) -> list[Known]:
    """For those that are out, in one query. `deliveries` with post and account."""
    out = [delivery for delivery in deliveries if delivery.state == DeliveryState.SENT]
    latest = latest_of([delivery.id for delivery in out])
    return [_known(actor, delivery, latest.get(delivery.id)) for delivery in out]


def _known(actor: Actor, delivery: Delivery, row: LatestFigures | None) -> Known:
    kind = delivery.account.kind
    channel = registry.KINDS.get(kind)
    names = [name for name in FIGURES if channel is None or name in channel.figures]
    by_hand = channel is None or entered_by_hand(delivery)
    return Known(
        delivery,
        tuple((registry.FIGURE_WORDS[name], getattr(row, name) if row else None) for name in names),
        row.taken_at if row else None,
        by_hand,
        may_enter=by_hand and may(actor, Permission.FIGURES_ENTER, delivery.post),
        may_refresh=not by_hand and delivery.gone_at is None and may(actor, Permission.FIGURES_READ, delivery.post),
    )
