"""A text as safe HTML in WordPress's blocks."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

LINK = re.compile(r"https?://[^\s<>\"']+", re.IGNORECASE)
TRAILING = ".,;:!?)]}…"
TITLE_CHARS = 80


@dataclass(frozen=True)
class Picture:
    """In the site's library."""

    id: int
    url: str
    alt_text: str


def content(text: str, pictures: Sequence[Picture]) -> str:
    """Paragraphs with their links, then the pictures."""
    paragraphs = (part for part in re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip()) if part)
    return "\n\n".join([*(_paragraph(part) for part in paragraphs), *(_figure(picture) for picture in pictures)])


def title(given: str, text: str) -> str:
    """The post's own, else its first line: a page of a site needs one."""
    line = given.strip() or text.strip().partition("\n")[0].strip()
    if len(line) <= TITLE_CHARS or given.strip():
        return line
    return line[:TITLE_CHARS].rsplit(" ", 1)[0] + "…"


def _paragraph(part: str) -> str:
    lines = "<br>".join(_linked(line) for line in part.split("\n"))
    return f"<!-- wp:paragraph -->\n<p>{lines}</p>\n<!-- /wp:paragraph -->"


def _linked(line: str) -> str:
    pieces, done = [], 0
    for found in LINK.finditer(line):
        address = found.group().rstrip(TRAILING)
        pieces += [escape(line[done : found.start()]), f'<a href="{escape(address)}">{escape(address)}</a>']
        done = found.start() + len(address)
    return "".join([*pieces, escape(line[done:])])


def _figure(picture: Picture) -> str:
    image = f'<img src="{escape(picture.url)}" alt="{escape(picture.alt_text)}" class="wp-image-{picture.id}"/>'
    figure = f'<figure class="wp-block-image size-full">{image}</figure>'
    return f'<!-- wp:image {{"id":{picture.id},"sizeSlug":"full"}} -->\n{figure}\n<!-- /wp:image -->'
