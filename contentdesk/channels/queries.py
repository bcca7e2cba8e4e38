"""Reading accounts and how they are."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import joinedload

from contentdesk.channels import registry
from contentdesk.channels.models import STOPPED, Account, AccountState
from contentdesk.kim.models import Kim
from contentdesk.lib import clock
from contentdesk.lib.db import db
from contentdesk.lib.errors import NotFound
from contentdesk.lib.pages import Page, page_of

ENDS_SOON = timedelta(days=10)
READING_ENDS_SOON = timedelta(days=14)


class Health(StrEnum):
    """Sorted: what needs a person comes first."""

    BROKEN = "1_broken"
    NOT_ALLOWED = "2_not_allowed"
    ENDS_SOON = "3_ends_soon"
    WELL = "4_well"
    BY_HAND = "5_by_hand"


NEEDS_CARE = (Health.BROKEN, Health.NOT_ALLOWED, Health.ENDS_SOON)


@dataclass(frozen=True)
class Filter:
    """`kim_id` None: accounts of every KIM; otherwise the KIM's own and the city's."""

    kim_id: str | None = None
    kind: str = ""
    needs_care: bool = False


@dataclass(frozen=True)
class Counts:
    health: Mapping[Health, int]
    kinds: Mapping[str, int]

    @property
    def all(self) -> int:
        return sum(self.health.values())

    @property
    def needing_care(self) -> int:
        return sum(self.health.get(each, 0) for each in NEEDS_CARE)


def get_account(account_id: str) -> Account:
    found = db.session.scalar(select(Account).where(Account.id == account_id).options(joinedload(Account.kim)))
    if found is None:
        raise NotFound()
    return found


def usable_accounts(kim_id: str) -> list[Account]:
    """What the KIM may publish on: its own accounts and the city's that are not closed.

    Those that have to be connected again are among them: their posts wait.
    """
    query = _visible(kim_id).order_by(Account.kim_id.is_(None), Account.kind, Account.handle)
    return list(db.session.scalars(query))


def page_of_accounts(wanted: Filter, number: int) -> Page[Account]:
    """Broken ones first, with their KIM, in a fixed number of queries."""
    query = _visible(wanted.kim_id).outerjoin(Kim, Kim.id == Account.kim_id)
    if wanted.kind:
        query = query.where(Account.kind == wanted.kind)
    if wanted.needs_care:
        query = query.where(_health().in_(NEEDS_CARE))
    return page_of(query.order_by(_health(), Kim.name, Account.handle, Account.id), number)


def counts(kim_id: str | None) -> Counts:
    inner = _visible(kim_id).with_only_columns(_health().label("health"), Account.kind).subquery()
    rows = db.session.execute(select(inner.c.health, inner.c.kind, func.count()).group_by(inner.c.health, inner.c.kind))
    health: dict[Health, int] = {}
    kinds: dict[str, int] = {}
    for word, kind, number in rows:
        health[Health(word)] = health.get(Health(word), 0) + number
        kinds[kind] = kinds.get(kind, 0) + number
    return Counts(health, kinds)


def published_by_hand(account: Account) -> bool:
    """Whether a member posts: the platform has no way in, or the account was added so."""
    return account.by_hand or registry.is_by_hand(account.kind)


def ends_at(account: Account) -> datetime | None:
    """When a person has to sign in again: with a refresh token, when that one ends. None: at no known time."""
    return account.refresh_expires_at if account.refresh_sealed else account.token_expires_at


def stopped_since(account: Account, now: datetime) -> datetime | None:
    """Since when a person has to act before anything goes out on it; None: it works, as far as anybody knows."""
    if account.state in STOPPED:
        return account.stopped_at or account.renewed_at or account.connected_at or now
    ends = ends_at(account)
    return ends if account.state == AccountState.CONNECTED and not account.by_hand and _over(ends, now) else None


def lacks_permission(account: Account) -> bool:
    """Why it stopped: a permission is missing, the login itself is good."""
    return account.state == AccountState.NOT_ALLOWED


def has_stopped(now: datetime) -> ColumnElement[bool]:
    """As `stopped_since`."""
    ended = and_(Account.state == AccountState.CONNECTED, Account.by_hand.is_(False), _ends_by(now))
    return or_(Account.state.in_(STOPPED), ended)


def stopped_count(now: datetime) -> int:
    """Of every KIM and the city."""
    return db.session.scalar(select(func.count(Account.id)).where(has_stopped(now))) or 0


def stopped(now: datetime, limit: int) -> list[Account]:
    """Of every KIM and the city, with their KIM."""
    query = select(Account).where(has_stopped(now)).options(joinedload(Account.kim))
    return list(db.session.scalars(query.order_by(Account.kind, Account.handle).limit(limit)))


def health(account: Account, now: datetime | None = None) -> Health:
    """The same as the list sorts by."""
    now = now or clock.now()
    if account.state == AccountState.NOT_ALLOWED:
        return Health.NOT_ALLOWED
    if account.state != AccountState.CONNECTED:
        return Health.BROKEN
    if published_by_hand(account):
        return Health.BY_HAND
    if account.token_sealed is None or _over(ends_at(account), now):
        return Health.BROKEN
    soon = _over(ends_at(account), now + ENDS_SOON) or _over(account.access_ends_at, now + READING_ENDS_SOON)
    return Health.ENDS_SOON if soon else Health.WELL


def reading_ends(account: Account, now: datetime | None = None) -> datetime | None:
    """When the right to read ends or ended, where that is soon and comes before the end of the login."""
    now, ends = now or clock.now(), account.access_ends_at
    login_ends = ends_at(account)
    if ends is None or not _over(ends, now + READING_ENDS_SOON) or (login_ends is not None and login_ends < ends):
        return None
    return ends


def find_account(kind: str, external_id: str) -> Account | None:
    return db.session.scalar(select(Account).where(Account.kind == kind, Account.external_id == external_id))


def same_handle(kind: str, handle: str) -> Account | None:
    """An account of the platform that is called so and is not closed."""
    return db.session.scalar(
        select(Account).where(
            Account.kind == kind,
            func.lower(Account.handle) == handle.lower(),
            Account.state != AccountState.CLOSED,
        )
    )


def _visible(kim_id: str | None) -> Select[Account]:
    query = select(Account).where(Account.state != AccountState.CLOSED).options(joinedload(Account.kim))
    if kim_id is not None:
        query = query.where(or_(Account.kim_id == kim_id, Account.kim_id.is_(None)))
    return query


def _health() -> ColumnElement[str]:
    now = clock.now()
    by_hand_kinds = [kind for kind in registry.KINDS if registry.is_by_hand(kind)]
    return case(
        (Account.state == AccountState.NOT_ALLOWED, Health.NOT_ALLOWED),
        (Account.state != AccountState.CONNECTED, Health.BROKEN),
        (or_(Account.by_hand, Account.kind.in_(by_hand_kinds)), Health.BY_HAND),
        (or_(Account.token_sealed.is_(None), _ends_by(now)), Health.BROKEN),
        (_ends_by(now + ENDS_SOON), Health.ENDS_SOON),
        (Account.access_ends_at <= now + READING_ENDS_SOON, Health.ENDS_SOON),
        else_=Health.WELL,
    )


def _ends_by(moment: datetime) -> ColumnElement[bool]:
    """As `ends_at`."""
    ends = case((Account.refresh_sealed.is_not(None), Account.refresh_expires_at), else_=Account.token_expires_at)
    return and_(ends.is_not(None), ends <= moment)


def _over(ends: datetime | None, moment: datetime) -> bool:
    return ends is not None and ends <= moment
