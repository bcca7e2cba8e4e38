"""The list of businesses, one record, and the consent written down in it."""

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from contentdesk.access.guards import needs
from contentdesk.access.permissions import Permission, allow, everywhere, may, scope
from contentdesk.kim import queries as kims
from contentdesk.kim.models import Kim
from contentdesk.lib import clock
from contentdesk.lib.db import db, transaction
from contentdesk.lib.errors import DomainError, NotFound
from contentdesk.lib.forms import one_line
from contentdesk.lib.sentences import of_error
from contentdesk.regions import queries as regions
from contentdesk.umkm import queries, services
from contentdesk.umkm.choices import kelurahan_choices
from contentdesk.umkm.forms import BusinessForm, ConsentForm
from contentdesk.umkm.models import Business
from contentdesk.umkm.queries import Filter, Standing
from contentdesk.umkm.words import CATEGORIES, CONSENT_FORMS, PERMIT_STATES, PERMITS, PURPOSE_HELP, PURPOSES

blueprint = Blueprint("umkm", __name__)
ARCHIVED = "arsip"
WORDS = {
    "categories": CATEGORIES,
    "purposes": PURPOSES,
    "purpose_help": PURPOSE_HELP,
    "consent_forms": CONSENT_FORMS,
    "permits": PERMITS,
    "permit_states": PERMIT_STATES,
}


@blueprint.get("/umkm")
@needs(Permission.UMKM_READ)
def businesses() -> str:
    kim_id = scope(current_user, Permission.UMKM_READ)
    wanted = _filter(kim_id)
    page = queries.page_of_businesses(wanted, request.args.get("halaman", 1, int))
    return render_template(
        "umkm/businesses.html",
        page=page,
        wanted=wanted,
        counts=queries.counts(kim_id),
        archived=queries.count_archived(kim_id),
        standing=queries.standing,
        may_write=may(current_user, Permission.UMKM_WRITE),
        tiles=[] if page.rows else regions.tiles(),
        **WORDS,
    )


def _filter(kim_id: str | None) -> Filter:
    """From the address; a made-up word there filters nothing."""
    args = request.args
    state = args.get("status", "")
    category = args.get("kategori", "")
    return Filter(
        kim_id=kim_id,
        words=one_line(args.get("q", ""))[:80],
        category=category if category in CATEGORIES else "",
        standing=Standing(state) if state in set(Standing) else None,
        archived=state == ARCHIVED,
    )


@blueprint.get("/umkm/<business_id>")
@needs(Permission.UMKM_READ)
def business(business_id: str) -> str:
    found = queries.get_business(business_id)
    allow(current_user, Permission.UMKM_READ, found)
    return _record(found, ConsentForm())


def _record(found: Business, form: ConsentForm) -> str:
    states = queries.purpose_states(found)
    return render_template(
        "umkm/business.html",
        business=found,
        form=form,
        states=states,
        in_force=[state for state in states if state.in_force],
        missing=[state for state in states if not state.in_force],
        standing=queries.standing(found),
        endpoints=current_app.view_functions,
        today=clock.today().isoformat(),
        may_write=may(current_user, Permission.UMKM_WRITE, found),
        may_withdraw=may(current_user, Permission.CONSENT_WITHDRAW, found),
        **WORDS,
    )


@blueprint.route("/umkm/baru", methods=["GET", "POST"])
@needs(Permission.UMKM_WRITE)
def new() -> Any:
    form = _prepared(BusinessForm(), None)
    if request.method == "POST" and "rows" not in request.form and form.validate():
        try:
            with transaction() as session:
                kim = session.get(Kim, _kim_id(form))
                if kim is None:
                    raise NotFound()
                added = services.add_business(current_user, kim, form.details()).id
        except services.NameTaken as problem:
            form.name.errors = [of_error(problem)]
        else:
            flash(_("UMKM tersimpan. Catat persetujuan pemiliknya, lalu usaha ini siap ditulis."), "ok")
            return redirect(url_for("umkm.business", business_id=added), 303)
    return _form_page(form, None)


@blueprint.route("/umkm/<business_id>/ubah", methods=["GET", "POST"])
@needs(Permission.UMKM_WRITE)
def edit(business_id: str) -> Any:
    found = queries.get_business(business_id)
    allow(current_user, Permission.UMKM_WRITE, found)
    form = _prepared(BusinessForm(), found)
    if request.method == "POST" and "rows" not in request.form and form.validate():
        try:
            with transaction():
                services.change_business(current_user, queries.get_business(business_id), form.details())
        except services.NameTaken as problem:
            form.name.errors = [of_error(problem)]
        else:
            flash(_("Catatan UMKM tersimpan."), "ok")
            return redirect(url_for("umkm.business", business_id=business_id), 303)
    return _form_page(form, business_id)


def _prepared(form: BusinessForm, found: Business | None) -> BusinessForm:
    """With the choices, and with a record's values when the form was not sent yet."""
    if found is None and everywhere(current_user, Permission.UMKM_WRITE):
        form.kim_id.choices = kims.choices(current_user)
    else:
        del form.kim_id
    form.kelurahan_code.choices = kelurahan_choices()
    if request.method == "GET" and found is not None:
        form.show(found)
    elif request.method == "GET" and current_user.kim_id:
        form.kelurahan_code.data = db.session.get_one(Kim, current_user.kim_id).kelurahan_code
    return form


def _kim_id(form: BusinessForm) -> str:
    return str(form.kim_id.data if "kim_id" in form else current_user.kim_id)


def _form_page(form: BusinessForm, business_id: str | None) -> Any:
    sent = request.method == "POST"
    if not sent or "rows" in request.form:
        form.add_rows()
    page = render_template("umkm/form.html", form=form, business_id=business_id, most=services.MOST_PRODUCTS)
    return page, 422 if sent and form.errors else 200


@blueprint.post("/umkm/<business_id>/persetujuan")
@needs(Permission.UMKM_WRITE)
def give_consent(business_id: str) -> Any:
    form = ConsentForm()
    if form.validate():
        try:
            with transaction():
                found = queries.get_business(business_id)
                services.give_consent(current_user, found, form.chosen(), form.form.data, form.given_on.data)
        except DomainError as problem:
            if problem.status != 400:
                raise
            form.given_on.errors = [of_error(problem)]
        else:
            flash(_("Persetujuan tercatat."), "ok")
            return redirect(url_for("umkm.business", business_id=business_id), 303)
    found = queries.get_business(business_id)
    allow(current_user, Permission.UMKM_WRITE, found)
    return _record(found, form), 422


@blueprint.post("/umkm/<business_id>/arsip")
@needs(Permission.UMKM_WRITE)
def archive(business_id: str) -> Any:
    with transaction():
        services.archive_business(current_user, queries.get_business(business_id))
    flash(_("UMKM diarsipkan. Catatan dan persetujuannya tetap ada."), "ok")
    return redirect(url_for("umkm.business", business_id=business_id), 303)


@blueprint.post("/umkm/<business_id>/pulihkan")
@needs(Permission.UMKM_WRITE)
def restore(business_id: str) -> Any:
    with transaction():
        services.restore_business(current_user, queries.get_business(business_id))
    flash(_("UMKM kembali ke daftar."), "ok")
    return redirect(url_for("umkm.business", business_id=business_id), 303)
