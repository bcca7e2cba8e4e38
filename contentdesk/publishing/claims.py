"""Who may touch a delivery, and when: conditional UPDATEs, so that of two beats, two workers or a doubled
job exactly one wins, and unapproved text cannot leave whatever calls what.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Executable, Select, and_, bindparam, case, or_, select, tuple_, update
from sqlalchemy.exc import IntegrityError

from contentdesk.lib import ids, many
from contentdesk.lib.db import db, table_of
from contentdesk.lib.i18n import N_
from contentdesk.publishing import holds
from contentdesk.publishing.conditions import (
    account_lacks_permission,
    account_works,
    approved_by_another,
    at,
    consent_missing,
    hold_still,
    its_time_has_come,
    may_go_out,
    moment,
    moments,
    newest_approved_scheduled,
)
from contentdesk.publishing.models import Delivery
from contentdesk.publishing.states import DeliveryState

D = DeliveryState
PREPARING_LASTS = timedelta(seconds=60)
"""Longer than a step takes that sends no file; `time_to_send` comes on top."""
PUBLISHING_LASTS = timedelta(seconds=120)
"""Longer than the call and the reading of its link can take: twice 35 s of time-outs, and some. As above."""
LEASE = timedelta(seconds=20)
"""A worker renews it as long as it is alive: so soon after its death another goes on."""
SLOWEST_LINE = 500_000
"""Bytes a second. On a slower one a large file is taken from its worker before it has arrived."""
MOST_AT_ONCE = 100_000_000
"""Larger files are sent in pieces, go on where they stopped, or are fetched by the platform."""
LOOK_AT_INVALID = timedelta(seconds=15)
NO_CONSENT = N_("Belum terbit: persetujuan pelaku usaha belum ada atau sudah dicabut. Naskah tersimpan.")
NO_ACCOUNT = N_("Belum terbit: akunnya terputus. Unggahan menunggu sampai akun disambungkan lagi.")
NO_PERMISSION = N_("Belum terbit: izin akunnya kurang. Unggahan menunggu sampai izinnya dilengkapi.")
NOT_APPROVED = N_("Belum terbit: naskahnya diubah dan belum disetujui lagi. Kirim untuk ditinjau.")


@dataclass(frozen=True)
class Held:
    """A delivery in hand."""

    delivery_id: str
    lease: str


def is_free(now: datetime | ColumnElement[datetime]) -> ColumnElement[bool]:
    """Nobody has it in hand."""
    return or_(Delivery.lease.is_(None), Delivery.lease_until < now)


def time_to_send(size: int) -> timedelta:
    """How long files of `size` bytes may be on their way in one call."""
    return timedelta(seconds=min(size, MOST_AT_ONCE) / SLOWEST_LINE)


def claim(delivery_ids: Sequence[str], now: datetime, lasting: timedelta = LEASE) -> dict[str, str]:
    """Takes due deliveries in hand for preparing. Returns the lease by id, of those that were to be had."""
    return _take(_claimable(), delivery_ids, now, lasting, state=D.PREPARING, problem=None)


@cache
def _claimable() -> Select[str]:
    return _to_be_had(
        Delivery.state.in_((D.WAITING, D.PREPARING)),
        its_time_has_come(),
        Delivery.next_at <= at("now"),
        Delivery.expires_at > at("now"),
        is_free(at("now")),
        may_go_out(),
    )


def give_back(leases: Sequence[Held]) -> None:
    """What was taken in hand and not begun; what was begun somebody has to look at."""
    _update(_held(leases), Delivery.state == D.PREPARING, state=D.WAITING, lease=None, lease_until=None)


def renew(leases: Sequence[Held], now: datetime) -> None:
    """Whoever has them in hand is alive. A lease that was lost stays lost."""
    pairs = [(one.delivery_id, one.lease) for one in leases]
    _change(many.ids(db.session.connection(), _renewable(), {"pairs": pairs}), lease_until=now + LEASE)


@cache
def _renewable() -> Select[str]:
    """In the order in which everybody locks. What is being written just now is renewed the next time."""
    some = select(Delivery.id).where(tuple_(Delivery.id, Delivery.lease).in_(bindparam("pairs", expanding=True)))
    return some.order_by(Delivery.id).with_for_update(skip_locked=True, key_share=True)


def defer(delivery_ids: Sequence[str], now: datetime) -> set[str]:
    """Rows that were rung for and may not go out (edited, consent gone, account cut off, held) are looked at less
    often, and say why: their ids. Those whose time has not come (by hand when they were planned) are looked at then.
    """
    idle = (Delivery.state.in_((D.WAITING, D.PREPARING)), Delivery.next_at <= now, is_free(now))
    rung = list(db.session.scalars(select(Delivery.id).where(Delivery.id.in_(delivery_ids), *idle)))
    if not rung:
        return set()
    has_come = its_time_has_come().params(moments(now))
    _update(Delivery.id.in_(rung), *idle, ~has_come, next_at=Delivery.due_at)
    return _update(
        Delivery.id.in_(rung),
        *idle,
        ~may_go_out(),
        next_at=case((holds.covers(), moment(now + holds.LOOK_AGAIN)), else_=moment(now + LOOK_AT_INVALID)),
        problem=case(
            (consent_missing(), NO_CONSENT),
            (account_lacks_permission(), NO_PERMISSION),
            (~account_works(), NO_ACCOUNT),
            (and_(newest_approved_scheduled(), approved_by_another()), holds.HELD),
            else_=NOT_APPROVED,
        ),
    )


def put_off(delivery_id: str, until: datetime, problem: str) -> bool:
    """After a fault of our own: nothing public has happened, it is tried again later."""
    changed = _update(
        Delivery.id == delivery_id,
        Delivery.state.in_((D.WAITING, D.PREPARING)),
        state=D.WAITING,
        lease=None,
        lease_until=None,
        next_at=until,
        ready_at=None,
        problem=problem,
    )
    return bool(changed)


def claim_look(delivery_ids: Sequence[str], now: datetime, lasting: timedelta = LEASE) -> dict[str, str]:
    """Takes unknown or accepted deliveries in hand for reading what became of them."""
    return _take(_in_doubt(), delivery_ids, now, lasting)


def are_left(delivery_ids: Sequence[str], now: datetime) -> bool:
    """Whether any of these is due and in nobody's hands. Asked before writing, for which others would have to wait."""
    row = {"ids": list(delivery_ids), "now": now}
    return bool(delivery_ids) and db.session.connection().scalar(_left(), row) is not None


@cache
def _left() -> Select[str]:
    some = select(Delivery.id).where(_of_these(), Delivery.next_at <= at("now"), is_free(at("now")))
    return some.where(Delivery.state.in_((D.WAITING, D.PREPARING, D.UNKNOWN, D.ACCEPTED))).limit(1)


@cache
def _in_doubt() -> Select[str]:
    return _to_be_had(Delivery.state.in_((D.UNKNOWN, D.ACCEPTED)), Delivery.next_at <= at("now"), is_free(at("now")))


def _to_be_had(*where: ColumnElement[bool]) -> Select[str]:
    """Two that take at once do not wait for each other: what one has locked is the other's no more.

    As all statements here that are carried out for each delivery it is put together once: that takes longer than
    carrying it out.
    """
    some = select(Delivery.id).where(_of_these(), *where).order_by(Delivery.id)
    return some.with_for_update(skip_locked=True, key_share=True, of=Delivery)


def _of_these() -> ColumnElement[bool]:
    return Delivery.id.in_(bindparam("ids", expanding=True))


def _take(
    free: Select[str], delivery_ids: Sequence[str], now: datetime, lasting: timedelta, **values: Any
) -> dict[str, str]:
    lease, connection = ids.new(), db.session.connection()
    taken = many.ids(connection, free, moments(now) | {"ids": list(delivery_ids)})
    _change(taken, lease=lease, lease_until=now + lasting, **values)
    return dict.fromkeys(taken, lease)


def _change(delivery_ids: Collection[str], **values: Any) -> None:
    """Of rows that are locked."""
    if delivery_ids:
        row = {"ids": list(delivery_ids)} | {f"new_{name}": value for name, value in values.items()}
        db.session.connection().execute(_changing(frozenset(values)), row)


@cache
def _changing(names: frozenset[str]) -> Executable:
    return update(Delivery).where(_of_these()).values({name: bindparam(f"new_{name}") for name in sorted(names)})


def keep_checkpoint(delivery_id: str, lease: str, checkpoint: dict[str, Any]) -> bool:
    """Remembers what has been prepared, as `Work.keepable` gives it. False: the lease is lost."""
    return _write(delivery_id, lease, (D.PREPARING,), checkpoint=checkpoint, ready_at=None)


def _held(leases: Sequence[Held]) -> ColumnElement[bool]:
    return tuple_(Delivery.id, Delivery.lease).in_([(one.delivery_id, one.lease) for one in leases])


def intend(leases: Sequence[Held], now: datetime, lasting: timedelta = LEASE) -> set[str]:
    """Commits to the irreversible call. Everything is asked once more: an edit, a withdrawn consent or a
    cancellation that came while preparing stops it here; one that comes now waits until this is committed.
    Returns the ids for which the call may be made.
    """
    hold_still([one.delivery_id for one in leases])
    pairs = [(one.delivery_id, one.lease) for one in leases]
    intended = many.ids(db.session.connection(), _intendable(), {"pairs": pairs, "now": now})
    _change(intended, state=D.PUBLISHING, intent_at=now, lease_until=now + lasting)
    return set(intended)


@cache
def _intendable() -> Select[str]:
    some = select(Delivery.id).where(
        tuple_(Delivery.id, Delivery.lease).in_(bindparam("pairs", expanding=True)),
        Delivery.state == D.PREPARING,
        Delivery.due_at <= at("now"),
        Delivery.lease_until > at("now"),
        Delivery.expires_at > at("now"),
        may_go_out(),
    )
    return some.order_by(Delivery.id).with_for_update(key_share=True, of=Delivery)


def lacks_consent(delivery_id: str) -> bool:
    return db.session.scalar(select(Delivery.id).where(Delivery.id == delivery_id, consent_missing())) is not None


def is_valid(delivery_id: str) -> bool:
    """Whether it may still go out."""
    return db.session.scalar(select(Delivery.id).where(Delivery.id == delivery_id, may_go_out())) is not None


def settle(delivery_id: str, lease: str, states: tuple[DeliveryState, ...], **values: Any) -> bool:
    """Writes an outcome and lets go. False: the lease is lost."""
    return _write(delivery_id, lease, states, lease=None, lease_until=None, **values)


def settle_sent(delivery_id: str, **values: Any) -> bool:
    """It is public, that is certain: kept whatever became of the row meanwhile, lease or none.

    False when it was known already, or when a newer delivery stands on the account.
    """
    try:
        with db.session.begin_nested():
            news = _update(
                Delivery.id == delivery_id,
                Delivery.state != D.SENT,
                state=D.SENT,
                lease=None,
                lease_until=None,
                **values,
            )
            return bool(news)
    except IntegrityError:
        return False


def settle_all_sent(rows: Sequence[Mapping[str, Any]]) -> set[str]:
    """As `settle_sent`, for many at once: `row_id` and the values of each. Returns the ids of those not known before.

    Raises IntegrityError when a newer delivery stands on the account of one of them.
    """
    connection = db.session.connection()
    news = set(many.ids(connection, _not_known_before(), {"ids": [row["row_id"] for row in rows]}))
    over = {"state": D.SENT, "lease": None, "lease_until": None}
    kept = [{"id": row["row_id"]} | {name: row[name] for name in row if name != "row_id"} | over for row in rows]
    many.change(connection, table_of(Delivery), "id", [row for row in kept if row["id"] in news])
    return news


@cache
def _not_known_before() -> Select[str]:
    return (
        select(Delivery.id)
        .where(_of_these(), Delivery.state != D.SENT)
        .order_by(Delivery.id)
        .with_for_update(key_share=True)
    )


def _write(delivery_id: str, held: str, states: tuple[DeliveryState, ...], **values: Any) -> bool:
    statement = _statement(states, frozenset(values))
    row = {"row_id": delivery_id, "held": held} | {f"new_{name}": value for name, value in values.items()}
    return db.session.connection().execute(statement, row).first() is not None


@cache
def _statement(states: tuple[DeliveryState, ...], names: frozenset[str]) -> Executable:
    """Made once for each kind of change, as above."""
    return (
        update(Delivery)
        .where(Delivery.id == bindparam("row_id"), Delivery.lease == bindparam("held"), Delivery.state.in_(states))
        .values({name: bindparam(f"new_{name}") for name in sorted(names)})
        .returning(Delivery.id)
    )


def _update(*where: ColumnElement[bool], **values: Any) -> set[str]:
    """Ids of the rows that were changed."""
    done = db.session.scalars(
        update(Delivery)
        .where(*where)
        .values(**values)
        .returning(Delivery.id)
        .execution_options(synchronize_session=False)
    )
    return set(done)
