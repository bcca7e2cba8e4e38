"""What a person sees who opens a link: a new account, or a new password."""

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from contentdesk.access.guards import public
from contentdesk.access.permissions import Role
from contentdesk.lib.db import transaction
from contentdesk.lib.errors import DomainError
from contentdesk.lib.sentences import of_error
from contentdesk.users import devices, invitations, queries, sessions
from contentdesk.users.blueprint import blueprint
from contentdesk.users.forms import AcceptForm, NewPasswordForm
from contentdesk.users.models import Invitation, User
from contentdesk.users.sign_in_views import START, remember


@blueprint.route("/undangan/<token>", methods=["GET", "POST"])
@public
def accept(token: str) -> ResponseReturnValue:
    invitation = invitations.by_secret(token)
    if invitation is None:
        return render_template("users/link_gone.html", sentence=_(invitations.GONE)), 404
    return _choose_password(token, invitation) if invitation.user_id else _join(token, invitation)


def _join(token: str, invitation: Invitation) -> ResponseReturnValue:
    form = AcceptForm()
    values = {
        "form": form,
        "kim_name": invitation.kim.name if invitation.kim else None,
        "role": queries.ROLE_WORDS[Role(invitation.role)],
    }
    if not form.validate_on_submit():
        return render_template("users/accept.html", **values), 422 if form.errors else 200
    try:
        with transaction():
            user = invitations.accept(token, form.name.data, form.login.data, form.password.data)
            secret = _session_for(user, form.shared.data)
    except DomainError as error:
        form.form_errors.append(of_error(error))
        return render_template("users/accept.html", **values), 422
    remember(secret)
    flash(_("Akun Anda siap."), "ok")
    return redirect(START, 303)


def _choose_password(token: str, invitation: Invitation) -> ResponseReturnValue:
    assert invitation.user is not None
    form = NewPasswordForm(account_login=invitation.user.login)
    if not form.validate_on_submit():
        return render_template("users/new_password.html", form=form), 422 if form.errors else 200
    with transaction():
        user = invitations.accept_new_password(token, form.password.data)
        secret = _session_for(user, form.shared.data)
    remember(secret)
    flash(_("Kata sandi diganti. Perangkat lain sudah keluar."), "ok")
    return redirect(START, 303)


def _session_for(user: User, shared: bool) -> str:
    return sessions.open_session(user, devices.described(request.user_agent.string), shared)
