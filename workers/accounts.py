"""Logins in time: fresh tokens before the old ones end, and a look at the accounts behind posts that are due soon."""

import logging
from collections.abc import Callable, Sequence
from datetime import timedelta

from contentdesk.channels import access_ends, own_limits, queries, registry, renewing, ringing, subscribing
from contentdesk.channels.base import ChannelError, Login, LoginExpired, NotAllowed
from contentdesk.channels.renewal import renewed, second_thought, usable_login
from contentdesk.channels.services import login_of
from contentdesk.lib import clock
from contentdesk.lib.db import transaction
from contentdesk.lib.desk import Desk, desk
from contentdesk.lib.http import NoAnswer, PrivateAddress
from contentdesk.lib.jobs import OutOfTime
from contentdesk.publishing import warnings
from workers import subscriptions
from workers.app import app
from workers.renewal import renew_one

log = logging.getLogger(__name__)
JOB = "workers.accounts.renew"
QUEUE = "metrics"
EVERY_S = 3600
NO_MORE_AFTER = timedelta(minutes=1)
"""Then nobody else is asked in this round: a slow platform must not reach the job's time-out."""


def ring(at: Desk) -> None:
    """For the beat: at most once an hour. An emptied queue only makes it come sooner."""
    at.bell.ring(QUEUE, JOB, quiet_s=EVERY_S)


def renew() -> None:
    """RQ job. Tokens are renewed long before their end, so a failed round is followed by others."""
    with app().app_context():
        look_after(desk())


def look_after(at: Desk) -> None:
    """Renews, checks, and warns: who has to sign in again before a post is due hears of it. Then what can wait."""
    for account_id in renewing.due(clock.now()):
        _apart(renew_one, account_id, at)
    for account_id in warnings.accounts_to_check(clock.now()):
        _apart(check, account_id, at)
    with transaction():
        warnings.warn(clock.now())
    with transaction():
        access_ends.warn(clock.now())
    _while_there_is_time(ask_limits, own_limits.due(clock.now()), at)
    _while_there_is_time(subscriptions.step, ringing.due(clock.now(), subscribing.doors(at)), at)


def _while_there_is_time(look: Callable[[str, Desk], None], account_ids: Sequence[str], at: Desk) -> None:
    """After the warnings, because less hangs on it. Who was not asked yet is asked at the next round."""
    begun = clock.now()
    for account_id in account_ids:
        if clock.now() - begun > NO_MORE_AFTER:
            return
        _apart(look, account_id, at)


def _apart(look: Callable[[str, Desk], None], account_id: str, at: Desk) -> None:
    try:
        look(account_id, at)
    except OutOfTime:
        raise
    except Exception:  # noqa: BLE001 - whatever one account brings, the others are looked after
        log.exception("account %s", account_id)


def check(account_id: str, at: Desk) -> None:
    """Tries the login without any effect. A platform that cannot be asked says nothing about it."""
    with transaction():
        if not warnings.claim_check(account_id, clock.now()):
            return
        account = queries.get_account(account_id)
        login = login_of(account, at.box)
        kind = account.kind
    try:
        login = usable_login(account_id, kind, login, at)
        _try(account_id, kind, login, at)
    except (ChannelError, NoAnswer, PrivateAddress) as error:
        known = second_thought(account_id, login, error, at) if isinstance(error, ChannelError) else error
        _refused(account_id, known)


def ask_limits(account_id: str, at: Desk) -> None:
    """What the account takes, where that is its own matter. A platform that does not say it changes nothing."""
    with transaction():
        if not own_limits.claim(account_id, clock.now()):
            return
        account = queries.get_account(account_id)
        login, kind = login_of(account, at.box), account.kind
    channel = registry.with_own_limits(kind)
    assert channel is not None
    try:
        came = channel.limits(at.http, usable_login(account_id, kind, login, at))
    except (ChannelError, NoAnswer, PrivateAddress) as error:
        log.info("limits of account %s: %s", account_id, getattr(error, "code", "no_answer"))
        return
    with transaction():
        own_limits.keep(account_id, came)


def _try(account_id: str, kind: str, login: Login, at: Desk) -> None:
    """Where a platform cannot be asked whether a login works, a renewal says it too."""
    channel = registry.checkable(kind)
    if channel is not None:
        channel.check(at.http, login)
    else:
        renewed(account_id, at)


def _refused(account_id: str, error: Exception) -> None:
    with transaction():
        if isinstance(error, LoginExpired | NotAllowed):
            renewing.lost(queries.get_account(account_id), error)
        else:
            warnings.check_again(account_id)
