"""The campaign a post is in. It is no part of the text: choosing another makes no revision and asks for no review."""

from dataclasses import dataclass

from contentdesk.access.permissions import Actor, Permission, allow, may
from contentdesk.audit import services as audit
from contentdesk.campaigns import queries
from contentdesk.campaigns.models import Campaign
from contentdesk.campaigns.queries import Standing, standing
from contentdesk.lib import clock
from contentdesk.lib.db import db
from contentdesk.lib.errors import Conflict, DomainError, NotFound
from contentdesk.lib.i18n import N_
from contentdesk.posts.content import Content
from contentdesk.posts.models import Post
from contentdesk.posts.states import PostState

OVER = N_("Kampanye %(name)s sudah berakhir, jadi belum ada yang disimpan. Pilih kampanye lain, atau kosongkan.")
PLANNED = N_("Unggahan ini sudah dijadwalkan. Kampanyenya diganti di halaman unggahan, bukan di sini.")
ARCHIVED = N_("Unggahan ini sudah diarsipkan, jadi kampanyenya tetap.")


@dataclass(frozen=True)
class Choice:
    campaign: Campaign
    standing: Standing
    chosen: bool


def offered(chosen: str | None) -> list[Choice]:
    """Campaigns that are not over, and the chosen one whatever it is."""
    there = queries.open_campaigns()
    if chosen and chosen not in {one.id for one in there}:
        there += [one for one in (db.session.get(Campaign, chosen),) if one]
    return [Choice(one, standing(one), one.id == chosen) for one in there]


def may_choose(actor: Actor, post: Post) -> bool:
    """Who writes for its KIM, and reviewers."""
    mine = may(actor, Permission.POST_WRITE, post) or may(actor, Permission.POST_REVIEW, post)
    return mine and post.state != PostState.ARCHIVED


def choose(actor: Actor, post: Post, campaign_id: str | None) -> bool:
    """Whether it is in another one now. Needs the post's row locked. What is planned may be held, or free, by it:
    `publishing.campaigning.move` sees to that.
    """
    if not may(actor, Permission.POST_REVIEW, post):
        allow(actor, Permission.POST_WRITE, post)
    if post.campaign_id == campaign_id:
        return False
    if post.state == PostState.ARCHIVED:
        raise Conflict(ARCHIVED)
    left, entered = _named(post.campaign_id), _open(campaign_id)
    post.campaign_id, post.updated_at = campaign_id, clock.now()
    campaign = entered or left
    if campaign is not None:
        act = "posts.join_campaign" if entered else "posts.leave_campaign"
        audit.record(actor, act, "post", post.id, campaign=campaign.id, name=campaign.name)
    return True


def choose_while_writing(actor: Actor, post: Post, content: Content) -> None:
    """As the form has it, if the person changed it there: what others chose meanwhile stays."""
    if content.campaign_id == content.campaign_was:
        return
    if post.state == PostState.SCHEDULED and content.campaign_id != post.campaign_id:
        raise Conflict(PLANNED)
    choose(actor, post, content.campaign_id)


def _named(campaign_id: str | None) -> Campaign | None:
    return db.session.get(Campaign, campaign_id) if campaign_id else None


def _open(campaign_id: str | None) -> Campaign | None:
    campaign = _named(campaign_id)
    if campaign_id and campaign is None:
        raise NotFound()
    if campaign is not None and standing(campaign) == Standing.ENDED:
        raise DomainError(OVER, name=campaign.name)
    return campaign
