"""Fresh logins, for whoever is about to ask a platform: an edge that speaks HTTP between short transactions."""

from datetime import datetime, timedelta

from contentdesk.channels import queries, renewing, sign_in
from contentdesk.channels.base import ChannelError, Login, LoginExpired, NotAllowed, TryLater
from contentdesk.channels.models import AccountState
from contentdesk.channels.services import login_of
from contentdesk.lib import clock
from contentdesk.lib.db import db, transaction
from contentdesk.lib.desk import Desk
from contentdesk.lib.http import NoAnswer, PrivateAddress
from contentdesk.lib.i18n import N_

SOON = timedelta(seconds=5)
REST = timedelta(minutes=1)
"""So long nobody asks a platform again that was disturbed."""
BUSY = N_("Izin akun %(handle)s sedang diperpanjang. Unggahan menunggu sebentar.")


def usable_login(account_id: str, kind: str, login: Login, at: Desk) -> Login:
    """`login`, or a fresh one when its token ends within minutes. Call it before each verb, outside a transaction.

    Raises ChannelError when nobody can speak for the account now; what a person has to know is then kept and told.
    """
    if not renewing.ends_within(kind, login, clock.now()):
        return login
    return renewed(account_id, at)


def renewed(account_id: str, at: Desk, *, dead: bool = False) -> Login:
    """The account's login after an attempt to renew it. `dead`: the platform has refused the one there is.

    The platform is asked by one process at a time; who comes second gets the old token while it lives. A fresh one
    is kept before it is used. A platform that is disturbed disconnects nobody. Raises LoginExpired when the
    platform says that it is over, NotAllowed and TryLater when the old token is dead too. An account that does not
    work gives what it has.
    """
    now = clock.now()
    with transaction():
        account = queries.get_account(account_id)
        login = login_of(account, at.box)
        works = account.state == AccountState.CONNECTED
        begun = renewing.begin(account, at.box, now) if works else None
    if not works:
        return login
    if begun is None:
        return _old(login, now, dead, TryLater(BUSY, after=SOON, code="renewing", handle=login.handle))
    try:
        fresh = begun.channel.renew(at.http, sign_in.registered(at.config, begun.kind), begun.login)
    except (ChannelError, NoAnswer, PrivateAddress) as error:
        return _not_renewed(begun, error, dead)
    with transaction():
        renewing.keep(begun, fresh, at.box)
        return login_of(queries.get_account(account_id), at.box)


def _not_renewed(begun: renewing.Begun, error: ChannelError | NoAnswer | PrivateAddress, dead: bool) -> Login:
    now = clock.now()
    alive = renewing.is_alive(begun.login, now) and not dead
    over = isinstance(error, LoginExpired) or (isinstance(error, NotAllowed) and not alive)
    with transaction():
        if over and isinstance(error, ChannelError):
            renewing.refused(begun, error)
        else:
            renewing.put_off(begun, now + _rest(error))
    if over:
        raise error
    return _old(begun.login, now, dead, error)


def _old(login: Login, now: datetime, dead: bool, why: ChannelError | NoAnswer | PrivateAddress) -> Login:
    if renewing.is_alive(login, now) and not dead:
        return login
    if isinstance(why, ChannelError):
        raise why
    raise TryLater(BUSY, after=REST, code="no_answer", handle=login.handle) from None


def _rest(error: Exception) -> timedelta:
    return max(REST, error.after) if isinstance(error, TryLater) else REST


def second_thought(account_id: str, used: Login, error: ChannelError, at: Desk) -> ChannelError:
    """What the refusal of a login comes to: it counts only for the newest token, and after one try to renew that.

    Returns `error`, or a TryLater when another login is there now. Outside a transaction.
    """
    if not isinstance(error, LoginExpired | NotAllowed):
        return error
    db.session.rollback()
    account = queries.get_account(account_id)
    again = TryLater(BUSY, after=SOON, code=error.code, handle=account.handle)
    if account.state != AccountState.CONNECTED:
        return error
    if not renewing.is_the_newest(account, used, at.box):
        return again
    if isinstance(error, NotAllowed) or not renewing.may_be_replaced(account, clock.now()):
        return error
    try:
        renewed(account_id, at, dead=True)
    except ChannelError as failure:
        return failure
    return again
