"""WordPress: text alone, one photo, several."""

from dataclasses import replace

from contentdesk.channels.base import Login, LoginExpired, NotAllowed, Outgoing, Rejected, TryLater
from contentdesk.channels.kinds.wordpress import WordPress
from contentdesk.channels.kinds.wordpress_site import Site
from contentdesk.lib.http import Http
from tests.channels.engine import Engine
from tests.channels.line import TEXT
from tests.channels.sent_photos import photos_sent
from tests.channels.subject import Refusal, Subject
from tests.servers import MediaServer, SandboxProcess

LONG = (
    "Pasar Minggu: <b>bukan</b> tebal & aman.\nLihat https://kim.latihan.test/pasar?a=1&b=2.\n\nSampai jumpa di sana!"
)


def open_account(sandbox: SandboxProcess) -> Login:
    opened = sandbox.account("penulis", platform="wordpress")
    answers = {"site": opened["site"], "user": opened["username"], "key": opened["access_token"]}
    [login] = WordPress().sign_in(Http(sandbox.url), answers)
    return login


def text(media: MediaServer, login: Login) -> Outgoing:
    return Outgoing("d1", login, LONG, (), title="Pasar Minggu")


def photo(media: MediaServer, login: Login) -> Outgoing:
    return Outgoing("d1", login, TEXT, photos_sent(1), {"categories": "Kuliner, Kabar KIM"}, title="Keripik tempe")


def photos(media: MediaServer, login: Login) -> Outgoing:
    return replace(photo(media, login), photos=photos_sent(3), options={})


def meddle(http: Http, delivery: Engine) -> None:
    """The draft stands in the site's own editor, too."""
    other = {"title": "Judul lain", "content": "Bukan ini yang disetujui."}
    Site(http, delivery.outgoing.login).post(f"posts/{delivery.checkpoint['post']}", other)


SUBJECT = Subject(
    kind="wordpress",
    open_account=open_account,
    posts={"photo": photo, "text": text, "photos": photos},
    irreversible=r"wp/v2/posts/\d+$",
    refusals=(
        Refusal("login", {"fault": "error", "code": "rest_cannot_edit", "http": 401}, LoginExpired),
        Refusal("permission", {"fault": "error", "code": "rest_cannot_publish", "http": 403}, NotAllowed),
        Refusal("throttle", {"fault": "error", "code": "too_many_requests", "http": 429}, TryLater),
        Refusal("content", {"fault": "error", "code": "rest_invalid_param", "http": 400}, Rejected),
        Refusal("draft gone", {"fault": "error", "code": "rest_post_invalid_id", "http": 404}, TryLater),
    ),
    repeats=True,
    meddle=meddle,
    once=r"wp/v2/posts$",
    unknown_id="999999",
    links=(
        "https://blog.kim-dinoyo.id/2026/11/21/pasar-minggu-ramai/",
        "https://kim-dinoyo.wordpress.com/pasar-minggu/",
        "https://blog.kim-dinoyo.id/?p=123",
    ),
)
