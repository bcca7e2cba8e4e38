"""Many deliveries side by side in one process: those of different accounts at once, those of one account in order.

Waiting for a platform costs a thread, not a process. An account's deliveries are prepared side by side too, but
sent one after the other, in the order of their times; who has to wait longer steps out of the lane for then.
"""

import logging
from bisect import insort
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from threading import Condition, Event, Thread
from time import monotonic

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from contentdesk.lib import clock, pulse
from contentdesk.lib.db import db, transaction, transaction_in_turn
from contentdesk.lib.desk import KEY, Desk
from contentdesk.publishing import claims, held_back, outcomes, outgoing, warnings
from contentdesk.publishing.outgoing import Lender, Work
from workers.commits import Commits
from workers.steps import Answer, Steps

log = logging.getLogger(__name__)
SIDE_BY_SIDE = 128
MOST_IN_HAND = 1000
"""Of more a process would not see the end before others could have begun."""
RENEW_EVERY_S = 5.0
ENDLESS = float("inf")


@dataclass(eq=False)
class Place:
    """A delivery in hand, in its account's lane."""

    item: Work
    is_ready: bool = False
    until: float = ENDLESS
    """When whatever is done with it now must be over; later its lease is renewed no more."""

    def turn(self) -> tuple[datetime, str]:
        return self.item.due_at, self.item.delivery_id

    def begin(self, lasting: timedelta) -> None:
        self.until = monotonic() + (lasting + claims.time_to_send(self.item.size)).total_seconds()


class Lanes:
    """Made after the process has forked: it has threads and connections of its own."""

    def __init__(self, app: Flask, width: int = SIDE_BY_SIDE) -> None:
        self._app = app
        self._at: Desk = app.extensions[KEY]
        self._commits = Commits(app.app_context)
        self._steps = Steps(self._at, self._commits)
        self._pool = ThreadPoolExecutor(width, thread_name_prefix="lane")
        self._after = ThreadPoolExecutor(width, thread_name_prefix="after")
        self._lanes: dict[str, list[Place]] = {}
        self._sending: dict[str, Place] = {}
        self._in_hand: set[Place] = set()
        self._changed = Condition()
        self._closing, self._closed = Event(), Event()
        self._keeper = Thread(target=self._keep_leases, name="keeper", daemon=True)
        self._keeper.start()

    def take(self, delivery_ids: Sequence[str]) -> None:
        """Takes in hand what is to be had of these, and returns before they are done."""
        with self._changed:
            self._changed.wait_for(lambda: len(self._in_hand) < MOST_IN_HAND)
            held = {place.item.delivery_id for place in self._in_hand if place.until > monotonic()}
        rest = [one for one in delivery_ids if one not in held]
        with self._app.app_context():
            due, looks = ([Place(item) for item in items] for items in taken(rest, self._at)) if rest else ([], [])
        with self._changed:
            self._in_hand.update(due, looks)
            for place in due:
                insort(self._lanes.setdefault(place.item.account_id, []), place, key=Place.turn)
        for place in due:
            self._pool.submit(self._do, place, self._prepare)
        for place in looks:
            self._pool.submit(self._do, place, self._look)

    def wait(self) -> None:
        """Until nothing is in hand."""
        with self._changed:
            self._changed.wait_for(lambda: not self._in_hand)

    def close(self) -> None:
        """Ends what has begun and gives back what has not."""
        self._closing.set()
        self._pool.shutdown()
        self._after.shutdown()
        self._closed.set()
        self._keeper.join()
        self._commits.close()
        with self._app.app_context(), transaction():
            claims.give_back([place.item.held for place in self._in_hand])

    def _do(self, place: Place, act: Callable[[Place], None]) -> None:
        """In a thread of the pool, which then sends what has become ready in the same lane."""
        with self._app.app_context():
            self._safely(place, act)
            while ready := self._next_in(place.item.account_id):
                self._safely(ready, self._send)

    def _only(self, place: Place, act: Callable[[Place], None]) -> None:
        """In a thread that sends nothing: answers must not wait for other calls to be written down."""
        with self._app.app_context():
            self._safely(place, act)

    def _safely(self, place: Place, act: Callable[[Place], None]) -> None:
        """Whatever it is, the row must not be tried hot for ever, and the next in its lane must go on."""
        try:
            act(place)
        except Exception as error:  # noqa: BLE001
            log.exception("delivery %s", place.item.delivery_id)
            self._crashed(place, error)
        finally:
            db.session.remove()

    def _crashed(self, place: Place, error: Exception) -> None:
        try:
            with transaction():
                outcomes.crashed(place.item.delivery_id, error, clock.now())
        except SQLAlchemyError:
            log.error("delivery %s: the database does not answer", place.item.delivery_id)
        finally:
            self._leave(place)

    def _prepare(self, place: Place) -> None:
        if self._closing.is_set():
            return
        place.begin(claims.PREPARING_LASTS)
        item = self._steps.prepare(place.item)
        if item is None:
            self._leave(place)
        else:
            place.until = ENDLESS
            place.item, place.is_ready = item, True

    def _send(self, place: Place) -> None:
        place.begin(claims.PUBLISHING_LASTS)
        sent = self._steps.send(place.item)
        if sent is None:
            self._leave(place)
        else:
            self._step_out(place)
            place.begin(claims.PUBLISHING_LASTS)
            self._after.submit(self._only, place, lambda place: self._finish(place, *sent))

    def _finish(self, place: Place, item: Work, answer: Answer) -> None:
        self._steps.finish(item, answer, lambda error: self._finished(place, error))

    def _finished(self, place: Place, error: BaseException | None) -> None:
        if isinstance(error, Exception):
            log.error("delivery %s", place.item.delivery_id, exc_info=error)
            self._crashed(place, error)
        self._leave(place)

    def _look(self, place: Place) -> None:
        if self._closing.is_set():
            return
        place.begin(claims.PREPARING_LASTS)
        self._steps.look(place.item, lambda error: self._finished(place, error))

    def _next_in(self, account_id: str) -> Place | None:
        """What stands first there, if it is ready and nobody sends in that lane."""
        with self._changed:
            lane = self._lanes.get(account_id)
            if not lane or not lane[0].is_ready or account_id in self._sending or self._closing.is_set():
                return None
            self._sending[account_id] = lane[0]
            return lane[0]

    def _step_out(self, place: Place) -> None:
        """The next of its account may be sent."""
        account_id = place.item.account_id
        with self._changed:
            if self._sending.get(account_id) is place:
                del self._sending[account_id]
            lane = self._lanes.get(account_id, [])
            if place in lane:
                lane.remove(place)
            if not lane:
                self._lanes.pop(account_id, None)

    def _leave(self, place: Place) -> None:
        self._step_out(place)
        with self._changed:
            self._in_hand.discard(place)
            self._changed.notify_all()

    def _keep_leases(self) -> None:
        """Whoever has them in hand is alive, and whoever has none says so too."""
        while True:
            pulse.sign(self._at.bell.connection, pulse.PUBLISHER)
            clock.watch()
            with self._changed:
                held = [place.item.held for place in self._in_hand if place.until > monotonic()]
            with self._app.app_context():
                try:
                    _renew(held)
                except SQLAlchemyError as error:
                    log.error("leases are not renewed: %s", type(error).__name__)
            if self._closed.wait(RENEW_EVERY_S):
                return


def _renew(held: Sequence[claims.Held]) -> None:
    rest = iter(held)
    while some := list(islice(rest, 400)):
        with transaction():
            claims.renew(some, clock.now())


def taken(delivery_ids: Sequence[str], at: Desk, lasting: timedelta = claims.LEASE) -> tuple[list[Work], list[Work]]:
    """What is in hand now: to be brought out, and to be looked for. What was rung for in vain says why it waits."""
    now = clock.now()
    with transaction_in_turn():
        due = claims.claim(delivery_ids, now, lasting)
    rest = [one for one in delivery_ids if one not in due]
    looks = _looks(rest, lasting) if claims.are_left(rest, now) else {}
    lender = Lender(at.config.public_url, at.config.secret_keys[0], at.files)
    found = [outgoing.works(leases, lender, at.box) if leases else [] for leases in (due, looks)]
    db.session.rollback()
    return found[0], found[1]


def _looks(delivery_ids: Sequence[str], lasting: timedelta) -> dict[str, str]:
    now = clock.now()
    with transaction_in_turn():
        looks = claims.claim_look(delivery_ids, now, lasting)
        for delivery_id in claims.defer([one for one in delivery_ids if one not in looks], now):
            held_back.note(delivery_id, now)
            warnings.missed(delivery_id, now)
    return looks
