"""What a person chose for each kind of channel: read from a form, kept in one form, said in words.

Options are for what publishes by itself. A member who posts by hand makes these choices in the app, so of them only
the format is kept: the files are cut for it, and the task says it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import MultiDict

from contentdesk.channels import registry, rules
from contentdesk.channels.base import FORMAT, Channel, Format, Option, OptionType
from contentdesk.lib.i18n import N_

Chosen = Mapping[str, Mapping[str, Any]]
"""By kind of channel, then by name of the option."""
LONGEST = 5000
"""Letters of one field that are read at all."""
MOST_NAMES = 50
_BETWEEN_NAMES = re.compile(r"[\s,;]+")
_YES, _NO = N_("Ya"), N_("Tidak")
_SHAPE = N_("Bentuk")


def field_name(kind: str, option: str) -> str:
    """Of the form's field, which is also its id."""
    return f"opt_{kind}_{option}"


def shown_name(kind: str) -> str:
    """A hidden field: the choices for this kind stood on the page, so a box without a tick is a No."""
    return f"opts_{kind}"


def read(sent: "MultiDict[str, str]") -> dict[str, dict[str, Any]]:
    """What the form says, for the kinds it says anything about. Names and values that do not exist are left out."""
    found = {kind: _read_kind(channel, sent) for kind, channel in registry.KINDS.items()}
    return {kind: chosen for kind, chosen in found.items() if chosen}


def _read_kind(channel: Channel, sent: "MultiDict[str, str]") -> dict[str, Any]:
    shown = shown_name(channel.kind) in sent
    typed = {option: sent.get(field_name(channel.kind, option.name)) for option in channel.options}
    found = {
        option.name: value
        for option, text in typed.items()
        if (value := _value(option, text, shown)) is not None and (text is not None or shown)
    }
    shape = sent.get(field_name(channel.kind, FORMAT))
    return found | ({FORMAT: shape} if shape in _keys(channel) else {})


def _value(option: Option, text: str | None, shown: bool) -> Any:
    """None: nothing was chosen."""
    if option.type is OptionType.TOGGLE:
        return True if text else False if shown else None
    return _known_value(option, names_in(text or "") if option.type is OptionType.NAMES else text)


def names_in(text: str) -> list[str]:
    """`@satu, dua tiga` -> satu, dua, tiga; each once."""
    bare = (word.lstrip("@") for word in _BETWEEN_NAMES.split(text[:LONGEST]))
    return list(dict.fromkeys(word for word in bare if word))[:MOST_NAMES]


def _known_value(option: Option, value: Any) -> Any:
    """The value as it is kept, None where it is none: whoever sends what the page does not offer has chosen nothing."""
    if option.type is OptionType.TOGGLE:
        return value if isinstance(value, bool) else None
    if option.type is OptionType.NAMES:
        return [str(name) for name in value] if isinstance(value, list) and value else None
    if not isinstance(value, str):
        return None
    if option.type is OptionType.CHOICE:
        return value if value in dict(option.choices) else None
    text = value.replace("\r\n", "\n").replace("\r", "\n").strip()[:LONGEST]
    return text if text or option.default else None


def _keys(channel: Channel) -> set[str]:
    return {each.key for each in channel.formats}


def kept(chosen: Chosen, automatic: Mapping[str, bool], photo_count: int, has_video: bool) -> dict[str, dict[str, Any]]:
    """What goes into the revision: for the chosen kinds alone, with the defaults that options have.

    `automatic`: the kinds of the chosen accounts, and whether any of them publishes by itself.
    """
    found = {
        kind: _kept_kind(registry.get(kind), chosen.get(kind, {}), alone, photo_count, has_video)
        for kind, alone in sorted(automatic.items())
    }
    return {kind: values for kind, values in found.items() if values}


def _kept_kind(
    channel: Channel, chosen: Mapping[str, Any], automatic: bool, photo_count: int, has_video: bool
) -> dict[str, Any]:
    usual = rules.format_of(channel, {}, photo_count, has_video)
    shape = rules.format_of(channel, chosen, photo_count, has_video)
    found: dict[str, Any] = {} if shape is usual else {FORMAT: shape.key}
    if not automatic:
        return found
    known = {option.name: _known_value(option, chosen.get(option.name)) for option in channel.options}
    full = rules.with_defaults(channel, {name: value for name, value in known.items() if value is not None})
    for option in rules.options_for(channel, shape.key):
        if option.name in full and rules.is_open(option, channel, full):
            found[option.name] = full[option.name]
    return found


@dataclass(frozen=True)
class Line:
    """One choice in words. `label` is a message for the catalogue, `words` too when `fixed`."""

    kind: str
    name: str
    label: str
    words: str
    fixed: bool


def lines(kinds: Iterable[str], chosen: Chosen, photo_count: int, has_video: bool) -> Iterator[Line]:
    """For the reviewer, in the order of the registry and of the form."""
    wanted = set(kinds)
    for kind, channel in registry.KINDS.items():
        if kind in wanted:
            values = chosen.get(kind, {})
            yield from _lines_of(channel, values, rules.format_of(channel, values, photo_count, has_video))


def _lines_of(channel: Channel, values: Mapping[str, Any], shape: Format) -> Iterator[Line]:
    if len(channel.formats) > 1:
        yield Line(channel.kind, FORMAT, _SHAPE, shape.name, fixed=True)
    for option in channel.options:
        if option.name in values:
            yield _line(channel.kind, option, values[option.name])


def _line(kind: str, option: Option, value: Any) -> Line:
    if option.type is OptionType.TOGGLE:
        return Line(kind, option.name, option.label, _YES if value else _NO, fixed=True)
    if option.type is OptionType.CHOICE:
        return Line(kind, option.name, option.label, dict(option.choices).get(value, str(value)), fixed=True)
    words = ", ".join(f"@{name}" for name in value) if isinstance(value, list) else str(value)
    return Line(kind, option.name, option.label, words, fixed=False)
