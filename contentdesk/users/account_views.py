"""Lainnya: one's own devices, language and look."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_login import current_user

from contentdesk.access.guards import needs
from contentdesk.access.permissions import Permission, Role
from contentdesk.lib.db import transaction
from contentdesk.users import account, logins, queries, sessions
from contentdesk.users.blueprint import blueprint
from contentdesk.users.forms import ChangePasswordForm


@blueprint.get("/lainnya")
@needs(Permission.OWN_ACCOUNT)
def more() -> ResponseReturnValue:
    return render_template(
        "users/more.html",
        role=queries.ROLE_WORDS[Role(current_user.role)],
        login=logins.shown(current_user.login),
        is_judge=current_user.role == Role.JUDGE,
        device_count=len(sessions.open_sessions(current_user.id)),
        themes=account.THEMES,
        languages=account.LANGUAGES,
    )


@blueprint.get("/lainnya/perangkat")
@needs(Permission.OWN_ACCOUNT)
def devices() -> ResponseReturnValue:
    rows = sessions.open_sessions(current_user.id)
    return render_template("users/devices.html", rows=rows, this=current_user.session_id)


@blueprint.post("/lainnya/perangkat/<session_id>/keluar")
@needs(Permission.OWN_ACCOUNT)
def end_device(session_id: str) -> ResponseReturnValue:
    with transaction():
        sessions.end_session(current_user, session_id)
    flash(_("Perangkat itu sudah keluar."), "ok")
    return redirect(url_for("users.devices"), 303)


@blueprint.post("/lainnya/tampilan")
@needs(Permission.OWN_ACCOUNT)
def preferences() -> ResponseReturnValue:
    with transaction():
        locale = account.choose(current_user, request.form.get("locale"), request.form.get("theme"))
    with force_locale(locale):
        flash(_("Tampilan diganti."), "ok")
    return redirect(url_for("users.more"), 303)


@blueprint.route("/lainnya/kata-sandi", methods=["GET", "POST"])
@needs(Permission.OWN_ACCOUNT)
def change_password() -> ResponseReturnValue:
    form = ChangePasswordForm(account_login=current_user.login)
    if not form.validate_on_submit():
        return render_template("users/change_password.html", form=form), 422 if form.errors else 200
    with transaction():
        account.change_password(current_user, form.old_password.data, form.password.data, current_user.session_id)
    flash(_("Kata sandi diganti. Perangkat lain sudah keluar."), "ok")
    return redirect(url_for("users.more"), 303)
