"""Instagram, signed in with Facebook: another host, and the token of the page that the account is linked to."""

from dataclasses import replace

from contentdesk.channels.base import Login
from contentdesk.channels.kinds.instagram_login import THROUGH_FACEBOOK
from tests.channels.line import login_of
from tests.channels.subject import Subject
from tests.channels.subjects.instagram import SUBJECT as DIRECT
from tests.servers import SandboxProcess


def open_account(sandbox: SandboxProcess) -> Login:
    """The token has no end."""
    account = sandbox.account("kim.halaman", login="facebook", followers=2400)
    return replace(login_of(account), expires_at=None, details=THROUGH_FACEBOOK)


SUBJECT: Subject = replace(DIRECT, way="page", said="through a page", open_account=open_account)
