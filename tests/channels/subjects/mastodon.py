"""Mastodon: text, photos, a video."""

from contentdesk.channels.base import Login, LoginExpired, NotAllowed, Outgoing, Rejected, TryLater
from tests.channels.sent_photos import with_four_photos, with_photo, with_video
from tests.channels.subject import Refusal, Subject
from tests.servers import MediaServer, SandboxProcess

MARKED = "Halo @warga@sosial.latihan.test 👨‍👩‍👧\nlihat https://kim.latihan.test/pasar?a=1&b=2\n\n#PasarMinggu"


def open_account(sandbox: SandboxProcess) -> Login:
    opened = sandbox.account("kim_latihan", platform="mastodon")
    details = {"server": opened["server"], "account": opened["account"]}
    return Login(opened["id"], "kim_latihan@mastodon.latihan.test", opened["access_token"], details=details)


def text(media: MediaServer, login: Login) -> Outgoing:
    return Outgoing("d1", login, MARKED, ())


SUBJECT = Subject(
    kind="mastodon",
    open_account=open_account,
    posts={"photo": with_photo, "text": text, "photos": with_four_photos, "video": with_video},
    irreversible="/api/v1/statuses$",
    refusals=(
        Refusal("login", {"fault": "error", "http": 401}, LoginExpired),
        Refusal("permission", {"fault": "error", "http": 403}, NotAllowed),
        Refusal("throttle", {"fault": "error", "http": 429}, TryLater),
        Refusal("content", {"fault": "error", "http": 422}, Rejected),
    ),
    unknown_id="115482390184756123",
    links=(
        "https://mastodon.social/@kim_dinoyo/115482390184756123",
        "https://sosial.kim.id/users/kim_dinoyo/statuses/115482390184756123",
    ),
)
