"""What follows when a platform breaks down or recovers: one notice, and those that waited leave."""

import logging

from contentdesk.channels.queries import get_account
from contentdesk.lib import clock
from contentdesk.lib.db import transaction
from contentdesk.lib.desk import Desk
from contentdesk.lib.errors import NotFound
from contentdesk.publishing import deferring
from workers.breakers import Breakers, News
from workers.manners import manners_of

log = logging.getLogger(__name__)


def follow(at: Desk) -> None:
    """For the beat. Of two beats each piece of news comes to one."""
    manners = manners_of(at.bell.connection)
    fresh: list[News] = manners.quietly(manners.breakers.news, [])
    for news in fresh:
        _follow(news, manners.breakers)


def _follow(news: News, breakers: Breakers) -> None:
    """A piece that could not be worked, or is not yet to be told, comes again at the next round."""
    done = False
    try:
        with transaction():
            done = _broke_down(news.place, breakers) if news.is_down else _is_well(news.place, breakers)
    finally:
        if not done:
            breakers.keep_for_later(news)


def _broke_down(place: str, breakers: Breakers) -> bool:
    """Who heard minutes ago that it is well again hears of a relapse only if that lasts."""
    if not breakers.is_down(place):
        return True
    if breakers.was_well_just_now(place):
        return False
    kind, server, account_ids = _where(place)
    if kind and len(account_ids) > 0 and not _one_of_many(place, kind):
        deferring.tell_of(kind, server, is_down=True)
        breakers.mark_told(place)
    return True


def _is_well(place: str, breakers: Breakers) -> bool:
    kind, server, account_ids = _where(place)
    released = deferring.release(account_ids, clock.now())
    log.info("%s is well again, %d deliveries leave", place, released)
    if breakers.take_told(place) and kind:
        deferring.tell_of(kind, server, is_down=False)
    return True


def _one_of_many(place: str, kind: str) -> bool:
    """One account that is not answered, of several: that is no outage of the platform. Its authors read it."""
    return place.startswith("account:") and len(deferring.accounts_at(kind, "")) > 1


def _where(place: str) -> tuple[str, str, list[str]]:
    """Kind, server and the accounts that it is about."""
    what, _, name = place.partition(":")
    if what == "account":
        try:
            return get_account(name).kind, "", [name]
        except NotFound:
            return "", "", []
    kind, _, server = name.partition(":")
    return kind, server, deferring.accounts_at(kind, server)
