"""Being told to end, by SIGTERM or SIGINT."""

import contextlib
import os
import select
import signal

SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Stop:
    """Once told, it stays told. To be made in the main thread.

    Not a threading.Event: its lock is held for a moment in `wait`, and a handler that calls `set` in that moment
    waits for itself for ever.
    """

    def __init__(self) -> None:
        self._heard, self._say = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        for name in SIGNALS:
            signal.signal(name, self._told)

    def _told(self, *_: object) -> None:
        with contextlib.suppress(BlockingIOError):  # full: told often enough
            os.write(self._say, b".")

    def wait(self, seconds: float) -> bool:
        """Whether told, at the latest after so many seconds."""
        return bool(select.select([self._heard], [], [], max(0.0, seconds))[0])

    def is_told(self) -> bool:
        return self.wait(0)
