"""TikTok, photos: the first call posts them, and no list shows for certain whether it did."""

from dataclasses import replace

from contentdesk.channels.base import ChannelError, Login, LoginExpired, NotAllowed, Outgoing, Rejected, TryLater
from tests.channels.line import TEXT, photos_on
from tests.channels.subject import Refusal, Subject
from tests.channels.subjects.tiktok import PUBLIC, QUICK, open_account
from tests.servers import MediaServer


def photos(media: MediaServer, login: Login) -> Outgoing:
    return Outgoing("d1", login, TEXT, tuple(replace(one, alt_text="") for one in photos_on(media, 2)), PUBLIC)


def _refusal(word: str, http: int, raises: type[ChannelError]) -> Refusal:
    return Refusal(word, {"fault": "error", "code": word, "http": http}, raises)


SUBJECT = Subject(
    kind="tiktok",
    open_account=open_account,
    posts={"photos": photos},
    irreversible="/content/init/$",
    refusals=(
        _refusal("access_token_invalid", 401, LoginExpired),
        _refusal("scope_not_authorized", 401, NotAllowed),
        _refusal("unaudited_client_can_only_post_to_private_accounts", 403, Rejected),
        _refusal("url_ownership_unverified", 403, NotAllowed),
        _refusal("rate_limit_exceeded", 429, TryLater),
        _refusal("spam_risk_too_many_posts", 403, TryLater),
        _refusal("invalid_params", 400, Rejected),
        _refusal("privacy_level_option_mismatch", 200, Rejected),
    ),
    finds=False,
    unknown_id="7599999999999999999",
    settings=QUICK,
)
