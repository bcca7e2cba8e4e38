"""Drives a channel as the publishing engine does: checkpoints are stored as JSON, the intent comes first."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from io import BytesIO
from typing import Any

from PIL import Image

from contentdesk.channels.base import (
    Accepted,
    CannotTell,
    ForMember,
    Login,
    NotThere,
    Outgoing,
    Photo,
    Prepared,
    Sent,
)
from contentdesk.channels.registry import KINDS
from contentdesk.lib import clock
from contentdesk.lib.http import Http
from tests.servers import MediaServer, wait_until

TEXT = "Keripik tempe Bu Tatik, renyah sejak 1998. #malang"


@cache
def jpeg(
    colour: str | tuple[int, int, int] = "#0b5563", size: tuple[int, int] = (400, 500), kind: str = "JPEG"
) -> bytes:
    held = BytesIO()
    Image.new("RGB", size, colour).save(held, kind)
    return held.getvalue()


def photos_on(media: MediaServer, count: int) -> tuple[Photo, ...]:
    bodies = [jpeg(f"#{n}{n}{n}{n}{n}{n}") for n in range(1, count + 1)]
    return tuple(
        Photo(media.add(f"{n}.jpg", body), sha256(body).hexdigest(), f"Foto ke-{n}", 400, 500)
        for n, body in enumerate(bodies, start=1)
    )


def login_of(account: dict[str, Any]) -> Login:
    expires_at = datetime.fromtimestamp(account["expires_at"], UTC)
    return Login(account["id"], account["username"], account["access_token"], expires_at)


class Line:
    """One delivery. `since` is the moment of the newest intent."""

    def __init__(self, http: Http, login: Login, photos: tuple[Photo, ...], kind: str = "instagram") -> None:
        self.http, self.channel = http, KINDS[kind]
        self.outgoing = Outgoing("d1", login, TEXT, photos)
        self.checkpoint: dict[str, Any] = {}
        self.since = clock.now()

    @property
    def login(self) -> Login:
        return self.outgoing.login

    def with_text(self, text: str) -> "Line":
        self.outgoing = replace(self.outgoing, text=text)
        return self

    def step(self) -> Prepared:
        prepared = self.channel.prepare(self.http, self.outgoing, self.checkpoint)
        self.checkpoint = json.loads(json.dumps(prepared.checkpoint))
        return prepared

    def prepare(self) -> "Line":
        wait_until(lambda: self.step().ready)
        return self

    def publish(self) -> Sent | Accepted:
        self.since = clock.now()
        outcome = self.channel.publish(self.http, self.outgoing, self.checkpoint)
        return outcome.with_link() if isinstance(outcome, Sent) else outcome

    def find(self) -> Sent | Accepted | NotThere | CannotTell | ForMember:
        return self.channel.find(self.http, self.outgoing, self.checkpoint, self.since)

    def find_id(self) -> str:
        found = self.find()
        assert isinstance(found, Sent), found
        return found.external_id
