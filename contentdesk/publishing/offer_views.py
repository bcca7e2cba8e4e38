"""One click for what was too late: at the offered time, or not any more. Stands in the blueprint of publishing."""

from datetime import datetime

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user

from contentdesk.access.guards import needs, page_before
from contentdesk.access.permissions import Permission
from contentdesk.lib import clock, words
from contentdesk.lib.db import transaction
from contentdesk.lib.errors import DomainError
from contentdesk.lib.i18n import N_
from contentdesk.posts.queries import get_post
from contentdesk.publishing import too_late
from contentdesk.publishing.views import blueprint, grace


@blueprint.post("/unggahan/<post_id>/terlewat/jadwalkan")
@needs(Permission.POST_SCHEDULE)
def plan_again(post_id: str) -> ResponseReturnValue:
    """At the time that stood on the button. A second click finds it done."""
    at = _offered()
    with transaction():
        planned = too_late.plan_again(current_user, get_post(post_id), at, grace())
    if planned:
        flash(_("Dijadwalkan. Terbit %(when)s.", when=words.moment(at, str(get_locale() or "id"))), "success")
    else:
        flash(_("Sudah diputuskan sebelumnya, jadi tidak ada yang berubah."), "success")
    return _back(post_id)


def _offered() -> datetime:
    try:
        return clock.from_wib(datetime.fromisoformat(request.form.get("waktu", "")).replace(tzinfo=None))
    except ValueError:
        raise DomainError(N_("Waktu itu tidak bisa dibaca. Pilih waktu lain.")) from None


@blueprint.post("/unggahan/<post_id>/terlewat/selesai")
@needs(Permission.POST_SCHEDULE)
def give_up(post_id: str) -> ResponseReturnValue:
    with transaction():
        ended = too_late.give_up(current_user, get_post(post_id))
    if ended:
        flash(_("Tidak diterbitkan lagi. Naskah tetap tersimpan."), "success")
    else:
        flash(_("Sudah diputuskan sebelumnya, jadi tidak ada yang berubah."), "success")
    return _back(post_id)


def _back(post_id: str) -> ResponseReturnValue:
    return redirect(page_before() or url_for("home.post", id=post_id), 303)
