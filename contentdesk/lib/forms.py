"""Form pieces that several features use."""

from datetime import date, datetime
from typing import Any

from flask_wtf import FlaskForm
from wtforms import DateTimeLocalField

from contentdesk.lib import clock


class Form(FlaskForm):  # type: ignore[misc]  # the library has no types
    """A form with CSRF protection whose typed text always comes back."""

    def errors_for_summary(self) -> list[tuple[str, str]]:
        """(field id, sentence) for the summary on top of the page."""
        return [(field.id, error) for field in self for error in field.errors if isinstance(error, str)]


class WibField(DateTimeLocalField):  # type: ignore[misc]  # the library has no types
    """A moment typed in WIB; `.data` is aware UTC or None."""

    data: datetime | None

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata([value for value in valuelist if value])
        if isinstance(self.data, datetime) and self.data.tzinfo is None:
            self.data = clock.from_wib(self.data)

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return clock.to_wib(self.data).strftime("%Y-%m-%dT%H:%M") if isinstance(self.data, datetime) else ""


def stripped(value: Any) -> Any:
    """Filter: text without blanks at its ends."""
    return value.strip() if isinstance(value, str) else value


def date_or_none(value: str | None) -> date | None:
    """A date in ISO form from an address, or None if it is none."""
    try:
        return date.fromisoformat(value) if value else None
    except ValueError:
        return None
