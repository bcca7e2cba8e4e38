"""Reading KIM groups and how far they cover the city."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from contentdesk.access.permissions import Actor
from contentdesk.kim.models import Kim
from contentdesk.lib.db import db
from contentdesk.regions import queries as regions
from contentdesk.regions.models import Kecamatan, Kelurahan


def covered_codes() -> set[str]:
    """Codes of the kelurahan that have a KIM at work."""
    return set(db.session.scalars(select(Kim.kelurahan_code).where(Kim.closed_at.is_(None))))


def get_kim(kim_id: str) -> Kim | None:
    """With the kelurahan and its kecamatan."""
    return db.session.scalar(
        select(Kim).where(Kim.id == kim_id).options(joinedload(Kim.kelurahan).joinedload(Kelurahan.kecamatan))
    )


def open_kims() -> list[Kim]:
    """All KIM at work, with their kelurahan, by name."""
    return list(
        db.session.scalars(
            select(Kim).where(Kim.closed_at.is_(None)).options(joinedload(Kim.kelurahan)).order_by(Kim.name)
        )
    )


def choices(actor: Actor) -> list[tuple[str, str]]:
    """(id, name with kelurahan) of the KIM somebody may choose from: their own, or all of them."""
    kims = [kim for kim in open_kims() if actor.kim_id in {None, kim.id}]
    return [(kim.id, f"{kim.name} ({kim.kelurahan.name})") for kim in kims]


@dataclass(frozen=True)
class Line:
    """A kelurahan and its KIM, closed ones last."""

    kelurahan: Kelurahan
    kims: list[Kim]

    @property
    def is_covered(self) -> bool:
        return any(kim.closed_at is None for kim in self.kims)


@dataclass(frozen=True)
class Coverage:
    """How far the KIM of a kecamatan cover its kelurahan."""

    kecamatan: Kecamatan
    lines: list[Line]

    @property
    def covered(self) -> int:
        return len([line for line in self.lines if line.is_covered])

    @property
    def missing(self) -> int:
        return len(self.lines) - self.covered


def coverage() -> list[Coverage]:
    """Every kelurahan with its KIM, by kecamatan, in two queries."""
    by_code: dict[str, list[Kim]] = {}
    for kim in db.session.scalars(select(Kim).order_by(Kim.closed_at.is_not(None), Kim.name)):
        by_code.setdefault(kim.kelurahan_code, []).append(kim)
    found: dict[str, Coverage] = {}
    for kelurahan in regions.all_kelurahan():
        group = found.setdefault(kelurahan.kecamatan_code, Coverage(kelurahan.kecamatan, []))
        group.lines.append(Line(kelurahan, by_code.get(kelurahan.code, [])))
    return list(found.values())
