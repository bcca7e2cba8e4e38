"""TikTok, photos for the app's inbox, as an app without the platform's audit posts them: one call, then a member."""

from dataclasses import replace
from typing import Any

from contentdesk.channels.base import ForMember, Login, Outgoing
from contentdesk.channels.kinds.tiktok_find import PERHAPS_IN_APP
from tests.channels.subject import Subject
from tests.channels.subjects.tiktok_inbox import SUBJECT as INBOX
from tests.channels.subjects.tiktok_inbox import finish as finish_drafts
from tests.channels.subjects.tiktok_photos import SUBJECT as PHOTOS
from tests.channels.subjects.tiktok_photos import photos
from tests.servers import MediaServer, SandboxProcess, wait_until


def inbox_photos(media: MediaServer, login: Login) -> Outgoing:
    return replace(photos(media, login), options={"mode": "inbox"})


def finish(sandbox: SandboxProcess, login: Login) -> None:
    """When the photos have come."""
    asked = {"account_id": login.external_id}
    wait_until(lambda: not sandbox.admin("platforms/tiktok/inbox", asked)["coming"], every_s=0.005)
    finish_drafts(sandbox, login)


def perhaps(found: Any) -> bool:
    """Either way it is for a member, who is told to look first."""
    return isinstance(found, ForMember) and found.sentence == PERHAPS_IN_APP


SUBJECT: Subject = replace(
    PHOTOS,
    way="inbox-photos",
    posts={"inbox-photos": inbox_photos},
    ends=ForMember,
    finish=finish,
    perhaps=perhaps,
    measures=False,
    settings={**INBOX.settings, "tiktok_audited": False},
)
