"""Mastodon: text, photos, a video."""

from dataclasses import replace

from contentdesk.channels.base import Login, LoginExpired, NotAllowed, Outgoing, Rejected, TryLater
from tests.channels.line import TEXT
from tests.channels.sent_photos import photos_sent, video_sent
from tests.channels.subject import Refusal, Subject
from tests.servers import MediaServer, SandboxProcess

MARKED = "Halo @warga@sosial.latihan.test 👨‍👩‍👧\nlihat https://kim.latihan.test/pasar?a=1&b=2\n\n#PasarMinggu"


def open_account(sandbox: SandboxProcess) -> Login:
    opened = sandbox.account("kim_latihan", platform="mastodon")
    details = {"server": opened["server"], "account": opened["account"]}
    return Login(opened["id"], "kim_latihan@mastodon.latihan.test", opened["access_token"], details=details)


def text(media: MediaServer, login: Login) -> Outgoing:
    return Outgoing("d1", login, MARKED, ())


def photo(media: MediaServer, login: Login) -> Outgoing:
    return Outgoing("d1", login, TEXT, photos_sent(1))


def photos(media: MediaServer, login: Login) -> Outgoing:
    return replace(photo(media, login), photos=photos_sent(4))


def video(media: MediaServer, login: Login) -> Outgoing:
    return Outgoing("d1", login, TEXT, (), video=video_sent())


SUBJECT = Subject(
    kind="mastodon",
    open_account=open_account,
    posts={"photo": photo, "text": text, "photos": photos, "video": video},
    irreversible="/api/v1/statuses$",
    refusals=(
        Refusal("login", {"fault": "error", "http": 401}, LoginExpired),
        Refusal("permission", {"fault": "error", "http": 403}, NotAllowed),
        Refusal("throttle", {"fault": "error", "http": 429}, TryLater),
        Refusal("content", {"fault": "error", "http": 422}, Rejected),
    ),
    unknown_id="115482390184756123",
)
