"""What people change about their own account."""

from sqlalchemy import update

from contentdesk.access.permissions import Actor, Permission, allow
from contentdesk.audit import services as audit
from contentdesk.lib import clock
from contentdesk.lib.db import db
from contentdesk.lib.errors import DomainError
from contentdesk.lib.i18n import N_
from contentdesk.users import passwords
from contentdesk.users.models import User, UserSession

LANGUAGES = {"id": "Bahasa Indonesia", "en": "English"}
"""Each in its own language."""
THEMES = {"light": N_("Terang"), "dark": N_("Gelap"), "auto": N_("Ikuti ponsel")}


def choose(actor: Actor, locale: str | None, theme: str | None) -> str:
    """Keeps what is known of the two and returns the language that now holds."""
    allow(actor, Permission.OWN_ACCOUNT)
    user = db.session.get_one(User, actor.id)
    if locale in LANGUAGES:
        user.locale = locale
    if theme in THEMES:
        user.theme = theme
    return user.locale


def change_password(actor: Actor, old: str, new: str, kept_session_id: str) -> None:
    """Only with the old one. Every other device is signed out."""
    allow(actor, Permission.OWN_ACCOUNT)
    user = db.session.get_one(User, actor.id)
    if not passwords.fits(old, user.password_hash):
        raise DomainError(N_("Kata sandi lama belum cocok. Kata sandi belum diganti."))
    passwords.check(new, user.login)
    user.password_hash = passwords.hashed(new)
    db.session.execute(
        update(UserSession)
        .where(UserSession.user_id == user.id, UserSession.id != kept_session_id, UserSession.ended_at.is_(None))
        .values(ended_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    audit.record(actor, "user.change_password", "user", user.id)
