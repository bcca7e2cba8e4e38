"""Making, changing and ending campaigns. The pages that show their posts and figures are in `home`."""

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from contentdesk.access.guards import needs
from contentdesk.access.permissions import Permission
from contentdesk.campaigns import queries, services
from contentdesk.campaigns.forms import CampaignForm
from contentdesk.campaigns.models import Campaign
from contentdesk.lib.db import transaction
from contentdesk.lib.errors import DomainError
from contentdesk.lib.sentences import of_error

blueprint = Blueprint("campaigns", __name__)


@blueprint.route("/kampanye/baru", methods=["GET", "POST"])
@needs(Permission.CAMPAIGN_MANAGE)
def new() -> ResponseReturnValue:
    return _saved(CampaignForm(), None, lambda form: services.create_campaign(current_user, form.facts()))


@blueprint.route("/kampanye/<campaign_id>/ubah", methods=["GET", "POST"])
@needs(Permission.CAMPAIGN_MANAGE)
def edit(campaign_id: str) -> ResponseReturnValue:
    def change(form: CampaignForm) -> Campaign:
        campaign = queries.get_campaign(campaign_id)
        services.change_campaign(current_user, campaign, form.facts())
        return campaign

    return _saved(CampaignForm(obj=queries.get_campaign(campaign_id)), campaign_id, change)


def _saved(
    form: CampaignForm, campaign_id: str | None, save: Callable[[CampaignForm], Campaign]
) -> ResponseReturnValue:
    """What is wrong is said at its field, and the typed text comes back."""
    if form.validate_on_submit():
        try:
            with transaction():
                campaign_id = save(form).id
        except DomainError as error:
            if error.status != DomainError.status:
                raise
            form.name.errors = [of_error(error)]
        else:
            flash(_("%(name)s tersimpan.", name=form.name.data), "ok")
            return redirect(url_for("campaigns.campaign", campaign_id=campaign_id), 303)
    status = 422 if form.is_submitted() else 200
    return render_template("campaigns/form.html", form=form, campaign_id=campaign_id), status


@blueprint.post("/kampanye/<campaign_id>/akhiri")
@needs(Permission.CAMPAIGN_MANAGE)
def end(campaign_id: str) -> ResponseReturnValue:
    with transaction():
        services.end_campaign(current_user, queries.get_campaign(campaign_id))
    flash(_("Kampanye diakhiri. Unggahannya tetap ada, dan yang terjadwal tetap terbit."), "ok")
    return redirect(url_for("campaigns.campaign", campaign_id=campaign_id), 303)


@blueprint.post("/kampanye/<campaign_id>/buka")
@needs(Permission.CAMPAIGN_MANAGE)
def reopen(campaign_id: str) -> ResponseReturnValue:
    with transaction():
        services.reopen_campaign(current_user, queries.get_campaign(campaign_id))
    flash(_("Kampanye dibuka lagi."), "ok")
    return redirect(url_for("campaigns.campaign", campaign_id=campaign_id), 303)
