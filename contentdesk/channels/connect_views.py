"""Connecting an account: off to the platform's sign-in page and back.

Leaving is a plain link (GET), never a form: the policy `form-action 'self'` also stops a form whose answer
redirects to another origin. What a GET does here is to remember a state; only the callback connects.
"""

from collections.abc import Sequence
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from contentdesk.access.guards import needs
from contentdesk.access.permissions import Permission, allow
from contentdesk.channels import queries, registry, services, sign_in
from contentdesk.channels.base import ChannelError, Login
from contentdesk.channels.blueprint import blueprint
from contentdesk.channels.models import Account
from contentdesk.channels.owners import kim_id_of, owners
from contentdesk.channels.sign_in import Started
from contentdesk.lib import ids
from contentdesk.lib.db import transaction
from contentdesk.lib.desk import desk
from contentdesk.lib.errors import DomainError
from contentdesk.lib.i18n import N_

TOO_LATE = N_("Sambungan ini dimulai di tempat lain, atau sudah terlalu lama. Mulai lagi dari sini.")
NOT_REGISTERED = N_("Aplikasi %(platform)s milik kota belum didaftarkan. Tambahkan akunnya manual.")


@blueprint.get("/akun/baru")
@needs(Permission.ACCOUNT_MANAGE)
def start() -> str:
    """Whose account, then which platform and how."""
    choices = owners(current_user)
    asked = request.args.get("milik", "")
    owner = asked if asked in dict(choices) else next((value for value, _name in choices), "")
    config = desk().config
    return render_template(
        "channels/start.html",
        owners=choices,
        owner=owner,
        channels=[
            (channel, registry.connectable(kind), sign_in.registered(config, kind))
            for kind, channel in registry.KINDS.items()
        ],
    )


@blueprint.get("/akun/sambung/<kind>")
@needs(Permission.ACCOUNT_MANAGE)
def connect(kind: str) -> Any:
    """To the platform's page, for a new account (`milik`) or one that lost its connection (`akun`)."""
    channel = registry.connectable(kind)
    app = sign_in.registered(desk().config, kind)
    if channel is None:
        abort(404)
    if app is None:
        flash(_(NOT_REGISTERED) % {"platform": registry.name(kind)}, "error")
        return redirect(url_for("channels.start"), 303)
    started, state, verifier = _started(kind), ids.secret(), ids.secret()
    leaving = channel.leave(desk().http, app, _return_address(kind), state, verifier, {})
    sign_in.begin(desk().box, started, state, sign_in.Held(verifier, leaving.keep))
    return redirect(desk().http.address(leaving.url), 303)


def _started(kind: str) -> Started:
    account_id = request.args.get("akun")
    if account_id:
        known = queries.get_account(account_id)
        allow(current_user, Permission.ACCOUNT_MANAGE, known)
        return Started(kind, known.kim_id, known.id)
    kim_id = kim_id_of(request.args.get("milik") or str(current_user.kim_id or ""))
    if kim_id == "":
        raise DomainError(N_("Pilih dulu akun ini milik siapa."))
    allow(current_user, Permission.ACCOUNT_MANAGE, Account(kind=kind, kim_id=kim_id))
    return Started(kind, kim_id, None)


def _return_address(kind: str) -> str:
    return desk().config.public_url + url_for("channels.callback", kind=kind)


@blueprint.get("/akun/kembali/<kind>")
@needs(Permission.ACCOUNT_MANAGE)
def callback(kind: str) -> Any:
    """Where the platform sends the browser after signing in."""
    channel, app = registry.connectable(kind), sign_in.registered(desk().config, kind)
    if channel is None or app is None:
        abort(404)
    begun = sign_in.finish(desk().box, kind, request.args.get("state", ""))
    if begun is None:
        return _back(_(TOO_LATE), "error")
    started, held = begun
    code = request.args.get("code")
    if not code:
        return _back(
            _("%(platform)s tidak memberi izin. Tidak ada yang berubah.", platform=registry.name(kind)), "error"
        )
    try:
        logins = channel.exchange(desk().http, app, _return_address(kind), code, held.verifier, held.keep)
        wanted = _wanted(started, logins)
    except (ChannelError, DomainError) as error:
        return _back(_told(error), "error")
    return _kept(kind, started.kim_id, wanted)


def _wanted(started: Started, logins: Sequence[Login]) -> list[Login]:
    """All of them for a new account; the very same one when it is connected again."""
    if started.account_id is None:
        return list(logins)
    known = queries.get_account(started.account_id)
    same = [login for login in logins if login.external_id == known.external_id]
    if not same and logins:
        raise DomainError(
            N_("Anda masuk sebagai %(found)s, padahal yang disambungkan lagi %(wanted)s. Ganti akun, lalu coba lagi."),
            found=logins[0].handle,
            wanted=known.handle,
        )
    return same


def _kept(kind: str, kim_id: str | None, logins: list[Login]) -> Any:
    if not logins:
        return _back(_("Tidak ada akun yang dapat disambungkan. Tidak ada yang berubah."), "error")
    if len(logins) > 1:
        sealed = sign_in.seal_choice(desk().box, current_user.id, kind, kim_id, logins)
        return render_template(
            "channels/choose.html", kind=kind, logins=logins, sealed=sealed, icon_name=registry.icon(kind)
        )
    return _connected(kind, kim_id, logins)


@blueprint.post("/akun/kembali/<kind>")
@needs(Permission.ACCOUNT_MANAGE)
def choose(kind: str) -> Any:
    """When one sign-in brought several accounts."""
    kim_id, logins = sign_in.open_choice(desk().box, current_user.id, kind, request.form.get("sealed", ""))
    chosen = set(request.form.getlist("external_id"))
    wanted = [login for login in logins if login.external_id in chosen]
    if not logins:
        return _back(_(TOO_LATE), "error")
    if not wanted:
        return _back(_("Tidak ada akun yang dipilih. Tidak ada yang berubah."), "error")
    return _connected(kind, kim_id, wanted)


def _connected(kind: str, kim_id: str | None, logins: list[Login]) -> Any:
    try:
        with transaction():
            for login in logins:
                services.connect(current_user, kind, kim_id, login, desk().box)
    except DomainError as error:
        return _back(_told(error), "error")
    names = ", ".join(login.handle for login in logins)
    return _back(_("Tersambung: %(names)s. Unggahan yang menunggu terbit sendiri.", names=names), "ok")


def _told(error: ChannelError | DomainError) -> str:
    sentence = error.sentence if isinstance(error, ChannelError) else error.message
    return str(_(sentence) % error.values if error.values else _(sentence))


def _back(sentence: str, tone: str) -> Any:
    flash(sentence, tone)
    return redirect(url_for("channels.accounts"), 303)
