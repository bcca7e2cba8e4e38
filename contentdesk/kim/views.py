"""KIM groups and how far they cover the city."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from contentdesk.access.guards import needs
from contentdesk.access.permissions import Permission, may
from contentdesk.kim import queries, services
from contentdesk.kim.forms import KimForm
from contentdesk.kim.models import Kim
from contentdesk.lib.db import transaction
from contentdesk.lib.desk import desk
from contentdesk.lib.errors import NotFound
from contentdesk.regions import queries as regions

blueprint = Blueprint("kim", __name__)
WITHOUT = "tanpa"


@blueprint.get("/kim")
@needs(Permission.KIM_READ)
def groups() -> ResponseReturnValue:
    coverage = queries.coverage()
    only_missing = request.args.get("saring") == WITHOUT
    return render_template(
        "kim/groups.html",
        coverage=coverage,
        only_missing=only_missing,
        covered=sum(each.covered for each in coverage),
        missing=sum(each.missing for each in coverage),
        tiles=regions.tiles(),
        codes={line.kelurahan.code for each in coverage for line in each.lines if line.is_covered},
        city_name=regions.city_name(desk().config.city),
        may_manage=may(current_user, Permission.KIM_MANAGE),
    )


@blueprint.route("/kim/baru", methods=["GET", "POST"])
@needs(Permission.KIM_MANAGE)
def new() -> ResponseReturnValue:
    form = KimForm(kelurahan_code=request.args.get("kelurahan"))
    form.offer(regions.all_kelurahan())
    if not form.validate_on_submit():
        return render_template("kim/form.html", form=form, kim=None), 422 if form.errors else 200
    with transaction():
        kim = services.create_kim(current_user, form.facts())
        name = kim.name
    flash(_("%(name)s tersimpan.", name=name), "ok")
    return redirect(url_for("kim.groups"), 303)


@blueprint.route("/kim/<kim_id>/ubah", methods=["GET", "POST"])
@needs(Permission.KIM_MANAGE)
def edit(kim_id: str) -> ResponseReturnValue:
    kim = _kim(kim_id)
    form = KimForm(obj=kim)
    form.offer(regions.all_kelurahan())
    if not form.validate_on_submit():
        return render_template("kim/form.html", form=form, kim=kim), 422 if form.errors else 200
    with transaction():
        services.change_kim(current_user, _kim(kim_id), form.facts())
    flash(_("%(name)s tersimpan.", name=form.name.data), "ok")
    return redirect(url_for("kim.groups"), 303)


@blueprint.post("/kim/<kim_id>/tutup")
@needs(Permission.KIM_MANAGE)
def close(kim_id: str) -> ResponseReturnValue:
    with transaction():
        services.close_kim(current_user, _kim(kim_id))
    flash(_("KIM ditutup. Orang, unggahan, dan angkanya tetap ada."), "ok")
    return redirect(url_for("kim.groups"), 303)


@blueprint.post("/kim/<kim_id>/buka")
@needs(Permission.KIM_MANAGE)
def reopen(kim_id: str) -> ResponseReturnValue:
    with transaction():
        services.reopen_kim(current_user, _kim(kim_id))
    flash(_("KIM dibuka lagi."), "ok")
    return redirect(url_for("kim.groups"), 303)


def _kim(kim_id: str) -> Kim:
    kim = queries.get_kim(kim_id)
    if kim is None:
        raise NotFound()
    return kim
