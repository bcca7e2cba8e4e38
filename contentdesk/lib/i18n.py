"""Words for the screen are written in Indonesian and marked here; the edge translates them."""

import json
from collections.abc import Collection, Iterator, Mapping
from typing import IO


def N_(message: str) -> str:  # noqa: N802 - the marker's usual gettext name
    """Marks a message for the catalogue and returns it unchanged."""
    return message


class Message(str):
    """A value for a place in a sentence that is itself a message of the catalogue."""


def words_of_sheet(
    file: IO[bytes], _keywords: Collection[str], _comment_tags: Collection[str], options: Mapping[str, str]
) -> Iterator[tuple[int, None, str, list[str]]]:
    """For the extraction: what a JSON file holds for the screen, the values of `keys` in each row of `list`."""
    for row in json.load(file)[options["list"]]:
        for key in options["keys"].split():
            yield 1, None, row[key], []
