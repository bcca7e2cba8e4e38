"""YouTube: a short video. It is public with the last piece of its upload."""

from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from typing import Any

from contentdesk.channels.base import Login, LoginExpired, NotAllowed, Outgoing, Rejected, TryLater, Video
from tests.channels.line import TEXT
from tests.channels.subject import Refusal, Subject
from tests.channels.videos import mp4_bytes
from tests.servers import MediaServer, SandboxProcess

CHOSEN = {"privacy": "public", "made_for_kids": "no", "synthetic": False}


def login_of(account: dict[str, Any]) -> Login:
    expires_at = datetime.fromtimestamp(account["expires_at"], UTC)
    return Login(
        account["id"],
        account["username"],
        account["access_token"],
        expires_at,
        account["refresh_token"],
        scopes=tuple(account["scopes"]),
    )


def open_account(sandbox: SandboxProcess) -> Login:
    return login_of(sandbox.account("kim.latihan", platform="youtube"))


def clip(body: bytes) -> Video:
    return Video("", sha256(body).hexdigest(), "", 720, 1280, len(body), 1.0, 25.0, lambda: BytesIO(body))


def short(media: MediaServer, login: Login) -> Outgoing:
    return Outgoing("d1", login, TEXT, (), CHOSEN, clip(mp4_bytes(1)), "Keripik tempe Bu Tatik")


def refused(reason: str, http: int) -> dict[str, Any]:
    return {"fault": "error", "code": reason, "http": http}


SUBJECT = Subject(
    kind="youtube",
    open_account=open_account,
    posts={"short": short},
    irreversible="/upload/youtube/v3/videos$",
    method="PUT",
    refusals=(
        Refusal("login", refused("authError", 401), LoginExpired),
        Refusal("no channel", refused("youtubeSignupRequired", 401), NotAllowed),
        Refusal("permission", refused("insufficientPermissions", 403), NotAllowed),
        Refusal("quota", refused("quotaExceeded", 403), TryLater),
        Refusal("channel's day", refused("uploadLimitExceeded", 400), TryLater),
        Refusal("throttle", refused("rateLimitExceeded", 429), TryLater),
        Refusal("content", refused("invalidTitle", 400), Rejected),
    ),
    lies=({"fault": "error", "code": "backendError", "http": 503},),
    doubts=True,
    repeats=True,
    hides={"youtube_session_s": 0.0, "youtube_list_delay_s": 60.0},
    alt_texts=False,
    unknown_id="AAAAAAAAAAA",
    settings={
        "youtube_list_delay_s": 0.0,
        "youtube_uploads_per_day": 10_000,
        "youtube_channel_uploads_per_day": 10_000,
    },
    links=(
        "https://www.youtube.com/shorts/aB3_x-9kLmN",
        "https://youtube.com/shorts/aB3_x-9kLmN?si=abc",
        "https://youtu.be/aB3_x-9kLmN?t=3",
        "https://m.youtube.com/watch?app=desktop&v=aB3_x-9kLmN&t=3#x",
    ),
)
