"""Reading what citizens wrote, right after the figures of the same posts. What was not read comes again soon."""

import logging
import random
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from contentdesk.channels import registry
from contentdesk.channels.abilities import Comments, ReadsComments
from contentdesk.channels.base import ChannelError, Stats, TryLater
from contentdesk.comments import readings, services
from contentdesk.lib import clock
from contentdesk.lib.db import db, transaction
from contentdesk.lib.desk import Desk
from contentdesk.lib.http import NoAnswer
from contentdesk.lib.jobs import OutOfTime
from contentdesk.metrics import plan, polling
from contentdesk.metrics.polling import Claimed
from workers import manners
from workers.manners import Doing, Who

log = logging.getLogger(__name__)


def read(who: Who, chunk: Sequence[Claimed], figures: Mapping[str, Stats], until: datetime, at: Desk) -> None:
    """Of each post whose comments may have changed, one call or two. After `until` no further one is begun."""
    channel = registry.get(who.kind)
    if not isinstance(channel, ReadsComments):
        return
    due = _due(chunk, figures)
    for place, (one, count) in enumerate(due):
        wait = _read_one(channel, who, one, count, at) if clock.now() <= until else timedelta()
        if wait is not None:
            _owe([unread for unread, _ in due[place:]], wait)
            return


def _read_one(channel: ReadsComments, who: Who, one: Claimed, count: int | None, at: Desk) -> timedelta | None:
    """None: that is that. Otherwise the platform cannot be asked now, and for so long wants to be left alone."""
    try:
        with manners.before(who, at, Doing.READ) as http:
            found = channel.comments(http, who.login, one.external_id)
        _keep(one, found, count)
    except TryLater as error:
        return error.after
    except NoAnswer:
        return timedelta()
    except ChannelError:
        _not_told(one)
    except OutOfTime:
        raise
    except Exception:  # noqa: BLE001 - whatever one post's comments are, the others are read
        log.exception("comments of %s", one.delivery_id)
        db.session.rollback()
        _not_told(one)
    return None


def _due(chunk: Sequence[Claimed], figures: Mapping[str, Stats]) -> list[tuple[Claimed, int | None]]:
    """With how many comments the platform counts. A post that it left out is not asked."""
    last, now = readings.of([one.delivery_id for one in chunk]), clock.now()
    counts = [(one, figures[one.external_id].comments) for one in chunk if one.external_id in figures]
    due = [(one, count) for one, count in counts if readings.is_due(last.get(one.delivery_id), count, now)]
    db.session.rollback()
    return due


def _keep(one: Claimed, found: Comments, count: int | None) -> None:
    """An empty list says nothing about those that are known, unless the platform counts none either."""
    whole = found.whole and (bool(found.newest) or count == 0)
    now = clock.now()
    with transaction():
        services.keep(one.delivery_id, found.newest, now, whole=whole)
        readings.done(one.delivery_id, count, now)


def _not_told(one: Claimed) -> None:
    """A right that is missing, or a post without comments: tried again with its next figures."""
    with transaction():
        readings.failed(one.delivery_id)


def _owe(unread: Sequence[Claimed], after: timedelta) -> None:
    """A disturbed platform: these posts come again before their plan has it, each time twice as late."""
    now = clock.now()
    with transaction():
        last = readings.of([one.delivery_id for one in unread])
        for one in unread:
            failures = last[one.delivery_id].failures if one.delivery_id in last else 0
            chance = random.random()  # noqa: S311 - spreads load, guards nothing
            again_at = plan.retry_poll(one.sent_at, now, failures, chance, after)
            readings.failed(one.delivery_id)
            if again_at is not None:
                polling.sooner(one.delivery_id, again_at)
