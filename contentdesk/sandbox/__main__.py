"""`python -m contentdesk.sandbox`: one process for practice, demos and tests. Never a public server."""

import argparse
import logging
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server

from contentdesk.sandbox.app import create_server_app, open_world

ABOUT = """Platforms that behave like the real ones, for practice and tests.
The application reaches host H as http://HOST:PORT/H/... ; people look at http://HOST:PORT/ ;
tests and demos steer by http://HOST:PORT/_admin/... (loopback only)."""

STOP = (signal.SIGTERM, signal.SIGINT)


class Quiet(WSGIRequestHandler):
    """The calls are in the book already."""

    def make_environ(self) -> dict[str, Any]:
        """With names that have an underscore (`file_size`), which the server leaves out and a platform asks for."""
        odd = {f"HTTP_{name.upper()}": value for name, value in self.headers.items() if "_" in name}
        return super().make_environ() | odd

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "python -m contentdesk.sandbox", description=ABOUT, formatter_class=argparse.RawTextHelpFormatter
    )
    env = os.environ
    parser.add_argument("--host", default=env.get("SANDBOX_HOST", "127.0.0.1"), help="default 127.0.0.1")
    parser.add_argument(
        "--port", type=int, default=env.get("SANDBOX_PORT", "8010"), help="or SANDBOX_PORT; default 8010"
    )
    parser.add_argument(
        "--data",
        type=Path,
        default=Path(env.get("SANDBOX_DATA", "var/sandbox")),
        help="folder that keeps everything, or SANDBOX_DATA; default var/sandbox",
    )
    return parser.parse_args()


def main() -> int:
    asked = _arguments()
    logging.basicConfig(level=logging.WARNING)
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP)  # waited for below; a handler could meet a lock that is held
    stopping = threading.Event()
    world = open_world(asked.data.resolve(), stopping)
    server = make_server(asked.host, asked.port, create_server_app(world), threaded=True, request_handler=Quiet)
    threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True).start()
    sys.stdout.write(f"sandbox ready: http://{asked.host}:{server.port}\n")
    sys.stdout.flush()
    signal.sigwait(STOP)
    stopping.set()
    server.shutdown()
    server.server_close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
