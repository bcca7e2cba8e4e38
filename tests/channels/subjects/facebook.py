"""Facebook pages: text, link, one photo, several, a video, a reel."""

from hashlib import sha256
from io import BytesIO

from contentdesk.channels.base import FORMAT, Login, LoginExpired, NotAllowed, Outgoing, Rejected, TryLater, Video
from tests.channels.line import TEXT, photos_on
from tests.channels.subject import Refusal, Subject
from tests.channels.videos import mp4_bytes
from tests.servers import MediaServer, SandboxProcess

FEED = "/feed$"


def open_account(sandbox: SandboxProcess) -> Login:
    page = sandbox.account("kim.latihan", platform="facebook", name="KIM Latihan", followers=2400)
    return Login(page["id"], page["name"], page["access_token"], scopes=tuple(page["scopes"]))


def film() -> Video:
    """Here a film has no alternative text, and its bytes are sent."""
    body = mp4_bytes()
    digest = sha256(body).hexdigest()
    return Video("https://media.example/film.mp4", digest, "", 720, 1280, len(body), 5.0, 25.0, lambda: BytesIO(body))


def text(media: MediaServer, login: Login) -> Outgoing:
    return Outgoing("d1", login, TEXT, ())


def link(media: MediaServer, login: Login) -> Outgoing:
    return Outgoing("d1", login, TEXT, (), {"link": "https://malangkota.go.id/umkm"})


def photo(media: MediaServer, login: Login) -> Outgoing:
    return Outgoing("d1", login, TEXT, photos_on(media, 1))


def photos(media: MediaServer, login: Login) -> Outgoing:
    return Outgoing("d1", login, TEXT, photos_on(media, 3))


def video(media: MediaServer, login: Login) -> Outgoing:
    return Outgoing("d1", login, TEXT, (), video=film(), title="Keripik tempe")


def reel(media: MediaServer, login: Login) -> Outgoing:
    return Outgoing("d1", login, TEXT, (), {FORMAT: "reel"}, film())


SUBJECT = Subject(
    kind="facebook",
    open_account=open_account,
    posts={"photo": photo, "photos": photos, "text": text, "link": link, "video": video, "reel": reel},
    irreversible=dict.fromkeys(("photo", "photos", "text", "link"), FEED)
    | {"video": "/videos#finish$", "reel": "/video_reels#finish$"},
    refusals=(
        Refusal("login", {"fault": "error", "code": 190, "subcode": 460}, LoginExpired),
        Refusal("permission", {"fault": "error", "code": 200}, NotAllowed),
        Refusal("publishing-authorization", {"fault": "error", "code": 100, "subcode": 1404078}, NotAllowed),
        Refusal("version", {"fault": "error", "code": 2635}, NotAllowed),
        Refusal("throttle", {"fault": "error", "code": 32}, TryLater),
        Refusal("too-fast", {"fault": "error", "code": 368, "subcode": 1390008}, TryLater),
        Refusal("block", {"fault": "error", "code": 368}, TryLater),
        Refusal("content", {"fault": "error", "code": 100}, Rejected),
        Refusal("link", {"fault": "error", "code": 1609005}, Rejected),
    ),
    lies=(
        {"fault": "error", "code": 1, "http": 400},
        {"fault": "error", "code": 506, "http": 400},
        {"fault": "error", "code": 100, "subcode": 1366051, "http": 400},
    ),
    doubts=True,
    unknown_id="615500000000000_1",
    settings={"video_chunk_bytes": 1500},
    links=(
        "https://www.facebook.com/615500000007919/posts/122101885122/",
        "https://m.facebook.com/kim.dinoyo/videos/122300000007907",
        "https://www.facebook.com/reel/122300000007907/",
        "https://www.facebook.com/permalink.php?story_fbid=pfbid02&id=6155",
        "https://www.facebook.com/share/p/1AbCdEf/",
        "https://fb.watch/aBcDe-1_/",
    ),
)
