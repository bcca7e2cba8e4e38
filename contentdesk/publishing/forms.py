"""Forms of planning and of publishing by hand."""

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from contentdesk.lib.errors import DomainError
from contentdesk.lib.forms import Form, WibField, one_line, stripped
from contentdesk.lib.sentences import of_error
from contentdesk.publishing.hold_lists import REASONS
from contentdesk.publishing.holding import LONGEST
from contentdesk.publishing.usefulness import ENDS_FIRST


class OneAnswerForm(Form):
    """A form whose one field takes the service's refusal too."""

    answer: str

    def refuse(self, error: DomainError) -> bool:
        """Says at the field why it was not taken, the typed text stays. What is no mistake of typing is raised."""
        if error.status != DomainError.status:
            raise error
        self[self.answer].errors = [of_error(error)]
        return False


class ScheduleForm(OneAnswerForm):
    answer = "due_at"
    due_at = WibField(_("Waktu terbit (WIB)"), validators=[InputRequired(_("Isi tanggal dan jamnya."))])
    useful = RadioField(_("Kalau terlambat, masih berguna"), coerce=int, validators=[Optional()])
    until = WibField(_("Atau sampai waktu tertentu (WIB)"), validators=[Optional()])

    def validate(self, extra_validators: Any = None) -> bool:
        fine = super().validate(extra_validators)
        due_at, until = self.due_at.data, self.until.data
        if fine and due_at and until and until <= due_at:
            self.until.errors = [gettext(ENDS_FIRST)]
            return False
        return bool(fine)


class LinkForm(OneAnswerForm):
    answer = "link"
    link = StringField(
        _("Tautan unggahan"),
        filters=[stripped],
        validators=[InputRequired(_("Tempel dulu tautannya.")), Length(max=500)],
    )


class HoldForm(Form):
    """What is held, and why."""

    what = SelectField(_("Yang ditahan"), validators=[InputRequired(_("Pilih apa yang ditahan."))])
    reason = RadioField(_("Alasan"), validators=[InputRequired(_("Pilih alasannya."))])
    words = TextAreaField(
        _("Keterangan"),
        filters=[one_line],
        validators=[Length(max=LONGEST, message=_("Paling panjang 200 huruf."))],
    )

    def offer(self, choices: list[tuple[str, str]] | dict[str, list[tuple[str, str]]]) -> None:
        self.what.choices = choices
        self.reason.choices = [(value, gettext(word)) for value, word in REASONS.items()]
