"""Comments of citizens: what waits for an answer, where to answer it, and the tick."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from contentdesk.access.guards import needs
from contentdesk.access.permissions import Permission, allow, scope
from contentdesk.comments import queries, services
from contentdesk.lib.db import transaction

blueprint = Blueprint("comments", __name__)


@blueprint.get("/komentar")
@needs(Permission.FIGURES_READ)
def comments() -> str:
    kim_id = scope(current_user, Permission.FIGURES_READ)
    everything = request.args.get("tampil") == "semua"
    page = queries.page_of_comments(kim_id, not everything, request.args.get("halaman", 1, int))
    return render_template(
        "comments/comments.html", page=page, everything=everything, waiting=queries.open_count(kim_id), kim_id=kim_id
    )


@blueprint.post("/komentar/<comment_id>/dijawab")
@needs(Permission.FIGURES_ENTER)
def answered(comment_id: str) -> Any:
    return _marked(comment_id, answered=True)


@blueprint.post("/komentar/<comment_id>/belum")
@needs(Permission.FIGURES_ENTER)
def not_answered(comment_id: str) -> Any:
    return _marked(comment_id, answered=False)


def _marked(comment_id: str, *, answered: bool) -> Any:
    with transaction():
        comment = queries.get_comment(comment_id)
        allow(current_user, Permission.FIGURES_ENTER, comment.delivery.post)
        (services.mark_answered if answered else services.mark_open)(current_user, comment)
    flash(_("Ditandai sudah dijawab.") if answered else _("Komentar ini menunggu jawaban lagi."), "success")
    return redirect(url_for("comments.comments", tampil="semua" if not answered else None), 303)
