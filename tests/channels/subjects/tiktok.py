"""TikTok, videos: the last piece is what posts them, and the upload's id says what became of it."""

from collections.abc import Mapping
from hashlib import sha256
from io import BytesIO
from types import MappingProxyType
from typing import Any

from contentdesk.channels.base import Login, Outgoing, TryLater, Video
from tests.channels.line import TEXT, login_of
from tests.channels.subject import Refusal, Subject
from tests.channels.videos import mp4_bytes
from tests.servers import MediaServer, SandboxProcess

QUICK: Mapping[str, Any] = MappingProxyType(
    {"tiktok_processing_s": 0.0, "tiktok_moderation_s": 0.05, "tiktok_token_s": 999_999.0}
)
PUBLIC: Mapping[str, Any] = MappingProxyType({"privacy": "PUBLIC_TO_EVERYONE", "allow_comment": True})


def open_account(sandbox: SandboxProcess, username: str = "kim.latihan", **wishes: object) -> Login:
    return login_of(sandbox.account(username, platform="tiktok", followers=2400, **wishes))


def film(body: bytes | None = None, seconds: float = 5.0) -> Video:
    held = mp4_bytes(seconds) if body is None else body
    digest = sha256(held).hexdigest()
    return Video("", digest, "", 720, 1280, len(held), seconds, 25.0, open=lambda: BytesIO(held))


def video(media: MediaServer, login: Login) -> Outgoing:
    return Outgoing("d1", login, TEXT, (), PUBLIC, film())


SUBJECT = Subject(
    kind="tiktok",
    open_account=open_account,
    posts={"video": video},
    irreversible="^/video/$",
    method="PUT",
    refusals=(
        Refusal("throttle", {"fault": "error", "code": "rate_limit_exceeded", "http": 429}, TryLater),
        Refusal("address-over", {"fault": "error", "code": "access_denied", "http": 403}, TryLater),
    ),
    unknown_id="7599999999999999999",
    settings=QUICK,
)
