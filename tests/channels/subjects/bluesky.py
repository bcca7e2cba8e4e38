"""Bluesky: text with marks, one photo, four, a video."""

from contentdesk.channels.base import Login, LoginExpired, NotAllowed, Outgoing, Rejected, TryLater
from contentdesk.channels.kinds.bluesky import Bluesky
from contentdesk.lib.http import Http
from tests.channels.sent_photos import with_four_photos, with_photo, with_video
from tests.channels.subject import Refusal, Subject
from tests.servers import MediaServer, SandboxProcess

MARKED = "Halo @warga.latihan.test 👨‍👩‍👧 lihat https://kim.latihan.test/pasar. #PasarMinggu"


def open_account(sandbox: SandboxProcess) -> Login:
    sandbox.account("warga.latihan.test", platform="bluesky")
    opened = sandbox.account("kim.latihan.test", platform="bluesky")
    answers = {"user": f"@{opened['username']}", "key": opened["password"], "server": ""}
    [login] = Bluesky().sign_in(Http(sandbox.url), answers)
    return login


def text(media: MediaServer, login: Login) -> Outgoing:
    return Outgoing("d1", login, MARKED, ())


SUBJECT = Subject(
    kind="bluesky",
    open_account=open_account,
    posts={"photo": with_photo, "text": text, "photos": with_four_photos, "video": with_video},
    irreversible=r"com\.atproto\.repo\.putRecord$",
    refusals=(
        Refusal("login", {"fault": "error", "code": "ExpiredToken"}, LoginExpired),
        Refusal("no login", {"fault": "error", "code": "AuthMissing", "http": 401}, LoginExpired),
        Refusal("permission", {"fault": "error", "code": "AccountTakedown"}, NotAllowed),
        Refusal("throttle", {"fault": "error", "code": "RateLimitExceeded", "http": 429}, TryLater),
        Refusal("media gone", {"fault": "error", "code": "BlobNotFound"}, TryLater),
        Refusal("content", {"fault": "error", "code": "InvalidRequest"}, Rejected),
    ),
    lies=({"fault": "error", "code": "InternalServerError", "http": 500},),
    repeats=True,
    unknown_id="at://did:plc:ewvi7nxzyoun6zhxrhs64oiz/app.bsky.feed.post/3lbgq4xkv2s2k",
    links=(
        "https://bsky.app/profile/kim-dinoyo.bsky.social/post/3lbgq4xkv2s2k",
        "https://bsky.app/profile/did:plc:ewvi7nxzyoun6zhxrhs64oiz/post/3lbgq4xkv2s2k",
    ),
)
