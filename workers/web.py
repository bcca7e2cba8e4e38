"""The pages, served by gunicorn from the app that is already loaded: `python -m workers.web HOST:PORT`."""

import sys
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from workers.app import app

PROCESSES = 2
"""For two cores."""
THREADS = 4
"""For slow phones."""


class Pages(BaseApplication):  # type: ignore[misc]
    """gunicorn with its settings given here, not by a file or command line."""

    def __init__(self, bind: str) -> None:
        self.bind = bind
        super().__init__()

    def load_config(self) -> None:
        settings: dict[str, Any] = dict(  # noqa: C408 - as a literal one name would be that of a channel
            bind=self.bind,
            preload_app=True,
            worker_class="gthread",
            workers=PROCESSES,
            threads=THREADS,
            graceful_timeout=10,
            control_socket_disable=True,
        )
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return app()


def main(bind: str) -> None:
    Pages(bind).run()


if __name__ == "__main__":
    main(sys.argv[1])
