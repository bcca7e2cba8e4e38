"""What publishing is measured against: one RQ job for each post, three calls, nothing else."""

import sys

import redis
import requests
from rq import Queue, Worker
from rq.serializers import JSONSerializer

QUEUE = "plain"


def post(base: str) -> None:
    """Container, look, publish. No database: the baseline is not made slower than it has to be."""
    made = requests.post(f"{base}/1/media", timeout=30).json()["id"]  # noqa: TID251 - plain on purpose
    requests.get(f"{base}/{made}", timeout=30)  # noqa: TID251 - plain on purpose
    requests.post(f"{base}/1/media_publish", timeout=30)  # noqa: TID251 - plain on purpose


def queue(url: str) -> Queue:
    return Queue(QUEUE, connection=redis.Redis.from_url(url), serializer=JSONSerializer)


def ring(url: str, base: str, count: int) -> None:
    for _ in range(count):
        queue(url).enqueue(post, base, result_ttl=0)


if __name__ == "__main__":
    line = queue(sys.argv[1])
    Worker([line], connection=line.connection, serializer=JSONSerializer).work(logging_level="ERROR")
