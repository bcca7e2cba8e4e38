"""Writing the log, in the same transaction as the act itself, and checking that nobody touched it."""

from typing import Any, Protocol

from sqlalchemy import select

from contentdesk.audit.models import AuditEntry, AuditHead
from contentdesk.lib import clock, ids
from contentdesk.lib.db import at_the_end, canonical, db

START = "0" * 64


class HasId(Protocol):
    @property
    def id(self) -> str: ...


def record(actor: HasId | None, action: str, subject_type: str, subject_id: str, **detail: Any) -> None:
    """Adds one entry when the open transaction ends. `actor` None means the service itself.

    `detail` never holds secrets or personal data. The end of the chain is locked last, after posts and
    deliveries, so that two people cannot wait for each other.
    """
    entry = AuditEntry(
        at=clock.now(),
        actor_id=actor.id if actor else None,
        action=action,
        subject_type=subject_type,
        subject_id=subject_id,
        detail=detail,
    )
    at_the_end(lambda: _append(entry))


def _append(entry: AuditEntry) -> None:
    db.session.flush()
    head = _locked_head()
    entry.number, entry.previous_hash = head.number + 1, head.hash
    entry.hash = hash_of(entry)
    db.session.add(entry)
    head.number, head.hash = entry.number, entry.hash
    db.session.flush()


def _locked_head() -> AuditHead:
    head = db.session.scalar(
        select(AuditHead).where(AuditHead.id == 1).with_for_update().execution_options(populate_existing=True)
    )
    if head is None:
        head = AuditHead(id=1, number=0, hash=START)
        db.session.add(head)
        db.session.flush()
    return head


def hash_of(entry: AuditEntry) -> str:
    return ids.digest(
        canonical(
            [
                entry.number,
                entry.at.isoformat(timespec="microseconds"),
                entry.actor_id,
                entry.action,
                entry.subject_type,
                entry.subject_id,
                entry.detail,
                entry.previous_hash,
            ]
        )
    )


def first_broken() -> int | None:
    """Number of the first entry that does not fit the chain, or None when all is well."""
    previous = START
    expected = 1
    for entry in db.session.scalars(select(AuditEntry).order_by(AuditEntry.number)):
        if entry.number != expected or entry.previous_hash != previous or entry.hash != hash_of(entry):
            return expected
        previous, expected = entry.hash, expected + 1
    return None
