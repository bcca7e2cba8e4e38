"""The worker. Imports the app before it forks: a job then costs milliseconds instead of a second."""

import logging
import sys
from typing import Any

from rq import Worker
from rq.serializers import JSONSerializer

from contentdesk.lib import pulse
from contentdesk.lib.desk import KEY, Desk
from contentdesk.media.preparing import QUEUE as MEDIA_QUEUE
from workers import accounts, media, metrics, publish, subscriptions
from workers.app import app
from workers.tick import METRICS_QUEUE, PUBLISH_QUEUE

JOBS = (publish.run, metrics.poll, accounts.renew, media.prepare, subscriptions.ask)
"""Loaded before the fork."""


class Living(Worker):
    """Gives a sign of life whenever it tells RQ that it is there: at least every 45 seconds, also during a long job."""

    def heartbeat(self, *args: Any, **kwargs: Any) -> None:
        super().heartbeat(*args, **kwargs)
        pulse.beat(self.connection, pulse.VIDEOS if self.queue_names() == [MEDIA_QUEUE] else pulse.WORKER)


def main(queues: list[str]) -> None:
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s worker %(message)s")
    desk: Desk = app().extensions[KEY]
    bell = desk.bell
    worker = Living(
        [bell.queue(name) for name in queues or (PUBLISH_QUEUE, METRICS_QUEUE)],
        connection=bell.connection,
        serializer=JSONSerializer,
        worker_ttl=60,
        maintenance_interval=30,
    )
    worker.work(logging_level="WARNING", with_scheduler=False)


if __name__ == "__main__":
    main(sys.argv[1:])
