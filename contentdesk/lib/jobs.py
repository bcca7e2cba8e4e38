"""The queue is a doorbell: a lost job is rung again by the beat, a doubled one finds nothing to claim."""

import logging
from collections.abc import Iterator, Sequence
from itertools import chain

import redis
from rq import Queue
from rq.serializers import JSONSerializer
from rq.timeouts import JobTimeoutException

log = logging.getLogger(__name__)
OutOfTime = JobTimeoutException
"""Comes out of nowhere when a job has used up its time, and once only: whoever takes up everything lets it pass."""
KEEP_FAILED_S = 24 * 3600
QUIET_S = 20
"""So long a rung id is not rung again unless a worker has answered."""
LONGEST_QUEUE = 2000
"""With more waiting nobody rings: a queue without workers does not fill the memory. The beat comes by again."""


class Bell:
    """Rings for jobs by dotted name. Arguments are ids and words: who can write to Redis cannot run code."""

    def __init__(self, connection: redis.Redis) -> None:
        self.connection = connection

    def queue(self, name: str) -> Queue:
        return Queue(name, connection=self.connection, serializer=JSONSerializer)

    def ring(self, queue: str, job: str, *args: str, timeout_s: int = 300, quiet_s: int = QUIET_S) -> bool:
        """False when Redis cannot be reached; the beat comes by again."""
        try:
            line = self.queue(queue)
            if line.count < LONGEST_QUEUE and self.connection.set(self._mark(job, args), "1", nx=True, ex=quiet_s):
                line.enqueue_call(job, args=args, timeout=timeout_s, result_ttl=0, failure_ttl=KEEP_FAILED_S)
        except redis.RedisError as error:
            log.warning("queue cannot be reached, the beat will ring again: %s", type(error).__name__)
            return False
        return True

    def ring_together(self, queue: str, job: str, groups: Sequence[Sequence[str]], timeout_s: int = 300) -> bool:
        """One job for each group of ids; what was rung for a moment ago is left out. As `ring`."""
        try:
            line = self.queue(queue)
            room = max(0, LONGEST_QUEUE - line.count)
            fresh = list(self._not_yet_rung(job, groups)) if room else []
            for ids in fresh[:room]:
                line.enqueue_call(job, args=tuple(ids), timeout=timeout_s, result_ttl=0, failure_ttl=KEEP_FAILED_S)
            self.answered_together(job, list(chain.from_iterable(fresh[room:])))
        except redis.RedisError as error:
            log.warning("queue cannot be reached, the beat will ring again: %s", type(error).__name__)
            return False
        return True

    def _not_yet_rung(self, job: str, groups: Sequence[Sequence[str]]) -> Iterator[list[str]]:
        with self.connection.pipeline(transaction=False) as asked:
            for one in chain.from_iterable(groups):
                asked.set(self._mark(job, (one,)), "1", nx=True, ex=QUIET_S)
            is_new = iter(asked.execute())
        for ids in groups:
            if rung := [one for one in ids if next(is_new)]:
                yield rung

    def answered(self, job: str, *args: str) -> None:
        """A worker took the job: from now on it may be rung for again."""
        self._forget([self._mark(job, args)])

    def answered_together(self, job: str, ids: Sequence[str]) -> None:
        self._forget([self._mark(job, (one,)) for one in ids])

    def _forget(self, marks: Sequence[str]) -> None:
        try:
            if marks:
                self.connection.delete(*marks)
        except redis.RedisError as error:
            log.warning("queue cannot be reached: %s", type(error).__name__)

    @staticmethod
    def _mark(job: str, args: tuple[str, ...]) -> str:
        return f"contentdesk:rung:{job}:{':'.join(args)}"

    def is_alive(self) -> bool:
        try:
            return bool(self.connection.ping())
        except redis.RedisError:
            return False
