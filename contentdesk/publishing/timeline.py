"""The timeline of a delivery: who, what, when, which answer. Secrets never get here."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from contentdesk.channels.base import ChannelError
from contentdesk.lib import clock, many, redact
from contentdesk.lib.db import db, table_of
from contentdesk.publishing.models import DeliveryEvent

_ADDRESSES = ("link", "permalink")
_OURS = ("external_id", "handle", "said")
"""Of our own catalogue, or public on the platform: kept as it is."""


_ADD = insert(DeliveryEvent)


def note(delivery_id: str, what: str, actor_id: str | None = None, **detail: Any) -> None:
    """Adds one line, in the transaction of the act itself. What a platform said is kept without its secrets."""
    line = {"delivery_id": delivery_id, "at": clock.now(), "what": what, "actor_id": actor_id, "detail": _told(detail)}
    db.session.connection().execute(_ADD, line)


def note_all(delivery_ids: Iterable[str], what: str) -> None:
    """The same line for many, in one statement."""
    note_each(what, {one: {} for one in delivery_ids})


def note_each(what: str, details: Mapping[str, dict[str, Any]]) -> None:
    """As `note`, for many at once: the detail of each by its delivery."""
    now = clock.now()
    lines = [
        {"delivery_id": one, "at": now, "what": what, "actor_id": None, "detail": _told(detail)}
        for one, detail in details.items()
    ]
    many.add(db.session.connection(), table_of(DeliveryEvent), lines)


def answer(error: ChannelError) -> dict[str, Any]:
    """What to note of a failure: the platform's word for it, and our sentence for people."""
    return {"code": error.code, "said": error.sentence, "values": dict(error.values)}


def _told(detail: dict[str, Any]) -> dict[str, Any]:
    return {name: _without_secrets(name, value) for name, value in detail.items()}


def _without_secrets(name: str, value: Any) -> Any:
    if isinstance(value, dict):
        return _told(value)
    if isinstance(value, list):
        return [_without_secrets(name, one) for one in value]
    if not isinstance(value, str) or name in _OURS:
        return value
    return redact.address(value) if name in _ADDRESSES else redact.word(value)


def newest(delivery_id: str) -> DeliveryEvent | None:
    query = select(DeliveryEvent).where(DeliveryEvent.delivery_id == delivery_id)
    return db.session.scalar(query.order_by(DeliveryEvent.number.desc()).limit(1))


def has(delivery_id: str, what: str, since: datetime | None) -> bool:
    """Whether such a line was added at `since` or later; None: at any time."""
    query = select(DeliveryEvent.number).where(DeliveryEvent.delivery_id == delivery_id, DeliveryEvent.what == what)
    if since is not None:
        query = query.where(DeliveryEvent.at >= since)
    return db.session.scalar(query.limit(1)) is not None
