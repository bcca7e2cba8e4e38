"""TikTok, photos: the first call posts them, and no list shows for certain whether it did."""

from dataclasses import replace

from contentdesk.channels.base import Login, NotAllowed, Outgoing
from tests.channels.line import TEXT, photos_on
from tests.channels.subject import Subject
from tests.channels.subjects.tiktok import PUBLIC, QUICK, REFUSALS, open_account, refusal
from tests.servers import MediaServer


def photos(media: MediaServer, login: Login) -> Outgoing:
    return Outgoing("d1", login, TEXT, tuple(replace(one, alt_text="") for one in photos_on(media, 2)), PUBLIC)


SUBJECT = Subject(
    kind="tiktok",
    way="photos",
    open_account=open_account,
    posts={"photos": photos},
    irreversible="/content/init/$",
    refusals=(*REFUSALS, refusal("url_ownership_unverified", 403, NotAllowed)),
    lies=({"fault": "error", "code": "internal_error", "http": 500},),
    finds=False,
    doubts=True,
    unknown_id="7599999999999999999",
    settings=QUICK,
)
