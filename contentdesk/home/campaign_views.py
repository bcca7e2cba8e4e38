"""Pages of campaigns that show posts and figures. Making and ending one is in `campaigns`."""

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from contentdesk.access.guards import needs
from contentdesk.access.permissions import Permission, everywhere, may, scope
from contentdesk.campaigns import queries
from contentdesk.campaigns.queries import Standing
from contentdesk.campaigns.views import blueprint
from contentdesk.home import campaigns as work
from contentdesk.home import lines
from contentdesk.lib import clock
from contentdesk.posts.queries import first_photos
from contentdesk.publishing import hold_lists, hold_wording
from contentdesk.regions.queries import tiles


@blueprint.get("/kampanye")
@needs(Permission.CAMPAIGN_READ)
def campaigns() -> ResponseReturnValue:
    own = scope(current_user, Permission.POST_READ)
    ahead, over = queries.open_campaigns(), queries.over(request.args.get("halaman", 1, int))
    now = [one for one in ahead if queries.standing(one) == Standing.RUNNING]
    shown = [one.id for one in (*ahead, *over.rows)]
    return render_template(
        "campaigns/campaigns.html",
        running=now,
        coming=[one for one in ahead if one not in now],
        over=over,
        counts=work.counts(shown, own),
        held=hold_lists.on_campaign(shown),
        may_manage=may(current_user, Permission.CAMPAIGN_MANAGE),
        own=own,
        tiles=[] if ahead or over.rows else tiles(),
    )


@blueprint.get("/kampanye/<campaign_id>")
@needs(Permission.CAMPAIGN_READ)
def campaign(campaign_id: str) -> ResponseReturnValue:
    own = scope(current_user, Permission.POST_READ)
    found = queries.get_campaign(campaign_id)
    page = work.page_of_posts(campaign_id, own, request.args.get("halaman", 1, int))
    there = queries.standing(found)
    hold = hold_lists.on_campaign([campaign_id]).get(campaign_id)
    return render_template(
        "campaigns/campaign.html",
        campaign=found,
        standing=there,
        page=page,
        lines=lines.of(page.rows),
        photos=first_photos([post.id for post in page.rows]),
        counts=work.counts([campaign_id], own).get(campaign_id, work.Counts()),
        kims=work.by_kim(campaign_id, own),
        figures=work.figures(campaign_id, own),
        tiles=tiles(),
        codes=work.codes(campaign_id),
        own=own,
        may_write=may(current_user, Permission.POST_WRITE) and there != Standing.ENDED,
        may_manage=may(current_user, Permission.CAMPAIGN_MANAGE),
        held=hold_wording.held(hold) if hold else None,
        may_hold=everywhere(current_user, Permission.POST_HOLD),
        may_reopen=found.ended_at is not None and found.last_day >= clock.today(),
    )
