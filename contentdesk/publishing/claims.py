"""Who may touch a delivery, and when: conditional UPDATEs, so that of two beats, two workers or a doubled
job exactly one wins, and unapproved text cannot leave whatever calls what.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, literal, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased

from contentdesk.channels import registry
from contentdesk.channels.models import Account, AccountState
from contentdesk.lib import ids
from contentdesk.lib.db import UtcDateTime, db
from contentdesk.lib.i18n import N_
from contentdesk.posts.models import Post, Revision, RevisionBusiness
from contentdesk.posts.states import PostState
from contentdesk.publishing import holds
from contentdesk.publishing.models import Delivery
from contentdesk.publishing.states import DeliveryState
from contentdesk.reviews.models import Review, Verdict
from contentdesk.umkm.models import PUBLISHING_PURPOSES, Consent

D = DeliveryState
PREPARING_LEASE = timedelta(seconds=60)
"""Longer than a step takes that sends no file; `time_to_send` comes on top."""
PUBLISHING_LEASE = timedelta(seconds=120)
"""Longer than the call and the reading of its link can take: twice 35 s of time-outs, and some. As above."""
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


def claim(delivery_id: str, now: datetime) -> str | None:
    """Takes a due delivery in hand for preparing. Returns the lease, or None when it is not to be had."""
    return _take(
        delivery_id,
        now + PREPARING_LEASE,
        Delivery.state.in_((D.WAITING, D.PREPARING)),
        _its_time_has_come(now),
        Delivery.next_at <= now,
        Delivery.expires_at > now,
        is_free(now),
        may_go_out(),
        state=D.PREPARING,
        problem=None,
    )


def lengthen(delivery_id: str, lease: str, by: timedelta, now: datetime) -> None:
    """What has just been taken in hand has files to send."""
    _write(delivery_id, lease, (D.PREPARING,), lease_until=now + PREPARING_LEASE + by)


def defer(delivery_id: str, now: datetime) -> None:
    """A row that was rung for and may not go out (edited, consent gone, account cut off, held) is looked at less
    often, and says why; one whose time has not come (its account was by hand when it was planned) is looked at then.
    """
    _update(
        Delivery.id == delivery_id,
        Delivery.state.in_((D.WAITING, D.PREPARING)),
        Delivery.next_at <= now,
        is_free(now),
        ~_its_time_has_come(now),
        next_at=Delivery.due_at,
    )
    _update(
        Delivery.id == delivery_id,
        Delivery.state.in_((D.WAITING, D.PREPARING)),
        Delivery.next_at <= now,
        is_free(now),
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
    return _update(
        Delivery.id == delivery_id,
        Delivery.state.in_((D.WAITING, D.PREPARING)),
        state=D.WAITING,
        lease=None,
        lease_until=None,
        next_at=until,
        ready_at=None,
        problem=problem,
    )


def claim_look(delivery_id: str, now: datetime) -> str | None:
    """Takes an unknown or accepted delivery in hand for reading what became of it."""
    return _take(
        delivery_id,
        now + PREPARING_LEASE,
        Delivery.state.in_((D.UNKNOWN, D.ACCEPTED)),
        Delivery.next_at <= now,
        is_free(now),
    )


def _take(delivery_id: str, until: datetime, *where: ColumnElement[bool], **values: Any) -> str | None:
    lease = ids.new()
    taken = db.session.execute(
        update(Delivery)
        .where(Delivery.id == delivery_id, *where)
        .values(lease=lease, lease_until=until, **values)
        .returning(Delivery.id)
        .execution_options(synchronize_session=False)
    ).first()
    return lease if taken else None


def keep_checkpoint(delivery_id: str, lease: str, checkpoint: dict[str, Any]) -> bool:
    """Remembers what has been prepared, as `Work.keepable` gives it. False: the lease is lost."""
    return _write(delivery_id, lease, (D.PREPARING,), checkpoint=checkpoint, ready_at=None)


def intend(delivery_id: str, lease: str, now: datetime, sending: timedelta = timedelta(0)) -> bool:
    """Commits to the irreversible call. Everything is asked once more: an edit, a withdrawn consent or a
    cancellation that came while preparing stops it here; one that comes now waits until this is committed.
    `sending`: how long the call may take for the files that go with it.
    """
    _hold_still(delivery_id)
    return _write(
        delivery_id,
        lease,
        (D.PREPARING,),
        Delivery.due_at <= now,
        Delivery.lease_until > now,
        Delivery.expires_at > now,
        may_go_out(),
        state=D.PUBLISHING,
        intent_at=now,
        lease_until=now + PUBLISHING_LEASE + sending,
    )


def _hold_still(delivery_id: str) -> None:
    """Holds, consents and post are locked for sharing, so that what is asked next stays true until the commit."""
    holds.look_on()
    mine = Delivery.id == delivery_id
    here = select(Delivery.revision_id).where(mine).scalar_subquery()
    businesses = select(RevisionBusiness.business_id).where(RevisionBusiness.revision_id == here)
    consents = select(Consent.id).where(Consent.business_id.in_(businesses)).order_by(Consent.id)
    post = select(Post.id).where(
        Post.id == select(Delivery.post_id).where(Delivery.id == delivery_id).scalar_subquery()
    )
    for rows in (consents, post):
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
            return _update(
                Delivery.id == delivery_id,
                Delivery.state != D.SENT,
                state=D.SENT,
                lease=None,
                lease_until=None,
                **values,
            )
    except IntegrityError:
        return False


def _write(
    delivery_id: str,
    held: str,
    states: tuple[DeliveryState, ...],
    *where: ColumnElement[bool],
    **values: Any,
) -> bool:
    return _update(Delivery.id == delivery_id, Delivery.lease == held, Delivery.state.in_(states), *where, **values)


def _update(*where: ColumnElement[bool], **values: Any) -> bool:
    done = db.session.execute(
        update(Delivery)
        .where(*where)
        .values(**values)
        .returning(Delivery.id)
        .execution_options(synchronize_session=False)
    ).first()
    return done is not None
