"""Fresh tokens before the old ones end; who must sign in again is told."""

from contentdesk.channels.models import Account
from contentdesk.lib.db import transaction
from contentdesk.lib.desk import Desk, desk
from contentdesk.lib.i18n import N_
from contentdesk.notices.services import tell
from contentdesk.publishing.queries import account_people
from workers.app import app
from workers.renewal import renew_due

JOB = "workers.accounts.renew"
QUEUE = "metrics"
EVERY_S = 3600


def ring(at: Desk) -> None:
    """For the beat: at most once an hour. An emptied queue only makes it come sooner."""
    at.bell.ring(QUEUE, JOB, quiet_s=EVERY_S)


def renew() -> None:
    """RQ job. There are ten days for each token, so a failed round is followed by many others."""
    with app().app_context():
        for account in renew_due(desk()):
            _tell(account)


def _tell(account: Account) -> None:
    with transaction():
        tell(
            account_people(account),
            N_("Akun %(handle)s terputus. Unggahan menunggu, tidak ada yang hilang. Sambungkan lagi."),
            "/akun",
            handle=account.handle,
        )
