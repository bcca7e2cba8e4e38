"""Connected accounts: how they are, adding one by hand, closing one."""

from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from contentdesk.access.guards import needs
from contentdesk.access.permissions import Permission, allow, may, scope
from contentdesk.channels import connect_views, queries, registry, services, sign_in
from contentdesk.channels.base import ChannelError, LoginExpired
from contentdesk.channels.blueprint import blueprint
from contentdesk.channels.forms import ByHandForm
from contentdesk.channels.models import Account, AccountState
from contentdesk.channels.owners import CITY, kim_id_of, owners
from contentdesk.channels.queries import Filter, Health
from contentdesk.lib import clock
from contentdesk.lib.db import transaction
from contentdesk.lib.desk import desk
from contentdesk.lib.errors import Conflict, NotFound
from contentdesk.lib.sentences import of_error
from contentdesk.regions import queries as regions

__all__ = ["blueprint", "connect_views"]


@dataclass(frozen=True)
class Row:
    """An account as the page shows it."""

    account: Account
    health: Health
    platform: str
    icon: str
    problem: str
    days_left: int
    may_manage: bool
    connectable: bool


class _Words(dict[str, str]):
    """A sentence of a later version may want a value we do not know."""

    def __missing__(self, _name: str) -> str:
        return ""


def row_of(account: Account) -> Row:
    kind, ends = account.kind, account.token_expires_at
    words = _Words(handle=account.handle, platform=registry.name(kind))
    return Row(
        account,
        queries.health(account),
        platform=words["platform"],
        icon=registry.icon(kind),
        problem=_(account.problem) % words if account.problem else "",
        days_left=(clock.to_wib(ends).date() - clock.today()).days if ends else 0,
        may_manage=may(current_user, Permission.ACCOUNT_MANAGE, account),
        connectable=not queries.published_by_hand(account) and registry.connectable(kind) is not None,
    )


@blueprint.get("/akun")
@needs(Permission.ACCOUNT_READ)
def accounts() -> str:
    kim_id = scope(current_user, Permission.ACCOUNT_READ)
    kind = request.args.get("kanal", "")
    care = request.args.get("perlu") == "1"
    wanted = Filter(kim_id, kind if kind in registry.KINDS else "", care)
    page = queries.page_of_accounts(wanted, request.args.get("halaman", 1, int))
    return render_template(
        "channels/accounts.html",
        page=page,
        rows=[row_of(account) for account in page.rows],
        wanted=wanted,
        counts=queries.counts(kim_id),
        kinds=registry.choices(),
        may_add=may(current_user, Permission.ACCOUNT_MANAGE),
        tiles=[] if page.rows else regions.tiles(),
    )


@blueprint.get("/akun/<account_id>")
@needs(Permission.ACCOUNT_READ)
def account(account_id: str) -> str:
    found = queries.get_account(account_id)
    if found.kim_id is not None:
        allow(current_user, Permission.ACCOUNT_READ, found)
    if found.state == AccountState.CLOSED:
        raise NotFound()
    has_app = sign_in.registered(desk().config, found.kind) is not None
    return render_template("channels/account.html", row=row_of(found), has_app=has_app)


@blueprint.route("/akun/manual", methods=["GET", "POST"])
@needs(Permission.ACCOUNT_MANAGE)
def add_by_hand() -> Any:
    form = ByHandForm()
    form.offer(owners(current_user))
    if request.method == "GET":
        form.kind.data, form.kim_id.data = request.args.get("kanal"), request.args.get("milik")
    elif form.validate():
        try:
            with transaction():
                services.add_by_hand(
                    current_user,
                    form.kind.data,
                    kim_id_of(form.kim_id.data),
                    form.handle.data,
                    form.profile_url.data or None,
                )
        except Conflict as problem:
            form.handle.errors = [of_error(problem)]
        else:
            flash(_("Akun tercatat. Anggota mendapat tugas setiap ada unggahan untuk akun ini."), "ok")
            return redirect(url_for("channels.accounts"), 303)
    page = render_template("channels/add_by_hand.html", form=form, city=CITY)
    return page, 422 if form.errors else 200


@blueprint.post("/akun/<account_id>/perpanjang")
@needs(Permission.ACCOUNT_MANAGE)
def renew(account_id: str) -> Any:
    """Asks the platform outside the transaction; who signs in meanwhile wins."""
    found = queries.get_account(account_id)
    allow(current_user, Permission.ACCOUNT_MANAGE, found)
    seen = found.connected_at
    try:
        login = services.fresh_login(found, desk().box, desk().http, sign_in.registered(desk().config, found.kind))
    except ChannelError as error:
        if isinstance(error, LoginExpired):
            with transaction():
                services.renewal_failed(queries.get_account(account_id), error.sentence, seen)
        flash(_(error.sentence) % error.values, "error")
    else:
        with transaction():
            kept = services.keep_renewed(queries.get_account(account_id), login, seen, desk().box)
        if not kept:
            flash(_("Akun ini baru saja ditutup atau disambungkan lagi. Perubahan itu yang berlaku."), "warning")
            return redirect(url_for("channels.accounts"), 303)
        flash(_("Izin akun %(handle)s diperpanjang.", handle=login.handle), "ok")
    return redirect(url_for("channels.account", account_id=account_id), 303)


@blueprint.post("/akun/<account_id>/tutup")
@needs(Permission.ACCOUNT_MANAGE)
def close(account_id: str) -> Any:
    with transaction():
        found = queries.get_account(account_id)
        services.close(current_user, found)
        handle = found.handle
    flash(_("Akun %(handle)s ditutup. Unggahan yang sudah terbit tetap tercatat.", handle=handle), "ok")
    return redirect(url_for("channels.accounts"), 303)
