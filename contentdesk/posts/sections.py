"""The folded part of the composer for one kind of channel: its format and its options, as plain values for the page.

It is made from the channel's data alone, so a new channel's options stand here without a line of code.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from contentdesk.channels import registry, rules
from contentdesk.channels.abilities import AsksConsent, Consent
from contentdesk.channels.base import FORMAT, Channel, Format, Option, OptionType
from contentdesk.posts import options
from contentdesk.posts.choices import AccountChoice
from contentdesk.posts.creators import Told, asks_first
from contentdesk.posts.problems import Problem, Subject


@dataclass(frozen=True)
class Shape:
    """A format to choose. `media`: what it takes, of photos, video and none."""

    key: str
    name: str
    media: frozenset[str]
    chosen: bool
    by_itself: bool
    shown: bool


@dataclass(frozen=True)
class Word:
    value: str
    words: str
    chosen: bool
    off: bool


@dataclass(frozen=True)
class Field:
    option: Option
    id: str
    value: Any
    """A text, True or False."""
    words: tuple[Word, ...]
    off: bool
    """Switched off in the app."""
    shown: bool
    under: str
    """Id of the toggle it hangs under."""
    formats: frozenset[str]
    """Keys of the formats it exists for; empty: all."""
    in_utf16: bool
    """Whether the platform counts as browsers do, most emoji as two, and not by letters."""
    forbids: tuple[tuple[str, str], ...]
    """(id of a field, value) that cannot be taken while this one is on."""


@dataclass(frozen=True)
class Section:
    channel: Channel
    chosen: bool
    """Whether an account of this kind is chosen."""
    automatic: bool
    """Whether one of them publishes by itself; a member who posts by hand has only the format to know."""
    usual: Format | None
    """What it is when nobody chooses. None: the media do not say yet."""
    shapes: tuple[Shape, ...]
    fields: tuple[Field, ...]
    marker: str
    asks_first: bool
    told: Told | None
    stopped: bool
    """Something in here stops handing in."""

    @property
    def id(self) -> str:
        return f"pengaturan-{self.channel.kind}"

    @property
    def format_id(self) -> str:
        return options.field_name(self.channel.kind, FORMAT)

    @property
    def has_shapes(self) -> bool:
        """Whether there is anything to choose for the media of this post."""
        return any(shape.shown for shape in self.shapes)

    @property
    def shown(self) -> bool:
        """Whether there is anything in it to choose for this post."""
        return self.chosen and (self.has_shapes or (self.automatic and any(field.shown for field in self.fields)))

    @property
    def shape_chosen(self) -> bool:
        return any(shape.chosen for shape in self.shapes)


def of(
    offered: Iterable[AccountChoice],
    chosen: options.Chosen,
    subject: Subject,
    told: Mapping[str, Told],
    found: Iterable[Problem] = (),
) -> list[Section]:
    """For the kinds among the accounts that have something to choose, in the order of the registry."""
    accounts, places = list(offered), {problem.place for problem in found if problem.blocks}
    made = []
    for kind, channel in registry.KINDS.items():
        mine = [account for account in accounts if account.account.kind == kind]
        if mine and (len(channel.formats) > 1 or (channel.options and not all(one.by_hand for one in mine))):
            made.append(_section(channel, mine, chosen.get(kind, {}), subject, told.get(kind), places))
    return made


def _section(
    channel: Channel,
    accounts: list[AccountChoice],
    typed: Mapping[str, Any],
    subject: Subject,
    told: Told | None,
    places: set[str],
) -> Section:
    values = rules.with_defaults(channel, typed)
    shape = rules.format_of(channel, typed, subject.photo_count, bool(subject.videos))
    own = any(one.chosen and not one.by_hand for one in accounts)
    fields = tuple(_field(channel, option, values, shape, told) for option in channel.options)
    return Section(
        channel=channel,
        chosen=any(one.chosen for one in accounts),
        automatic=own,
        usual=_usual(channel, subject),
        shapes=_shapes(channel, typed, subject),
        fields=fields if any(not one.by_hand for one in accounts) else (),
        marker=options.shown_name(channel.kind),
        asks_first=own and asks_first(channel.kind),
        told=told,
        stopped=any(field.id in places for field in fields),
    )


def _media(subject: Subject) -> str:
    return "video" if subject.videos else "photos" if subject.photo_count else "none"


def _takes(each: Format) -> frozenset[str]:
    photo = each.rules.photo
    takes = {"video": each.rules.video is not None, "photos": photo.max_count > 0, "none": photo.min_count == 0}
    return frozenset(media for media, fits in takes.items() if fits)


def _usual(channel: Channel, subject: Subject) -> Format | None:
    usual = rules.format_of(channel, {}, subject.photo_count, bool(subject.videos))
    return usual if _media(subject) in _takes(usual) else None


def _shapes(channel: Channel, typed: Mapping[str, Any], subject: Subject) -> tuple[Shape, ...]:
    """All of them, so that the page can follow the media; shown are those that suit them and are not the usual one."""
    if len(channel.formats) < 2:
        return ()
    usual, media = _usual(channel, subject), _media(subject)
    made = []
    for each in channel.formats:
        chosen = typed.get(FORMAT) == each.key and each is not usual
        shown = chosen or (each is not usual and media in _takes(each))
        made.append(Shape(each.key, each.name, _takes(each), chosen, not each.chosen_only, shown))
    return tuple(made)


def _field(channel: Channel, option: Option, values: Mapping[str, Any], shape: Format, told: Told | None) -> Field:
    value = values.get(option.name, "")
    off = told is not None and told.is_off(option.name)
    under = next((each for each in channel.options if each.name == option.under), None)
    fits = not option.formats or shape.key in option.formats
    return Field(
        option=option,
        id=options.field_name(channel.kind, option.name),
        value=" ".join(value) if isinstance(value, list) else value,
        words=_words(channel, option, values, told),
        off=off,
        shown=fits and rules.is_open(option, channel, values),
        under=options.field_name(channel.kind, under.name) if under else "",
        formats=option.formats,
        in_utf16=option.count is not len,
        forbids=tuple((options.field_name(channel.kind, each.option), each.value) for each in option.forbids),
    )


def _words(channel: Channel, option: Option, values: Mapping[str, Any], told: Told | None) -> tuple[Word, ...]:
    if option.type is not OptionType.CHOICE:
        return ()
    forbidden = {
        each.value
        for above in channel.options
        if values.get(above.name) is True and rules.is_open(above, channel, values)
        for each in above.forbids
        if each.option == option.name
    }
    return tuple(
        Word(
            value=value,
            words=words,
            chosen=values.get(option.name) == value,
            off=value in forbidden or (told is not None and not told.offers(option.name, value)),
        )
        for value, words in option.choices
    )


def consents(subject: Subject) -> list[Consent]:
    """What a person agrees to by handing in: one for each platform that wants it, for accounts that publish there."""
    kinds = {target.kind for target in subject.targets if not target.by_hand}
    found = []
    for kind, channel in registry.KINDS.items():
        if kind in kinds and isinstance(channel, AsksConsent):
            chosen = subject.options.get(kind, {})
            shape = rules.format_of(channel, chosen, subject.photo_count, bool(subject.videos))
            found.append(channel.consent(rules.with_defaults(channel, chosen), shape.key))
    return [one for one in found if one is not None]
