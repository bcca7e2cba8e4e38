"""All workers and the beat of one machine as children of one process that has loaded the app.

What they share then lies in memory once. A child that ends is forked again; when this process is killed they end
with it. On several machines each can also be started alone: workers.run, workers.run media, workers.beat.
"""

import gc
import logging
import os
from collections.abc import Callable
from functools import partial
from multiprocessing import get_context
from multiprocessing.context import ForkProcess

from setproctitle import setproctitle

from contentdesk.child import end_with_parent
from workers import beat, run, stopping
from workers.app import app

log = logging.getLogger(__name__)
DUTIES: dict[str, Callable[[], None]] = {
    "worker": partial(run.main, []),
    "videos": partial(run.main, ["media"]),
    "beat": beat.main,
}
AGAIN_AFTER_S = 1.0
"""A child that cannot start is tried once a second, not without a pause."""


def main() -> None:
    stopping.hold_back()
    app()
    gc.freeze()  # or the collector would write into every shared page
    children = {duty: _fork(duty) for duty in DUTIES}
    while not stopping.told(AGAIN_AFTER_S):
        for duty, child in children.items():
            if not child.is_alive():
                log.error("%s ended with %s, starting it again", duty, child.exitcode)
                children[duty] = _fork(duty)
    for child in children.values():
        child.terminate()
    for child in children.values():
        child.join()


def _fork(duty: str) -> ForkProcess:
    """Signals are held back in the child too, until it has a duty that hears them."""
    child = get_context("fork").Process(target=_serve, args=(duty, os.getpid()), name=duty)
    child.start()
    return child


def _serve(duty: str, parent: int) -> None:
    end_with_parent(parent)
    stopping.let_through()
    setproctitle(f"contentdesk {duty}")
    DUTIES[duty]()


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(processName)s %(message)s")
    main()
