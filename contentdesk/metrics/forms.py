"""The form for figures that a person read in the app."""

import re
from typing import Any

from flask_babel import gettext, lazy_gettext
from wtforms import StringField
from wtforms.validators import InputRequired

from contentdesk.channels.base import FIGURES, Stats
from contentdesk.channels.registry import FIGURE_WORDS
from contentdesk.lib.forms import Form, WibField
from contentdesk.lib.words import number
from contentdesk.metrics.models import LARGEST

WHOLE = re.compile(r"\d+|\d{1,3}([. ]\d{3})+")


class FigureField(StringField):  # type: ignore[misc]  # the library has no types
    """A whole number as people write it, 1234 or 1.234. Empty is None: not known. 0 is a figure."""

    data: int | None

    def process_formdata(self, valuelist: list[str]) -> None:
        typed = valuelist[0].strip() if valuelist else ""
        self.data = None
        if not typed:
            return
        if not typed.isascii() or not WHOLE.fullmatch(typed):
            raise ValueError(gettext("Tulis bilangan bulat, misalnya 1234 atau 1.234."))
        value = int(re.sub(r"[. ]", "", typed))
        if value > LARGEST:
            raise ValueError(gettext("Angka ini terlalu besar. Periksa lagi."))
        self.data = value

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return number(self.data) if isinstance(self.data, int) else ""


def _word(figure: str) -> Any:
    return lazy_gettext(FIGURE_WORDS[figure])


class FiguresForm(Form):
    reach = FigureField(_word("reach"))
    views = FigureField(_word("views"))
    likes = FigureField(_word("likes"))
    comments = FigureField(_word("comments"))
    shares = FigureField(_word("shares"))
    saves = FigureField(_word("saves"))
    seen_at = WibField(
        lazy_gettext("Dilihat pada (WIB)"),
        validators=[InputRequired(lazy_gettext("Isi kapan angkanya Anda lihat."))],
    )

    def offer_only(self, figures: frozenset[str]) -> None:
        """Leaves out what the channel does not show, so that nobody has to guess it."""
        for name in FIGURES:
            if name not in figures:
                del self[name]

    def figure_fields(self) -> list[FigureField]:
        return [self[name] for name in FIGURES if name in self]

    def stats(self) -> Stats:
        return Stats(**{field.short_name: field.data for field in self.figure_fields()})
