"""Asking platforms for figures. No transaction is open while one is asked; whatever happens, rows come due again."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from contentdesk.channels import registry
from contentdesk.channels.base import ChannelError, Login, LoginExpired, Stats, TryLater
from contentdesk.channels.models import Account, AccountState
from contentdesk.channels.renewal import second_thought, usable_login
from contentdesk.channels.renewing import lost
from contentdesk.channels.services import login_of
from contentdesk.lib import clock
from contentdesk.lib.db import db, transaction
from contentdesk.lib.desk import Desk, desk
from contentdesk.lib.http import NoAnswer
from contentdesk.metrics import plan, polling, queries, services
from workers import comments, manners
from workers.app import app
from workers.manners import Doing

JOB = "workers.metrics.poll"
QUEUE = "metrics"
NO_MORE_AFTER = timedelta(seconds=60)
"""Then no further chunk is begun, so that a slow platform does not reach the job's time-out."""
SWEEP_EVERY = timedelta(minutes=1)
LONG_SWEEP_EVERY = timedelta(hours=1)
SEEN_TO_LATELY = timedelta(days=2)


class Seldom:
    """Something that a beat does now and then, though it goes round every second. Each beat counts for itself."""

    def __init__(self, every: timedelta) -> None:
        self._every = every
        self._last: datetime | None = None

    def is_time(self, now: datetime) -> bool:
        """A clock that was set back does not make it wait."""
        if self._last is not None and self._last <= now < self._last + self._every:
            return False
        self._last = now
        return True

    def soon_again(self) -> None:
        self._last = None


sweep = Seldom(SWEEP_EVERY)
"""The job that sends follows its post at once. The sweep is for the few ways that tell nobody, such as a person's
word; their first figures may come a minute later. Looking for them reads every post that the engine saw to lately."""
long_sweep = Seldom(LONG_SWEEP_EVERY)
"""For a link that came days after its task: it reads every post of the last 60 days, which takes too long for each
minute."""


def ring_due(at: Desk, now: datetime) -> None:
    """For the beat: one ring for each account that has posts to ask about."""
    is_time = sweep.is_time(now)
    if long_sweep.is_time(now):
        _follow_missing(now - plan.AGES[-1], long_sweep)
    elif is_time:
        _follow_missing(now - SEEN_TO_LATELY, sweep)
    for account_id in queries.due_polls(now):
        if not at.bell.ring(QUEUE, JOB, account_id):
            break
    db.session.rollback()


def _follow_missing(since: datetime, swept: Seldom) -> None:
    found = len(queries.sent_without_row(since))
    if found:
        with transaction():
            services.start_missing(queries.sent_without_row(since))
    if found >= queries.MISSING:
        swept.soon_again()


def poll(account_id: str) -> None:
    """RQ job. Safe to call at any time, any number of times: a row is claimed by one worker only."""
    with app().app_context():
        desk().bell.answered(JOB, account_id)
        step(account_id, desk())


def step(account_id: str, at: Desk) -> None:
    """A handful of posts; rings again while there are more, so that other accounts get their turn between."""
    with transaction():
        account = queries.account(account_id)
        works = account is not None and account.state == AccountState.CONNECTED and not account.by_hand
        kind = account.kind if account else ""
        claimed = polling.claim(account_id, clock.now(), _most(kind)) if works else []
        login = login_of(account, at.box) if account is not None and claimed else None
    if login is not None:
        _ask_in_chunks(account_id, kind, login, claimed, at)
        if queries.has_due(account_id, clock.now()):
            at.bell.ring(QUEUE, JOB, account_id)
        db.session.rollback()


def _most(kind: str) -> int:
    """Whole calls of the platform: a job that takes a call and a bit would make two for one."""
    at_once = registry.posts_per_call(kind)
    return at_once * max(1, queries.BATCH // at_once)


def _ask_in_chunks(account_id: str, kind: str, login: Login, claimed: list[polling.Claimed], at: Desk) -> None:
    """What a chunk brought is kept before the next: a job that is killed loses one chunk's work."""
    until, at_once = clock.now() + NO_MORE_AFTER, registry.posts_per_call(kind)
    for start in range(0, len(claimed), at_once):
        rest = claimed[start:]
        if clock.now() > until:
            with transaction():
                polling.hand_back(rest, clock.now())
            return
        try:
            if not _ask(account_id, kind, login, rest, until, at):
                return
        except Exception:  # raised again: a fault of ours is told, and keeps nobody else waiting
            _let_go(rest[:at_once], rest[at_once:])
            raise


def _let_go(broken: Sequence[polling.Claimed], others: Sequence[polling.Claimed]) -> None:
    """An answer that nobody foresaw, or no time left: its posts come later, each time twice as late, the others now.

    Of `broken`, those whose figures were kept already are left as they are.
    """
    db.session.rollback()
    with transaction():
        polling.put_off(broken, clock.now())
        polling.hand_back(others, clock.now())


def _ask(account_id: str, kind: str, login: Login, rest: Sequence[polling.Claimed], until: datetime, at: Desk) -> bool:
    """Asks about the first ones. False: it is no use to go on, and the whole rest is put off."""
    chunk = rest[: registry.posts_per_call(kind)]
    try:
        with manners.before(manners.reading(account_id, kind, login), at, Doing.READ) as http:
            login = usable_login(account_id, kind, login, at)
            figures = registry.get(kind).measure(http, login, [one.external_id for one in chunk])
    except ChannelError as error:
        _not_measured(account_id, rest, second_thought(account_id, login, error, at))
    except NoAnswer:
        _put_off(rest, plan.FIRST_WAIT)
    else:
        _keep(chunk, figures)
        comments.read(manners.reading(account_id, kind, login), chunk, figures, until, at)
        return True
    return False


def _not_measured(account_id: str, rest: Sequence[polling.Claimed], error: ChannelError) -> None:
    if isinstance(error, LoginExpired):
        _cut_off(account_id, rest, error)
    else:
        _put_off(rest, error.after if isinstance(error, TryLater) else plan.FIRST_WAIT)


def _put_off(rest: Sequence[polling.Claimed], wait: timedelta) -> None:
    with transaction():
        polling.put_off(rest, clock.now(), wait)


def _keep(claimed: Sequence[polling.Claimed], figures: Mapping[str, Stats]) -> None:
    with transaction():
        polling.settle(claimed, figures, clock.now())


def _cut_off(account_id: str, claimed: Sequence[polling.Claimed], error: LoginExpired) -> None:
    with transaction():
        account = db.session.get(Account, account_id)
        if account is not None:
            lost(account, error)
        polling.hand_back(claimed, clock.now())
