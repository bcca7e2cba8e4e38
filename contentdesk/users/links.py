"""Words around a link, ready to be forwarded by WhatsApp."""

from urllib.parse import quote

from flask_babel import get_locale
from flask_babel import gettext as _

from contentdesk.access.permissions import Role
from contentdesk.lib import words
from contentdesk.users.models import Invitation
from contentdesk.users.queries import ROLE_WORDS


def text_to_forward(invitation: Invitation, url: str) -> str:
    until = words.day(invitation.expires_at, str(get_locale() or "id"))
    limits = _("Berlaku sampai %(until)s, sekali pakai.", until=until)
    return f"{_purpose(invitation, url)}\n{limits}"


def _purpose(invitation: Invitation, url: str) -> str:
    if invitation.user_id is not None:
        return str(_("Tautan untuk memilih kata sandi baru ContentDesk: %(url)s", url=url))
    role = _(ROLE_WORDS[Role(invitation.role)]) + (f" {invitation.kim.name}" if invitation.kim else "")
    invited = _("Anda diundang ke ContentDesk sebagai %(role)s.", role=role)
    way = _("Buka tautan ini untuk membuat akun: %(url)s", url=url)
    return f"{invited} {way}"


def whatsapp(text: str) -> str:
    """Opens WhatsApp with the text; the person chooses to whom."""
    return f"https://wa.me/?text={quote(text)}"
