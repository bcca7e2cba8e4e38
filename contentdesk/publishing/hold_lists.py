"""Reading holds: what each is called, which concern whom, which are over."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, or_, select
from sqlalchemy.orm import aliased, joinedload, selectinload

from contentdesk.campaigns.models import Campaign
from contentdesk.campaigns.queries import is_open
from contentdesk.kim.models import Kim
from contentdesk.lib import clock
from contentdesk.lib.db import db
from contentdesk.lib.errors import NotFound
from contentdesk.lib.i18n import N_
from contentdesk.lib.pages import Page, page_of
from contentdesk.posts.models import Post
from contentdesk.publishing.holds import Scope, scope_of
from contentdesk.publishing.models import Delivery, Hold, HoldPart
from contentdesk.publishing.states import HOLDABLE, HoldReason, HoldScope
from contentdesk.regions.models import Kecamatan, Kelurahan

WHOLE_CITY = N_("Seluruh kota")
REASONS: Mapping[str, str] = {
    HoldReason.DISASTER: N_("Bencana"),
    HoldReason.MOURNING: N_("Masa berkabung"),
    HoldReason.QUIET_DAYS: N_("Masa tenang pemilu"),
    HoldReason.OTHER: N_("Alasan lain"),
}


def check(scope: Scope) -> None:
    """Raises NotFound when there is no such KIM, kecamatan or campaign."""
    if _thing(scope) is None and scope.kind != HoldScope.CITY:
        raise NotFound()


def check_part(hold: Hold, part: Scope) -> None:
    """Raises NotFound for what is no smaller place within the hold. A campaign is a part of any place."""
    check(part)
    whole = scope_of(hold)
    inside = select(Kim.id).join(Kim.kelurahan).where(whole.has(Kim, Kelurahan), part.has(Kim, Kelurahan))
    fits = whole.kind == HoldScope.CITY or db.session.scalar(inside.limit(1)) is not None
    if whole.kind in {HoldScope.KIM, part.kind} or part.kind == HoldScope.CITY or not fits:
        raise NotFound()


def named(scope: Scope) -> str | list[str]:
    """As a notice and a page take it: a name, or a list that is translated."""
    thing = _thing(scope)
    return word(
        thing if isinstance(thing, Kim) else None,
        thing if isinstance(thing, Kecamatan) else None,
        thing if isinstance(thing, Campaign) else None,
    )


def _thing(scope: Scope) -> Kim | Kecamatan | Campaign | None:
    if scope.kim_id:
        return db.session.get(Kim, scope.kim_id)
    if scope.campaign_id:
        return db.session.get(Campaign, scope.campaign_id)
    return db.session.get(Kecamatan, scope.kecamatan_code) if scope.kecamatan_code else None


def word(kim: Kim | None, kecamatan: Kecamatan | None, campaign: Campaign | None = None) -> str | list[str]:
    if kim is not None:
        return kim.name
    if campaign is not None:
        return f"Kampanye {campaign.name}"
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


def campaigns() -> list[Campaign]:
    """That can be held: those that are not over, and those with something still to come."""
    planned = exists().where(Post.campaign_id == Campaign.id, Delivery.post_id == Post.id, Delivery.state.in_(HOLDABLE))
    query = select(Campaign).where(or_(is_open(clock.today()), planned))
    return list(db.session.scalars(query.order_by(Campaign.name, Campaign.id)))


def on_campaign(campaign_ids: Collection[str]) -> dict[str, Hold]:
    """The active hold of each campaign that has one of its own, with who placed it; of several the oldest."""
    query = select(Hold).where(Hold.campaign_id.in_(campaign_ids), Hold.released_at.is_(None)).options(*_WHO)
    rows = db.session.scalars(query.order_by(Hold.placed_at.desc(), Hold.id))
    return {str(hold.campaign_id): hold for hold in rows}


_WHO = (
    *(joinedload(Hold.kim), joinedload(Hold.kecamatan), joinedload(Hold.campaign)),
    *(joinedload(Hold.placer), joinedload(Hold.releaser)),
)
_PARTS = (
    selectinload(Hold.parts).options(
        *(joinedload(HoldPart.kim), joinedload(HoldPart.kecamatan), joinedload(HoldPart.campaign)),
        joinedload(HoldPart.releaser),
    ),
)


def _concerning(kim_id: str | None, *, still: bool = False) -> Select[Hold]:
    query = select(Hold).options(*_WHO)
    return query if kim_id is None else query.where(_reaches(kim_id, still=still))


def _reaches(kim_id: str, *, still: bool) -> ColumnElement[bool]:
    """`still`: not where the KIM was released already, and of a campaign only where it has a post in it. What was
    is for all to read: every KIM may take part.
    """
    kim, kelurahan, part = aliased(Kim), aliased(Kelurahan), aliased(HoldPart)
    where: list[Any] = [
        kim.id == kim_id,
        kelurahan.code == kim.kelurahan_code,
        or_(
            Hold.scope == HoldScope.CITY,
            Hold.kecamatan_code == kelurahan.kecamatan_code,
            Hold.kim_id == kim.id,
            exists().where(Post.kim_id == kim_id, Post.campaign_id == Hold.campaign_id)
            if still
            else Hold.scope == HoldScope.CAMPAIGN,
        ),
    ]
    if still:
        let_go = or_(part.kim_id == kim.id, part.kecamatan_code == kelurahan.kecamatan_code)
        where.append(~exists().where(part.hold_id == Hold.id, let_go))
    return exists().where(*where)
