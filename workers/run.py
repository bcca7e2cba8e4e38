"""The worker. Imports the app before it forks: a job then costs milliseconds instead of a second."""

import logging
import sys
from typing import Any

from rq import Worker
from rq.serializers import JSONSerializer

from contentdesk.lib import pulse
from contentdesk.lib.desk import KEY, Desk
from workers import accounts, comments_of_ours, media, metrics, subscriptions
from workers.app import app
from workers.tick import COMMENTS_QUEUE, METRICS_QUEUE

JOBS = (comments_of_ours.run, metrics.poll, accounts.renew, media.prepare, subscriptions.ask)
"""Loaded before the fork."""


class SeenWorker(Worker):
    """Says that it is there whenever RQ does."""

    def heartbeat(self, *args: Any, **kwargs: Any) -> None:
        super().heartbeat(*args, **kwargs)
        pulse.sign(self.connection, pulse.VIDEOS if "media" in self.queue_names() else pulse.WORKER)


def main(queues: list[str]) -> None:
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s worker %(message)s")
    desk: Desk = app().extensions[KEY]
    bell = desk.bell
    worker = SeenWorker(
        [bell.queue(name) for name in queues or (COMMENTS_QUEUE, METRICS_QUEUE)],
        connection=bell.connection,
        serializer=JSONSerializer,
        worker_ttl=60,
        maintenance_interval=30,
    )
    worker.work(logging_level="WARNING", with_scheduler=False)


if __name__ == "__main__":
    main(sys.argv[1:])
