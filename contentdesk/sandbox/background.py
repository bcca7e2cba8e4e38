"""Work that goes on after the reply, as on a real platform: fetching the media."""

import logging
import queue
import threading
from collections.abc import Callable

from contentdesk.sandbox.store import Outdated, Store

log = logging.getLogger(__name__)

Job = Callable[[], None]


class Background:
    """A few daemon threads. What they were doing at a kill is found again in the store at the next start."""

    def __init__(self, store: Store, threads: int = 4) -> None:
        self._store = store
        self._jobs: queue.Queue[Job] = queue.Queue()
        for number in range(threads):
            threading.Thread(target=self._work, name=f"background-{number}", daemon=True).start()

    def put(self, job: Job) -> None:
        self._jobs.put(job)

    def _work(self) -> None:
        while True:
            job = self._jobs.get()
            try:
                with self._store.until_reset():
                    job()
            except Outdated:
                log.debug("a reset came first")
            except Exception:  # noqa: BLE001 - the loop must go on; the trace says what went wrong
                log.exception("background work failed")
