"""Once a day: how many follow each account. Also the day's clearing away of comments that are too old to answer."""

from datetime import timedelta

from contentdesk.channels import registry
from contentdesk.channels.abilities import MeasuresAccounts
from contentdesk.channels.base import ChannelError, Login
from contentdesk.channels.renewal import usable_login
from contentdesk.channels.services import login_of
from contentdesk.comments import services as comments
from contentdesk.lib import clock
from contentdesk.lib.db import db, transaction
from contentdesk.lib.desk import Desk, desk
from contentdesk.lib.http import NoAnswer
from contentdesk.metrics import account_figures, queries
from workers.app import app

JOB = "workers.account_figures.ask"
QUEUE = "metrics"
EVERY_S = 1800
NO_MORE_AFTER = timedelta(minutes=3)
"""Well before the job's time-out; who was not asked yet is asked at the next round."""


def ring(at: Desk) -> None:
    """For the beat: every half hour, so that an account that was disturbed is asked again the same day."""
    at.bell.ring(QUEUE, JOB, quiet_s=EVERY_S)


def ask() -> None:
    """RQ job. One account's trouble stops no other."""
    with app().app_context():
        step(desk())


def step(at: Desk) -> None:
    with transaction():
        comments.forget_old(clock.now())
    begun = clock.now()
    for account_id in account_figures.without_sample(clock.today()):
        if clock.now() - begun > NO_MORE_AFTER:
            return
        account = queries.account(account_id)
        if account is not None:
            _ask(account_id, account.kind, login_of(account, at.box), at)
        db.session.rollback()


def _ask(account_id: str, kind: str, login: Login, at: Desk) -> None:
    """Nothing is kept when the platform does not answer: it is asked again at the next round."""
    db.session.rollback()
    channel = registry.get(kind)
    assert isinstance(channel, MeasuresAccounts)
    try:
        stats = channel.measure_account(at.http, usable_login(account_id, kind, login, at))
    except (ChannelError, NoAnswer):
        return
    with transaction():
        account_figures.record(account_id, clock.today(), stats, clock.now())
