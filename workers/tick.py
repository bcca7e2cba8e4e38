"""One round of the beat: sweep what was lost or came too late, ring for what is due."""

import logging
from datetime import datetime, timedelta

from contentdesk.lib import clock
from contentdesk.lib.db import db, transaction
from contentdesk.lib.desk import Desk
from contentdesk.publishing import first_comments, sweeps
from workers import account_figures, accounts, comments_of_ours, media, metrics, outages, publish, take_downs

log = logging.getLogger(__name__)
PUBLISH_QUEUE = "publish"
COMMENTS_QUEUE = "comments"
METRICS_QUEUE = "metrics"
NEXT_BATCH_IN = timedelta(seconds=0.25)
"""What was rung for has to be taken in hand, before the beat sees what stands behind it."""


def tick(at: Desk) -> datetime | None:
    """Returns when the next delivery is due, so that the beat can sleep until then."""
    now = clock.now()
    is_all = _ring_due(at, now)  # first of all: what follows takes longer than a post may come late
    if _sweep(now):
        _ring_due(at, now)
    outages.follow(at)
    for delivery_id in first_comments.due(now):
        if not at.bell.ring(COMMENTS_QUEUE, comments_of_ours.JOB, delivery_id):
            break
    media.ring_due(at, now)
    metrics.ring_due(at, now)
    take_downs.ring_due(at)
    accounts.ring(at)
    account_figures.ring(at)
    following = sweeps.next_due(now) if is_all else now + NEXT_BATCH_IN
    db.session.rollback()
    return following


def _ring_due(at: Desk, now: datetime) -> bool:
    """An account's deliveries go to one worker, which keeps their order. False: there may be more."""
    due = sweeps.due(now)
    if due:
        at.bell.ring_together(PUBLISH_QUEUE, publish.JOB, sweeps.together(due), timeout_s=publish.LONGEST_S)
    return len(due) < sweeps.BATCH


def _sweep(now: datetime) -> bool:
    """Whether anything was moved. Looked for first: beginning to write each second would keep others from writing."""
    if not sweeps.late(now) and not sweeps.has_lost(now):
        return False
    with transaction():
        recovered = sweeps.recover_lost(now)
        expired = sweeps.expire(now)
    if recovered or expired:
        log.info("recovered %d, expired %d", recovered, len(expired))
    return bool(recovered or expired)
