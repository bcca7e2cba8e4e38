"""Words for the screen are written in Indonesian and marked here; the edge translates them."""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO


def N_(message: str) -> str:  # noqa: N802 - the marker's usual gettext name
    """Marks a message for the catalogue and returns it unchanged."""
    return message


class Message(str):
    """A value for a place in a sentence that is itself a message of the catalogue."""


@dataclass(frozen=True)
class Whole:
    """A whole sentence for a place in another one. `before`: a name in front of it that is not translated."""

    message: str
    values: Mapping[str, object] = field(default_factory=dict)
    before: str = ""

    def __str__(self) -> str:
        return self.put(self.message % self.values if self.values else self.message)

    def put(self, said: str) -> str:
        return f"{self.before}: {said}" if self.before else said


class Several(tuple[Whole, ...]):
    """Sentences one after the other."""

    def __str__(self) -> str:
        return " ".join(map(str, self))


def words_of_sheet(
    file: IO[bytes], _keywords: Collection[str], _comment_tags: Collection[str], options: Mapping[str, str]
) -> Iterator[tuple[int, None, str, list[str]]]:
    """For the extraction: what a JSON file holds for the screen, the values of `keys` in each row of `list`."""
    for row in json.load(file)[options["list"]]:
        for key in options["keys"].split():
            yield 1, None, row[key], []
