"""Pages of the stop button: what is held, placing and releasing a hold, new times for what was missed."""

from datetime import datetime, timedelta

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from contentdesk.access.guards import needs
from contentdesk.access.permissions import Permission, everywhere, may, scope
from contentdesk.kim.queries import open_kims
from contentdesk.lib import clock
from contentdesk.lib.db import db, transaction
from contentdesk.lib.errors import DomainError, NotFound, NotPermitted
from contentdesk.lib.sentences import of_error
from contentdesk.posts.queries import get_post
from contentdesk.publishing import held_posts, hold_lists, hold_wording, holding, holds, services, spreading
from contentdesk.publishing.forms import HoldForm
from contentdesk.publishing.holds import Scope
from contentdesk.publishing.models import Delivery, Hold
from contentdesk.publishing.states import HoldReason, HoldScope
from contentdesk.publishing.views import blueprint, grace
from contentdesk.regions.queries import all_kelurahan

GAPS = (5, 10, 15, 30, 60)
USUAL_GAP = 10
PLACE = "tahan"
Choices = dict[str, list[tuple[str, str]]]


@blueprint.get("/tahan")
@needs(Permission.POST_READ)
def all_holds() -> ResponseReturnValue:
    own = scope(current_user, Permission.POST_READ)
    return render_template(
        "publishing/holds.html",
        active=[(one, hold_wording.held(one)) for one in hold_lists.active(own)],
        over=hold_lists.over(own, request.args.get("halaman", 1, int)),
        word=hold_wording,
        may_hold=may(current_user, Permission.POST_HOLD),
    )


@blueprint.route("/tahan/baru", methods=["GET", "POST"])
@needs(Permission.POST_HOLD)
def new_hold() -> ResponseReturnValue:
    """First what would be hit, then the hold itself: the second button holds what the first one showed."""
    form = HoldForm(what=request.args.get("apa"))
    form.offer(_choices())
    if not form.validate_on_submit():
        return _new_page(form), 422 if form.is_submitted() else 200
    if request.form.get("langkah") != PLACE or request.form.get("dilihat") != form.what.data:
        return _new_page(form, held_posts.reach(_scope(form.what.data)))
    with transaction():
        hold_id = holding.place(
            current_user, _scope(form.what.data), HoldReason(form.reason.data), form.words.data or ""
        ).id
    flash(_("Ditahan. Tidak ada lagi yang mulai terbit sampai Anda melepasnya."), "success")
    return redirect(url_for("publishing.hold", hold_id=hold_id), 303)


def _new_page(form: HoldForm, reach: held_posts.Reach | None = None) -> str:
    what = hold_wording.what(_scope(form.what.data)) if reach else ""
    return render_template("publishing/new_hold.html", form=form, reach=reach, what=what)


def _choices() -> Choices | list[tuple[str, str]]:
    """The city and its parts; a chair has the own KIM only."""
    if not everywhere(current_user, Permission.POST_HOLD):
        own = [kim for kim in open_kims() if kim.id == current_user.kim_id]
        return [(f"kim:{kim.id}", kim.name) for kim in own]
    return {_("Kota"): [("city:", _("Seluruh kota"))]} | _parts()


def _parts() -> Choices:
    parts = {row.kecamatan_code: hold_lists.word(None, row.kecamatan) for row in all_kelurahan()}
    kims = [(f"kim:{kim.id}", f"{kim.name} ({kim.kelurahan.name})") for kim in open_kims()]
    themes = [(f"campaign:{one.id}", one.name) for one in hold_lists.campaigns()]
    places = {_("Kecamatan"): [(f"kecamatan:{code}", str(name)) for code, name in parts.items()], _("KIM"): kims}
    return places | ({_("Kampanye"): themes} if themes else {})


def _scope(typed: str) -> Scope:
    """As the choices write it. Raises NotFound for anything else."""
    kind, _colon, code = typed.partition(":")
    if kind not in set(HoldScope):
        raise NotFound()
    return Scope(HoldScope(kind), code)


@blueprint.get("/tahan/<hold_id>")
@needs(Permission.POST_READ)
def hold(hold_id: str) -> ResponseReturnValue:
    return _page(hold_id)


def _page(hold_id: str, wrong: dict[str, str] | None = None) -> str:
    """`wrong`: by post, why it got no new time."""
    own = scope(current_user, Permission.POST_READ)
    found = hold_lists.get(hold_id, own)
    reach = held_posts.reach(holds.scope_of(found), found) if found.released_at is None else None
    missed = _missed(found)
    gap = request.values.get("jarak", USUAL_GAP, int)
    gap = gap if gap in GAPS else USUAL_GAP
    return render_template(
        "publishing/hold.html",
        hold=found,
        held=hold_wording.held(found),
        word=hold_wording,
        kims=[one for one in reach.kims if own in {None, one.kim.id}] if reach else [],
        beyond=[one for one in reach.beyond if own in {None, one.post.kim_id}] if reach else [],
        may_release=holding.may_release(current_user, found),
        from_above=found.by_city and not everywhere(current_user, Permission.POST_HOLD),
        parts=_parts_of(found) if found.released_at is None else {},
        missed=missed,
        times=_times(missed, timedelta(minutes=gap)),
        typed=request.form,
        wrong=wrong or {},
        gap=gap,
        gaps=GAPS,
    )


def _parts_of(found: Hold) -> Choices:
    """What of it may be released while the rest stays."""
    if found.scope == HoldScope.KIM:
        return {}
    own = holds.scope_of(found)
    let_go = {holds.scope_of(one) for one in found.parts}
    taken = {f"{one.kind}:{one.code}" for one in let_go}
    groups = {group: [row for row in rows if row[0] not in taken] for group, rows in _inside(own).items()}
    return {group: rows for group, rows in groups.items() if rows}


def _inside(own: Scope) -> Choices:
    """Smaller places, and campaigns; of a campaign all places."""
    parts = _parts()
    if own.kind == HoldScope.KECAMATAN:
        kims = {f"kim:{kim.id}" for kim in open_kims() if own.code == kim.kelurahan.kecamatan_code}
        parts[_("KIM")] = [row for row in parts[_("KIM")] if row[0] in kims]
        parts[_("Kecamatan")] = []
    if own.kind == HoldScope.CAMPAIGN:
        parts.pop(_("Kampanye"), None)
    return parts


def _missed(found: Hold) -> dict[str, list[Delivery]]:
    """By post, of those that this person may plan anew."""
    rows: dict[str, list[Delivery]] = {}
    for one in held_posts.missed(found):
        if may(current_user, Permission.POST_SCHEDULE, one.post):
            rows.setdefault(one.post_id, []).append(one)
    return rows


def _times(missed: dict[str, list[Delivery]], gap: timedelta) -> dict[str, datetime]:
    kims: dict[str, list[str]] = {}
    for post_id, rows in missed.items():
        kims.setdefault(rows[0].post.kim_id, []).append(post_id)
    return spreading.spread(kims, gap, spreading.planned()) if kims else {}


@blueprint.post("/tahan/<hold_id>/lepas")
@needs(Permission.POST_HOLD)
def release_hold(hold_id: str) -> ResponseReturnValue:
    typed = request.form.get("bagian", "")
    with transaction():
        found = hold_lists.get(hold_id, scope(current_user, Permission.POST_READ))
        freed = holding.release(current_user, found, _scope(typed) if typed else None)
    _say_what_was_freed(freed)
    return redirect(url_for("publishing.hold", hold_id=hold_id), 303)


def _say_what_was_freed(freed: holding.Freed | None) -> None:
    if freed is None:
        flash(_("Sudah dilepas lebih dulu."), "success")
        return
    flash(_("Dilepas. %(count)s unggahan terbit sesuai jadwal.", count=freed.going), "success")
    if freed.missed:
        flash(
            _(
                "%(count)s unggahan sudah lewat waktunya dan tidak terbit sendiri. Pilih waktu baru di bawah.",
                count=freed.missed,
            ),
            "warning",
        )


@blueprint.post("/tahan/<hold_id>/jadwal")
@needs(Permission.POST_SCHEDULE)
def plan_missed(hold_id: str) -> ResponseReturnValue:
    """Each ticked post at the time that stands beside it; what cannot be planned stays, and says why."""
    with transaction():
        found = hold_lists.get(hold_id, scope(current_user, Permission.POST_READ))
        asked = [post_id for post_id in sorted(_missed(found)) if post_id in request.form.getlist("unggahan")]
        wrong = {post_id: said for post_id in asked if (said := _planned(post_id))}
    done = len(asked) - len(wrong)
    if done:
        flash(ngettext("%(num)s unggahan dijadwalkan.", "%(num)s unggahan dijadwalkan.", done), "success")
    if wrong:
        return _page(hold_id, wrong), 422
    if not asked and request.form.getlist("unggahan"):
        flash(_("Sudah dijadwalkan lebih dulu."), "success")
    elif not asked:
        flash(_("Belum ada yang dijadwalkan. Centang dulu unggahannya."), "warning")
    return redirect(url_for("publishing.hold", hold_id=hold_id), 303)


def _planned(post_id: str) -> str:
    """Why not; empty when it is."""
    due_at = _typed_time(request.form.get(f"waktu-{post_id}", ""))
    if due_at is None:
        return str(_("Isi tanggal dan jamnya."))
    try:
        with db.session.begin_nested():
            services.schedule(current_user, get_post(post_id), due_at, grace())
    except (NotFound, NotPermitted):
        raise
    except DomainError as error:
        return of_error(error)
    return ""


def _typed_time(typed: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(typed)
    except ValueError:
        return None
    fits = moment.tzinfo is None and clock.FIRST_YEAR <= moment.year <= clock.LAST_YEAR
    return clock.from_wib(moment) if fits else None
