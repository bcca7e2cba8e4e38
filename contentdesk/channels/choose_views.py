"""What a sign-in brought: the very account that was lost, one new one, or several to choose from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from contentdesk.access.guards import needs
from contentdesk.access.permissions import Permission, may
from contentdesk.channels import queries, registry, ringing, services, sign_in, subscribing
from contentdesk.channels.base import ChannelError, Login
from contentdesk.channels.blueprint import blueprint
from contentdesk.channels.kinds.oauth import PRIVATE
from contentdesk.channels.sign_in import Started
from contentdesk.lib.db import transaction
from contentdesk.lib.desk import desk
from contentdesk.lib.errors import DomainError
from contentdesk.lib.http import NoAnswer, PrivateAddress
from contentdesk.lib.i18n import N_
from contentdesk.lib.sentences import of_error, sentence

TOO_LATE = N_("Sambungan ini dimulai di tempat lain, atau sudah terlalu lama. Mulai lagi dari sini.")
NO_ANSWER = N_("Server itu tidak menjawab. Periksa alamatnya, atau coba lagi nanti. Tidak ada yang berubah.")
READY = N_("Tersambung: %(names)s. Sekarang bisa dipilih saat membuat unggahan.")
WAITING_GO_OUT = N_("Tersambung: %(names)s. Unggahan yang menunggu terbit sendiri.")
TAKEN = N_("Sudah dipakai KIM lain. Minta admin kota memindahkannya.")
NOBODY = N_("Tidak ada akun yang dapat disambungkan. Tidak ada yang berubah.")
ANOTHER = N_("Anda masuk sebagai %(found)s, padahal yang disambungkan lagi %(wanted)s. Ganti akun, lalu coba lagi.")
Trouble = (ChannelError, DomainError, NoAnswer, PrivateAddress)
"""What may come of asking a platform while somebody waits for the page."""


@dataclass(frozen=True)
class Choice:
    """An account on the page where one chooses. `why_not` is a message for the catalogue; empty: it can be chosen."""

    login: Login
    platform: str
    icon: str
    why_not: str


def brought(started: Started, logins: Sequence[Login]) -> Any:
    """The page after a sign-in. Raises DomainError when it is not the account that was meant."""
    shown = _wanted(started, [login for login in logins if (login.kind or started.kind) in registry.KINDS])
    wanted = [login for login in shown if not login.refused]
    if not wanted:
        return back(_(shown[0].refused if shown else NOBODY), "error")
    if len(shown) == 1:
        return _connected(started.kind, started.kim_id, wanted)
    sealed = sign_in.seal_choice(desk().box, current_user.id, started.kind, started.kim_id, wanted)
    choices = [_choice(started, login) for login in (*wanted, *(login for login in shown if login.refused))]
    return render_template("channels/choose.html", kind=started.kind, choices=choices, sealed=sealed)


def _wanted(started: Started, logins: list[Login]) -> list[Login]:
    """All of them for a new account; the very same one when it is connected again."""
    if started.account_id is None:
        return logins
    known = queries.get_account(started.account_id)
    same = [one for one in logins if (one.kind or started.kind, one.external_id) == (known.kind, known.external_id)]
    if not same and logins:
        raise DomainError(ANOTHER, found=logins[0].handle, wanted=known.handle)
    return same


def _choice(started: Started, login: Login) -> Choice:
    kind = login.kind or started.kind
    known = services.known_as(kind, started.kim_id, login)
    taken = known is not None and not may(current_user, Permission.ACCOUNT_MANAGE, known)
    return Choice(login, registry.name(kind), registry.icon(kind), TAKEN if taken else login.refused)


@blueprint.post("/akun/kembali/<kind>")
@needs(Permission.ACCOUNT_MANAGE)
def choose(kind: str) -> Any:
    """When one sign-in brought several accounts."""
    kim_id, logins = sign_in.open_choice(desk().box, current_user.id, kind, request.form.get("sealed", ""))
    chosen = set(request.form.getlist("akun"))
    wanted = [login for number, login in enumerate(logins) if str(number) in chosen]
    if not logins:
        return back(_(TOO_LATE), "error")
    if not wanted:
        return back(_("Tidak ada akun yang dipilih. Tidak ada yang berubah."), "error")
    return _connected(kind, kim_id, wanted)


def _connected(kind: str, kim_id: str | None, logins: list[Login]) -> Any:
    again = any(services.known_as(login.kind or kind, kim_id, login) for login in logins)
    try:
        with transaction():
            kept = [services.connect(current_user, kind, kim_id, login, desk().box) for login in logins]
            account_ids = [account.id for account in kept]
            asking = [account.id for account in kept if ringing.channel_of(account)]
    except DomainError as error:
        return back(told(error), "error")
    for account_id in asking:
        desk().bell.ring(subscribing.QUEUE, subscribing.JOB, account_id)
    said = _(WAITING_GO_OUT if again else READY) % {"names": ", ".join(login.handle for login in logins)}
    flash(said, "ok")
    if len(logins) > 1:
        return redirect(url_for("channels.accounts"), 303)
    return redirect(url_for("channels.account", account_id=account_ids[0]), 303)


def told(error: Exception) -> str:
    """One of `Trouble` as a sentence. Nothing of what was typed is in it."""
    match error:
        case ChannelError():
            return sentence(error.sentence, error.values)
        case DomainError():
            return of_error(error)
        case PrivateAddress():
            return str(_(PRIVATE))
        case _:
            return str(_(NO_ANSWER))


def back(what: str, tone: str) -> Any:
    flash(what, tone)
    return redirect(url_for("channels.accounts"), 303)
