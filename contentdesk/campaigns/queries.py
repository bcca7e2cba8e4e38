"""Reading campaigns: which there are, and how each stands today."""

from datetime import date
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import joinedload

from contentdesk.campaigns.models import Campaign
from contentdesk.lib import clock
from contentdesk.lib.db import db
from contentdesk.lib.errors import NotFound
from contentdesk.lib.pages import Page, page_of


class Standing(StrEnum):
    RUNNING = "running"
    COMING = "coming"
    ENDED = "ended"


def standing(campaign: Campaign, today: date | None = None) -> Standing:
    today = today or clock.today()
    if campaign.ended_at is not None or campaign.last_day < today:
        return Standing.ENDED
    return Standing.COMING if campaign.first_day > today else Standing.RUNNING


def get_campaign(campaign_id: str) -> Campaign:
    """With who made it. Raises NotFound."""
    query = select(Campaign).where(Campaign.id == campaign_id).options(joinedload(Campaign.maker))
    found = db.session.scalar(query.execution_options(populate_existing=True))
    if found is None:
        raise NotFound()
    return found


def is_open(today: date) -> ColumnElement[bool]:
    """Running or still to come."""
    return and_(Campaign.ended_at.is_(None), Campaign.last_day >= today)


def open_campaigns() -> list[Campaign]:
    """Those that posts may be put into: running ones by their end, then those to come. One writes ahead."""
    today = clock.today()
    coming = Campaign.first_day > today
    query = select(Campaign).where(is_open(today)).order_by(coming, Campaign.last_day, Campaign.name, Campaign.id)
    return list(db.session.scalars(query))


def over(number: int) -> Page[Campaign]:
    """Those that are over, the last first."""
    query = select(Campaign).where(~is_open(clock.today())).order_by(Campaign.last_day.desc(), Campaign.id)
    return page_of(query, number)


def open_named(name: str, today: date) -> Campaign | None:
    """The one that is not over and has this name, however it is written."""
    same = func.lower(Campaign.name) == name.lower()
    return db.session.scalar(select(Campaign).where(same, is_open(today)).limit(1))
