"""Photos and a video for platforms that want the bytes themselves."""

from collections.abc import Callable
from functools import cache
from hashlib import sha256
from io import BytesIO
from typing import BinaryIO

from contentdesk.channels.base import Photo, Video
from tests.channels.line import jpeg
from tests.channels.videos import mp4_bytes

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


def _opens(body: bytes) -> Callable[[], BinaryIO]:
    return lambda: BytesIO(body)
