"""A platform that answers as told, for what a well-behaved one never says."""

import json
import re
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Answer:
    body: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def bytes(self) -> bytes:
        return self.body.encode() if isinstance(self.body, str) else json.dumps(self.body).encode()


def refusal(code: int, subcode: int | None = None, status: int = 400, **more: Any) -> Answer:
    error = {"message": "Pesan dalam bahasa mana pun", "type": "OAuthException", "code": code, **more}
    return Answer({"error": error | ({"error_subcode": subcode} if subcode else {})}, status)


HTML = Answer("<!doctype html><title>Sedang dipelihara</title>")


class ScriptedPlatform:
    """The newest rule that fits answers; several answers are given one after the other, the last one for ever."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self._rules: list[tuple[str, re.Pattern[str], list[Answer]]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def on(self, method: str, path: str, *answers: Answer) -> "ScriptedPlatform":
        self._rules.insert(0, (method, re.compile(path), list(answers)))
        return self

    def count(self, method: str, path: str) -> int:
        return sum(1 for asked in self.asked if asked.startswith(f"{method} ") and re.search(path, asked))

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, method: str, path: str) -> Answer:
        self.asked.append(f"{method} {path}")
        for known, pattern, answers in self._rules:
            if known == method and pattern.search(path):
                return answers.pop(0) if len(answers) > 1 else answers[0]
        return refusal(100, 33)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                answer = outer._answer(self.command, self.path)
                self.send_response(answer.status)
                self.send_header("Content-Length", str(len(answer.bytes)))
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer.bytes)

            do_POST = do_GET
            do_PUT = do_GET

            def log_message(self, *_: object) -> None:
                pass

        return Handler
