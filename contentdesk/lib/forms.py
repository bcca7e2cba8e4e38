"""Form pieces that several features use."""

import re
from datetime import date, datetime
from typing import Any

from flask_babel import gettext
from flask_wtf import FlaskForm
from wtforms import DateTimeLocalField

from contentdesk.lib import clock
from contentdesk.lib.i18n import N_

_NOT_PRINTED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_BUILT_IN = {
    "Not a valid choice.": N_("Pilih salah satu yang tersedia."),
    "'%(value)s' is not a valid choice for this field.": N_("Pilih dari yang tersedia."),
    "Not a valid date value.": N_("Tulis tanggal yang ada, misalnya 11/12/2026."),
    "Not a valid datetime value.": N_("Tulis tanggal dan jam yang ada."),
    "Not a valid integer value.": N_("Tulis angka bulat."),
    "Not a valid decimal value.": N_("Tulis angka."),
    "This field is required.": N_("Wajib diisi."),
}
"""The library has no Indonesian words; these go through our own catalogue."""
_YEARS = N_("Tulis tahun antara %(first)s dan %(last)s.")


class _Words:
    def gettext(self, message: str) -> str:
        return str(gettext(_BUILT_IN[message])) if message in _BUILT_IN else message

    def ngettext(self, one: str, _many: str, _count: int) -> str:
        return self.gettext(one)


class Form(FlaskForm):  # type: ignore[misc]  # the library has no types
    """A form with CSRF protection whose typed text always comes back."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]  # the library has no types
        def get_translations(self, _form: Any) -> _Words:
            return _Words()

    def errors_for_summary(self) -> list[tuple[str, str]]:
        """(field id, sentence) for the summary on top of the page."""
        return [(field.id, error) for field in self for error in field.errors if isinstance(error, str)]


class WibField(DateTimeLocalField):  # type: ignore[misc]  # the library has no types
    """A moment typed in WIB; `.data` is aware UTC or None."""

    data: datetime | None

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = None  # or what stood there before would come back in a field that was emptied
        super().process_formdata([value for value in valuelist if value])
        typed, self.data = self.data, None
        if typed is not None and not clock.FIRST_YEAR <= typed.year <= clock.LAST_YEAR:
            raise ValueError(gettext(_YEARS) % {"first": clock.FIRST_YEAR, "last": clock.LAST_YEAR})
        self.data = clock.from_wib(typed) if typed is not None and typed.tzinfo is None else typed

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return clock.to_wib(self.data).strftime("%Y-%m-%dT%H:%M") if isinstance(self.data, datetime) else ""


def stripped(value: Any) -> Any:
    """Filter: text without blanks at its ends."""
    return value.strip() if isinstance(value, str) else value


def one_line(value: Any) -> Any:
    """Filter: no control characters (a database may refuse them), one blank between words."""
    return " ".join(_NOT_PRINTED.sub(" ", value).split()) if isinstance(value, str) else value


def date_or_none(value: str | None) -> date | None:
    """A date in ISO form from an address, or None if it is none."""
    try:
        return date.fromisoformat(value) if value else None
    except ValueError:
        return None
