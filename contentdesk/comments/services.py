"""Keeping what citizens wrote, and saying that it was answered. Nothing is answered from here: people do that there."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from contentdesk.access.permissions import Actor, Permission, allow
from contentdesk.audit import services as audit
from contentdesk.channels.abilities import Comment
from contentdesk.comments import queries
from contentdesk.comments.models import CitizenComment
from contentdesk.comments.questions import is_question
from contentdesk.lib import clock
from contentdesk.lib.db import db

KEPT = timedelta(days=90)
"""Personal data is needed only as long as an answer still helps (UU PDP)."""
LONGEST = 2000


def keep(delivery_id: str, comments: Sequence[Comment], now: datetime) -> int:
    """Adds those not known yet; says how many. What somebody answered stays answered."""
    fresh = [one for one in comments if one.written_at > now - KEPT]
    known = queries.known_ids(delivery_id, [one.external_id for one in fresh])
    return sum(_added(delivery_id, one, now) for one in fresh if one.external_id not in known)


def _added(delivery_id: str, comment: Comment, now: datetime) -> bool:
    """False: another worker was faster."""
    row = CitizenComment(
        delivery_id=delivery_id,
        external_id=comment.external_id,
        author=comment.author[:100],
        text=comment.text[:LONGEST],
        permalink=comment.permalink,
        by_us=comment.by_us,
        is_question=is_question(comment.text),
        written_at=min(comment.written_at, now),  # a server's wrong clock makes nothing be kept for years
        seen_at=now,
    )
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError:
        return False
    return True


def mark_answered(actor: Actor, comment: CitizenComment) -> None:
    """Somebody answered there, or it needs no answer. Marking it twice keeps the first."""
    allow(actor, Permission.FIGURES_ENTER, comment.delivery.post)
    if comment.answered_at is None:
        comment.answered_at, comment.answered_by = clock.now(), actor.id
        audit.record(actor, "comment.answered", "comment", comment.id)


def mark_open(actor: Actor, comment: CitizenComment) -> None:
    """It was marked by mistake."""
    allow(actor, Permission.FIGURES_ENTER, comment.delivery.post)
    if comment.answered_at is not None:
        comment.answered_at = comment.answered_by = None
        audit.record(actor, "comment.open", "comment", comment.id)


def forget_old(now: datetime) -> int:
    """Deletes what is too old to be answered; says how many."""
    done = db.session.execute(
        delete(CitizenComment)
        .where(CitizenComment.written_at <= now - KEPT)
        .returning(CitizenComment.id)
        .execution_options(synchronize_session=False)
    )
    return len(done.all())
