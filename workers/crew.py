"""Workers and beat of one machine, with HOST:PORT the pages too, as children of one process that has loaded the app.

What they share then lies in memory once. A child that ends is forked again; when this process is killed they end
with it. On several machines each can also be started alone: workers.web, workers.publisher, workers.run,
workers.run media, workers.beat.
"""

import gc
import logging
import os
import signal
import sys
from collections.abc import Callable
from functools import partial
from multiprocessing import get_context
from multiprocessing.context import ForkProcess

from setproctitle import setproctitle

from contentdesk.child import end_with_parent
from contentdesk.lib.stopping import SIGNALS
from workers import beat, publisher, run, web
from workers.app import app

log = logging.getLogger(__name__)
Duties = dict[str, Callable[[], None]]
PUBLISHERS = min(2, os.cpu_count() or 1)
"""One for a processor; with more than two the database, which takes one writer, has the last word."""
DUTIES: Duties = {
    **{f"publisher {number + 1}": publisher.main for number in range(PUBLISHERS)},
    "worker": partial(run.main, []),
    "videos": partial(run.main, ["media"]),
    "beat": beat.main,
}
PAGES_FIRST_S = 1.0
"""So long the others leave the processors to the first page."""
AGAIN_AFTER_S = 1.0
"""A child that cannot start is tried once a second, not without a pause."""


def main(bind: str | None = None) -> None:
    """`bind` is host:port of the pages; without it there are none here."""
    app()
    gc.freeze()  # or the collector would write into every shared page
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)  # or one in a child's first moment would be lost
    duties: Duties = {"web": partial(web.main, bind)} if bind else {}
    children = {name: _fork(name, duty) for name, duty in duties.items()}
    told = bool(bind) and _told(PAGES_FIRST_S)
    duties |= {} if told else DUTIES
    while not told:
        for name, duty in duties.items():
            if name in children and not children[name].is_alive():
                log.error("%s ended with %s, starting it again", name, children[name].exitcode)
            if name not in children or not children[name].is_alive():
                children[name] = _fork(name, duty)
        told = _told(AGAIN_AFTER_S)
    for child in children.values():
        child.terminate()
    for child in children.values():
        child.join()


def _told(within_s: float) -> bool:
    return signal.sigtimedwait(SIGNALS, within_s) is not None


def _fork(name: str, duty: Callable[[], None]) -> ForkProcess:
    child = get_context("fork").Process(target=_serve, args=(name, duty, os.getpid()), name=name)
    child.start()
    return child


def _serve(name: str, duty: Callable[[], None], parent: int) -> None:
    end_with_parent(parent)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    setproctitle(f"contentdesk {name}")
    duty()


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(processName)s %(message)s")
    main(*sys.argv[1:2])
