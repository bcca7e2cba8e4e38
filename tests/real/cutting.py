"""A wire between us and a server that can be cut: before the call arrives, or after it had its effect."""

import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import requests

HOP = {"connection", "transfer-encoding", "content-length", "content-encoding", "keep-alive", "host"}


class CutWire:
    """`url` leads to `target`. `cut("after", "posts/")` drops the next such call, then all is well again."""

    def __init__(self, target: str) -> None:
        self.target = target
        self.seen: list[str] = []
        self._armed: tuple[str, re.Pattern[str]] | None = None
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def cut(self, when: str, path: str) -> None:
        self._armed = (when, re.compile(path))

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _strikes(self, call: str) -> str:
        self.seen.append(call)
        if self._armed and self._armed[1].search(call):
            when, self._armed = self._armed[0], None
            return when
        return ""

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                struck = outer._strikes(f"{self.command} {self.path}")
                answer = None if struck == "before" else self._passed_on(body)
                if struck or answer is None:
                    self.close_connection = True
                    return
                self.send_response(answer.status_code)
                for name, value in answer.headers.items():
                    if name.lower() not in HOP:
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.content)))
                self.end_headers()
                self.wfile.write(answer.content)

            do_POST = do_GET

            def _passed_on(self, body: bytes) -> requests.Response:
                headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP}
                url = outer.target + self.path
                return requests.request(
                    self.command, url, data=body, headers=headers, allow_redirects=False, timeout=60
                )

            def log_message(self, *_: object) -> None:
                pass

        return Handler
