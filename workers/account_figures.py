"""Once a day: how many follow each account. Also the day's clearing away: comments that are too old to answer, and
rings that no platform repeats any more.
"""

import logging
from datetime import timedelta

from contentdesk.channels import queries as channels
from contentdesk.channels import registry
from contentdesk.channels.abilities import AccountStats, MeasuresAccounts
from contentdesk.channels.base import ChannelError, Login, LoginExpired, TryLater
from contentdesk.channels.renewal import second_thought, usable_login
from contentdesk.channels.renewing import lost
from contentdesk.channels.services import login_of
from contentdesk.comments import services as comments
from contentdesk.lib import clock
from contentdesk.lib.db import db, transaction
from contentdesk.lib.desk import Desk, desk
from contentdesk.lib.http import NoAnswer
from contentdesk.lib.jobs import OutOfTime
from contentdesk.metrics import account_figures, queries, rings
from workers import manners
from workers.app import app
from workers.manners import Doing

log = logging.getLogger(__name__)
JOB = "workers.account_figures.ask"
QUEUE = "metrics"
EVERY_S = 1800
EVENING = 21
"""From this hour (WIB) half an answer is kept; before, the account is asked again for all."""
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
        rings.forget_old(clock.now())
    begun = clock.now()
    for account_id in account_figures.without_sample(clock.today()):
        if clock.now() - begun > NO_MORE_AFTER:
            return
        try:
            _look(account_id, at)
        except OutOfTime:
            raise
        except Exception:  # noqa: BLE001 - whatever one account's server answers, the others are asked
            log.exception("account %s", account_id)
        db.session.rollback()


def _look(account_id: str, at: Desk) -> None:
    account = queries.account(account_id)
    if account is not None:
        _ask(account_id, account.kind, login_of(account, at.box), at)


def _ask(account_id: str, kind: str, login: Login, at: Desk) -> None:
    """Nothing is kept when the platform cannot answer now: it is asked again at the next round."""
    db.session.rollback()
    channel = registry.get(kind)
    assert isinstance(channel, MeasuresAccounts)
    try:
        with manners.before(manners.reading(account_id, kind, login), at, Doing.READ) as http:
            login = usable_login(account_id, kind, login, at)
            stats = channel.measure_account(http, login)
    except ChannelError as error:
        _refused(account_id, second_thought(account_id, login, error, at))
    except NoAnswer:
        return
    else:
        if not stats.again or clock.now().astimezone(clock.WIB).hour >= EVENING:
            _keep(account_id, stats)


def _refused(account_id: str, error: ChannelError) -> None:
    """A login that is over is told to the holders, and not used again. Any other refusal stands for the day."""
    if isinstance(error, LoginExpired):
        with transaction():
            lost(channels.get_account(account_id), error)
    elif not isinstance(error, TryLater):
        _keep(account_id, AccountStats())


def _keep(account_id: str, stats: AccountStats) -> None:
    with transaction():
        account_figures.record(account_id, clock.today(), stats, clock.now())
