"""Who may do what. Closed unless listed here.

A role has a permission everywhere, or only for things of its own KIM (`thing.kim_id`).
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from contentdesk.lib.errors import NotFound, NotPermitted


class Role(StrEnum):
    MEMBER = "anggota"
    CHAIR = "ketua"
    REVIEWER = "peninjau"
    JUDGE = "juri"
    ADMIN = "admin"


class Permission(StrEnum):
    OWN_ACCOUNT = "own_account"
    """Own settings, sessions, notices: everybody who is signed in."""
    POST_READ = "post_read"
    POST_WRITE = "post_write"
    POST_REVIEW = "post_review"
    POST_SCHEDULE = "post_schedule"
    POST_HOLD = "post_hold"
    """Holding what is planned, and releasing it."""
    TASK_DO = "task_do"
    """Publishing by hand and handing in the link."""
    FIGURES_ENTER = "figures_enter"
    FIGURES_READ = "figures_read"
    REPORT_READ = "report_read"
    UMKM_READ = "umkm_read"
    UMKM_WRITE = "umkm_write"
    CONSENT_WITHDRAW = "consent_withdraw"
    CAMPAIGN_READ = "campaign_read"
    CAMPAIGN_MANAGE = "campaign_manage"
    """Making, changing and ending campaigns of the city."""
    KIM_READ = "kim_read"
    KIM_MANAGE = "kim_manage"
    PEOPLE_READ = "people_read"
    PEOPLE_INVITE = "people_invite"
    PEOPLE_MANAGE = "people_manage"
    ACCOUNT_READ = "account_read"
    ACCOUNT_MANAGE = "account_manage"
    ENGINE_READ = "engine_read"
    """How the publishing engine is, of the whole city."""


P = Permission
_KIM_WORK = frozenset(
    {P.POST_READ, P.POST_WRITE, P.POST_SCHEDULE, P.TASK_DO, P.FIGURES_ENTER, P.FIGURES_READ}
    | {P.UMKM_READ, P.UMKM_WRITE, P.CONSENT_WITHDRAW, P.KIM_READ, P.ACCOUNT_READ, P.CAMPAIGN_READ}
)
_CITY_READS = frozenset(
    {P.POST_READ, P.FIGURES_READ, P.REPORT_READ, P.UMKM_READ, P.KIM_READ, P.ACCOUNT_READ, P.CAMPAIGN_READ}
)

OWN_KIM: dict[Role, frozenset[Permission]] = {
    Role.MEMBER: _KIM_WORK,
    Role.CHAIR: _KIM_WORK | {P.POST_HOLD, P.PEOPLE_READ, P.PEOPLE_INVITE, P.PEOPLE_MANAGE, P.ACCOUNT_MANAGE},
}
"""Only for things of the own KIM."""

EVERYWHERE: dict[Role, frozenset[Permission]] = {
    Role.MEMBER: frozenset({P.OWN_ACCOUNT}),
    Role.CHAIR: frozenset({P.OWN_ACCOUNT, P.REPORT_READ}),
    Role.REVIEWER: _CITY_READS
    | {P.OWN_ACCOUNT, P.POST_REVIEW, P.POST_SCHEDULE, P.POST_HOLD, P.CONSENT_WITHDRAW, P.TASK_DO, P.FIGURES_ENTER}
    | {P.CAMPAIGN_MANAGE},
    Role.JUDGE: frozenset({P.OWN_ACCOUNT}),
    Role.ADMIN: _CITY_READS
    | {P.OWN_ACCOUNT, P.POST_REVIEW, P.POST_SCHEDULE, P.POST_HOLD, P.CONSENT_WITHDRAW, P.TASK_DO, P.FIGURES_ENTER}
    | {P.UMKM_WRITE, P.KIM_MANAGE, P.PEOPLE_READ, P.PEOPLE_INVITE, P.PEOPLE_MANAGE, P.ACCOUNT_MANAGE, P.ENGINE_READ}
    | {P.CAMPAIGN_MANAGE},
}


class Actor(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def role(self) -> str: ...
    @property
    def kim_id(self) -> str | None: ...


class OfKim(Protocol):
    @property
    def kim_id(self) -> str | None: ...


@dataclass(frozen=True)
class Place:
    """For asking before there is a thing: the KIM it will belong to."""

    kim_id: str | None


def everywhere(actor: Actor, permission: Permission) -> bool:
    """Whether the role has the permission for things of every KIM."""
    return permission in EVERYWHERE[Role(actor.role)]


def somewhere(actor: Actor, permission: Permission) -> bool:
    """Whether the role has the permission at all, at least for its own KIM."""
    return everywhere(actor, permission) or (
        actor.kim_id is not None and permission in OWN_KIM.get(Role(actor.role), frozenset())
    )


def may(actor: Actor, permission: Permission, thing: OfKim | None = None) -> bool:
    if everywhere(actor, permission):
        return True
    if not somewhere(actor, permission):
        return False
    return thing is None or thing.kim_id == actor.kim_id


def allow(actor: Actor, permission: Permission, thing: OfKim | None = None) -> None:
    """Raises NotPermitted for the wrong role, NotFound for a thing of another KIM: that it exists stays unsaid."""
    if may(actor, permission, thing):
        return
    raise NotFound() if somewhere(actor, permission) else NotPermitted()


def scope(actor: Actor, permission: Permission) -> str | None:
    """For lists: None = every KIM, otherwise the id of the only KIM that may be listed."""
    if everywhere(actor, permission):
        return None
    allow(actor, permission)
    assert actor.kim_id is not None
    return actor.kim_id
