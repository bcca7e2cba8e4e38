"""Typing in an account that members post to by hand."""

from flask_babel import lazy_gettext as _l
from wtforms import SelectField, StringField, URLField
from wtforms.validators import URL, DataRequired, Length, Optional, Regexp

from contentdesk.channels import registry
from contentdesk.lib.forms import Form, one_line


class ByHandForm(Form):
    kind = SelectField(_l("Platform"))
    kim_id = SelectField(_l("Milik"))
    handle = StringField(
        _l("Nama akun"),
        [
            DataRequired(_l("Wajib diisi.")),
            Length(max=60, message=_l("Paling banyak %(max)d huruf.")),
            Regexp(r"@?[\w.\-]+$", message=_l("Tulis nama akunnya saja, misalnya kim_dinoyo.")),
        ],
        filters=[one_line],
    )
    profile_url = URLField(
        _l("Tautan profil"),
        [
            Optional(),
            Length(max=300, message=_l("Paling banyak %(max)d huruf.")),
            Regexp(r"https?://", message=_l("Tautan diawali https://.")),
            URL(message=_l("Tulis tautan lengkap, diawali https://.")),
        ],
        filters=[one_line],
    )

    def offer(self, owners: list[tuple[str, str]]) -> None:
        """Sets the choices: platforms, and whose the account may be."""
        self.kind.choices = registry.choices()
        self.kim_id.choices = owners
