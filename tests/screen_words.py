"""What pages say to their readers, without what people wrote themselves."""

import json
import re
from collections.abc import Iterable, Iterator
from html import unescape
from html.parser import HTMLParser

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import JSON, String, select
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from contentdesk.campaigns.models import Campaign
from contentdesk.channels.models import Account
from contentdesk.kim.models import Kim
from contentdesk.lib.db import Model, db
from contentdesk.posts import checklist, claims
from contentdesk.posts.models import Post, Revision, RevisionPhoto
from contentdesk.publishing.calendar import HOLIDAYS
from contentdesk.regions.models import City, Kecamatan, Kelurahan
from contentdesk.reviews.models import Review
from contentdesk.umkm.models import Business, Product
from contentdesk.users.models import User

TYPED: tuple[type[Model], ...] = (
    *(City, Kecamatan, Kelurahan, Kim, User, Business, Product),
    *(Account, Campaign, Post, Revision, RevisionPhoto, Review),
)
WORD = re.compile(r"[A-Za-z]{3,}")
NOT_READ = {"script", "style", "textarea", "ins", "del"}
"""Code, and what an author typed: a field's text and the pieces of a comparison."""
LABELS = {"alt", "title", "placeholder", "aria-label", "label"}
MOST_OF_A_KIND = 4
"""Pages opened of each endpoint that shows one thing of many."""


class Reader(HTMLParser):
    """Collects text and labels; English readers are not shown a part that says it is in Indonesian."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self._skipped: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if self._skipped or tag in NOT_READ or (values.get("lang") == "id" and tag not in {"html", "input"}):
            if tag not in {"input", "br", "img"}:
                self._skipped.append(tag)
            return
        self.said += [value for name, value in attrs if value and (name in LABELS or name.startswith("data-words"))]

    def handle_endtag(self, tag: str) -> None:
        if self._skipped and self._skipped[-1] == tag:
            self._skipped.pop()

    def handle_data(self, data: str) -> None:
        if not self._skipped and data.strip():
            self.said.append(" ".join(data.split()))


class Typed:
    """Everything people wrote, and what is Indonesian on purpose: names, notes to the author, holidays."""

    def __init__(self) -> None:
        found = set(_typed()) | {item.stock_note for item in checklist.items()} | set(_holidays()) | {claims.MARKER}
        self._whole = found
        self._blob = "\n".join(" ".join(text.split()) for text in found)
        self._long_first = sorted(found, key=len, reverse=True)

    def without(self, said: str) -> str:
        """What is left of a text when the words of people are taken out."""
        bare = said.strip(" ….,")
        if said in self._whole or (len(bare.split()) > 2 and bare in self._blob):
            return ""
        for text in self._long_first:
            if text in said:
                said = said.replace(text, " ")
        return said


def _typed() -> Iterator[str]:
    for model in TYPED:
        columns = [column for column in model.__table__.columns if isinstance(column.type, String | JSON)]
        for row in db.session.execute(select(*columns)):
            for text in _texts(row):
                # A lone word in small letters is a state or kind of ours, not something typed.
                if re.search("[A-Z ]", text) or "_" in text or "." in text:
                    yield " ".join(text.split())
                    yield from (line.strip() for line in text.splitlines() if len(line.strip()) > 2)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield from (value,) if len(value) > 2 else ()
    elif isinstance(value, dict):
        yield from _texts(list(value.values()))
    elif isinstance(value, Iterable):
        for one in value:
            yield from _texts(one)


def _holidays() -> Iterator[str]:
    for year in json.loads(HOLIDAYS.read_text("utf-8"))["years"].values():
        yield from (day["name"] for day in year["holidays"])


def read(html: str) -> list[str]:
    reader = Reader()
    reader.feed(html)
    return reader.said


def pages(app: Flask, client: FlaskClient) -> Iterator[tuple[str, str, str]]:
    """(endpoint, path, HTML) of the pages that links lead to from the first one."""
    adapter = app.url_map.bind("localhost")
    waiting, seen, opened = ["/"], {"/"}, dict[str, int]()
    while waiting:
        path = waiting.pop(0)
        try:
            endpoint = adapter.match(path.partition("?")[0], method="GET")[0]
        except (HTTPException, RequestRedirect):
            continue
        opened[endpoint] = opened.get(endpoint, 0) + 1
        if endpoint == "static" or opened[endpoint] > MOST_OF_A_KIND:
            continue
        answer = client.get(path, follow_redirects=True)
        if answer.mimetype == "text/html":
            yield endpoint, path, answer.text
            links = [unescape(link) for link in re.findall(r'href="(/[^"#]*)', answer.text)]
            waiting += [link for link in dict.fromkeys(links) if link not in seen]
            seen.update(links)
