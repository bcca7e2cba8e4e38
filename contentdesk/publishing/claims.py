"""Who may touch a delivery, and when: conditional UPDATEs, so that of two beats, two workers or a doubled
job exactly one wins, and unapproved text cannot leave whatever calls what.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Executable,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased

from contentdesk.channels import registry
from contentdesk.channels.models import Account, AccountState
from contentdesk.lib import ids
from contentdesk.lib.db import UtcDateTime, db, is_sqlite
from contentdesk.lib.i18n import N_
from contentdesk.posts.models import Post, Revision, RevisionBusiness
from contentdesk.posts.states import PostState
from contentdesk.publishing import holds
from contentdesk.publishing.models import Delivery
from contentdesk.publishing.states import DeliveryState
from contentdesk.reviews.models import Review, Verdict
from contentdesk.umkm.models import PUBLISHING_PURPOSES, Consent

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
HAND_LEAD = timedelta(minutes=30)
"""So long before its time a post by hand is put before the members."""
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


@cache
def may_go_out() -> ColumnElement[bool]:
    """The delivery's revision is the newest, approved by somebody other than its author, scheduled, its
    account works, every business in it still consents, and nobody holds it. Asked again right before the
    irreversible call.
    """
    text = and_(_newest_approved_scheduled(), _approved_by_another())
    return and_(text, _account_works(), ~_consent_missing(), ~holds.covers())


def _newest_approved_scheduled() -> ColumnElement[bool]:
    return exists().where(
        Revision.id == Delivery.revision_id,
        Post.id == Delivery.post_id,
        Revision.post_id == Post.id,
        Post.state == PostState.SCHEDULED,
        Revision.number == Post.newest_number,
        Revision.number == Post.approved_number,
    )


def _approved_by_another() -> ColumnElement[bool]:
    """Four eyes: somebody else said yes to this very revision."""
    revision = aliased(Revision)
    return exists().where(
        revision.id == Delivery.revision_id,
        Review.revision_id == revision.id,
        Review.verdict == Verdict.APPROVE,
        Review.reviewer_id != revision.author_id,
    )


def _account_works() -> ColumnElement[bool]:
    """It is connected, and still the KIM's own or the city's."""
    return exists().where(
        Account.id == Delivery.account_id,
        Account.state == AccountState.CONNECTED,
        Post.id == Delivery.post_id,
        or_(Account.kim_id.is_(None), Account.kim_id == Post.kim_id),
    )


def _account_lacks_permission() -> ColumnElement[bool]:
    return exists().where(Account.id == Delivery.account_id, Account.state == AccountState.NOT_ALLOWED)


def _its_time_has_come(now: datetime) -> ColumnElement[bool]:
    """Or will so soon that it can be prepared, or handed to a member."""
    by_hand = [kind for kind in registry.KINDS if registry.is_by_hand(kind)]
    ahead = {kind: lead for kind in registry.KINDS if (lead := registry.ahead(kind))}
    latest = case(
        (or_(Account.by_hand.is_(True), Account.kind.in_(by_hand)), _moment(now + HAND_LEAD)),
        *((Account.kind == kind, _moment(now + lead)) for kind, lead in ahead.items()),
        else_=_moment(now),
    )
    return exists().where(Account.id == Delivery.account_id, Delivery.due_at <= latest)


def _moment(at: datetime) -> ColumnElement[datetime]:
    return literal(at, UtcDateTime())


@cache
def _consent_missing() -> ColumnElement[bool]:
    in_force = (
        select(func.count(Consent.id))
        .where(
            Consent.business_id == RevisionBusiness.business_id,
            Consent.purpose.in_(PUBLISHING_PURPOSES),
            Consent.withdrawn_at.is_(None),
        )
        .correlate(RevisionBusiness)
        .scalar_subquery()
    )
    return exists().where(RevisionBusiness.revision_id == Delivery.revision_id, in_force < len(PUBLISHING_PURPOSES))


def is_free(now: datetime) -> ColumnElement[bool]:
    """Nobody has it in hand."""
    return or_(Delivery.lease.is_(None), Delivery.lease_until < now)


def time_to_send(size: int) -> timedelta:
    """How long files of `size` bytes may be on their way in one call."""
    return timedelta(seconds=min(size, MOST_AT_ONCE) / SLOWEST_LINE)


def claim(delivery_ids: Sequence[str], now: datetime, lasting: timedelta = LEASE) -> dict[str, str]:
    """Takes due deliveries in hand for preparing. Returns the lease by id, of those that were to be had."""
    return _take(
        delivery_ids,
        now + lasting,
        Delivery.state.in_((D.WAITING, D.PREPARING)),
        _its_time_has_come(now),
        Delivery.next_at <= now,
        Delivery.expires_at > now,
        is_free(now),
        may_go_out(),
        state=D.PREPARING,
        problem=None,
    )


def give_back(leases: Sequence[Held]) -> None:
    """What was taken in hand and not begun; what was begun somebody has to look at."""
    _update(_held(leases), Delivery.state == D.PREPARING, state=D.WAITING, lease=None, lease_until=None)


def renew(leases: Sequence[Held], now: datetime) -> None:
    """Whoever has them in hand is alive. A lease that was lost stays lost."""
    _update(_held(leases), lease_until=now + LEASE)


def defer(delivery_ids: Sequence[str], now: datetime) -> set[str]:
    """Rows that were rung for and may not go out (edited, consent gone, account cut off, held) are looked at less
    often, and say why: their ids. Those whose time has not come (by hand when they were planned) are looked at then.
    """
    idle = (Delivery.state.in_((D.WAITING, D.PREPARING)), Delivery.next_at <= now, is_free(now))
    rung = list(db.session.scalars(select(Delivery.id).where(Delivery.id.in_(delivery_ids), *idle)))
    if not rung:
        return set()
    _update(Delivery.id.in_(rung), *idle, ~_its_time_has_come(now), next_at=Delivery.due_at)
    return _update(
        Delivery.id.in_(rung),
        *idle,
        ~may_go_out(),
        next_at=case((holds.covers(), _moment(now + holds.LOOK_AGAIN)), else_=_moment(now + LOOK_AT_INVALID)),
        problem=case(
            (_consent_missing(), NO_CONSENT),
            (_account_lacks_permission(), NO_PERMISSION),
            (~_account_works(), NO_ACCOUNT),
            (and_(_newest_approved_scheduled(), _approved_by_another()), holds.HELD),
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
    return _take(
        delivery_ids,
        now + lasting,
        Delivery.state.in_((D.UNKNOWN, D.ACCEPTED)),
        Delivery.next_at <= now,
        is_free(now),
    )


def _take(delivery_ids: Sequence[str], until: datetime, *where: ColumnElement[bool], **values: Any) -> dict[str, str]:
    """Two that take at once do not wait for each other: what one has locked is the other's no more."""
    lease = ids.new()
    free = select(Delivery.id).where(Delivery.id.in_(delivery_ids), *where).order_by(Delivery.id)
    taken = db.session.scalars(
        update(Delivery)
        .where(Delivery.id.in_(free.with_for_update(skip_locked=True)))
        .values(lease=lease, lease_until=until, **values)
        .returning(Delivery.id)
        .execution_options(synchronize_session=False)
    )
    return dict.fromkeys(taken, lease)


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
    _hold_still([one.delivery_id for one in leases])
    intended = db.session.scalars(
        update(Delivery)
        .where(
            _held(leases),
            Delivery.state == D.PREPARING,
            Delivery.due_at <= now,
            Delivery.lease_until > now,
            Delivery.expires_at > now,
            may_go_out(),
        )
        .values(state=D.PUBLISHING, intent_at=now, lease_until=now + lasting)
        .returning(Delivery.id)
        .execution_options(synchronize_session=False)
    )
    return set(intended)


def _hold_still(delivery_ids: Sequence[str]) -> None:
    """Holds, consents and posts are locked for sharing, so that what is asked next stays true until the commit."""
    if is_sqlite():
        return  # the whole file is ours until then
    holds.look_on()
    mine = Delivery.id.in_(delivery_ids)
    here = select(Delivery.revision_id).where(mine)
    businesses = select(RevisionBusiness.business_id).where(RevisionBusiness.revision_id.in_(here))
    consents = select(Consent.id).where(Consent.business_id.in_(businesses)).order_by(Consent.id)
    posts = select(Post.id).where(Post.id.in_(select(Delivery.post_id).where(mine))).order_by(Post.id)
    for rows in (consents, posts):
        db.session.execute(rows.with_for_update(read=True))


def lacks_consent(delivery_id: str) -> bool:
    return db.session.scalar(select(Delivery.id).where(Delivery.id == delivery_id, _consent_missing())) is not None


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
    query = select(Delivery.id).where(Delivery.id.in_([row["row_id"] for row in rows]), Delivery.state != D.SENT)
    news = set(db.session.scalars(query.order_by(Delivery.id).with_for_update()))
    names = set(rows[0]) - {"row_id"}
    values: dict[str, Any] = {name: bindparam(name) for name in names}
    values |= {"state": D.SENT, "lease": None, "lease_until": None}
    if kept := [dict(row) for row in rows if row["row_id"] in news]:
        db.session.connection().execute(update(Delivery).where(Delivery.id == bindparam("row_id")).values(values), kept)
    return news


def _write(delivery_id: str, held: str, states: tuple[DeliveryState, ...], **values: Any) -> bool:
    statement = _statement(states, frozenset(values))
    row = {"row_id": delivery_id, "held": held} | {f"new_{name}": value for name, value in values.items()}
    return db.session.connection().execute(statement, row).first() is not None


@cache
def _statement(states: tuple[DeliveryState, ...], names: frozenset[str]) -> Executable:
    """Made once for each kind of change: putting one together takes longer than carrying it out."""
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
