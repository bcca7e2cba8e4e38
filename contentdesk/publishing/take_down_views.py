"""Pages of what has to be taken down after an owner withdrew."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from contentdesk.access.guards import needs
from contentdesk.access.permissions import Permission, allow, may
from contentdesk.lib.db import transaction
from contentdesk.posts.queries import first_photos
from contentdesk.publishing import queries, take_downs
from contentdesk.publishing.views import blueprint
from contentdesk.umkm.queries import get_business


@blueprint.get("/umkm/<business_id>/dihapus")
@needs(Permission.UMKM_READ)
def to_take_down(business_id: str) -> ResponseReturnValue:
    business = get_business(business_id)
    allow(current_user, Permission.UMKM_READ, business)
    todo, done = take_downs.pending(business_id=business_id), take_downs.done(business)
    return render_template(
        "publishing/take_down.html",
        business=business,
        todo=todo,
        done=done,
        deadline=min((one.deadline for one in todo), default=None),
        photos=first_photos({one.delivery.post_id for one in todo}),
        may_mark=may(current_user, Permission.TASK_DO, business),
    )


@blueprint.post("/terbitan/<delivery_id>/dihapus")
@needs(Permission.TASK_DO)
def taken_down(delivery_id: str) -> ResponseReturnValue:
    with transaction():
        take_downs.mark_gone(current_user, queries.get_delivery(delivery_id))
    flash(_("Dicatat: sudah dihapus. Kalau keliru, tandanya bisa dibatalkan."), "success")
    return _back(delivery_id)


@blueprint.post("/terbitan/<delivery_id>/belum-dihapus")
@needs(Permission.TASK_DO)
def not_taken_down(delivery_id: str) -> ResponseReturnValue:
    with transaction():
        has_to_go = take_downs.unmark(current_user, queries.get_delivery(delivery_id))
    if has_to_go:
        flash(_("Tanda dibatalkan. Unggahan ini kembali ke daftar yang harus dihapus."), "success")
    else:
        flash(_("Tanda dibatalkan. Persetujuannya berlaku lagi, jadi unggahan ini boleh tetap tampil."), "success")
    return _back(delivery_id)


def _back(delivery_id: str) -> ResponseReturnValue:
    """To the business whose list was ticked, else to the delivery itself."""
    business_id = request.form.get("usaha", "")
    if business_id:
        return redirect(url_for("publishing.to_take_down", business_id=business_id), 303)
    return redirect(url_for("publishing.delivery", delivery_id=delivery_id), 303)
