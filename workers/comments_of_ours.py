"""First comments, one at a time. No transaction is open while a platform is asked."""

import logging
from dataclasses import replace

from contentdesk.channels.abilities import FollowsUp
from contentdesk.channels.base import ChannelError, LoginExpired
from contentdesk.channels.renewal import second_thought, usable_login
from contentdesk.channels.renewing import lost
from contentdesk.lib import clock
from contentdesk.lib.db import transaction
from contentdesk.lib.desk import Desk, desk
from contentdesk.publishing import first_comments
from contentdesk.publishing.outgoing import Lender, Work, load, work
from workers import manners
from workers.app import app
from workers.manners import Doing

log = logging.getLogger(__name__)
JOB = "workers.comments_of_ours.run"


def run(delivery_id: str) -> None:
    """RQ job. Safe to call at any time, any number of times. After a fault of our own the lease has to end first."""
    with app().app_context():
        desk().bell.answered(JOB, delivery_id)
        try:
            step(delivery_id, desk())
        except Exception as error:  # noqa: BLE001 - whatever it is, it must not come again for ever
            log.exception("first comment of %s", delivery_id)
            with transaction():
                first_comments.crashed(delivery_id, error, clock.now())


def step(delivery_id: str, at: Desk) -> None:
    with transaction():
        lease = first_comments.claim(delivery_id, clock.now())
        if lease is None:
            first_comments.wait_for_account(delivery_id, clock.now())
            return
        lender = Lender(at.config.public_url, at.config.secret_keys[0], at.files)
        item = work(delivery_id, lease, lender, at.box)
        external_id = load(delivery_id).external_id
    try:
        comment_id = _write(item, external_id, at)
    except ChannelError as error:
        _failed(item, error, at)
    else:
        with transaction():
            first_comments.done(item, comment_id)


def _write(item: Work, external_id: str | None, at: Desk) -> str | None:
    """Looks before it writes. Raises ChannelError."""
    if not isinstance(item.channel, FollowsUp) or not external_id:
        return None
    with manners.before(manners.of(item), at, Doing.LOOK) as http:
        login = usable_login(item.account_id, item.channel.kind, item.outgoing.login, at)
        return item.channel.first_comment(http, replace(item.outgoing, login=login), external_id)


def _failed(item: Work, error: ChannelError, at: Desk) -> None:
    """A right to comment that is missing says nothing about the account: its posts go on."""
    if isinstance(error, LoginExpired):
        error = second_thought(item.account_id, item.outgoing.login, error, at)
    with transaction():
        if isinstance(error, LoginExpired):
            lost(load(item.delivery_id).account, error)
        first_comments.failed(item, error, clock.now())
