"""Reading businesses and what their owners agreed to."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from contentdesk.lib.db import db
from contentdesk.lib.errors import NotFound
from contentdesk.lib.pages import Page, page_of
from contentdesk.umkm.models import PUBLISHING_PURPOSES, Business, Consent, Purpose
from contentdesk.users.models import User


class Standing(StrEnum):
    """Whether a business may be written about."""

    READY = "siap"
    MISSING = "kurang"
    WITHDRAWN = "dicabut"


@dataclass(frozen=True)
class Filter:
    """What the list shows. `kim_id` None: of every KIM."""

    kim_id: str | None = None
    words: str = ""
    category: str = ""
    standing: Standing | None = None
    archived: bool = False


@dataclass(frozen=True)
class PurposeState:
    """One purpose on the record page."""

    purpose: Purpose
    in_force: Consent | None
    withdrawn: Consent | None
    """The last withdrawn one."""
    recorded_by: str = ""
    withdrawn_by: str = ""


def page_of_businesses(wanted: Filter, number: int) -> Page[Business]:
    """With kelurahan, KIM and consents, in a fixed number of queries."""
    query = (
        _matching(wanted)
        .options(joinedload(Business.kelurahan), joinedload(Business.kim), selectinload(Business.consents))
        .order_by(func.lower(Business.name), Business.id)
    )
    return page_of(query, number)


def counts(kim_id: str | None) -> dict[Standing, int]:
    """Businesses that are not archived, by standing; every standing is there."""
    word = case((may_be_published(), Standing.READY), (_was_withdrawn(), Standing.WITHDRAWN), else_=Standing.MISSING)
    each = _matching(Filter(kim_id=kim_id)).with_only_columns(word.label("word")).subquery()
    rows = db.session.execute(select(each.c.word, func.count()).group_by(each.c.word))
    found = {str(name): number for name, number in rows}
    return {standing: found.get(standing, 0) for standing in Standing}


def count_archived(kim_id: str | None) -> int:
    query = _matching(Filter(kim_id=kim_id, archived=True)).with_only_columns(func.count())
    return db.session.scalar(query) or 0


def get_business(business_id: str) -> Business:
    """With everything the record page shows."""
    query = (
        select(Business)
        .where(Business.id == business_id)
        .options(
            joinedload(Business.kelurahan),
            joinedload(Business.kim),
            selectinload(Business.products),
            selectinload(Business.consents),
        )
        .execution_options(populate_existing=True)
    )
    found = db.session.scalar(query)
    if found is None:
        raise NotFound()
    return found


def same_name(kim_id: str, name: str) -> Business | None:
    """A business of the KIM that is called so, small and capital letters apart."""
    return db.session.scalar(
        select(Business).where(Business.kim_id == kim_id, func.lower(Business.name) == name.lower()).limit(1)
    )


def publishable(kim_id: str) -> list[Business]:
    """What the KIM may write about now: not archived, both publishing purposes agreed to. With products."""
    query = (
        _matching(Filter(kim_id=kim_id, standing=Standing.READY))
        .options(joinedload(Business.kelurahan), selectinload(Business.products), selectinload(Business.consents))
        .order_by(func.lower(Business.name), Business.id)
    )
    return list(db.session.scalars(query))


def consented_ids(business_ids: Iterable[str]) -> set[str]:
    """Those of the given businesses whose owners agree to being published."""
    return set(db.session.scalars(select(Business.id).where(Business.id.in_(list(business_ids)), may_be_published())))


def standing(business: Business) -> Standing:
    """From loaded consents, so that a list needs no query for each row."""
    agreed = {consent.purpose for consent in business.consents if consent.withdrawn_at is None}
    if agreed.issuperset(PUBLISHING_PURPOSES):
        return Standing.READY
    asked = [consent for consent in business.consents if consent.purpose in PUBLISHING_PURPOSES]
    return Standing.WITHDRAWN if any(consent.withdrawn_at for consent in asked) else Standing.MISSING


def purpose_states(business: Business) -> list[PurposeState]:
    """Each purpose with who wrote it down and who withdrew it."""
    people = {consent.recorded_by for consent in business.consents}
    people |= {consent.withdrawn_by for consent in business.consents if consent.withdrawn_by}
    rows = db.session.execute(select(User.id, User.name).where(User.id.in_(people)))
    names = {row.id: row.name for row in rows}
    return [_state(purpose, business, names) for purpose in Purpose]


def _state(purpose: Purpose, business: Business, names: dict[str, str]) -> PurposeState:
    rows = [consent for consent in business.consents if consent.purpose == purpose]
    in_force = next((row for row in rows if row.withdrawn_at is None), None)
    gone = [(row.withdrawn_at, row) for row in rows if row.withdrawn_at]
    withdrawn = max(gone, key=lambda pair: pair[0])[1] if gone else None
    shown = in_force or withdrawn
    return PurposeState(
        purpose,
        in_force,
        withdrawn,
        recorded_by=names.get(shown.recorded_by, "") if shown else "",
        withdrawn_by=names.get(withdrawn.withdrawn_by or "", "") if withdrawn else "",
    )


def _matching(wanted: Filter) -> Select[Business]:
    query = select(Business).where(
        Business.archived_at.is_not(None) if wanted.archived else Business.archived_at.is_(None)
    )
    if wanted.kim_id is not None:
        query = query.where(Business.kim_id == wanted.kim_id)
    if wanted.category:
        query = query.where(Business.category == wanted.category)
    if wanted.standing:
        query = query.where(_stands(wanted.standing))
    for word in wanted.words.split():
        query = query.where(
            or_(
                Business.name.icontains(word, autoescape=True),
                Business.product_kind.icontains(word, autoescape=True),
            )
        )
    return query


def _stands(standing: Standing) -> ColumnElement[bool]:
    if standing is Standing.READY:
        return may_be_published()
    return and_(~may_be_published(), _was_withdrawn() if standing is Standing.WITHDRAWN else ~_was_withdrawn())


def may_be_published() -> ColumnElement[bool]:
    """Its owner agrees to both, the text and the pictures."""
    return and_(
        *(
            exists().where(
                Consent.business_id == Business.id, Consent.purpose == purpose, Consent.withdrawn_at.is_(None)
            )
            for purpose in PUBLISHING_PURPOSES
        )
    )


def _was_withdrawn() -> ColumnElement[bool]:
    return exists().where(
        Consent.business_id == Business.id,
        Consent.purpose.in_(PUBLISHING_PURPOSES),
        Consent.withdrawn_at.is_not(None),
    )
