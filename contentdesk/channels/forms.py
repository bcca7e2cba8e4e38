"""Typing in an account that members post to by hand, and what a platform must be told before it is connected."""

from collections.abc import Mapping, Sequence

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import PasswordField, SelectField, StringField, URLField
from wtforms.validators import URL, DataRequired, Length, Optional, Regexp

from contentdesk.channels import registry
from contentdesk.channels.abilities import Ask
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


class AskForm(Form):
    """One field for each `Ask`. What is secret never comes back to the page."""

    asks: Sequence[Ask] = ()

    @property
    def answers(self) -> dict[str, str]:
        return {ask.name: self[_name(ask)].data for ask in self.asks}

    def fill(self, known: Mapping[str, str]) -> None:
        for ask in self.asks:
            if not ask.secret:
                self[_name(ask)].data = known.get(ask.name, "")

    def refuse(self, sentence: str) -> None:
        self.form_errors.append(sentence)


def ask_form(asks: Sequence[Ask]) -> AskForm:
    fields = {
        _name(ask): (PasswordField if ask.secret else StringField)(
            _(ask.label),
            [_needed(ask), Length(max=500, message=_l("Paling banyak %(max)d huruf."))],
            filters=[one_line],
            description=_(ask.help) if ask.help else "",
            render_kw={"placeholder": ask.placeholder} if ask.placeholder else None,
        )
        for ask in asks
    }
    kind: type[AskForm] = type("OwnAskForm", (AskForm,), {**fields, "asks": tuple(asks)})
    return kind()


def _needed(ask: Ask) -> DataRequired | Optional:
    return Optional() if ask.optional else DataRequired(_l("Wajib diisi."))


def _name(ask: Ask) -> str:
    """Apart from the names that a form has itself."""
    return f"ask_{ask.name}"
