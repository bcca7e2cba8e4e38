"""The inbox."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from contentdesk.access.guards import needs
from contentdesk.access.permissions import Permission
from contentdesk.lib import sentences
from contentdesk.lib.db import transaction
from contentdesk.notices import queries, services
from contentdesk.notices.models import Notice

blueprint = Blueprint("notices", __name__)


@blueprint.get("/kabar")
@needs(Permission.OWN_ACCOUNT)
def inbox() -> ResponseReturnValue:
    page = queries.inbox(current_user.id, request.args.get("halaman", 1, type=int))
    lines = [(notice, sentence(notice)) for notice in page.rows]
    return render_template("notices/inbox.html", page=page, lines=lines)


def sentence(notice: Notice) -> str:
    """In the reader's language, with the values of then."""
    return sentences.sentence(notice.message, notice.values)


@blueprint.post("/kabar/<notice_id>")
@needs(Permission.OWN_ACCOUNT)
def read(notice_id: str) -> ResponseReturnValue:
    with transaction():
        path = services.read(current_user, notice_id).path
    return redirect(path, 303)


@blueprint.post("/kabar/semua")
@needs(Permission.OWN_ACCOUNT)
def read_all() -> ResponseReturnValue:
    with transaction():
        services.read_all(current_user)
    flash(_("Semua kabar ditandai sudah dibaca."), "ok")
    return redirect(url_for("notices.inbox"), 303)
