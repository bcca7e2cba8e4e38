"""Writing posts."""

from collections.abc import Callable

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from contentdesk.access.guards import needs
from contentdesk.access.permissions import Actor, Permission
from contentdesk.lib.db import transaction
from contentdesk.posts import composer, following, queries, services
from contentdesk.posts.content import tidy
from contentdesk.posts.forms import ComposerForm, content_of_form
from contentdesk.posts.models import Post

blueprint = Blueprint("posts", __name__)


@blueprint.route("/unggahan/baru", methods=["GET", "POST"])
@needs(Permission.POST_WRITE)
def new() -> ResponseReturnValue:
    if request.method == "POST":
        return composer.save_from_request()
    return composer.page(composer.empty_sheet())


@blueprint.route("/unggahan/<id>/ubah", methods=["GET", "POST"])
@needs(Permission.POST_WRITE)
def edit(id: str) -> ResponseReturnValue:
    if request.method == "POST":
        return composer.save_from_request(id)
    with transaction():
        services.mark_editing(current_user, queries.post_alone(id))
    return composer.page(composer.sheet_of(queries.post_alone(id)))


@blueprint.post("/unggahan/periksa")
@needs(Permission.POST_WRITE)
def hints() -> ResponseReturnValue:
    """The hints beside the text, for what stands in the form now. Saves nothing."""
    form = ComposerForm()
    content = following.settled(current_user.kim_id, tidy(content_of_form(form, request.form)))
    return render_template("posts/hints.html", **composer.around(current_user.kim_id, content))


@blueprint.post("/unggahan/pilihan/<kind>")
@needs(Permission.POST_WRITE)
def section(kind: str) -> ResponseReturnValue:
    """The folded part of a kind of channel, after its platform was asked about the chosen accounts. Saves nothing."""
    content = following.settled(current_user.kim_id, tidy(content_of_form(ComposerForm(), request.form)))
    values = composer.around(current_user.kim_id, content, composer.asked(current_user.kim_id, content))
    found = next((one for one in values["sections"] if one.channel.kind == kind), None)
    if found is None:
        abort(404)
    return render_template("posts/section.html", section=found, **values)


@blueprint.post("/unggahan/<id>/batal-kirim")
@needs(Permission.POST_WRITE)
def take_back(id: str) -> ResponseReturnValue:
    return _moved(id, services.take_back, _("Ditarik dari antrean. Anda bisa lanjut menulis."), "posts.edit")


@blueprint.post("/unggahan/<id>/arsip")
@needs(Permission.POST_WRITE)
def archive(id: str) -> ResponseReturnValue:
    return _moved(id, services.archive, _("Unggahan diarsipkan."), "home.post")


def _moved(post_id: str, act: Callable[[Actor, Post], Post], said: str, after: str) -> ResponseReturnValue:
    with transaction():
        act(current_user, queries.post_alone(post_id))
    flash(said, "ok")
    return redirect(url_for(after if after in current_app.view_functions else "posts.edit", id=post_id), 303)
