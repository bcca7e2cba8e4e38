"""Connected accounts: how they are, adding one by hand, closing one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user

from contentdesk.access.guards import needs
from contentdesk.access.permissions import Permission, allow, may, scope
from contentdesk.channels import (
    connect_views,
    holders,
    queries,
    registry,
    renewal,
    ringing,
    services,
    sign_in,
    subscribing,
)
from contentdesk.channels.base import ChannelError
from contentdesk.channels.blueprint import blueprint
from contentdesk.channels.forms import ByHandForm
from contentdesk.channels.models import Account, AccountState
from contentdesk.channels.owners import CITY, kim_id_of, owners
from contentdesk.channels.queries import Filter, Health
from contentdesk.lib import clock, words
from contentdesk.lib.db import db, transaction
from contentdesk.lib.desk import desk
from contentdesk.lib.errors import Conflict, DomainError, NotFound
from contentdesk.lib.i18n import N_
from contentdesk.lib.sentences import of_error, sentence
from contentdesk.regions import queries as regions

__all__ = ["blueprint", "connect_views"]

NO_WAY_IN = N_("Akun ini diunggah manual oleh anggota, jadi tidak ada sambungan untuk diperpanjang.")


@dataclass(frozen=True)
class Row:
    """An account as the page shows it."""

    account: Account
    health: Health
    platform: str
    icon: str
    problem: str
    stopped: datetime | None
    """Since when nothing goes out on it, until a person has seen to it."""
    ends_at: datetime | None
    """When a person has to sign in again at the latest."""
    days_left: int
    reading_ends: datetime | None
    """When the right to read ends or ended, where that is what a person has to see to."""
    reading_left: int
    may_manage: bool
    connectable: bool
    door: str
    """The channel on which one signs in to it."""
    renewable: bool
    rests_on_one: bool


class _Words(dict[str, Any]):
    """A sentence of a later version may want a value we do not know."""

    def __missing__(self, _name: str) -> str:
        return ""


def row_of(account: Account, holding: int) -> Row:
    """`holding`: how many people can sign in to it."""
    kind, ends, reading = account.kind, queries.ends_at(account), queries.reading_ends(account)
    said = _Words(account.problem_values, handle=account.handle, platform=registry.name(kind))
    door = account.via or kind
    connectable = not queries.published_by_hand(account) and registry.has_way_in(door)
    return Row(
        account,
        queries.health(account),
        platform=said["platform"],
        icon=registry.icon(kind),
        problem=_(account.problem) % said if account.problem else "",
        stopped=queries.stopped_since(account, clock.now()),
        ends_at=ends,
        days_left=_days_left(ends),
        reading_ends=reading,
        reading_left=_days_left(reading),
        may_manage=may(current_user, Permission.ACCOUNT_MANAGE, account),
        connectable=connectable,
        door=door,
        renewable=connectable and registry.renewable(kind) is not None and account.refresh_sealed is None,
        rests_on_one=connectable and holding < holders.ENOUGH,
    )


def _days_left(ends: datetime | None) -> int:
    return (clock.to_wib(ends).date() - clock.today()).days if ends else 0


@blueprint.get("/akun")
@needs(Permission.ACCOUNT_READ)
def accounts() -> str:
    kim_id = scope(current_user, Permission.ACCOUNT_READ)
    kind = request.args.get("kanal", "")
    care = request.args.get("perlu") == "1"
    wanted = Filter(kim_id, kind if kind in registry.KINDS else "", care)
    page = queries.page_of_accounts(wanted, request.args.get("halaman", 1, int))
    holding = holders.counts([account.id for account in page.rows])
    return render_template(
        "channels/accounts.html",
        page=page,
        rows=[row_of(account, holding.get(account.id, 0)) for account in page.rows],
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
    held_by = holders.of(found)
    row = row_of(found, len(held_by))
    wanted = registry.wanted_scopes(found.kind) if found.via is None and found.scopes else ()
    lacking = [one for one in wanted if one not in found.scopes]
    return render_template(
        "channels/account.html",
        row=row,
        has_app=registry.has_way_in(row.door) and sign_in.is_open(desk().config, row.door),
        holders=held_by,
        candidates=holders.candidates(found) if row.may_manage else [],
        missing=[_(words) for words in registry.scope_words(found.kind, lacking)],
        bell=bell_of(found),
        connected_by=holders.who_connected(found),
    )


def bell_of(account: Account) -> str:
    """Whether the platform tells of news by itself, in words; empty where none does for single accounts."""
    if ringing.channel_of(account) is None:
        return ""
    row = ringing.of(account)
    if row is not None and row.since is not None and ringing.rings_now(row, clock.now()):
        day = words.short_day(row.since, str(get_locale() or "id"))
        return str(_("langsung, sejak %(day)s", day=day))
    if row is not None and row.problem:
        return str(_(row.problem) % _Words(_in_words(account, row.problem_values)))
    return str(_("belum diminta; angka dan komentar dibaca berkala"))


def _in_words(account: Account, values: Mapping[str, Any]) -> dict[str, Any]:
    scopes = registry.scope_words(account.via or account.kind, [str(values["scope"])] if "scope" in values else [])
    return {**values, "platform": registry.name(account.kind), "scope": ", ".join(_(words) for words in scopes)}


@blueprint.post("/akun/<account_id>/pemegang")
@needs(Permission.ACCOUNT_MANAGE)
def add_holder(account_id: str) -> Any:
    """One more person who can sign in to it on the platform."""
    with transaction():
        name = holders.add(current_user, _managed(account_id), request.form.get("orang", "")).name
    flash(_("%(name)s sekarang ikut memegang akun ini.", name=name), "ok")
    return redirect(url_for("channels.account", account_id=account_id), 303)


@blueprint.post("/akun/<account_id>/pemegang/lepas")
@needs(Permission.ACCOUNT_MANAGE)
def remove_holder(account_id: str) -> Any:
    try:
        with transaction():
            holders.remove(current_user, _managed(account_id), request.form.get("orang", ""))
    except DomainError as error:
        flash(of_error(error), "error")
    else:
        flash(_("Daftar pemegang akun sudah diubah."), "ok")
    return redirect(url_for("channels.account", account_id=account_id), 303)


def _managed(account_id: str) -> Account:
    found = queries.get_account(account_id)
    allow(current_user, Permission.ACCOUNT_MANAGE, found)
    if found.state == AccountState.CLOSED:
        raise NotFound()
    return found


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
    if queries.published_by_hand(found) or registry.renewable(found.kind) is None:
        raise DomainError(NO_WAY_IN)
    before, since = found.renewed_at, found.connected_at
    try:
        renewal.renewed(account_id, desk())
    except ChannelError as error:
        flash(sentence(error.sentence, error.values), "error")
    else:
        flash(*_what_came(account_id, before, since))
    gone = queries.get_account(account_id).state == AccountState.CLOSED
    return redirect(url_for("channels.accounts") if gone else url_for("channels.account", account_id=account_id), 303)


def _what_came(account_id: str, before: datetime | None, since: datetime | None) -> tuple[str, str]:
    db.session.rollback()
    found = queries.get_account(account_id)
    if found.state == AccountState.CLOSED or found.connected_at != since:
        return _("Akun ini baru saja ditutup atau disambungkan lagi. Perubahan itu yang berlaku."), "warning"
    if found.renewed_at == before:
        return _(
            "Izin akun %(handle)s belum diperpanjang: masih baru, atau platformnya terganggu. Yang lama tetap berlaku.",
            handle=found.handle,
        ), "warning"
    return _("Izin akun %(handle)s diperpanjang.", handle=found.handle), "ok"


@blueprint.post("/akun/<account_id>/tutup")
@needs(Permission.ACCOUNT_MANAGE)
def close(account_id: str) -> Any:
    _managed(account_id)
    subscribing.take_back(account_id, desk())
    with transaction():
        found = queries.get_account(account_id)
        services.close(current_user, found)
        handle = found.handle
    flash(_("Akun %(handle)s ditutup. Unggahan yang sudah terbit tetap tercatat.", handle=handle), "ok")
    return redirect(url_for("channels.accounts"), 303)
