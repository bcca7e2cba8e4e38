"""HTML of a platform's, back as the words in it."""

import re
from html.parser import HTMLParser


class _Words(HTMLParser):
    BREAKS = {"br": "\n", "p": "\n\n", "div": "\n\n", "li": "\n"}

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self.BREAKS:
            self.pieces.append(self.BREAKS[tag])

    def handle_data(self, data: str) -> None:
        self.pieces.append(data)


def words_of(html: str) -> str:
    """What a person reads in it."""
    reader = _Words()
    reader.feed(html)
    reader.close()
    return re.sub(r"\n{3,}", "\n\n", "".join(reader.pieces)).strip()
