"""The worker that brings posts out: many at once in threads, where the others fork for each job."""

import logging

from rq import SimpleWorker
from rq.serializers import JSONSerializer

from contentdesk.lib.desk import KEY, Desk
from workers import publish
from workers.app import app
from workers.tick import PUBLISH_QUEUE


def main() -> None:
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s publisher %(message)s")
    desk: Desk = app().extensions[KEY]
    lanes = publish.open_lanes()
    try:
        SimpleWorker(
            [desk.bell.queue(PUBLISH_QUEUE)],
            connection=desk.bell.connection,
            serializer=JSONSerializer,
            worker_ttl=60,
            maintenance_interval=30,
        ).work(logging_level="WARNING", with_scheduler=False)
    finally:
        lanes.close()


if __name__ == "__main__":
    main()
