"""Campaigns of the practice: one that is over, one that runs, one to come."""

from datetime import date, timedelta

from sqlalchemy import select, update

from contentdesk.campaigns.models import Campaign
from contentdesk.demo.crew import Crew, keep
from contentdesk.lib import clock
from contentdesk.lib.db import db
from contentdesk.posts.models import Post

EACH = 3
"""Every so-manyth post of its days is in the campaign."""


def write(crew: Crew) -> None:
    """Posts that are there belong to the one in whose days they were to go out."""
    today = clock.today()
    over = _campaign(crew, "Pekan Oleh-oleh Malang", today - timedelta(days=60), today - timedelta(days=32))
    over.about, over.tag = "Oleh-oleh dari tiap kelurahan: apa, dari siapa, di mana membelinya.", "#OlehOlehMalang"
    runs = _campaign(crew, "Belanja di Kampung Sendiri", today - timedelta(days=24), today + timedelta(days=31))
    runs.about = "Kenalkan satu usaha di kelurahan Anda: harganya, jam bukanya, dan cara memesannya."
    runs.tag = "#BelanjaKampung"
    comes = _campaign(crew, "Kampung Tanpa Plastik", today + timedelta(days=40), today + timedelta(days=70))
    comes.about = "Usaha yang membungkus tanpa plastik, dan warga yang membawa tas sendiri."
    keep(over, runs, comes)
    for campaign in (over, runs):
        _fill(campaign)


def _campaign(crew: Crew, name: str, first: date, last: date) -> Campaign:
    created_at = clock.now() - (clock.today() - first) - timedelta(days=7)
    made = {"made_by": crew.reviewer.id, "created_at": min(created_at, clock.now())}
    return Campaign(name=name, first_day=first, last_day=last, **made)


def _fill(campaign: Campaign) -> None:
    rows = db.session.execute(
        select(Post.id, Post.proposed_at).where(Post.proposed_at.is_not(None)).order_by(Post.proposed_at, Post.id)
    )
    within = [
        post_id for post_id, at in rows if at and campaign.first_day <= clock.to_wib(at).date() <= campaign.last_day
    ]
    db.session.execute(update(Post).where(Post.id.in_(within[::EACH])).values(campaign_id=campaign.id))
