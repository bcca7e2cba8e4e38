"""Two platforms in one small server, which do what the machine's tests tell them: one that can be asked what became of
a call (containers, a list of posts) and one that cannot.
"""

import json
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any

from werkzeug import Request, Response
from werkzeug.serving import WSGIRequestHandler, make_server

from contentdesk.lib import clock

INSTAGRAM, TELEGRAM = "17841400000000001", "-1001234567890"
SERVER_ERROR = 500


class Fault(StrEnum):
    """What becomes of the next call."""

    LOST = "done, but no answer comes"
    DROPPED = "not done, and no answer comes"
    LATE = "no answer comes, and it is done half a minute later"
    BROKEN_AFTER = "done, and the answer is 500"
    BROKEN = "not done, and the answer is 500"
    BUSY = "429"
    LOGIN = "401"


DONE = (Fault.LOST, Fault.BROKEN_AFTER)
SILENT = (Fault.LOST, Fault.DROPPED, Fault.LATE)
LATER = timedelta(seconds=30)


@dataclass(frozen=True)
class Public:
    """A post that everybody can see."""

    number: int
    delivery_id: str
    """Who asked for it."""
    account: str
    text: str
    photo: str
    """SHA-256 of the bytes."""
    at: datetime


@dataclass
class Platforms:
    fetch: Callable[[str], bytes | None]
    """The bytes that lie under an address of ours."""
    public: list[Public] = field(default_factory=list)
    late: list[Public] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    last_faults: list[Fault] = field(default_factory=list)
    """For irreversible calls only."""
    asker: str = ""
    """The delivery for which the worker speaks just now."""
    heard: Callable[[str], object] = lambda _: None
    """Told of each irreversible call before it is carried out."""
    _containers: dict[str, tuple[str, str]] = field(default_factory=dict)
    _published: set[str] = field(default_factory=set)

    def time_passed(self) -> None:
        due = [one for one in self.late if one.at <= clock.now()]
        self.late = [one for one in self.late if one not in due]
        self.public += due

    def seen(self, delivery_id: str) -> list[Public]:
        return [one for one in (*self.public, *self.late) if one.delivery_id == delivery_id]

    def __call__(self, environ: dict[str, Any], start: Any) -> Any:
        request = Request(environ)
        path = request.path
        last_call = request.method == "POST" and path.endswith(("/media_publish", "/sendPhoto"))
        waiting = self.last_faults if last_call and self.last_faults else self.faults
        fault = waiting.pop(0) if waiting else None
        if last_call:
            self.heard(self.asker)
        answer = self._refusal(fault, path) or self._carried_out(request, path, fault)
        if fault in SILENT:
            environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
        elif fault == Fault.BROKEN_AFTER:
            answer = ({}, SERVER_ERROR)
        return _response(*answer)(environ, start)

    def _refusal(self, fault: Fault | None, path: str) -> tuple[Any, int] | None:
        telegram = "/bot" in path
        match fault:
            case Fault.BROKEN | Fault.DROPPED:
                return {}, SERVER_ERROR
            case Fault.BUSY if telegram:
                return {"ok": False, "error_code": 429, "parameters": {"retry_after": 40}}, 429
            case Fault.BUSY:
                return {"error": {"code": 4}}, 400
            case Fault.LOGIN if telegram:
                return {"ok": False, "error_code": 401}, 401
            case Fault.LOGIN:
                return {"error": {"code": 190}}, 400
        return None

    def _carried_out(self, request: Request, path: str, fault: Fault | None) -> tuple[Any, int]:
        if "/bot" in path:
            photo = request.files["photo"].read() if "photo" in request.files else b""
            post = self._put_out(TELEGRAM, request.form.get("caption", ""), sha256(photo).hexdigest(), fault)
            return {"ok": True, "result": {"message_id": post.number}}, 200
        name = path.rsplit("/", 1)[-1]
        if request.method == "POST" and name == "media":
            return {"id": self._contain(request)}, 200
        if request.method == "POST":
            container = request.form["creation_id"]
            self._published.add(container)
            post = self._put_out(INSTAGRAM, *self._containers[container], fault)
            return {"id": str(post.number)}, 200
        return self._read(name), 200

    def _contain(self, request: Request) -> str:
        photo = self.fetch(request.form["image_url"])
        assert photo is not None, "an address of ours that leads nowhere"
        number = f"c{len(self._containers)}"
        self._containers[number] = (request.form.get("caption", ""), sha256(photo).hexdigest())
        return number

    def _put_out(self, account: str, text: str, photo: str, fault: Fault | None) -> Public:
        number = 1000 + len(self.public) + len(self.late)
        at = clock.now() + (LATER if fault == Fault.LATE else timedelta())
        post = Public(number, self.asker, account, text, photo, at)
        (self.late if fault == Fault.LATE else self.public).append(post)
        return post

    def _read(self, name: str) -> Any:
        if name == "media":
            return {"data": [_row(one) for one in reversed(self.public) if one.account == INSTAGRAM]}
        if name == "content_publishing_limit":
            return {"data": [{"quota_usage": 0, "config": {"quota_total": 100}}]}
        if name in self._containers:
            return {"id": name, "status_code": "PUBLISHED" if name in self._published else "FINISHED"}
        return {"id": name, "permalink": f"https://www.instagram.com/p/{name}/", "username": "kim.latihan"}


def _row(post: Public) -> dict[str, str]:
    return {
        "id": str(post.number),
        "caption": post.text,
        "media_type": "IMAGE",
        "permalink": f"https://www.instagram.com/p/{post.number}/",
        "timestamp": post.at.strftime("%Y-%m-%dT%H:%M:%S+0000"),
    }


def _response(body: Any, status: int) -> Response:
    return Response(json.dumps(body), status, content_type="application/json")


class _Quiet(WSGIRequestHandler):
    def log(self, *_: Any, **__: Any) -> None:
        pass


class PlayedServer:
    """Real HTTP on a port of its own; who is asked can be changed for each example."""

    def __init__(self) -> None:
        self.platforms: Platforms | None = None
        self._server = make_server("127.0.0.1", 0, self._serve, threaded=True, request_handler=_Quiet)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def _serve(self, environ: dict[str, Any], start: Any) -> Any:
        assert self.platforms is not None
        return self.platforms(environ, start)

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
