"""Photos and a video for platforms that want the bytes themselves."""

from collections.abc import Callable
from functools import cache
from hashlib import sha256
from io import BytesIO
from typing import BinaryIO

from contentdesk.channels.base import Login, Outgoing, Photo, Video
from tests.channels.line import TEXT, jpeg
from tests.channels.videos import mp4_bytes
from tests.servers import MediaServer

NOWHERE = "http://127.0.0.1:9/not-fetched"


def photos_sent(count: int) -> tuple[Photo, ...]:
    """Each of another shade, 400 x 500, with an alternative text."""
    bodies = [jpeg(f"#{n}{n}{n}{n}{n}{n}") for n in range(1, count + 1)]
    return tuple(
        Photo(NOWHERE, sha256(body).hexdigest(), f"Foto ke-{n}", 400, 500, len(body), _opens(body))
        for n, body in enumerate(bodies, start=1)
    )


@cache
def _video_bytes() -> bytes:
    return mp4_bytes(seconds=3)


def video_sent() -> Video:
    body = _video_bytes()
    return Video(
        NOWHERE, sha256(body).hexdigest(), "Bu Tatik menggoreng", 720, 1280, len(body), 3.0, 25.0, _opens(body)
    )


def with_photo(_media: MediaServer, login: Login) -> Outgoing:
    return Outgoing("d1", login, TEXT, photos_sent(1))


def with_four_photos(_media: MediaServer, login: Login) -> Outgoing:
    return Outgoing("d1", login, TEXT, photos_sent(4))


def with_video(_media: MediaServer, login: Login) -> Outgoing:
    return Outgoing("d1", login, TEXT, (), video=video_sent())


def _opens(body: bytes) -> Callable[[], BinaryIO]:
    return lambda: BytesIO(body)
