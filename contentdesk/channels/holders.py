"""Who can sign in to an account on its platform. With one person alone it is lost when that person is away."""

from collections.abc import Collection, Mapping

from sqlalchemy import ColumnElement, and_, delete, func, or_, select

from contentdesk.access.permissions import Actor, Permission, Role, allow
from contentdesk.audit import services as audit
from contentdesk.channels.models import Account, AccountHolder, AccountState
from contentdesk.lib.db import db
from contentdesk.lib.errors import DomainError, NotFound
from contentdesk.lib.i18n import N_
from contentdesk.notices.services import tell
from contentdesk.users.models import User

ENOUGH = 2
LOST = N_("Akun %(handle)s terputus. Unggahan menunggu, tidak ada yang hilang. Sambungkan lagi.")
STOPPED = N_(
    "Akun %(handle)s tertahan. Unggahan menunggu, tidak ada yang hilang. Buka halaman akunnya untuk melihat apa yang "
    "perlu dilakukan."
)
LAST_ONE = N_("Akun ini perlu paling sedikit satu pemegang. Tambahkan orang lain dulu. Tidak ada yang berubah.")


def hold(account: Account, user_id: str) -> None:
    """Writes down that somebody holds the account. A second time changes nothing."""
    db.session.flush()
    if db.session.get(AccountHolder, (account.id, user_id)) is None:
        db.session.add(AccountHolder(account_id=account.id, user_id=user_id))
        db.session.flush()


def add(actor: Actor, account: Account, user_id: str) -> User:
    """One more person who can sign in to it, out of those who may manage it."""
    allow(actor, Permission.ACCOUNT_MANAGE, account)
    found = db.session.scalar(select(User).where(User.id == user_id, _may_manage(account)))
    if found is None:
        raise NotFound(N_("Orang ini tidak boleh memegang akun ini. Tidak ada yang berubah."))
    hold(account, found.id)
    audit.record(actor, "account.holder_add", "account", account.id, user=found.id)
    return found


def remove(actor: Actor, account: Account, user_id: str) -> None:
    """Somebody can no longer sign in to it. The last one stays."""
    allow(actor, Permission.ACCOUNT_MANAGE, account)
    if not [person for person in of(account) if person.id != user_id]:
        raise DomainError(LAST_ONE)
    mine = (AccountHolder.account_id == account.id, AccountHolder.user_id == user_id)
    if db.session.scalar(delete(AccountHolder).where(*mine).returning(AccountHolder.user_id)):
        audit.record(actor, "account.holder_remove", "account", account.id, user=user_id)


def of(account: Account) -> list[User]:
    """Who holds it and still may, by name."""
    query = select(User).join(AccountHolder, AccountHolder.user_id == User.id)
    query = query.where(AccountHolder.account_id == account.id, _may_manage(account)).order_by(User.name, User.id)
    return list(db.session.scalars(query))


def candidates(account: Account) -> list[User]:
    """Who may be added, by name."""
    held = select(AccountHolder.user_id).where(AccountHolder.account_id == account.id)
    query = select(User).where(_may_manage(account), User.id.not_in(held)).order_by(User.name, User.id)
    return list(db.session.scalars(query))


def counts(account_ids: Collection[str]) -> Mapping[str, int]:
    """How many hold each account and still may, in one query."""
    query = (
        select(Account.id, func.count(User.id))
        .join(AccountHolder, AccountHolder.account_id == Account.id)
        .join(User, User.id == AccountHolder.user_id)
        .where(Account.id.in_(account_ids), User.disabled_at.is_(None), _manages(Account.kim_id))
        .group_by(Account.id)
    )
    return dict(db.session.execute(query).tuples().all())


def people(account: Account) -> list[str]:
    """Ids of the holders; of everybody who may manage the account when nobody holds it any more."""
    return [person.id for person in of(account)] or [person.id for person in candidates(account)]


def is_one_of_people(account: Account) -> ColumnElement[bool]:
    """As `people`, for a query about users."""
    here = select(AccountHolder.user_id).where(AccountHolder.account_id == account.id)
    held = here.join(User, User.id == AccountHolder.user_id).where(_may_manage(account))
    return and_(_may_manage(account), or_(User.id.in_(held), ~held.exists()))


def tell_lost(account: Account) -> None:
    """What to do stands on the account's page: where a permission is missing, signing in again may not be all."""
    sentence = STOPPED if account.state == AccountState.NOT_ALLOWED else LOST
    tell(people(account), sentence, f"/akun/{account.id}", handle=account.handle)


def _may_manage(account: Account) -> ColumnElement[bool]:
    return and_(User.disabled_at.is_(None), _manages(account.kim_id))


def _manages(kim_id: object) -> ColumnElement[bool]:
    """The same people as `Permission.ACCOUNT_MANAGE` names: a test holds them together."""
    own = and_(User.role == Role.CHAIR, User.kim_id == kim_id)
    return or_(User.role == Role.ADMIN, own if kim_id is not None else User.id.in_(()))


def who_connected(account: Account) -> str:
    """Their name; empty for an account that nobody here signed in to."""
    return db.session.scalar(select(User.name).where(User.id == account.connected_by)) or ""
