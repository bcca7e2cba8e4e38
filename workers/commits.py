"""Many threads' writes in few transactions: a commit costs as much for one row as for a hundred."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from threading import Condition, Thread
from typing import Any, Protocol, TypeVar

from contentdesk.lib.db import db, transaction

T = TypeVar("T")
R = TypeVar("R")
Act = Callable[[Sequence[T]], Sequence[R]]
"""Writes for all it is given and answers for each, in their order."""


class Writes(Protocol):
    """Who keeps what an act writes. Once `write` returns, it is committed."""

    def write(self, act: Act[T, R], item: T) -> R: ...


class AtOnce:
    """Each write in a transaction of its own, in the caller's thread."""

    def write(self, act: Act[T, R], item: T) -> R:
        with transaction():
            return act([item])[0]


class Commits:
    """One thread writes for all others. What comes while it commits goes into its next transaction.

    Acts of one kind are one transaction, so locks are taken in the order that the act has them. When it fails each
    item is tried alone: one that cannot be written takes no other with it. `context` is entered for the thread's life.
    """

    def __init__(self, context: Callable[[], AbstractContextManager[Any]]) -> None:
        self._context = context
        self._coming: dict[Act[Any, Any], list[tuple[Any, Future[Any]]]] = {}
        self._changed = Condition()
        self._is_closed = False
        self._thread = Thread(target=self._run, name="commits", daemon=True)
        self._thread.start()

    def write(self, act: Act[T, R], item: T) -> R:
        answer: Future[R] = Future()
        with self._changed:
            if self._is_closed:
                raise RuntimeError("closed")
            self._coming.setdefault(act, []).append((item, answer))
            self._changed.notify()
        return answer.result()

    def close(self) -> None:
        """After what has been handed in is written."""
        with self._changed:
            self._is_closed = True
            self._changed.notify()
        self._thread.join()

    def _run(self) -> None:
        with self._context():
            while round_ := self._next():
                for act, waiting in round_.items():
                    _keep(act, waiting)

    def _next(self) -> dict[Act[Any, Any], list[tuple[Any, Future[Any]]]]:
        with self._changed:
            self._changed.wait_for(lambda: self._coming or self._is_closed)
            coming, self._coming = self._coming, {}
            return coming


def _keep(act: Act[Any, Any], waiting: list[tuple[Any, Future[Any]]]) -> None:
    try:
        with transaction():
            answers = act([item for item, _ in waiting])
    except Exception as error:  # noqa: BLE001 - it is the caller's, who waits in another thread
        if len(waiting) > 1:
            for one in waiting:
                _keep(act, [one])
        else:
            waiting[0][1].set_exception(error)
        return
    finally:
        db.session.remove()
    for (_item, answer), said in zip(waiting, answers, strict=True):
        answer.set_result(said)
