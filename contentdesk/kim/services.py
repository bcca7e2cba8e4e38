"""Keeping KIM groups: what the city's admins do."""

from dataclasses import asdict, dataclass
from datetime import date

from contentdesk.access.permissions import Actor, Permission, allow
from contentdesk.audit import services as audit
from contentdesk.kim.models import Kim
from contentdesk.lib import clock
from contentdesk.lib.db import db
from contentdesk.lib.errors import DomainError
from contentdesk.lib.i18n import N_
from contentdesk.regions import queries as regions


@dataclass(frozen=True)
class KimFacts:
    """What is written down about a KIM. Everything but name and kelurahan may be unknown."""

    name: str
    kelurahan_code: str
    decree_number: str | None = None
    decree_date: date | None = None
    decree_by: str | None = None
    term_until: date | None = None
    kim_id_url: str | None = None


def create_kim(actor: Actor, facts: KimFacts) -> Kim:
    allow(actor, Permission.KIM_MANAGE)
    _check(facts)
    kim = Kim(**asdict(facts))
    db.session.add(kim)
    db.session.flush()
    audit.record(actor, "kim.create", "kim", kim.id, kelurahan=kim.kelurahan_code)
    return kim


def change_kim(actor: Actor, kim: Kim, facts: KimFacts) -> None:
    allow(actor, Permission.KIM_MANAGE)
    _check(facts)
    changed = [name for name, value in asdict(facts).items() if getattr(kim, name) != value]
    for name in changed:
        setattr(kim, name, getattr(facts, name))
    if changed:
        audit.record(actor, "kim.change", "kim", kim.id, fields=changed)


def _check(facts: KimFacts) -> None:
    if regions.kelurahan_by_code(facts.kelurahan_code) is None:
        raise DomainError(N_("Pilih kelurahan dari daftar."))


def close_kim(actor: Actor, kim: Kim) -> None:
    """It no longer counts for the coverage. Its people, posts and figures stay."""
    allow(actor, Permission.KIM_MANAGE)
    if kim.closed_at is None:
        kim.closed_at = clock.now()
        audit.record(actor, "kim.close", "kim", kim.id)


def reopen_kim(actor: Actor, kim: Kim) -> None:
    allow(actor, Permission.KIM_MANAGE)
    if kim.closed_at is not None:
        kim.closed_at = None
        audit.record(actor, "kim.reopen", "kim", kim.id)
