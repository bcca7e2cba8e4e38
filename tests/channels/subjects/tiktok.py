"""TikTok, videos: the last piece is what posts them, and the upload's id says what became of it."""

from collections.abc import Mapping
from hashlib import sha256
from io import BytesIO
from types import MappingProxyType
from typing import Any

from contentdesk.channels.base import (
    ChannelError,
    Login,
    LoginExpired,
    NotAllowed,
    Outgoing,
    Rejected,
    TryLater,
    Video,
)
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


def refusal(word: str, http: int, raises: type[ChannelError]) -> Refusal:
    return Refusal(word, {"fault": "error", "code": word, "http": http}, raises)


# Of the interface; the place for the pieces has numbers alone.
REFUSALS = (
    refusal("access_token_invalid", 401, LoginExpired),
    refusal("scope_not_authorized", 401, NotAllowed),
    refusal("unaudited_client_can_only_post_to_private_accounts", 403, Rejected),
    refusal("rate_limit_exceeded", 429, TryLater),
    refusal("spam_risk_too_many_posts", 403, TryLater),
    refusal("invalid_params", 400, Rejected),
    refusal("privacy_level_option_mismatch", 200, Rejected),
)
PIECES = (refusal("rate_limit_exceeded", 429, TryLater), refusal("access_denied", 403, TryLater))

SUBJECT = Subject(
    kind="tiktok",
    open_account=open_account,
    posts={"video": video},
    irreversible="^/video/$",
    method="PUT",
    refusals=PIECES,
    earlier=REFUSALS,
    doubts=True,
    unknown_id="7599999999999999999",
    settings=QUICK,
    links=(
        "https://www.tiktok.com/@kim.dinoyo/video/7512345678901234567?is_from_webapp=1",
        "https://www.tiktok.com/@kim.dinoyo/photo/7512345678901234567",
        "https://vt.tiktok.com/ZSabc123/",
        "https://www.tiktok.com/t/ZTabc123/",
    ),
)
