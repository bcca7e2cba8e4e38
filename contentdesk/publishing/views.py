"""Pages of planning: verdict and plan, schedule, one delivery, withdrawing consent."""

from datetime import datetime, timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user

from contentdesk.access.guards import needs
from contentdesk.access.permissions import Permission, allow, may
from contentdesk.channels.abilities import FIRST_COMMENT
from contentdesk.lib import clock, words
from contentdesk.lib.db import transaction
from contentdesk.lib.desk import desk
from contentdesk.lib.errors import DomainError, NotFound, NotPermitted
from contentdesk.lib.i18n import N_
from contentdesk.lib.sentences import sentence
from contentdesk.posts import planning
from contentdesk.posts.models import Post
from contentdesk.posts.queries import get_post, newest_revision
from contentdesk.publishing import (
    claims,
    consents,
    first_comments,
    handwork,
    hindrances,
    hold_wording,
    holds,
    journey,
    outages,
    persons,
    queries,
    services,
    take_downs,
    usefulness,
    wording,
)
from contentdesk.publishing.forms import LinkForm, ScheduleForm
from contentdesk.publishing.hints import is_about_food, time_hints
from contentdesk.publishing.models import Delivery
from contentdesk.publishing.states import GIVEN_UP, MOVABLE, DeliveryState
from contentdesk.reviews.forms import parse_decision
from contentdesk.reviews.models import Verdict
from contentdesk.reviews.pages import review_page
from contentdesk.umkm.models import Purpose
from contentdesk.umkm.queries import get_business

blueprint = Blueprint("publishing", __name__)


def grace() -> timedelta:
    return timedelta(hours=desk().config.grace_hours)


@blueprint.post("/tinjauan/<post_id>/putusan")
@needs(Permission.POST_REVIEW)
def decide(post_id: str) -> ResponseReturnValue:
    """A refused verdict comes back on the review page with all that the reviewer had written."""
    try:
        said = _decided(post_id)
    except (NotFound, NotPermitted):
        raise
    except DomainError as error:
        return review_page(post_id, request.form, error)
    flash(said, "success")
    say_that_it_is_held(queries.of_post(post_id))
    return redirect(url_for("reviews.queue"), 303)


def _decided(post_id: str) -> str:
    revision_id, verdict, checklist, note = parse_decision(request.form)
    with transaction():
        post = get_post(post_id)
        review, planned = services.decide_and_plan(current_user, post, revision_id, verdict, checklist, note, grace())
        when = words.moment(post.proposed_at, _locale()) if planned and post.proposed_at else ""
        if review.verdict == Verdict.APPROVE and not planned:
            found = hindrances.hindrance(post, post.proposed_at)
            return sentence(found.said, found.values) if found else _said(Verdict.APPROVE, "")
        return _said(Verdict(review.verdict), when)


def _said(verdict: Verdict, when: str) -> str:
    said = {
        Verdict.APPROVE: _("Disetujui. Terbit %(when)s.", when=when)
        if when
        else _("Disetujui. Waktu terbit belum dipilih."),
        Verdict.ASK_CHANGES: _("Catatan revisi dikirim ke penulis."),
        Verdict.REJECT: _("Ditolak. Alasannya dikirim ke penulis."),
    }
    return str(said[verdict])


@blueprint.route("/unggahan/<post_id>/jadwal", methods=["GET", "POST"])
@needs(Permission.POST_SCHEDULE)
def schedule(post_id: str) -> ResponseReturnValue:
    post = get_post(post_id)
    allow(current_user, Permission.POST_SCHEDULE, post)
    form = _schedule_form(post)
    if form.validate_on_submit() and form.due_at.data and _scheduled(form, post_id, form.due_at.data):
        flash(_("Dijadwalkan. Terbit %(when)s.", when=words.moment(form.due_at.data, _locale())), "success")
        say_that_it_is_held(queries.of_post(post_id))
        return redirect(url_for("home.post", id=post_id), 303)
    return _schedule_page(form, post_id), 422 if form.is_submitted() else 200


def _schedule_form(post: Post) -> ScheduleForm:
    """As the post is planned now, or was last: what was chosen for it comes back."""
    newest = queries.of_posts([post.id])[post.id]
    kept = usefulness.kept([row for row in newest if row.state != DeliveryState.HANDED_OVER], grace())
    data: dict[str, object] = {"due_at": _asked_time() or post.proposed_at, "useful": grace() // usefulness.HOUR}
    if kept and usefulness.is_of_an_event(kept, grace()):
        data["until"] = next((row.expires_at for row in newest if row.expires_at > clock.now()), None)
    elif kept:
        data["useful"] = kept.span // usefulness.HOUR
    form = ScheduleForm(data=data)
    form.useful.choices = [(hours, _("%(hours)s jam", hours=hours)) for hours in usefulness.hours_offered(grace())]
    return form


def _asked_time() -> datetime | None:
    """A suggested time that was clicked, as typed in WIB."""
    try:
        asked = datetime.fromisoformat(request.args.get("waktu", ""))
        return clock.from_wib(asked) if asked.tzinfo is None else None
    except ValueError:
        return None


def _scheduled(form: ScheduleForm, post_id: str, due_at: datetime) -> bool:
    """False: the form now says what is wrong, with the typed time still in it."""
    try:
        with transaction():
            useful = usefulness.chosen(form.useful.data, form.until.data, due_at, grace())
            services.schedule(current_user, get_post(post_id), due_at, useful.span, hand_grace=useful.by_hand)
    except DomainError as error:
        return form.refuse(error)
    return True


def _schedule_page(form: ScheduleForm, post_id: str) -> str:
    post = get_post(post_id)
    newest = newest_revision(post)
    moment = form.due_at.data
    return render_template(
        "publishing/schedule.html",
        post=post,
        form=form,
        targets=newest.targets,
        deliveries=queries.of_posts([post.id])[post.id],
        hints=time_hints(moment, about_food=is_about_food(newest)) if moment else [],
        slots=planning.suggestions(),
        busy=planning.busy_hours(),
        movable=MOVABLE,
        held=hold_wording.of(queries.of_post(post.id)),
        now=clock.now(),
    )


def say_that_it_is_held(deliveries: list[Delivery]) -> bool:
    held = next(iter(hold_wording.of(deliveries).values()), None)
    if held is not None:
        flash(
            _("Penerbitan sedang ditahan, jadi unggahan ini menunggu sampai dilepas. %(why)s", why=held.why), "warning"
        )
    return held is not None


def _locale() -> str:
    return str(get_locale() or "id")


@blueprint.get("/terbitan/<delivery_id>")
@needs(Permission.POST_READ)
def delivery(delivery_id: str) -> ResponseReturnValue:
    found = queries.get_delivery(delivery_id)
    allow(current_user, Permission.POST_READ, found.post)
    return _delivery_page(found, LinkForm())


def _delivery_page(found: Delivery, form: LinkForm) -> str:
    return render_template(
        "publishing/delivery.html",
        delivery=found,
        form=form,
        problem=wording.problem_of(found),
        outage=outages.of(current_user, [found]).get(found.id),
        held=hold_wording.of([found]).get(found.id),
        comment=_comment(found),
        comment_text=found.revision.options.get(found.account.kind, {}).get(FIRST_COMMENT),
        lines=journey.lines(found, found.events, queries.actor_names(found.events)),
        punctuality=journey.punctuality(found, found.events),
        may_decide=found.state == DeliveryState.UNKNOWN and may(current_user, Permission.POST_SCHEDULE, found.post),
        may_cancel=found.state in MOVABLE and may(current_user, Permission.POST_SCHEDULE, found.post),
        may_do=may(current_user, Permission.TASK_DO, found.post)
        and (found.state == DeliveryState.HANDED_OVER or handwork.was_mine(current_user, found))
        and (handwork.is_mine(current_user, found) or not holds.is_held(found.id)),
        no_consent=claims.lacks_consent(found.id),
        gone=found.gone_at is not None,
        to_go=found.id in take_downs.stops([found.post_id])[found.post_id].to_go,
        may_mark=may(current_user, Permission.TASK_DO, found.post),
        given_up=found.state in GIVEN_UP and may(current_user, Permission.POST_SCHEDULE, found.post),
    )


def _comment(found: Delivery) -> tuple[str, str] | None:
    comment = first_comments.of(found.id)
    if comment is not None and comment.state in first_comments.OPEN and holds.is_held(found.id):
        return "warning", str(_("Komentar pertama ikut ditahan. Ditulis setelah dilepas, bila belum lewat sehari."))
    return wording.comment_of(comment)


@blueprint.post("/unggahan/<post_id>/tarik")
@needs(Permission.POST_WRITE)
def withdraw_post(post_id: str) -> ResponseReturnValue:
    with transaction():
        services.withdraw_post(current_user, get_post(post_id))
    flash(_("Unggahan ditarik. Yang belum terbit dibatalkan, naskah tetap tersimpan."), "success")
    return redirect(url_for("home.post", id=post_id), 303)


@blueprint.post("/terbitan/<delivery_id>/batal")
@needs(Permission.POST_SCHEDULE)
def cancel(delivery_id: str) -> ResponseReturnValue:
    with transaction():
        found = queries.get_delivery(delivery_id)
        services.cancel(current_user, found)
        post_id = found.post_id
    flash(_("Jadwal di kanal itu dibatalkan. Naskah tetap tersimpan."), "success")
    return redirect(url_for("home.post", id=post_id), 303)


@blueprint.post("/terbitan/<delivery_id>/ada")
@needs(Permission.POST_SCHEDULE)
def is_there(delivery_id: str) -> ResponseReturnValue:
    form = LinkForm()
    if not form.validate_on_submit() or not _noted_as_there(form, delivery_id):
        found = queries.get_delivery(delivery_id)
        allow(current_user, Permission.POST_SCHEDULE, found.post)
        return _delivery_page(found, form), 422
    flash(_("Dicatat sebagai terbit."), "success")
    return redirect(url_for("publishing.delivery", delivery_id=delivery_id), 303)


def _noted_as_there(form: LinkForm, delivery_id: str) -> bool:
    try:
        with transaction():
            persons.is_there(current_user, queries.get_delivery(delivery_id), form.link.data)
    except DomainError as error:
        return form.refuse(error)
    return True


@blueprint.post("/terbitan/<delivery_id>/belum")
@needs(Permission.POST_SCHEDULE)
def is_not_there(delivery_id: str) -> ResponseReturnValue:
    with transaction():
        goes_out = persons.is_not_there(current_user, queries.get_delivery(delivery_id), grace())
    if not goes_out:
        flash(_("Dicatat: belum terbit. Persetujuan pelaku usaha dicabut, jadi tidak diterbitkan."), "success")
    elif not say_that_it_is_held([queries.get_delivery(delivery_id)]):
        flash(_("Diterbitkan sekarang."), "success")
    return redirect(url_for("publishing.delivery", delivery_id=delivery_id), 303)


@blueprint.post("/umkm/<business_id>/persetujuan/cabut")
@needs(Permission.CONSENT_WITHDRAW)
def withdraw_consent(business_id: str) -> ResponseReturnValue:
    purposes = [Purpose(value) for value in request.form.getlist("purpose") if value in set(Purpose)]
    if not purposes:
        raise DomainError(N_("Belum ada yang dicabut. Centang dulu persetujuan mana yang dicabut."))
    with transaction():
        business = get_business(business_id)
        outcome = consents.withdraw(current_user, business, purposes)
    flash(_("Persetujuan dicabut. %(count)s jadwal dibatalkan.", count=outcome.cancelled), "success")
    if not outcome.live:
        return redirect(url_for("umkm.business", business_id=business_id), 303)
    unclear = sum(delivery.state != DeliveryState.SENT for delivery in outcome.live)
    if shown := len(outcome.live) - unclear:
        flash(_("%(count)s unggahan masih tampil dan harus dihapus.", count=shown), "warning")
    if unclear:
        flash(_("%(count)s unggahan belum jelas sudah terbit atau belum. Lihat keadaannya.", count=unclear), "warning")
    return redirect(url_for("publishing.to_take_down", business_id=business_id), 303)
