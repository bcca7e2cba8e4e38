"""The people of a KIM or of the city: who they are, letting them in, shutting them out."""

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from contentdesk.access.guards import needs
from contentdesk.access.permissions import Permission, Role, everywhere
from contentdesk.kim import queries as kim
from contentdesk.lib.db import transaction
from contentdesk.lib.desk import desk
from contentdesk.lib.errors import NotFound
from contentdesk.users import invitations, links, queries
from contentdesk.users import people as services
from contentdesk.users.blueprint import blueprint
from contentdesk.users.forms import InviteForm
from contentdesk.users.models import User

NEW_LINK = "new_link"


@blueprint.get("/anggota")
@needs(Permission.PEOPLE_READ)
def people() -> ResponseReturnValue:
    search = request.args.get("cari", "").strip()
    page = queries.people(current_user, search, request.args.get("halaman", 1, type=int))
    return render_template(
        "users/people.html",
        page=page,
        search=search,
        invitations=invitations.still_open(current_user),
        role_words=queries.ROLE_WORDS,
        manageable={each.user.id for each in page.rows if services.may_manage(current_user, each.user)},
        of_city=everywhere(current_user, Permission.PEOPLE_READ),
    )


@blueprint.route("/anggota/undang", methods=["GET", "POST"])
@needs(Permission.PEOPLE_INVITE)
def invite() -> ResponseReturnValue:
    form = InviteForm()
    form.offer(invitations.invitable_roles(current_user), kim.choices(current_user))
    if not form.validate_on_submit():
        return render_template("users/invite.html", form=form), 422 if form.errors else 200
    with transaction():
        made = invitations.invite(current_user, Role(form.role.data), form.kim_id.data or current_user.kim_id)
        path = _shown_next(made)
    return redirect(path, 303)


@blueprint.post("/anggota/<user_id>/atur-ulang")
@needs(Permission.PEOPLE_MANAGE)
def offer_new_password(user_id: str) -> ResponseReturnValue:
    with transaction():
        made = invitations.invite_to_new_password(current_user, _user(user_id))
        path = _shown_next(made)
    return redirect(path, 303)


def _shown_next(made: invitations.Made) -> str:
    """The next page shows the link, once: it is kept for that in the maker's own cookie."""
    session[NEW_LINK] = made.secret
    return url_for("users.invitation_link", invitation_id=made.invitation.id)


@blueprint.get("/anggota/undang/<invitation_id>")
@needs(Permission.PEOPLE_INVITE)
def invitation_link(invitation_id: str) -> ResponseReturnValue:
    invitation = invitations.get(current_user, invitation_id)
    secret = session.pop(NEW_LINK, None)
    if secret is None:
        flash(_("Tautan hanya tampil sekali. Kalau hilang, tarik lalu buat yang baru."), "warning")
        return redirect(url_for("users.people"), 303)
    url = desk().config.public_url + url_for("users.accept", token=secret)
    text = links.text_to_forward(invitation, url)
    return render_template("users/link.html", invitation=invitation, url=url, text=text, whatsapp=links.whatsapp(text))


@blueprint.post("/anggota/undang/<invitation_id>/tarik")
@needs(Permission.PEOPLE_INVITE)
def withdraw_invitation(invitation_id: str) -> ResponseReturnValue:
    with transaction():
        invitations.withdraw(current_user, invitation_id)
    flash(_("Tautan ditarik. Siapa pun yang membukanya mendapat penjelasan."), "ok")
    return _to_people()


@blueprint.post("/anggota/<user_id>/nonaktifkan")
@needs(Permission.PEOPLE_MANAGE)
def disable(user_id: str) -> ResponseReturnValue:
    with transaction():
        user = _user(user_id)
        services.disable(current_user, user)
        name = user.name
    flash(_("%(name)s tidak dapat masuk lagi. Tulisannya tetap ada.", name=name), "ok")
    return _to_people()


@blueprint.post("/anggota/<user_id>/aktifkan")
@needs(Permission.PEOPLE_MANAGE)
def enable(user_id: str) -> ResponseReturnValue:
    with transaction():
        user = _user(user_id)
        services.enable(current_user, user)
        name = user.name
    flash(_("%(name)s dapat masuk lagi.", name=name), "ok")
    return _to_people()


def _user(user_id: str) -> User:
    user = queries.person(user_id)
    if user is None:
        raise NotFound()
    return user


def _to_people() -> Response:
    return redirect(url_for("users.people"), 303)
