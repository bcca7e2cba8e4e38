"""What the city writes down about a campaign."""

from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, Field, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Regexp, ValidationError

from contentdesk.campaigns.services import BACKWARDS, CampaignFacts
from contentdesk.lib import clock
from contentdesk.lib.forms import Form, one_line

NAME_LENGTH, ABOUT_LENGTH, TAG_LENGTH = 80, 500, 40


def _with_sign(value: Any) -> Any:
    """Filter: people type a hashtag with its sign or without."""
    return f"#{value.lstrip('#')}" if isinstance(value, str) and value.strip("# ") else ""


class CampaignForm(Form):
    name = StringField(
        _l("Nama kampanye"),
        filters=[one_line],
        validators=[
            DataRequired(_l("Isi nama kampanye.")),
            Length(max=NAME_LENGTH, message=_l("Paling panjang 80 huruf.")),
        ],
    )
    about = TextAreaField(
        _l("Tentang apa"),
        filters=[one_line],
        validators=[
            DataRequired(_l("Tulis tentang apa kampanyenya.")),
            Length(max=ABOUT_LENGTH, message=_l("Paling panjang 500 huruf.")),
        ],
    )
    first_day = DateField(_l("Hari pertama"), validators=[InputRequired(_l("Isi hari pertamanya."))])
    last_day = DateField(_l("Hari terakhir"), validators=[InputRequired(_l("Isi hari terakhirnya."))])
    tag = StringField(
        _l("Tagar"),
        filters=[one_line, _with_sign],
        validators=[
            Length(max=TAG_LENGTH + 1, message=_l("Paling panjang 40 huruf.")),
            Regexp(r"^(#\w+)?$", message=_l("Tagar hanya huruf dan angka, tanpa spasi.")),
        ],
    )

    def validate_first_day(self, field: Field) -> None:
        _in_reach(field.data)

    def validate_last_day(self, field: Field) -> None:
        _in_reach(field.data)
        if self.first_day.data and field.data < self.first_day.data:
            raise ValidationError(_(BACKWARDS))

    def facts(self) -> CampaignFacts:
        return CampaignFacts(
            self.name.data, self.about.data, self.first_day.data, self.last_day.data, self.tag.data or ""
        )


def _in_reach(day: date) -> None:
    if not clock.FIRST_YEAR <= day.year <= clock.LAST_YEAR:
        years = {"first": clock.FIRST_YEAR, "last": clock.LAST_YEAR}
        raise ValidationError(_("Tulis tahun antara %(first)s dan %(last)s.", **years))
