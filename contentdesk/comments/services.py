"""Keeping what citizens wrote, and saying that it was answered. Nothing is answered from here: people do that there."""

from collections.abc import Sequence
from contextlib import suppress
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
from contentdesk.lib.errors import DomainError
from contentdesk.lib.i18n import N_

KEPT = timedelta(days=90)
"""Personal data is needed only as long as an answer still helps (UU PDP)."""
LONGEST, LONGEST_NAME = 2000, 100

GONE = N_("Komentar ini sudah tidak ada di platformnya, jadi tidak perlu dijawab lagi.")


def keep(delivery_id: str, comments: Sequence[Comment], now: datetime, *, whole: bool) -> None:
    """Adds those not known yet, and takes over what was changed. What somebody answered stays answered.

    `whole`: there are no others on the platform, so that what is not among them was deleted.
    """
    known = queries.known(delivery_id)
    for one in comments:
        row = known.get(one.external_id)
        if row is not None:
            _said(row, one)
        elif one.written_at > now - KEPT:
            _add(delivery_id, one, now)
    there = {one.external_id for one in comments}
    for row in known.values():
        if whole and row.external_id not in there:
            _forget_words(row, now)


def _said(row: CitizenComment, comment: Comment) -> None:
    """As it stands there now: it may have been edited, or come back."""
    row.author, row.text = comment.author[:LONGEST_NAME], comment.text[:LONGEST]
    row.permalink, row.is_question, row.gone_at = comment.permalink, is_question(comment.text), None


def _forget_words(row: CitizenComment, now: datetime) -> None:
    """The row stays, so that a comment that was only hidden for a while is not open again after it was answered."""
    if row.gone_at is None:
        row.author = row.text = ""
        row.permalink, row.gone_at = None, now


def _add(delivery_id: str, comment: Comment, now: datetime) -> None:
    row = CitizenComment(
        delivery_id=delivery_id,
        external_id=comment.external_id,
        by_us=comment.by_us,
        written_at=min(comment.written_at, now),  # a server's wrong clock makes nothing be kept for years
        seen_at=now,
    )
    _said(row, comment)
    with suppress(IntegrityError), db.session.begin_nested():  # another worker may have been faster
        db.session.add(row)


def _must_be_there(actor: Actor, comment: CitizenComment) -> None:
    allow(actor, Permission.FIGURES_ENTER, comment.delivery.post)
    if comment.gone_at is not None:
        raise DomainError(GONE)


def mark_answered(actor: Actor, comment: CitizenComment) -> None:
    """Somebody answered there, or it needs no answer. Marking it twice keeps the first."""
    _must_be_there(actor, comment)
    if comment.answered_at is None:
        comment.answered_at, comment.answered_by = clock.now(), actor.id
        audit.record(actor, "comment.answered", "comment", comment.id)


def mark_open(actor: Actor, comment: CitizenComment) -> None:
    """It was marked by mistake."""
    _must_be_there(actor, comment)
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
