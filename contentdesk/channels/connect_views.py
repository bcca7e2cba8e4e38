"""Connecting an account: off to the platform's sign-in page and back, or with a key that a person types.

Leaving is a plain link (GET), never a form: the policy `form-action 'self'` also stops a form whose answer
redirects to another origin. Where something must be asked first, the answer is a page that leads on by itself.
What a GET does here is to remember a state; only the callback connects.
"""

from collections.abc import Mapping
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from contentdesk.access.guards import needs
from contentdesk.access.permissions import Permission, allow
from contentdesk.channels import choose_views, queries, registry, sign_in
from contentdesk.channels.abilities import Connectable, ConnectableByKey
from contentdesk.channels.blueprint import blueprint
from contentdesk.channels.choose_views import TOO_LATE, Trouble, back, brought, told
from contentdesk.channels.forms import AskForm, ask_form
from contentdesk.channels.models import Account
from contentdesk.channels.owners import kim_id_of, owners
from contentdesk.channels.sign_in import Held, Started
from contentdesk.lib import ids
from contentdesk.lib.desk import desk
from contentdesk.lib.i18n import N_

__all__ = ["choose_views"]

NOT_REGISTERED = N_("Aplikasi %(platform)s milik kota belum didaftarkan. Tambahkan akunnya manual.")
DECLINED = N_("%(platform)s tidak memberi izin. Tidak ada yang berubah.")


@blueprint.get("/akun/baru")
@needs(Permission.ACCOUNT_MANAGE)
def start() -> str:
    """Whose account, then which platform and how."""
    choices = owners(current_user)
    asked = request.args.get("milik", "")
    owner = asked if asked in dict(choices) else next((value for value, _name in choices), "")
    ways = [(channel, _way(kind)) for kind, channel in registry.KINDS.items()]
    return render_template(
        "channels/start.html",
        owners=choices,
        owner=owner,
        by_itself=[(channel, way) for channel, way in ways if way and _is_open(channel.kind)],
        by_members=[(channel, way) for channel, way in ways if not (way and _is_open(channel.kind))],
    )


def _is_open(kind: str) -> bool:
    return sign_in.is_open(desk().config, kind)


def _way(kind: str) -> str:
    if registry.connectable(kind):
        return "sign_in"
    return "key" if registry.by_key(kind) else ""


@blueprint.route("/akun/sambung/<kind>", methods=["GET", "POST"])
@needs(Permission.ACCOUNT_MANAGE)
def connect(kind: str) -> Any:
    """To the platform's page, for a new account (`milik`) or one that lost its connection (`akun`)."""
    way = registry.connectable(kind) or registry.by_key(kind)
    if way is None:
        abort(404)
    if not _is_open(kind):
        flash(_(NOT_REGISTERED) % {"platform": registry.name(kind)}, "error")
        return redirect(url_for("channels.start"), 303)
    started = _started(kind)
    if started is None:
        flash(_("Pilih dulu akun ini milik siapa, lalu platformnya."), "warning")
        return redirect(url_for("channels.start"), 303)
    if isinstance(way, ConnectableByKey) or way.asks:
        return _asked(way, started)
    try:
        return redirect(_leave(way, started, {}), 303)
    except Trouble as error:
        return back(told(error), "error")


def _started(kind: str) -> Started | None:
    """None: nobody said whose account it shall be, or nobody knows them."""
    account_id = request.args.get("akun")
    if account_id:
        known = queries.get_account(account_id)
        allow(current_user, Permission.ACCOUNT_MANAGE, known)
        return Started(kind, known.kim_id, known.id)
    owner = request.args.get("milik") or str(current_user.kim_id or "")
    kim_id = kim_id_of(owner)
    allow(current_user, Permission.ACCOUNT_MANAGE, Account(kind=kind, kim_id=kim_id))
    return Started(kind, kim_id, None) if owner in dict(owners(current_user)) else None


def _asked(way: Connectable | ConnectableByKey, started: Started) -> Any:
    """The page with the questions, until the answers lead on."""
    form = ask_form(way.asks)
    if request.method == "GET":
        form.fill(queries.get_account(started.account_id).details if started.account_id else {})
    elif form.validate():
        try:
            return _answered(way, started, form.answers)
        except Trouble as error:
            form.refuse(told(error))
    return _questions(started.kind, form, isinstance(way, ConnectableByKey)), 422 if form.errors else 200


def _questions(kind: str, form: AskForm, by_key: bool) -> str:
    return render_template(
        "channels/asks.html", channel=registry.get(kind), form=form, by_key=by_key, practice_keys=_practice_keys(kind)
    )


def _practice_keys(kind: str) -> str:
    """Where a key for practice is made; empty where the real platform is asked."""
    config = desk().config
    return f"{config.platform_base_url}/kunci?platform={kind}" if config.practice and registry.by_key(kind) else ""


def _answered(way: Connectable | ConnectableByKey, started: Started, answers: Mapping[str, str]) -> Any:
    if isinstance(way, ConnectableByKey):
        return brought(started, way.sign_in(desk().http, answers))
    address = _leave(way, started, answers)
    return render_template("channels/leave.html", channel=registry.get(started.kind), address=address)


def _leave(channel: Connectable, started: Started, answers: Mapping[str, str]) -> str:
    """Remembers what is begun; returns where the browser goes."""
    kind, state, verifier = started.kind, ids.secret(), ids.secret()
    app = sign_in.registered(desk().config, kind)
    leaving = channel.leave(desk().http, app, _return_address(kind), state, verifier, answers)
    sign_in.begin(desk().box, started, state, Held(verifier, leaving.keep))
    return desk().http.address(leaving.url)


def _return_address(kind: str) -> str:
    return desk().config.public_url + url_for("channels.callback", kind=kind)


@blueprint.get("/akun/kembali/<kind>")
@needs(Permission.ACCOUNT_MANAGE)
def callback(kind: str) -> Any:
    """Where the platform sends the browser after signing in."""
    channel = registry.connectable(kind)
    if channel is None or not _is_open(kind):
        abort(404)
    begun = sign_in.finish(desk().box, kind, request.args.get("state", ""))
    if begun is None:
        return back(_(TOO_LATE), "error")
    code = request.args.get("code")
    if not code:
        return back(
            _("%(platform)s tidak memberi izin. Tidak ada yang berubah.", platform=registry.name(kind)), "error"
        )
    started, held = begun
    app = sign_in.registered(desk().config, kind)
    try:
        logins = channel.exchange(desk().http, app, _return_address(kind), code, held.verifier, held.keep)
        return brought(started, logins)
    except Trouble as error:
        return back(told(error), "error")
