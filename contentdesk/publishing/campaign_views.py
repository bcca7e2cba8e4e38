"""Choosing the campaign of a post on its page."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from contentdesk.access.guards import needs
from contentdesk.access.permissions import Permission
from contentdesk.lib.db import transaction
from contentdesk.posts.queries import post_alone
from contentdesk.publishing import campaigning
from contentdesk.publishing.views import blueprint


@blueprint.post("/unggahan/<post_id>/kampanye")
@needs(Permission.CAMPAIGN_READ)
def choose_campaign(post_id: str) -> ResponseReturnValue:
    chosen, was = request.form.get("campaign") or None, request.form.get("campaign_was") or None
    with transaction():
        campaigning.move(current_user, post_alone(post_id), chosen, was)
    flash(_("Kampanye tersimpan. Naskah dan jadwalnya tetap."), "ok")
    return redirect(url_for("home.post", id=post_id), 303)
