"""The comment of our own under a post that is out: asked for, in hand, done or given up.

Public at most once, as the post itself: the row says that it may be there before the platform is spoken to, and the
channel looks for it before it writes. Nothing here ever changes the post's own state.
"""

import random
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, exists, or_, select, update

from contentdesk.channels.abilities import FIRST_COMMENT, FollowsUp, able
from contentdesk.channels.base import Channel, ChannelError, LoginExpired, OutcomeUnknown, TryLater
from contentdesk.channels.models import Account, AccountState
from contentdesk.lib import ids
from contentdesk.lib.db import db
from contentdesk.lib.i18n import N_
from contentdesk.notices.services import tell
from contentdesk.publishing import holds, timeline
from contentdesk.publishing.models import Delivery, FirstComment
from contentdesk.publishing.outgoing import Work, load
from contentdesk.publishing.states import CommentState, DeliveryState

C = CommentState
OPEN = (C.DUE, C.INTENDED)
LEASE = timedelta(minutes=10)
"""Longer than looking through all comments and writing one can take, so that two never do it at the same time."""
QUIET = timedelta(seconds=90)
"""So long after a lost answer an absence proves nothing: the comment may be missing from the list."""
USEFUL_FOR = timedelta(hours=24)
"""A first comment that comes later helps nobody."""
AGAIN_S = (30, 60, 300, 900, 3600)
BATCH = 100

UNSURE = N_("Belum pasti apakah komentar pertama sudah ada. Kami periksa dulu, jangan tulis ulang.")
TOO_LATE = N_("Komentar pertama tidak jadi ditulis: sudah lewat sehari sejak terbit. Tulis sendiri di aplikasinya.")


def ask_for(delivery_id: str, channel: Channel, options: Mapping[str, Any], now: datetime) -> None:
    """In the transaction that writes down that the post is out."""
    if able(channel, FollowsUp) and str(options.get(FIRST_COMMENT) or "").strip():
        db.session.add(FirstComment(delivery_id=delivery_id, next_at=now))


def of(delivery_id: str) -> FirstComment | None:
    return db.session.get(FirstComment, delivery_id, populate_existing=True)


def due(now: datetime) -> list[str]:
    """Ids of deliveries to ring for."""
    query = select(FirstComment.delivery_id).where(FirstComment.state.in_(OPEN), FirstComment.next_at <= now)
    return list(db.session.scalars(query.where(_is_free(now)).order_by(FirstComment.next_at).limit(BATCH)))


def claim(delivery_id: str, now: datetime) -> str | None:
    """Takes one in hand and says that it may be there from now on. The lease, or None when it is not to be had."""
    holds.look_on()
    lease = ids.new()
    taken = db.session.execute(
        update(FirstComment)
        .where(
            FirstComment.delivery_id == delivery_id,
            FirstComment.state.in_(OPEN),
            FirstComment.next_at <= now,
            _is_free(now),
            _is_out_and_may_be_followed(),
        )
        .values(state=C.INTENDED, lease=lease, lease_until=now + LEASE, intent_at=now, tries=FirstComment.tries + 1)
        .returning(FirstComment.delivery_id)
        .execution_options(synchronize_session=False)
    ).first()
    return lease if taken else None


def _is_free(now: datetime) -> ColumnElement[bool]:
    return or_(FirstComment.lease.is_(None), FirstComment.lease_until < now)


def _is_out_and_may_be_followed() -> ColumnElement[bool]:
    return exists().where(
        Delivery.id == FirstComment.delivery_id,
        Delivery.state == DeliveryState.SENT,
        Account.id == Delivery.account_id,
        Account.state == AccountState.CONNECTED,
        ~holds.covers(),
    )


def wait_for_account(delivery_id: str, now: datetime) -> None:
    """One that could not be claimed is looked at less often, and given up when it is no longer useful."""
    comment = of(delivery_id)
    if comment is None or comment.state not in OPEN or comment.next_at > now or _in_hand(comment, now):
        return
    if _is_stale(comment, now):
        _give_up(delivery_id, None, TOO_LATE, {}, "too_late")
    else:
        comment.next_at = now + timedelta(minutes=1)


def _in_hand(comment: FirstComment, now: datetime) -> bool:
    return comment.lease_until is not None and comment.lease_until >= now


def _is_stale(comment: FirstComment, now: datetime) -> bool:
    return now - comment.created_at > USEFUL_FOR


def done(work: Work, comment_id: str | None) -> None:
    """`comment_id` None: the channel says that the post is to have none."""
    if _settle(work.delivery_id, work.lease, state=C.DONE, external_id=comment_id, problem=None) and comment_id:
        timeline.note(work.delivery_id, "comment_done", external_id=comment_id)


def failed(work: Work, error: ChannelError, now: datetime) -> None:
    """What may pass is tried again while it is useful; the rest a person is told. The post stays out."""
    comment = of(work.delivery_id)
    if comment is None:
        return
    match error:
        case OutcomeUnknown() | TryLater() | LoginExpired() if _is_stale(comment, now):
            _give_up(work.delivery_id, work.lease, TOO_LATE, {}, error.code)
        case OutcomeUnknown():
            unsure = OutcomeUnknown(UNSURE, code=error.code)
            _later(work, now + max(QUIET, _backoff(comment.tries)), "comment_unknown", unsure)
        case TryLater():
            _later(work, now + max(error.after, _backoff(comment.tries)), "comment_later", error)
        case LoginExpired():
            _later(work, now, "comment_later", error)
        case _:
            _give_up(work.delivery_id, work.lease, error.sentence, dict(error.values), error.code)


def crashed(delivery_id: str, error: Exception, now: datetime) -> None:
    """A fault of our own. Another looks when the lease has ended, as long as the comment is useful."""
    comment = of(delivery_id)
    if comment is not None and comment.state in OPEN and _is_stale(comment, now):
        _give_up(delivery_id, None, TOO_LATE, {}, type(error).__name__)


def _backoff(tries: int) -> timedelta:
    """Up to a quarter longer, so that many do not come back at once."""
    step = AGAIN_S[min(max(tries, 1), len(AGAIN_S)) - 1]
    return timedelta(seconds=step * (1 + random.random() / 4))  # noqa: S311 - spreads load, guards nothing


def _later(work: Work, next_at: datetime, what: str, error: ChannelError) -> None:
    """It stays intended: the next one looks before it writes."""
    values = {"problem": error.sentence, "problem_values": dict(error.values)}
    if _settle(work.delivery_id, work.lease, next_at=next_at, **values):
        timeline.note(work.delivery_id, what, **timeline.answer(error))


def _give_up(delivery_id: str, lease: str | None, sentence: str, values: dict[str, Any], code: str) -> None:
    if not _settle(delivery_id, lease, state=C.FAILED, problem=sentence, problem_values=values):
        return
    timeline.note(delivery_id, "comment_failed", code=code, said=sentence, values=values)
    delivery = load(delivery_id)
    tell(
        [delivery.post.author_id],
        N_("%(title)s sudah terbit, tetapi komentar pertamanya tidak jadi ditulis. Lihat sebabnya."),
        f"/terbitan/{delivery_id}",
        title=delivery.post.title,
    )


def _settle(delivery_id: str, lease: str | None, **values: Any) -> bool:
    """Only who still has it in hand writes; `lease` None: nobody has."""
    held = FirstComment.lease == lease if lease else FirstComment.state.in_(OPEN)
    changed = db.session.execute(
        update(FirstComment)
        .where(FirstComment.delivery_id == delivery_id, FirstComment.state.in_(OPEN), held)
        .values(lease=None, lease_until=None, **values)
        .returning(FirstComment.delivery_id)
        .execution_options(synchronize_session=False)
    ).first()
    return changed is not None
