"""Telegram: message, photo, photos, video. It lists nothing, so a lost answer is for a person."""

from dataclasses import replace
from hashlib import sha256
from io import BytesIO

from contentdesk.channels.base import Login, LoginExpired, NotAllowed, Outgoing, Photo, Rejected, TryLater, Video
from tests.channels.line import TEXT, photos_on
from tests.channels.subject import Refusal, Subject
from tests.channels.videos import mp4_bytes
from tests.servers import MediaServer, SandboxProcess


def login_of(account: dict[str, object]) -> Login:
    details = {"bot_id": str(account["bot_id"]), "username": str(account["username"])}
    return Login(str(account["id"]), str(account["username"]), str(account["access_token"]), details=details)


def open_account(sandbox: SandboxProcess) -> Login:
    return login_of(sandbox.account("kim_latihan", platform="telegram"))


def with_bytes(media: MediaServer, photo: Photo) -> Photo:
    body = media.files["/" + photo.url.rpartition("/")[2]].body
    return replace(photo, size=len(body), open=lambda: BytesIO(body))


def message(media: MediaServer, login: Login) -> Outgoing:
    return Outgoing("d1", login, TEXT, ())


def photo(media: MediaServer, login: Login) -> Outgoing:
    return Outgoing("d1", login, TEXT, tuple(with_bytes(media, one) for one in photos_on(media, 1)))


def photos(media: MediaServer, login: Login) -> Outgoing:
    return Outgoing("d1", login, TEXT, tuple(with_bytes(media, one) for one in photos_on(media, 3)))


def video(media: MediaServer, login: Login) -> Outgoing:
    body = mp4_bytes(1)
    clip = Video("", sha256(body).hexdigest(), "", 720, 1280, len(body), 1.0, 25.0, lambda: BytesIO(body))
    return Outgoing("d1", login, TEXT, (), video=clip)


SUBJECT = Subject(
    kind="telegram",
    open_account=open_account,
    posts={"message": message, "photo": photo, "photos": photos, "video": video},
    irreversible={
        "message": "/sendMessage$",
        "photo": "/sendPhoto$",
        "photos": "/sendMediaGroup$",
        "video": "/sendVideo$",
    },
    refusals=(
        Refusal("login", {"fault": "error", "code": 401, "http": 401}, LoginExpired),
        Refusal("kicked", {"fault": "error", "code": 403, "http": 403}, NotAllowed),
        Refusal("throttle", {"fault": "error", "code": 429, "http": 429}, TryLater),
        Refusal("content", {"fault": "error", "code": 400, "http": 400}, Rejected),
        Refusal("too large", {"fault": "error", "code": 413, "http": 413}, Rejected),
    ),
    finds=False,
    alt_texts=False,
    measures=False,
    unknown_id="-1001000007919_999999",
    links=(
        "https://t.me/kim_dinoyo/124",
        "https://t.me/s/kim_dinoyo/124?single",
        "https://telegram.me/c/1234567890/12",
    ),
)
