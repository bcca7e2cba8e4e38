"""The queue is a doorbell: a lost job is rung again by the beat, a doubled one finds nothing to claim."""

import logging

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

    def answered(self, job: str, *args: str) -> None:
        """A worker took the job: from now on it may be rung for again."""
        try:
            self.connection.delete(self._mark(job, args))
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
