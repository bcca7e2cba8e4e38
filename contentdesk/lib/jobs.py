"""The queue is a doorbell: a lost job is rung again by the beat, a doubled one finds nothing to claim."""

import logging
from collections.abc import Sequence

import redis
from rq import Queue
from rq.exceptions import DuplicateJobError
from rq.serializers import JSONSerializer

log = logging.getLogger(__name__)
KEEP_FAILED_S = 24 * 3600


class Bell:
    """Rings for jobs by dotted name. Arguments are ids and words: who can write to Redis cannot run code."""

    def __init__(self, connection: redis.Redis) -> None:
        self.connection = connection

    def queue(self, name: str) -> Queue:
        return Queue(name, connection=self.connection, serializer=JSONSerializer)

    def ring(self, queue: str, job: str, *args: str, key: str | None = None, timeout_s: int = 300) -> bool:
        """True when the job is (or already was) in the queue; False when Redis cannot be reached."""
        try:
            self.queue(queue).enqueue_call(
                job,
                args=args,
                job_id=key,
                unique=key is not None,
                timeout=timeout_s,
                result_ttl=0,
                failure_ttl=KEEP_FAILED_S,
            )
        except DuplicateJobError:
            return True
        except redis.RedisError as error:
            log.warning("queue cannot be reached, the beat will ring again: %s", type(error).__name__)
            return False
        return True

    def ring_all(self, queue: str, job: str, keys: Sequence[str]) -> int:
        """Rings once for each id; returns how many rang."""
        return sum(self.ring(queue, job, key, key=f"{job.rsplit('.', 1)[-1]}-{key}") for key in keys)

    def is_alive(self) -> bool:
        try:
            return bool(self.connection.ping())
        except redis.RedisError:
            return False
