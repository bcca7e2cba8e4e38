"""Reading what citizens wrote, right after the figures of the same posts. The next poll reads what is missed here."""

from collections.abc import Mapping, Sequence

from contentdesk.channels import registry
from contentdesk.channels.abilities import ReadsComments
from contentdesk.channels.base import ChannelError, Login, Stats
from contentdesk.comments import queries, services
from contentdesk.lib import clock
from contentdesk.lib.db import db, transaction
from contentdesk.lib.desk import Desk
from contentdesk.lib.http import NoAnswer
from contentdesk.metrics.polling import Claimed


def read(kind: str, login: Login, chunk: Sequence[Claimed], figures: Mapping[str, Stats], at: Desk) -> None:
    """Only of posts that have more comments than are known here."""
    channel = registry.get(kind)
    if not isinstance(channel, ReadsComments):
        return
    known = queries.known_counts([one.delivery_id for one in chunk])
    db.session.rollback()
    for one in chunk:
        if _has_new(figures.get(one.external_id), known.get(one.delivery_id, 0)):
            _read_one(channel, login, one, at)


def _has_new(stats: Stats | None, known: int) -> bool:
    return stats is not None and (stats.comments is None or stats.comments > known)


def _read_one(channel: ReadsComments, login: Login, one: Claimed, at: Desk) -> None:
    try:
        found = channel.comments(at.http, login, one.external_id)
    except (ChannelError, NoAnswer):
        return
    with transaction():
        services.keep(one.delivery_id, found, clock.now())
