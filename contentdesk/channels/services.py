"""Connecting accounts, keeping their sealed tokens, saying when one no longer works."""

import logging
from collections.abc import Mapping

from sqlalchemy import delete, select, update

from contentdesk.access.permissions import Actor, Permission, allow, may
from contentdesk.audit import services as audit
from contentdesk.channels import holders, queries, registry
from contentdesk.channels.base import ChannelError, Login, LoginExpired
from contentdesk.channels.models import STOPPED, Account, AccountState, RingSubscription
from contentdesk.lib import clock
from contentdesk.lib.crypto import Box, SealBroken
from contentdesk.lib.db import db
from contentdesk.lib.errors import Conflict
from contentdesk.lib.i18n import N_

log = logging.getLogger(__name__)
BY_HAND = "manual:"
"""Before the handle, it is the external id of an account no platform gave us one for."""
TAKEN = N_("Akun %(handle)s sudah dipakai KIM lain. Minta admin kota memindahkannya.")


def login_of(account: Account, box: Box) -> Login:
    """What a channel needs to speak for the account.

    A token that our keys no longer open counts as none: the platform then says that a person has to sign in,
    and the account is handled like any other that lost its connection.
    """
    return Login(
        account.external_id,
        account.handle,
        _opened(account.token_sealed, box),
        account.token_expires_at,
        _opened(account.refresh_sealed, box),
        account.refresh_expires_at,
        account.details,
        tuple(account.scopes),
        account.kind,
        account.access_ends_at,
        account.limits,
    )


def _opened(sealed: str | None, box: Box) -> str:
    try:
        return box.open(sealed) if sealed else ""
    except SealBroken:
        return ""


def connect(actor: Actor, kind: str, kim_id: str | None, login: Login, box: Box) -> Account:
    """The account that a sign-in on `kind` brought, for a KIM or (None) for the city. Known ones are renewed.

    Whoever signed in holds the account from now on. `login.kind` says when it is one of another channel.
    """
    via, kind = kind, login.kind or kind
    allow(actor, Permission.ACCOUNT_MANAGE, Account(kind=kind, kim_id=kim_id))
    known = known_as(kind, kim_id, login)
    account = known or Account(kind=kind)
    if known and not may(actor, Permission.ACCOUNT_MANAGE, known):
        raise Conflict(TAKEN, handle=login.handle)
    account.kim_id, account.external_id, account.by_hand = kim_id, login.external_id, False
    account.connected_by = actor.id
    _keep_sign_in(account, login, via if via != kind else None, box)
    db.session.add(account)
    holders.hold(account, actor.id)
    audit.record(actor, "account.connect", "account", account.id, kind=kind)
    return account


def known_as(kind: str, kim_id: str | None, login: Login) -> Account | None:
    """The row of this account, if there is one already."""
    return queries.find_account(kind, login.external_id) or _kept_by_hand(kind, kim_id, login.handle)


def add_by_hand(actor: Actor, kind: str, kim_id: str | None, handle: str, profile_url: str | None) -> Account:
    """An account that members post to in the app. Every platform can be used so."""
    channel, handle = registry.get(kind), handle.strip().lstrip("@")
    account = Account(kind=kind, kim_id=kim_id)
    allow(actor, Permission.ACCOUNT_MANAGE, account)
    if queries.same_handle(kind, handle):
        raise Conflict(
            N_("Akun %(handle)s di %(platform)s sudah tercatat. Tidak ada yang berubah."),
            handle=handle,
            platform=channel.name,
        )
    account = _closed_before(actor, kind, handle) or account
    account.kim_id, account.handle, account.profile_url, account.by_hand = kim_id, handle, profile_url, True
    account.external_id, account.problem = BY_HAND + handle.lower(), None
    account.state, account.stopped_at = AccountState.CONNECTED, None
    account.connected_by, account.connected_at = actor.id, clock.now()
    db.session.add(account)
    db.session.flush()
    audit.record(actor, "account.add_by_hand", "account", account.id, kind=kind)
    return account


def close(actor: Actor, account: Account) -> None:
    """Nothing goes out on it any more. The row stays for what was published; the token goes."""
    allow(actor, Permission.ACCOUNT_MANAGE, account)
    if account.state != AccountState.CLOSED:
        account.state, account.token_sealed, account.token_expires_at = AccountState.CLOSED, None, None
        account.refresh_sealed, account.refresh_expires_at, account.renewing_until = None, None, None
        account.access_ends_at = None
        _forget_rings(account)
        _ask_anew_beside(account)
        account.problem, account.problem_values, account.stopped_at = None, {}, None
        audit.record(actor, "account.close", "account", account.id)


def _keep_sign_in(account: Account, login: Login, via: str | None, box: Box) -> None:
    """What a sign-in brought, over what was there. An old refresh token stays good unless a new one came."""
    if account.via != via or account.state == AccountState.CLOSED:
        account.refresh_sealed, account.refresh_expires_at = None, None
    account.via, account.details, account.scopes = via, dict(login.details), list(login.scopes)
    account.limits, account.limits_at = dict(login.limits), clock.now() if login.limits else None
    account.connected_at, account.renewed_at = clock.now(), None
    account.renewing_until, account.checked_at = None, None
    account.access_ends_at = login.access_ends_at
    _forget_rings(account)
    keep_token(account, login, box)


def _forget_rings(account: Account) -> None:
    """The platform is asked anew."""
    if account.id:
        mine = RingSubscription.account_id == account.id
        db.session.execute(delete(RingSubscription).where(mine).execution_options(synchronize_session=False))


def _ask_anew_beside(account: Account) -> None:
    """What was taken back may have stood for accounts of other channels too, which came with the same sign-in."""
    beside = select(Account.id).where(Account.via == account.kind, Account.kind != account.kind)
    db.session.execute(
        update(RingSubscription)
        .where(RingSubscription.account_id.in_(beside))
        .values(again_at=clock.now())
        .execution_options(synchronize_session=False)
    )


def keep_token(account: Account, login: Login, box: Box) -> None:
    """Seals both tokens and says that the account works. Without a new refresh token the old one stays."""
    account.handle, account.token_expires_at = login.handle, login.expires_at
    account.token_sealed = box.seal(login.token)
    if login.refresh_token:
        account.refresh_sealed, account.refresh_expires_at = box.seal(login.refresh_token), login.refresh_expires_at
    if account.state in STOPPED:
        log.warning("account %s (%s) works again", account.id, account.kind)
    account.state, account.problem, account.problem_values = AccountState.CONNECTED, None, {}
    account.stopped_at = None


def reseal(box: Box) -> tuple[int, int]:
    """Seals every token with the newest key: (how many, how many that no key opens and stay as they are)."""
    done = lost = 0
    for account in db.session.scalars(select(Account).with_for_update(of=Account)):
        for name in ("token_sealed", "refresh_sealed"):
            sealed = getattr(account, name)
            if sealed and _opened(sealed, box):
                setattr(account, name, box.renew(sealed))
                done += 1
            elif sealed:
                lost += 1
    return done, lost


def stop(account: Account, error: ChannelError) -> bool:
    """A person has to act before anything goes out on it again. True when nobody had noticed before."""
    mark = mark_expired if isinstance(error, LoginExpired) else mark_not_allowed
    first = mark(account, error.sentence, error.values)
    if first:
        log.warning("account %s (%s) stopped: %s %r", account.id, account.kind, type(error).__name__, error.code)
    return first


def mark_expired(account: Account, sentence: str, values: Mapping[str, object] | None = None) -> bool:
    """A person has to sign in again. True when nobody had noticed before."""
    return _moved(account, (AccountState.CONNECTED,), AccountState.EXPIRED, sentence, values)


def mark_not_allowed(account: Account, sentence: str, values: Mapping[str, object] | None = None) -> bool:
    """A permission is missing on the platform. True when nobody had noticed before."""
    return _moved(account, (AccountState.CONNECTED,), AccountState.NOT_ALLOWED, sentence, values)


def mark_connected(account: Account) -> bool:
    """It works again. True when it did not before. A closed account stays closed."""
    return _moved(account, (AccountState.EXPIRED, AccountState.NOT_ALLOWED), AccountState.CONNECTED, None)


def _moved(
    account: Account,
    before: tuple[AccountState, ...],
    state: AccountState,
    sentence: str | None,
    values: Mapping[str, object] | None = None,
) -> bool:
    """Two workers may notice at once; one of them is told that it was the first."""
    works = state == AccountState.CONNECTED
    words = {name: value if isinstance(value, int | float) else str(value) for name, value in (values or {}).items()}
    first = db.session.scalar(
        update(Account)
        .where(Account.id == account.id, Account.state.in_(before))
        .values(state=state, problem=sentence, problem_values=words, stopped_at=None if works else clock.now())
        .returning(Account.id)
    )
    db.session.refresh(account, ["state", "stopped_at", "problem", "problem_values"])
    if first:
        audit.record(None, f"account.{state}", "account", account.id)
    return first is not None


def _kept_by_hand(kind: str, kim_id: str | None, handle: str) -> Account | None:
    """The same profile, until now posted to by hand: it must not stand in the list twice."""
    found = queries.find_account(kind, BY_HAND + handle.lower())
    return found if found and found.kim_id == kim_id else None


def _closed_before(actor: Actor, kind: str, handle: str) -> Account | None:
    found = queries.find_account(kind, BY_HAND + handle.lower())
    if found and not may(actor, Permission.ACCOUNT_MANAGE, found):
        raise Conflict(N_("Akun %(handle)s pernah dipakai KIM lain. Minta admin kota memindahkannya."), handle=handle)
    return found
