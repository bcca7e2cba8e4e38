"""Reading holds: what each is called, which concern whom, which are over."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, or_, select
from sqlalchemy.orm import aliased, joinedload, selectinload

from contentdesk.kim.models import Kim
from contentdesk.lib.db import db
from contentdesk.lib.errors import NotFound
from contentdesk.lib.i18n import N_
from contentdesk.lib.pages import Page, page_of
from contentdesk.publishing.holds import Scope, scope_of
from contentdesk.publishing.models import Hold, HoldPart
from contentdesk.publishing.states import HoldReason, HoldScope
from contentdesk.regions.models import Kecamatan, Kelurahan

WHOLE_CITY = N_("Seluruh kota")
REASONS: Mapping[str, str] = {
    HoldReason.DISASTER: N_("Bencana"),
    HoldReason.MOURNING: N_("Masa berkabung"),
    HoldReason.QUIET_DAYS: N_("Masa tenang pemilu"),
    HoldReason.OTHER: N_("Alasan lain"),
}


def check(scope: Scope) -> None:
    """Raises NotFound when there is no such KIM or kecamatan."""
    if _thing(scope) is None and scope.kind != HoldScope.CITY:
        raise NotFound()


def check_part(hold: Hold, part: Scope) -> None:
    """Raises NotFound for what is no smaller place within the hold."""
    check(part)
    whole = scope_of(hold)
    inside = select(Kim.id).join(Kim.kelurahan).where(whole.has(Kim, Kelurahan), part.has(Kim, Kelurahan))
    fits = whole.kind == HoldScope.CITY or db.session.scalar(inside.limit(1)) is not None
    if whole.kind == HoldScope.KIM or part.kind == HoldScope.CITY or whole == part or not fits:
        raise NotFound()


def named(scope: Scope) -> str | list[str]:
    """As a notice and a page take it: a name, or a list that is translated."""
    thing = _thing(scope)
    return word(thing if isinstance(thing, Kim) else None, thing if isinstance(thing, Kecamatan) else None)


def _thing(scope: Scope) -> Kim | Kecamatan | None:
    if scope.kim_id:
        return db.session.get(Kim, scope.kim_id)
    return db.session.get(Kecamatan, scope.kecamatan_code) if scope.kecamatan_code else None


def word(kim: Kim | None, kecamatan: Kecamatan | None) -> str | list[str]:
    if kim is not None:
        return kim.name
    if kecamatan is None:
        return [WHOLE_CITY]
    return kecamatan.name if kecamatan.name.startswith("Kecamatan") else f"Kecamatan {kecamatan.name}"


def get(hold_id: str, kim_id: str | None = None) -> Hold:
    """With all its page shows. `kim_id`: only one that concerns this KIM. Raises NotFound."""
    query = _concerning(kim_id).where(Hold.id == hold_id).options(*_PARTS)
    found = db.session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise NotFound()
    return found


def active(kim_id: str | None = None) -> list[Hold]:
    """Those in force, the widest and oldest first. `kim_id` None: all; otherwise what holds this KIM now."""
    query = _concerning(kim_id, still=True).where(Hold.released_at.is_(None))
    return list(db.session.scalars(query.order_by(Hold.by_city.desc(), Hold.placed_at, Hold.id)))


def over(kim_id: str | None, number: int) -> Page[Hold]:
    """Those released, the last first."""
    return page_of(_concerning(kim_id).where(Hold.released_at.is_not(None)).order_by(Hold.released_at.desc()), number)


_WHO = (joinedload(Hold.kim), joinedload(Hold.kecamatan), joinedload(Hold.placer), joinedload(Hold.releaser))
_PARTS = (
    selectinload(Hold.parts).options(
        joinedload(HoldPart.kim), joinedload(HoldPart.kecamatan), joinedload(HoldPart.releaser)
    ),
)


def _concerning(kim_id: str | None, *, still: bool = False) -> Select[Hold]:
    query = select(Hold).options(*_WHO)
    return query if kim_id is None else query.where(_reaches(kim_id, still=still))


def _reaches(kim_id: str, *, still: bool) -> ColumnElement[bool]:
    """`still`: not where the KIM was released already."""
    kim, kelurahan, part = aliased(Kim), aliased(Kelurahan), aliased(HoldPart)
    where: list[Any] = [
        kim.id == kim_id,
        kelurahan.code == kim.kelurahan_code,
        or_(Hold.scope == HoldScope.CITY, Hold.kecamatan_code == kelurahan.kecamatan_code, Hold.kim_id == kim.id),
    ]
    if still:
        let_go = or_(part.kim_id == kim.id, part.kecamatan_code == kelurahan.kecamatan_code)
        where.append(~exists().where(part.hold_id == Hold.id, let_go))
    return exists().where(*where)
