"""Asking platforms to ring: at once for an account that was connected, hourly for what was missed or runs out."""

from contentdesk.channels import queries, ringing, subscribing
from contentdesk.channels.base import ChannelError
from contentdesk.lib import clock
from contentdesk.lib.db import transaction
from contentdesk.lib.desk import Desk, desk
from workers.app import app


def ask(account_id: str) -> None:
    """RQ job. Safe to call at any time, any number of times."""
    with app().app_context():
        desk().bell.answered(subscribing.JOB, account_id)
        step(account_id, desk())


def step(account_id: str, at: Desk) -> None:
    """Wishes for rings if that is due. What comes of it is kept; nothing of it stops the account."""
    account = queries.get_account(account_id)
    keys, callback = subscribing.app_of(account, at), subscribing.callback_of(account, at)
    if keys is None:
        return
    with transaction():
        asked = ringing.take(account_id, at.box, clock.now())
    if asked is None:
        return
    try:
        came = asked.channel.subscribe(at.http, keys, asked.login, callback)
    except ChannelError as error:
        with transaction():
            ringing.refused(asked, error, clock.now())
    else:
        with transaction():
            ringing.keep(asked, came, clock.now())
