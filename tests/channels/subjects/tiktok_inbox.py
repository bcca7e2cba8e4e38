"""TikTok, a video for the app's inbox: the file alone is sent, and a member posts it with words of theirs."""

from contentdesk.channels.base import ForMember, Login, Outgoing
from tests.channels.line import TEXT
from tests.channels.subject import Subject
from tests.channels.subjects.tiktok import PIECES, QUICK, REFUSALS, film, open_account
from tests.servers import MediaServer, SandboxProcess


def video(media: MediaServer, login: Login) -> Outgoing:
    return Outgoing("d1", login, TEXT, (), {"mode": "inbox"}, film())


def finish(sandbox: SandboxProcess, login: Login) -> None:
    """Whatever lies there, so that a draft too many is a post too many."""
    for publish_id in sandbox.admin("platforms/tiktok/inbox", {"account_id": login.external_id})["drafts"]:
        sandbox.admin("platforms/tiktok/finish_in_app", {"publish_id": publish_id})


def no_text(_outgoing: Outgoing) -> str:
    return ""


SUBJECT = Subject(
    kind="tiktok",
    way="inbox",
    open_account=open_account,
    posts={"inbox-video": video},
    texts={"inbox-video": no_text},
    irreversible="^/video/$",
    method="PUT",
    refusals=PIECES,
    earlier=REFUSALS,
    doubts=True,
    ends=ForMember,
    finish=finish,
    measures=False,
    unknown_id="7599999999999999999",
    settings=QUICK,
)
