"""Choosing the campaign of a post on its page."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from contentdesk.access.guards import needs
from contentdesk.access.permissions import Permission
from contentdesk.lib.db import transaction
from contentdesk.posts.queries import post_alone
from contentdesk.publishing import campaigning, queries
from contentdesk.publishing.views import blueprint, say_that_it_is_held


@blueprint.post("/unggahan/<post_id>/kampanye")
@needs(Permission.CAMPAIGN_READ)
def choose_campaign(post_id: str) -> ResponseReturnValue:
    chosen, was = request.form.get("campaign") or None, request.form.get("campaign_was") or None
    with transaction():
        moved = campaigning.move(current_user, post_alone(post_id), chosen, was)
    _say_what_it_did(post_id, moved)
    return redirect(url_for("home.post", id=post_id), 303)


def _say_what_it_did(post_id: str, moved: campaigning.Moved) -> None:
    flash(_("Kampanye tersimpan. Naskah dan jadwalnya tetap."), "ok")
    if moved.held:
        say_that_it_is_held(queries.of_post(post_id))
    if moved.freed is not None and moved.freed.missed:
        flash(_("Tidak ditahan lagi, tetapi waktunya sudah lewat. Pilih waktu baru."), "warning")
    elif moved.freed is not None:
        flash(_("Tidak ditahan lagi, jadi terbit sesuai jadwal."), "ok")
