"""Keeping campaigns: what reviewers and admins of the city do."""

from dataclasses import asdict, dataclass
from datetime import date

from contentdesk.access.permissions import Actor, Permission, allow
from contentdesk.audit import services as audit
from contentdesk.campaigns import queries
from contentdesk.campaigns.models import Campaign
from contentdesk.campaigns.queries import Standing
from contentdesk.lib import clock
from contentdesk.lib.db import db
from contentdesk.lib.errors import Conflict, DomainError
from contentdesk.lib.i18n import N_

TAKEN = N_("Sudah ada kampanye dengan nama itu yang belum berakhir. Pakai nama lain.")
PAST = N_("Hari terakhirnya sudah lewat. Ubah dulu tanggalnya, lalu buka lagi.")
BACKWARDS = N_("Hari terakhir jatuh sebelum hari pertama.")


@dataclass(frozen=True)
class CampaignFacts:
    """What people write down about a campaign."""

    name: str
    about: str
    first_day: date
    last_day: date
    tag: str = ""


def create_campaign(actor: Actor, facts: CampaignFacts) -> Campaign:
    """A form sent twice makes one campaign."""
    allow(actor, Permission.CAMPAIGN_MANAGE)
    _check(facts)
    there = queries.open_named(facts.name, clock.today())
    if there is not None:
        if _facts_of(there) == facts and there.made_by == actor.id:
            return there
        raise DomainError(TAKEN)
    campaign = Campaign(**asdict(facts), made_by=actor.id)
    db.session.add(campaign)
    db.session.flush()
    audit.record(actor, "campaign.create", "campaign", campaign.id)
    return campaign


def change_campaign(actor: Actor, campaign: Campaign, facts: CampaignFacts) -> None:
    """Posts in it stay in it, whatever its days are."""
    allow(actor, Permission.CAMPAIGN_MANAGE)
    _check(facts)
    there = queries.open_named(facts.name, clock.today())
    if there is not None and there.id != campaign.id and facts.name.lower() != campaign.name.lower():
        raise DomainError(TAKEN)
    changed = [name for name, value in asdict(facts).items() if getattr(campaign, name) != value]
    for name in changed:
        setattr(campaign, name, getattr(facts, name))
    if changed:
        audit.record(actor, "campaign.change", "campaign", campaign.id, fields=changed)


def end_campaign(actor: Actor, campaign: Campaign) -> None:
    """No post is put into it any more. Those in it stay, and what is planned goes out as planned."""
    allow(actor, Permission.CAMPAIGN_MANAGE)
    if queries.standing(campaign) != Standing.ENDED:
        campaign.ended_at = clock.now()
        audit.record(actor, "campaign.end", "campaign", campaign.id)


def reopen_campaign(actor: Actor, campaign: Campaign) -> None:
    """Of one that a person ended. Raises Conflict when its last day is over as well."""
    allow(actor, Permission.CAMPAIGN_MANAGE)
    if campaign.last_day < clock.today():
        raise Conflict(PAST)
    if campaign.ended_at is not None:
        campaign.ended_at = None
        audit.record(actor, "campaign.reopen", "campaign", campaign.id)


def _check(facts: CampaignFacts) -> None:
    if facts.last_day < facts.first_day:
        raise DomainError(BACKWARDS)


def _facts_of(campaign: Campaign) -> CampaignFacts:
    return CampaignFacts(campaign.name, campaign.about, campaign.first_day, campaign.last_day, campaign.tag)
