"""The platforms as the stage director sees them: accounts are opened, faults ordered, and what is public is read."""

import json
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from threading import Event
from typing import Any
from urllib.parse import urlsplit

from contentdesk.chaos.asked import CannotRun

PAUSE = Event()
WITHIN_S = 15
MOST = 100_000


class Outside:
    def __init__(self, url: str) -> None:
        self._port = urlsplit(url).port or 80

    def wait(self) -> None:
        for _ in range(WITHIN_S * 20):
            try:
                self.tell("settings")
            except (OSError, HTTPException):
                PAUSE.wait(0.05)
            else:
                return
        raise CannotRun("the practice platforms do not answer")

    def tell(self, path: str, body: Any = None, method: str | None = None) -> dict[str, Any]:
        method = method or ("GET" if body is None else "POST")
        with closing(HTTPConnection("127.0.0.1", self._port, timeout=30)) as line:
            sent = None if body is None else json.dumps(body)
            line.request(method, f"/_admin/{path}", sent, {"Content-Type": "application/json"})
            reply = line.getresponse()
            text = reply.read()
        if reply.status >= 400:
            raise CannotRun(f"the practice platforms refuse {path}: {text.decode(errors='replace')}")
        return dict(json.loads(text))

    def pass_by(self, seconds: float) -> None:
        self.tell("clock", {"offset_s": seconds})

    def order(self, **fault: object) -> int:
        return int(self.tell("faults", fault)["id"])

    def has_struck(self, fault_id: int) -> bool:
        return any(one["id"] == fault_id and one["fired"] for one in self.tell("faults")["faults"])

    def clear(self) -> None:
        self.tell("faults", method="DELETE")

    def public(self) -> list[dict[str, Any]]:
        """Everything that ever became public, oldest first."""
        return list(reversed(self.tell(f"published?most={MOST}")["posts"]))
