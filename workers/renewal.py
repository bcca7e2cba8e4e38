"""Renewing tokens before they end, one account at a time, so that one failure stops no other."""

from contentdesk.channels import renewing
from contentdesk.channels.base import ChannelError
from contentdesk.channels.renewal import renewed
from contentdesk.lib import clock
from contentdesk.lib.db import db
from contentdesk.lib.desk import Desk


def renew_due(at: Desk) -> None:
    """For a worker, outside a transaction. Whose login is over is told; whatever else a platform answers is asked
    again at the next round.
    """
    for account_id in renewing.due(clock.now()):
        renew_one(account_id, at)


def renew_one(account_id: str, at: Desk) -> None:
    db.session.rollback()
    try:
        renewed(account_id, at)
    except ChannelError:
        return
