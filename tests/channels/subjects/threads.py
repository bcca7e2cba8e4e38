"""Threads: text, photo, video, carousel."""

from dataclasses import replace
from hashlib import sha256

from contentdesk.channels.base import Login, LoginExpired, NotAllowed, Outgoing, Rejected, TryLater, Video
from tests.channels.line import TEXT, login_of, photos_on
from tests.channels.subject import Refusal, Subject
from tests.channels.videos import mp4_bytes
from tests.servers import MediaServer, SandboxProcess


def open_account(sandbox: SandboxProcess) -> Login:
    return login_of(sandbox.account(followers=2400, platform="threads"))


def words(_media: MediaServer, login: Login) -> Outgoing:
    return Outgoing("d1", login, TEXT, ())


def photo(media: MediaServer, login: Login) -> Outgoing:
    return Outgoing("d1", login, TEXT, photos_on(media, 1))


def carousel(media: MediaServer, login: Login) -> Outgoing:
    return Outgoing("d1", login, TEXT, photos_on(media, 3))


def video(media: MediaServer, login: Login) -> Outgoing:
    body = mp4_bytes()
    url = media.add("film.mp4", body, content_type="video/mp4")
    film = Video(url, sha256(body).hexdigest(), "Keripik digoreng", 720, 1280, len(body), 5.0, 25.0)
    return replace(words(media, login), video=film)


SUBJECT = Subject(
    kind="threads",
    open_account=open_account,
    posts={"text": words, "photo": photo, "video": video, "carousel": carousel},
    irreversible="threads_publish$",
    refusals=(
        Refusal("login", {"fault": "error", "code": 190, "subcode": 463}, LoginExpired),
        Refusal("permission", {"fault": "error", "code": 10}, NotAllowed),
        Refusal("version", {"fault": "error", "code": 2635}, NotAllowed),
        Refusal("restricted", {"fault": "error", "code": 25, "subcode": 4279013}, NotAllowed),
        Refusal("throttle", {"fault": "error", "code": 4}, TryLater),
        Refusal("not-ready", {"fault": "error", "code": 24, "subcode": 4279009}, TryLater),
        Refusal("quota", {"fault": "error", "code": 9, "subcode": 2207042}, TryLater),
        Refusal("content", {"fault": "error", "code": 100, "subcode": 4279071}, Rejected),
    ),
    lies=({"fault": "error", "code": 2, "http": 400}, {"fault": "error", "code": -1, "subcode": 2207001, "http": 400}),
    doubts=True,
    unknown_id="18100000000000001",
    links=(
        "https://www.threads.net/@kim.dinoyo/post/DQx_1-a",
        "https://threads.com/@kim.dinoyo/post/DQx1/?xmt=abc",
    ),
)
