"""What a check finds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from contentdesk.channels.rules import Clip
from contentdesk.lib.i18n import Whole
from contentdesk.posts.content import Content
from contentdesk.umkm.models import Business, Category


class Severity(StrEnum):
    BLOCK = "block"
    """Sending to review is stopped; saving never is."""
    ADVICE = "advice"


@dataclass(frozen=True)
class Problem:
    """`sentence` is an Indonesian message for the catalogue, with `%(name)s` places for `values`."""

    code: str
    severity: Severity
    item: str
    """Id in the checklist, C01 to C12."""
    sentence: str
    values: Mapping[str, object] = field(default_factory=dict)
    insert: str | None = None
    """Text that mends it when put into the post."""
    place: str = "text"
    """Name of the form's field to look at."""
    channel: str = ""
    """The platform whose limit it is."""

    def __str__(self) -> str:
        return str(self.whole)

    @property
    def whole(self) -> Whole:
        """For a place in another sentence."""
        return Whole(self.sentence, self.values, self.channel)

    @property
    def blocks(self) -> bool:
        return self.severity is Severity.BLOCK


def anchor_of(problem: Problem, content: Content) -> str:
    """Id of the field on the composer's page at which the problem is mended."""
    if problem.place == "photos":
        number = problem.values.get("photo")
        return f"alt-{content.photos[number - 1].asset_id}" if isinstance(number, int) else "photos"
    if problem.place.startswith("text_"):
        return problem.place if content.texts.get(problem.place.removeprefix("text_")) else "text"
    return problem.place


def block(code: str, item: str, sentence: str, place: str = "text", **values: object) -> Problem:
    return Problem(code, Severity.BLOCK, item, sentence, values, place=place)


def advice(
    code: str, item: str, sentence: str, insert: str | None = None, place: str = "text", **values: object
) -> Problem:
    return Problem(code, Severity.ADVICE, item, sentence, values, insert, place)


@dataclass(frozen=True)
class Target:
    """An account to go out on, as far as the checks need it."""

    kind: str
    handle: str
    state: str
    by_hand: bool = False
    limits: Mapping[str, int] = field(default_factory=dict)
    """What this account takes, where that is its own matter."""


@dataclass(frozen=True)
class Footage:
    """A video of the post. `clip` None: it is not ready, or could not be made ready, which `problem` says."""

    clip: Clip | None
    problem: str = ""


@dataclass(frozen=True)
class Subject:
    """A post as the checks see it, saved or still in the form."""

    text: str
    texts: Mapping[str, str] = field(default_factory=dict)
    alt_texts: tuple[str, ...] = ()
    """Of all media, in order."""
    videos: tuple[Footage, ...] = ()
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """By channel kind."""
    businesses: tuple[Business, ...] = ()
    """With `products` and `kelurahan` loaded."""
    consented: frozenset[str] = frozenset()
    """Ids of businesses whose consent to publish is in force."""
    targets: tuple[Target, ...] = ()
    kelurahan_code: str = ""
    proposed_at: datetime | None = None
    photo_source: str | None = None
    faces: str | None = None
    children: str | None = None

    @property
    def all_text(self) -> str:
        return "\n".join([self.text, *self.texts.values()])

    @property
    def kinds(self) -> list[str]:
        """Of the chosen accounts, each once."""
        return sorted({target.kind for target in self.targets})

    @property
    def about_food(self) -> bool:
        return any(business.category == Category.FOOD for business in self.businesses)

    @property
    def photo_count(self) -> int:
        return len(self.alt_texts) - len(self.videos)

    def text_for(self, kind: str) -> str:
        return self.texts.get(kind) or self.text
