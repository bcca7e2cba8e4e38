"""Instagram, signed in with Instagram: photo, carousel, reel, story."""

from dataclasses import replace
from hashlib import sha256

from contentdesk.channels.base import FORMAT, Login, LoginExpired, NotAllowed, Outgoing, Rejected, TryLater, Video
from tests.channels.line import TEXT, login_of, photos_on
from tests.channels.subject import Refusal, Subject
from tests.channels.videos import mp4_bytes
from tests.servers import MediaServer, SandboxProcess


def open_account(sandbox: SandboxProcess) -> Login:
    return login_of(sandbox.account(followers=2400))


def film_on(media: MediaServer) -> Video:
    """Here a film has no alternative text."""
    body = mp4_bytes()
    url = media.add("film.mp4", body, content_type="video/mp4")
    return Video(url, sha256(body).hexdigest(), "", 720, 1280, len(body), 5.0, 25.0)


def photo(media: MediaServer, login: Login) -> Outgoing:
    return Outgoing("d1", login, TEXT, photos_on(media, 1))


def carousel(media: MediaServer, login: Login) -> Outgoing:
    return Outgoing("d1", login, TEXT, photos_on(media, 3))


def reel(media: MediaServer, login: Login) -> Outgoing:
    return Outgoing("d1", login, TEXT, (), video=film_on(media))


def story_photo(media: MediaServer, login: Login) -> Outgoing:
    """A story has no alternative text either."""
    photos = tuple(replace(one, alt_text="") for one in photos_on(media, 1))
    return Outgoing("d1", login, TEXT, photos, {FORMAT: "story"})


def story_video(media: MediaServer, login: Login) -> Outgoing:
    return Outgoing("d1", login, TEXT, (), {FORMAT: "story"}, film_on(media))


def no_text(_outgoing: Outgoing) -> str:
    return ""


SUBJECT = Subject(
    kind="instagram",
    open_account=open_account,
    posts={
        "photo": photo,
        "carousel": carousel,
        "reel": reel,
        "story-photo": story_photo,
        "story-video": story_video,
    },
    texts={"story-photo": no_text, "story-video": no_text},
    irreversible="media_publish$",
    refusals=(
        Refusal("login", {"fault": "error", "code": 190, "subcode": 460}, LoginExpired),
        Refusal("permission", {"fault": "error", "code": 10}, NotAllowed),
        Refusal("version", {"fault": "error", "code": 2635}, NotAllowed),
        Refusal("restricted", {"fault": "error", "code": 25, "subcode": 2207050}, NotAllowed),
        Refusal("throttle", {"fault": "error", "code": 4}, TryLater),
        Refusal("quota", {"fault": "error", "code": 9, "subcode": 2207042}, TryLater),
        Refusal("content", {"fault": "error", "code": 36003, "subcode": 2207009}, Rejected),
    ),
    lies=(
        {"fault": "error", "code": 4, "subcode": 2207051, "http": 403},
        {"fault": "error", "code": 4, "subcode": 2207085, "http": 403},
        {"fault": "error", "code": 1, "http": 400},
    ),
    doubts=True,
    unknown_id="17900000000000001",
    links=(
        "https://www.instagram.com/p/DQx_1-a/",
        " https://instagram.com/reel/DQx1?igsh=abc ",
        "https://www.instagram.com/kim.dinoyo/p/DQx1/",
        "HTTPS://WWW.INSTAGRAM.COM/p/DQx1",
        "https://www.instagram.com/stories/kim.dinoyo/17900000000000001",
    ),
)
