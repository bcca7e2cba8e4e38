"""Asking platforms for figures. No transaction is open while one is asked; whatever happens, rows come due again."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from contentdesk.channels import registry
from contentdesk.channels.base import ChannelError, Login, LoginExpired, Stats, TryLater
from contentdesk.channels.models import Account, AccountState
from contentdesk.channels.services import login_of, mark_expired
from contentdesk.lib import clock
from contentdesk.lib.db import db, transaction
from contentdesk.lib.desk import Desk, desk
from contentdesk.lib.http import NoAnswer
from contentdesk.metrics import plan, polling, queries, services
from workers.app import app

JOB = "workers.metrics.poll"
QUEUE = "metrics"


def ring_due(at: Desk, now: datetime) -> None:
    """For the beat: one ring for each account that has posts to ask about."""
    if queries.sent_without_row(now - plan.AGES[-1]):
        with transaction():
            services.start_missing(queries.sent_without_row(now - plan.AGES[-1]))
    for account_id in queries.due_polls(now):
        if not at.bell.ring(QUEUE, JOB, account_id):
            break
    db.session.rollback()


def poll(account_id: str) -> None:
    """RQ job. Safe to call at any time, any number of times: a row is claimed by one worker only."""
    with app().app_context():
        desk().bell.answered(JOB, account_id)
        step(account_id, desk())


def step(account_id: str, at: Desk) -> None:
    with transaction():
        account = queries.account(account_id)
        works = account is not None and account.state == AccountState.CONNECTED
        claimed = polling.claim(account_id, clock.now()) if works else []
        login = login_of(account, at.box) if account is not None and claimed else None
        kind = account.kind if account else ""
    if login is not None:
        _ask(account_id, kind, login, claimed, at)


def _ask(account_id: str, kind: str, login: Login, claimed: Sequence[polling.Claimed], at: Desk) -> None:
    try:
        figures = registry.get(kind).measure(at.http, login, [one.external_id for one in claimed])
    except LoginExpired as error:
        _cut_off(account_id, claimed, error)
    except (ChannelError, NoAnswer) as error:
        with transaction():
            polling.put_off(claimed, clock.now(), error.after if isinstance(error, TryLater) else plan.FIRST_WAIT)
    else:
        _keep(claimed, figures)


def _keep(claimed: Sequence[polling.Claimed], figures: Mapping[str, Stats]) -> None:
    with transaction():
        polling.settle(claimed, figures, clock.now())


def _cut_off(account_id: str, claimed: Sequence[polling.Claimed], error: LoginExpired) -> None:
    with transaction():
        account = db.session.get(Account, account_id)
        if account is not None:
            mark_expired(account, error.sentence)
        polling.hand_back(claimed, clock.now())
