"""Sentences of the catalogue in the reader's language. For the edges: views and templates."""

from collections.abc import Mapping

from flask_babel import get_locale, gettext

from contentdesk.lib import words
from contentdesk.lib.errors import DomainError
from contentdesk.lib.i18n import Message, Several


def sentence(message: str, values: Mapping[str, object] | None = None) -> str:
    """Translated, with `values` put in; their numbers as the reader writes them: 2.399. A list holds messages too."""
    translated = str(gettext(message))
    return translated % _written(values) if values else translated


def of_error(error: DomainError) -> str:
    return sentence(error.message, error.values)


def _written(values: Mapping[str, object]) -> dict[str, object]:
    locale = str(get_locale() or "id")
    return {name: _one(value, locale) for name, value in values.items()}


def _one(value: object, locale: str) -> object:
    if isinstance(value, Several):
        return " ".join(one.put(sentence(one.message, one.values)) for one in value)
    if isinstance(value, list):
        return ", ".join(str(gettext(one)) for one in value)
    if isinstance(value, Message):
        return str(gettext(value))
    return words.number(value, locale) if type(value) is int else value
