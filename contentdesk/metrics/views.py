"""Entering figures by hand, and asking a platform for them now."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template
from flask_babel import gettext as _
from flask_login import current_user

from contentdesk.access.guards import needs
from contentdesk.access.permissions import Permission, allow
from contentdesk.channels import registry
from contentdesk.channels.queries import get_account
from contentdesk.lib import clock
from contentdesk.lib.db import transaction
from contentdesk.lib.desk import desk
from contentdesk.lib.errors import DomainError
from contentdesk.lib.sentences import of_error
from contentdesk.metrics import account_figures, queries, services
from contentdesk.metrics.forms import FiguresForm

blueprint = Blueprint("metrics", __name__)
WEEK = timedelta(days=7)
QUEUE, JOB = "metrics", "workers.metrics.poll"


@blueprint.route("/angka/<delivery_id>", methods=["GET", "POST"])
@needs(Permission.FIGURES_ENTER)
def enter(delivery_id: str) -> Any:
    delivery = queries.sent_delivery(delivery_id)
    allow(current_user, Permission.FIGURES_ENTER, delivery.post)
    channel = registry.get(delivery.account.kind)
    if not services.entered_by_hand(delivery):
        flash(_(services.AUTOMATIC) % {"handle": delivery.account.handle}, "warning")
        return redirect(_post_page(delivery.post_id), 303)
    form = FiguresForm(seen_at=clock.now())
    form.offer_only(channel.figures)
    if form.validate_on_submit() and _kept(form, delivery_id):
        flash(_("Angka tersimpan."), "success")
        return redirect(_post_page(queries.sent_delivery(delivery_id).post_id), 303)
    return _page(form, delivery_id)


def _kept(form: FiguresForm, delivery_id: str) -> bool:
    """False: the form now says what has to be mended, with everything typed still in it."""
    seen_at = form.seen_at.data
    assert seen_at is not None
    try:
        with transaction():
            services.enter_by_hand(current_user, queries.sent_delivery(delivery_id), form.stats(), seen_at)
    except services.WrongFigures as error:
        form[error.field].errors = [of_error(error)]
        return False
    except DomainError as error:
        if error.status != DomainError.status:
            raise
        form.form_errors = [of_error(error)]
        return False
    return True


def _page(form: FiguresForm, delivery_id: str) -> Any:
    delivery = queries.sent_delivery(delivery_id)
    page = render_template(
        "metrics/enter.html",
        form=form,
        delivery=delivery,
        back=_post_page(delivery.post_id),
        channel=registry.get(delivery.account.kind),
        latest=queries.latest(delivery_id),
        entered=queries.samples_by_hand(delivery_id),
    )
    return page, 422 if form.is_submitted() else 200


@blueprint.post("/angka/<delivery_id>/perbarui")
@needs(Permission.FIGURES_READ)
def refresh(delivery_id: str) -> Any:
    delivery = queries.sent_delivery(delivery_id)
    allow(current_user, Permission.FIGURES_READ, delivery.post)
    back = _post_page(delivery.post_id)
    try:
        with transaction():
            account_id = services.ask_now(current_user, queries.sent_delivery(delivery_id))
    except DomainError as error:
        if error.status != DomainError.status:
            raise
        flash(of_error(error), "warning")
        return redirect(back, 303)
    desk().bell.ring(QUEUE, JOB, account_id)
    flash(_("Angka terbaru sedang diminta. Biasanya kurang dari satu menit."), "success")
    return redirect(back, 303)


@blueprint.get("/akun/<account_id>/angka")
@needs(Permission.ACCOUNT_READ)
def account(account_id: str) -> str:
    """How many follow an account, day by day."""
    found = get_account(account_id)
    if found.kim_id is not None:
        allow(current_user, Permission.ACCOUNT_READ, found)
    samples = account_figures.history(account_id, clock.today())
    return render_template(
        "metrics/account.html",
        account=found,
        samples=samples,
        newest=samples[-1] if samples else None,
        gained=account_figures.gained(samples, WEEK),
    )


def _post_page(post_id: str) -> str:
    return f"/unggahan/{post_id}"
