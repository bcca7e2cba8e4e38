"""Many threads' writes in few transactions: a commit costs as much for one row as for a hundred."""

import logging
import os
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from threading import Condition, Thread
from time import monotonic
from typing import Any, Protocol, TypeVar

from sqlalchemy.exc import OperationalError

from contentdesk.lib.db import db, transaction, transaction_in_turn

log = logging.getLogger(__name__)
T = TypeVar("T")
R = TypeVar("R")
Act = Callable[[Sequence[T]], Sequence[R]]
"""Writes for all it is given and answers for each, in their order."""


Then = Callable[[BaseException | None], None]
"""Told when it is committed, or what went wrong."""


def nobody_waits(_error: BaseException | None) -> None:
    pass


class Writes(Protocol):
    """Who keeps what an act writes."""

    def write(self, act: Act[T, R], item: T) -> R:
        """Once it returns, it is committed."""

    def write_later(self, act: Act[T, R], item: T, then: Then) -> None:
        """For what nobody waits for: it may wait for others of its kind."""


class AtOnce:
    """Each write in a transaction of its own, in the caller's thread."""

    def write(self, act: Act[T, R], item: T) -> R:
        with transaction():
            return act([item])[0]

    def write_later(self, act: Act[T, R], item: T, then: Then) -> None:
        self.write(act, item)
        then(None)


class Answer(Future[R]):
    def __init__(self, may_wait: bool) -> None:
        super().__init__()
        self.may_wait = may_wait


Waiting = list[tuple[Any, Answer[Any]]]
Round = dict[Act[Any, Any], Waiting]
PATIENCE_S = 0.2
"""So long the first of those waits for which nobody waits."""
ENDLESS_S = 3600.0
AWAY_S = 2.0
"""Until what nobody waits for is tried again with a database that was away."""
DEADLOCKS = {"40P01", "40001"}


class Commits:
    """One thread writes for all others. What comes while it commits goes into its next transaction.

    Acts of one kind are one transaction, so locks are taken in the order that the act has them. When it fails each
    item is tried alone: one that cannot be written takes no other with it. `context` is entered for the thread's life.
    """

    def __init__(self, context: Callable[[], AbstractContextManager[Any]]) -> None:
        self._context = context
        self._urgent: Round = {}
        self._others: Round = {}
        self._others_since = 0.0
        self._changed = Condition()
        self._is_closed = False
        self._thread = Thread(target=self._run, name="commits", daemon=True)
        self._thread.start()

    def write(self, act: Act[T, R], item: T) -> R:
        return self._hand_in(self._urgent, act, item, Answer(may_wait=False)).result()

    def write_later(self, act: Act[T, R], item: T, then: Then) -> None:
        """`then` is called in the thread that writes."""
        answer = self._hand_in(self._others, act, item, Answer(may_wait=True))
        answer.add_done_callback(lambda answer: then(answer.exception()))

    def _hand_in(self, round_: Round, act: Act[T, R], item: T, answer: Answer[R]) -> Answer[R]:
        with self._changed:
            if self._is_closed:
                raise RuntimeError("closed")
            if not self._others:
                self._others_since = monotonic()
            round_.setdefault(act, []).append((item, answer))
            self._changed.notify()
        return answer

    def close(self) -> None:
        """After what has been handed in is written."""
        with self._changed:
            self._is_closed = True
            self._changed.notify()
        self._thread.join()

    def _run(self) -> None:
        round_: Round = {}
        try:
            with self._context():
                while round_ := self._next():
                    for act, waiting in round_.items():
                        self._carry_out(act, waiting)
        except BaseException:
            log.exception("nothing can be written any more, this process ends")
            os.kill(os.getpid(), signal.SIGTERM)
            raise
        finally:
            self._end(round_)

    def _carry_out(self, act: Act[Any, Any], waiting: Waiting) -> None:
        try:
            _keep(act, waiting)
        except OperationalError as error:
            left = [one for one in waiting if not one[1].done()]
            if not self._put_back(act, left):
                _fail(left, error)

    def _put_back(self, act: Act[Any, Any], left: Waiting) -> bool:
        """What nobody waits for is tried again: it says what is true, and is known nowhere else."""
        with self._changed:
            if self._is_closed or not all(answer.may_wait for _item, answer in left):
                return False
            self._others.setdefault(act, []).extend(left)
            self._others_since = monotonic() + AWAY_S
            return True

    def _end(self, round_: Round) -> None:
        """Nobody waits for ever, whatever ended the thread."""
        with self._changed:
            self._is_closed = True
            left = [*round_.values(), *self._urgent.values(), *self._others.values()]
        for waiting in left:
            _fail(waiting, RuntimeError("closed"))

    def _next(self) -> Round:
        """What nobody waits for comes now and then, all of it together. Empty: it is over."""
        with self._changed:
            while not self._urgent and not self._is_closed and (rest := self._patience()) > 0:
                self._changed.wait(rest)
            round_ = dict(self._urgent)
            self._urgent.clear()
            if self._is_closed or self._patience() <= 0:
                for act, waiting in self._others.items():
                    round_.setdefault(act, []).extend(waiting)
                self._others.clear()
            return round_

    def _patience(self) -> float:
        return self._others_since + PATIENCE_S - monotonic() if self._others else ENDLESS_S


def _keep(act: Act[Any, Any], waiting: Waiting) -> None:
    """Raises OperationalError when the database is away; then nobody's write is at fault."""
    try:
        with transaction_in_turn():
            answers = act([item for item, _ in waiting])
    except Exception as error:  # noqa: BLE001 - it is the caller's, who waits in another thread
        if _is_away(error):
            raise
        if len(waiting) > 1:
            for one in waiting:
                _keep(act, [one])
        else:
            _fail(waiting, error)
        return
    finally:
        db.session.remove()
    for (_item, answer), said in zip(waiting, answers, strict=True):
        answer.set_result(said)


def _is_away(error: Exception) -> bool:
    """Locked for long, or not to be reached. A deadlock is neither: alone each gets along."""
    return isinstance(error, OperationalError) and getattr(error.orig, "sqlstate", None) not in DEADLOCKS


def _fail(waiting: Waiting, error: BaseException) -> None:
    for _item, answer in waiting:
        if not answer.done():
            answer.set_exception(error)
