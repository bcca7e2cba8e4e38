"""Connecting accounts, keeping their sealed tokens, saying when one no longer works."""

from datetime import datetime

from sqlalchemy import select, update

from contentdesk.access.permissions import Actor, Permission, allow, may
from contentdesk.audit import services as audit
from contentdesk.channels import queries, registry
from contentdesk.channels.base import AppKeys, Login
from contentdesk.channels.models import Account, AccountState
from contentdesk.lib import clock
from contentdesk.lib.crypto import Box, SealBroken
from contentdesk.lib.db import db
from contentdesk.lib.errors import Conflict, DomainError
from contentdesk.lib.http import Http
from contentdesk.lib.i18n import N_

BY_HAND = "manual:"
"""Before the handle, it is the external id of an account no platform gave us one for."""
NO_WAY_IN = N_("Akun ini diunggah manual oleh anggota, jadi tidak ada sambungan untuk diperpanjang.")


def login_of(account: Account, box: Box) -> Login:
    """What a channel needs to speak for the account.

    A token that our keys no longer open counts as none: the platform then says that a person has to sign in,
    and the account is handled like any other that lost its connection.
    """
    try:
        token = box.open(account.token_sealed) if account.token_sealed else ""
    except SealBroken:
        token = ""
    return Login(account.external_id, account.handle, token, account.token_expires_at)


def connect(actor: Actor, kind: str, kim_id: str | None, login: Login, box: Box) -> Account:
    """The account that a sign-in brought, for a KIM or (None) for the city. Known ones are renewed."""
    allow(actor, Permission.ACCOUNT_MANAGE, Account(kind=kind, kim_id=kim_id))
    known = queries.find_account(kind, login.external_id) or _kept_by_hand(kind, kim_id, login.handle)
    account = known or Account(kind=kind)
    if known and not may(actor, Permission.ACCOUNT_MANAGE, known):
        raise Conflict(
            N_("Akun %(handle)s sudah dipakai KIM lain. Minta admin kota memindahkannya."), handle=login.handle
        )
    account.kim_id, account.external_id, account.by_hand = kim_id, login.external_id, False
    account.connected_by = actor.id
    keep_login(account, login, box)
    db.session.add(account)
    db.session.flush()
    audit.record(actor, "account.connect", "account", account.id, kind=kind)
    return account


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
    account.external_id, account.state, account.problem = BY_HAND + handle.lower(), AccountState.CONNECTED, None
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
        account.problem = None
        audit.record(actor, "account.close", "account", account.id)


def fresh_login(account: Account, box: Box, http: Http, app: AppKeys | None) -> Login:
    """Asks the platform for a fresh token. Speaks HTTP, writes nothing: outside a transaction.

    Raises ChannelError, or DomainError where there is nothing to renew.
    """
    channel = registry.renewable(account.kind)
    if channel is None or queries.published_by_hand(account):
        raise DomainError(NO_WAY_IN)
    return channel.renew(http, app, login_of(account, box))


def keep_login(account: Account, login: Login, box: Box) -> None:
    """Seals the token and says that the account works."""
    account.handle, account.token_expires_at = login.handle, login.expires_at
    account.token_sealed = box.seal(login.token)
    account.connected_at = clock.now()
    account.state, account.problem = AccountState.CONNECTED, None


def mark_expired(account: Account, sentence: str) -> bool:
    """A person has to sign in again. True when nobody had noticed before."""
    return _stopped(account, AccountState.EXPIRED, sentence)


def mark_not_allowed(account: Account, sentence: str) -> bool:
    """A permission is missing on the platform. True when nobody had noticed before."""
    return _stopped(account, AccountState.NOT_ALLOWED, sentence)


def mark_connected(account: Account) -> bool:
    """It works again. True when it did not before. A closed account stays closed."""
    return _moved(account, (AccountState.EXPIRED, AccountState.NOT_ALLOWED), AccountState.CONNECTED, None)


def keep_renewed(account: Account, login: Login, seen: datetime | None, box: Box) -> bool:
    """As `keep_login`, unless a person closed the account or signed in while the platform was being asked.

    `seen` is the account's `connected_at` from before the asking. False: what the person did stands.
    """
    if not _untouched_since(account, seen):
        return False
    keep_login(account, login, box)
    return True


def renewal_failed(account: Account, sentence: str, seen: datetime | None) -> bool:
    """As `mark_expired`, with the same regard for what a person did meanwhile as `keep_renewed`."""
    return _untouched_since(account, seen) and mark_expired(account, sentence)


def _untouched_since(account: Account, seen: datetime | None) -> bool:
    """Reads the row anew and keeps it to this transaction, so that it stays true until the commit."""
    db.session.execute(
        select(Account)
        .where(Account.id == account.id)
        .with_for_update(of=Account)
        .execution_options(populate_existing=True)
    ).scalar_one()
    return account.state != AccountState.CLOSED and account.connected_at == seen


def _stopped(account: Account, state: AccountState, sentence: str) -> bool:
    return _moved(account, (AccountState.CONNECTED,), state, sentence)


def _moved(account: Account, before: tuple[AccountState, ...], state: AccountState, sentence: str | None) -> bool:
    """Two workers may notice at once; one of them is told that it was the first."""
    first = db.session.scalar(
        update(Account)
        .where(Account.id == account.id, Account.state.in_(before))
        .values(state=state, problem=sentence)
        .returning(Account.id)
    )
    db.session.refresh(account, ["state", "problem"])
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
