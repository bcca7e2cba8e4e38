"""Real processes and servers that tests start, reach over HTTP and stop again."""

import contextlib
import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parent.parent
NEVER = threading.Event()
PORTS = 125
BESIDE = "TEST_WORKERS_BESIDE"
"""So many test workers of another run, on another database, may be at work at the same time."""
QUICK: dict[str, object] = {"container_delay_s": 0.05, "insights_delay_s": 0.0}
_places = itertools.count(os.getpid())


def free_port() -> int:
    """A port of this test worker's own, with twenty free ones after it for what a service starts beside itself.

    Below the range from which the system serves connections that ask for any port, so that nothing takes it
    between this answer and its use. There is room for four workers on each database.
    """
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 4 + int(os.environ.get(BESIDE, "0"))
    for _ in range(PORTS):
        port = 12_000 + worker * 2_500 + next(_places) % PORTS * 20
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no port is free")


def wait_until(ask: Any, deadline_s: float = 15, every_s: float = 0.02) -> Any:
    """The first truthy answer; fails loudly when none comes in time."""
    end = time.monotonic() + deadline_s
    while True:
        answer = ask()
        if answer:
            return answer
        if time.monotonic() > end:
            raise AssertionError(f"not within {deadline_s} s")
        NEVER.wait(every_s)


class SandboxProcess:
    """The sandbox platforms as their own process. `url` is what PLATFORM_BASE_URL wants.

    Starting again with the same folder goes on with what was there. Delays are short unless told otherwise.
    Most tests share the one of `platforms` and reset it.
    """

    def __init__(self, tmp_dir: Path, **settings: object) -> None:
        self.data = Path(tmp_dir) / "sandbox"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._settings = QUICK | settings
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> "SandboxProcess":
        command = [sys.executable, "-m", "contentdesk.sandbox", "--port", str(self.port)]
        fresh = not (self.data / "sandbox.db").exists()
        self._process = subprocess.Popen(
            [*command, "--data", str(self.data)], cwd=ROOT, env=os.environ | {"PYTHONUNBUFFERED": "1"}
        )
        wait_until(self._ready)
        if fresh:
            self.reset()
        return self

    def reset(self, **settings: object) -> "SandboxProcess":
        """As if it had just started, but for the ids: none comes back."""
        self.admin("reset", self._settings | settings)
        return self

    def _ready(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise AssertionError(f"the sandbox ended with {self._process.returncode}")
        with socket.socket() as probe:
            probe.settimeout(1)
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def admin(self, path: str, body: dict[str, Any] | None = None, method: str | None = None) -> Any:
        """`admin("calls?path=media_publish")` reads, `admin("faults", {...})` writes."""
        method = method or ("GET" if body is None else "POST")
        with contextlib.closing(HTTPConnection("127.0.0.1", self.port, timeout=10)) as line:
            sent = None if body is None else json.dumps(body)
            line.request(method, f"/_admin/{path}", sent, {"Content-Type": "application/json"})
            reply = line.getresponse()
            text = reply.read()
        assert reply.status < 400, text
        return json.loads(text)

    def account(self, username: str = "kim.latihan", **wishes: object) -> dict[str, Any]:
        return dict(self.admin("accounts", {"username": username, **wishes}))

    def published(self) -> list[dict[str, Any]]:
        return list(self.admin("published")["posts"])

    def calls(self, path: str = "", method: str = "", host: str = "") -> list[dict[str, Any]]:
        asked = urlencode({"path": path, "method": method, "host": host})
        return list(self.admin(f"calls?{asked}")["calls"])

    def kill(self) -> None:
        """As the power cut does it."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        return self._end(signal.SIGTERM)

    def _end(self, sign: signal.Signals) -> int:
        if self._process is None:
            return 0
        process, self._process = self._process, None
        process.send_signal(sign)
        return process.wait(timeout=15)

    def __enter__(self) -> "SandboxProcess":
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


@dataclass
class Served:
    """How a path is answered."""

    body: bytes = b""
    content_type: str = "image/jpeg"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    ranges: bool = True
    wait: threading.Event | None = None  # answers when it is set


class MediaServer:
    """A small web server for files that a platform fetches; counts who came."""

    def __init__(self) -> None:
        self.files: dict[str, Served] = {}
        self.asked: list[tuple[str, str]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def add(self, name: str, body: bytes, **how: Any) -> str:
        self.files[f"/{name}"] = Served(body, **how)
        return f"{self.url}/{name}"

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append((self.command, self.path))
                served = outer.files.get(self.path, Served(status=404, content_type="text/html"))
                if served.wait:
                    served.wait.wait(30)
                partial = served.ranges and "Range" in self.headers and served.status == 200
                self.send_response(206 if partial else served.status)
                self.send_header("Content-Type", served.content_type)
                self.send_header("Content-Length", str(len(served.body)))
                for name, value in served.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                if self.command == "GET":
                    self.wfile.write(served.body)

            do_HEAD = do_GET

            def log_message(self, *_: object) -> None:
                pass

        return Handler
