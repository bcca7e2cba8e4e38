"""Renewing a token before it ends."""

from contentdesk.channels.base import ChannelError
from contentdesk.channels.renewal import renewed
from contentdesk.lib.db import db
from contentdesk.lib.desk import Desk


def renew_one(account_id: str, at: Desk) -> None:
    """For a worker, outside a transaction. When a login is over its holders are told; whatever else a platform
    answers is asked again at the next round.
    """
    db.session.rollback()
    try:
        renewed(account_id, at)
    except ChannelError:
        return
