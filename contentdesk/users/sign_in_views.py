"""Signing in and out."""

from urllib.parse import urlsplit

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, login_user, logout_user

from contentdesk.access.guards import needs, public
from contentdesk.access.permissions import Permission
from contentdesk.kim import queries as kim
from contentdesk.lib.db import transaction
from contentdesk.lib.desk import desk
from contentdesk.lib.errors import TooOften
from contentdesk.lib.sentences import of_error
from contentdesk.regions import queries as regions
from contentdesk.users import devices, sessions
from contentdesk.users import sign_in as steps
from contentdesk.users.blueprint import blueprint
from contentdesk.users.forms import SignInForm

START = "/"
"""Sends everybody to the first page of their own menu."""


@blueprint.route("/masuk", methods=["GET", "POST"])
@public
def sign_in() -> ResponseReturnValue:
    if current_user.is_authenticated:
        return redirect(own_path(request.args.get("next")), 303)
    form = SignInForm()
    if not form.validate_on_submit():
        return _page(form, 422 if form.errors else 200)
    try:
        user_id = _checked(form)
    except TooOften as error:
        form.form_errors.append(of_error(error))
        return _page(form, 429)
    if user_id is None:
        form.form_errors.append(_("Nomor HP, surel, atau kata sandi belum cocok. Periksa lagi, lalu coba masuk."))
        return _page(form, 422)
    with transaction():
        device = devices.described(request.user_agent.string)
        secret = steps.welcome(user_id, form.password.data, device, form.shared.data)
    remember(secret)
    return redirect(own_path(request.args.get("next")), 303)


def _checked(form: SignInForm) -> str | None:
    """Id of the person if the password fits."""
    login, password = form.login.data, form.password.data
    with transaction():
        steps.count_try(login)
    user = steps.who_is(login, password)
    if user is None:
        steps.refuse(login)
        return None
    return user.id


def _page(form: SignInForm, status: int) -> ResponseReturnValue:
    page = render_template(
        "users/sign_in.html",
        form=form,
        tiles=regions.tiles(),
        codes=kim.covered_codes(),
        city_name=regions.city_name(desk().config.city),
        next=request.args.get("next"),
        has_ended="_user_id" in session,
        has_sent="terkirim" in request.args,
    )
    return page, status


def remember(secret: str) -> None:
    """Puts the session into a fresh cookie: what was in the old one, a planted one too, is worth nothing."""
    locale = session.get("locale")
    session.clear()
    person = sessions.person_of(secret, desk().config.city)
    assert person is not None
    login_user(person)
    session.permanent = not person.shared
    if locale:
        session["locale"] = locale


def own_path(target: str | None) -> str:
    """`target` if it is a path of this service, otherwise the start: links in messages lead nowhere else."""
    if not target or not target.startswith("/") or target.startswith("//"):
        return START
    if "\\" in target or any(ord(each) < 33 or ord(each) == 127 for each in target):
        return START
    parts = urlsplit(target)
    return START if parts.scheme or parts.netloc or parts.path == url_for("users.sign_in") else target


@blueprint.post("/keluar")
@needs(Permission.OWN_ACCOUNT)
def sign_out() -> ResponseReturnValue:
    with transaction():
        sessions.end_session(current_user, current_user.session_id)
    _forget()
    flash(_("Anda sudah keluar dari perangkat ini."), "ok")
    return redirect(url_for("users.sign_in"), 303)


@blueprint.post("/keluar-semua")
@needs(Permission.OWN_ACCOUNT)
def sign_out_everywhere() -> ResponseReturnValue:
    with transaction():
        sessions.end_everywhere(current_user)
    _forget()
    flash(_("Anda sudah keluar dari semua perangkat."), "ok")
    return redirect(url_for("users.sign_in"), 303)


def _forget() -> None:
    logout_user()
    session.clear()


@blueprint.get("/masuk/lupa")
@public
def forgot() -> ResponseReturnValue:
    """There is no e-mail to everyone, so a person who knows them helps."""
    return render_template("users/forgot.html")


@blueprint.post("/bahasa")
@public
def language() -> ResponseReturnValue:
    """The language of the pages before signing in."""
    session["locale"] = "en" if request.form.get("locale") == "en" else "id"
    return redirect(url_for("users.sign_in", next=request.args.get("next")), 303)
