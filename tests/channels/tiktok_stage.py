"""TikTok on the sandbox, for tests: an account, deliveries, what a person switches in the app."""

import struct
from datetime import timedelta
from functools import cache
from typing import Any

from contentdesk.channels.base import Outgoing
from contentdesk.lib.http import Http
from tests.channels.conftest import Later
from tests.channels.engine import Engine
from tests.channels.line import TEXT, photos_on
from tests.channels.scripted import Answer
from tests.channels.subjects.tiktok import PUBLIC, QUICK, film, open_account
from tests.channels.videos import mp4_bytes
from tests.servers import MediaServer, SandboxProcess

PIECES, INIT = "^/video/$", "/init/$"


@cache
def large() -> bytes:
    """A film of 31 MiB: three pieces, and the last takes what is left over."""
    short, free = mp4_bytes(), 31 * 1024 * 1024 - len(mp4_bytes())
    return short + struct.pack(">I4s", free, b"free") + bytes(free - 8)


class Stage:
    def __init__(self, sandbox: SandboxProcess, later: Later) -> None:
        self.sandbox, self.later, self.http = sandbox, later, Http(sandbox.url)
        sandbox.admin("settings", dict(QUICK))
        self.login = open_account(sandbox)

    def delivery(self, body: bytes | None = None, seconds: float = 5.0, **options: Any) -> Engine:
        return self.engine(Outgoing("d1", self.login, TEXT, (), {**PUBLIC, **options}, film(body, seconds)))

    def photos(self, media: MediaServer, **options: Any) -> Engine:
        return self.engine(Outgoing("d1", self.login, TEXT, photos_on(media, 2), {**PUBLIC, **options}))

    def engine(self, outgoing: Outgoing) -> Engine:
        return Engine(self.http, "tiktok", outgoing, self.later)

    def set(self, **knobs: Any) -> None:
        self.sandbox.admin("settings", knobs)

    def switch(self, **switches: Any) -> None:
        """In the app."""
        self.sandbox.admin("platforms/tiktok/creator", {"account_id": self.login.external_id} | switches)

    def by_hand(self, **wishes: Any) -> None:
        """With the words of ours."""
        ours = {"platform": "tiktok", "account_id": self.login.external_id, "caption": TEXT}
        self.sandbox.admin("posts", ours | wishes)

    def fault(self, fault: str, path: str = PIECES, **more: Any) -> None:
        self.sandbox.admin("faults", {"fault": fault, "path_regex": path} | more)

    def clocks(self, step: timedelta) -> None:
        """Ours and the platform's."""
        self.later(step)
        self.sandbox.admin("clock", {"offset_s": step.total_seconds()})

    def count(self, path: str) -> int:
        return len(self.sandbox.calls(path))

    def statuses(self) -> list[int]:
        return [call["status"] for call in self.sandbox.calls(PIECES)]

    def the_one(self) -> dict[str, Any]:
        [post] = self.sandbox.published()
        return post


def told(**data: Any) -> Answer:
    """A success, for a platform that answers as told."""
    return Answer({"data": data, "error": {"code": "ok", "message": "", "log_id": "1"}})


def found(delivery: Engine) -> Any:
    return delivery.channel.find(delivery.http, delivery.outgoing, delivery.checkpoint, delivery.since)
