"""Instagram, signed in with Instagram: photo, carousel."""

from contentdesk.channels.base import Login, LoginExpired, NotAllowed, Outgoing, Rejected, TryLater
from tests.channels.line import TEXT, login_of, photos_on
from tests.channels.subject import Refusal, Subject
from tests.servers import MediaServer, SandboxProcess


def open_account(sandbox: SandboxProcess) -> Login:
    return login_of(sandbox.account(followers=2400))


def photo(media: MediaServer, login: Login) -> Outgoing:
    return Outgoing("d1", login, TEXT, photos_on(media, 1))


def carousel(media: MediaServer, login: Login) -> Outgoing:
    return Outgoing("d1", login, TEXT, photos_on(media, 3))


SUBJECT = Subject(
    kind="instagram",
    open_account=open_account,
    posts={"photo": photo, "carousel": carousel},
    irreversible="media_publish$",
    refusals=(
        Refusal("login", {"fault": "error", "code": 190, "subcode": 460}, LoginExpired),
        Refusal("permission", {"fault": "error", "code": 10}, NotAllowed),
        Refusal("restricted", {"fault": "error", "code": 25, "subcode": 2207050}, NotAllowed),
        Refusal("throttle", {"fault": "error", "code": 4}, TryLater),
        Refusal("quota", {"fault": "error", "code": 9, "subcode": 2207042}, TryLater),
        Refusal("content", {"fault": "error", "code": 36003, "subcode": 2207009}, Rejected),
    ),
    unknown_id="17900000000000001",
)
