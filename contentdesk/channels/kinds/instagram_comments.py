"""Comments under a post on Instagram: those of citizens, and a first one of our own."""

from collections.abc import Iterator
from typing import Any

from contentdesk.channels.abilities import FIRST_COMMENT, MOST_COMMENTS, Comment, Comments
from contentdesk.channels.base import OutcomeUnknown, Outgoing, Rejected
from contentdesk.channels.kinds.instagram_login import must_comment
from contentdesk.channels.kinds.instagram_prepare import STORY, format_key
from contentdesk.channels.kinds.meta_errors import UNKNOWN_OUTCOME
from contentdesk.channels.kinds.meta_find import after_of, moment, same_text
from contentdesk.channels.kinds.meta_graph import Graph
from contentdesk.lib.i18n import N_

MOST_CHARS = 2200
FIELDS = "id,text,timestamp,username"
PAGE_SIZE = 50
"""The platform gives no more at once, newest first."""
MOST_LOOKED_AT = 500
"""Ours stands below all that came later."""
MOST_PAGES = 20
"""Pages may be short, or empty, and others follow; a list that never ends is left."""

REFUSED = N_("%(platform)s menolak komentar pertama. Unggahannya tetap terbit. Tulis komentarnya di aplikasi.")
TOO_MANY = N_("Komentar di unggahan ini terlalu banyak untuk memastikan komentar pertama. Periksa di aplikasinya.")


def first_comment(graph: Graph, outgoing: Outgoing, external_id: str) -> str | None:
    """Looks before it writes, so that a call whose answer was lost is not repeated."""
    text = str(outgoing.options.get(FIRST_COMMENT) or "").strip()
    if not text or format_key(outgoing) == STORY:
        return None
    must_comment(outgoing.login)
    return _ours(graph, outgoing.login.handle, external_id, text) or _write(graph, external_id, text)


def _ours(graph: Graph, handle: str, external_id: str, text: str) -> str | None:
    seen = 0
    for number, page in enumerate(_pages(graph, external_id), start=1):
        seen += len(page)
        for row in page:
            if row.get("username") == handle and same_text(str(row.get("text") or ""), text):
                return str(row["id"])
        if seen >= MOST_LOOKED_AT or number >= MOST_PAGES:
            raise Rejected(TOO_MANY, code="too_many_comments")
    return None


def _write(graph: Graph, external_id: str, text: str) -> str:
    try:
        made = graph.post_once(f"{external_id}/comments", {"message": text}).get("id")
    except Rejected as error:
        raise Rejected(REFUSED, code=error.code, **error.values) from None
    if not made:
        raise OutcomeUnknown(UNKNOWN_OUTCOME, code="no_id")
    return str(made)


def comments(graph: Graph, handle: str, external_id: str) -> Comments:
    """They have no addresses: the post's own leads to them."""
    rows, whole = newest(_pages(graph, external_id))
    link = graph.permalink(external_id) if rows else None
    return Comments([told for row in rows if (told := _comment(row, handle, link))], whole)


def newest(pages: Iterator[list[dict[str, Any]]]) -> tuple[list[dict[str, Any]], bool]:
    """As many as are read at most, and whether there are no others."""
    rows: list[dict[str, Any]] = []
    for number, page in enumerate(pages, start=1):
        rows += page
        if len(rows) >= MOST_COMMENTS or number >= MOST_PAGES:
            return rows[:MOST_COMMENTS], False
    return rows, True


def _comment(row: dict[str, Any], handle: str, link: str | None) -> Comment | None:
    written_at = moment(row.get("timestamp"))
    if written_at is None:
        return None
    author = str(row.get("username") or "")
    return Comment(str(row["id"]), author, str(row.get("text") or ""), written_at, link, author == handle)


def _pages(graph: Graph, external_id: str) -> Iterator[list[dict[str, Any]]]:
    params = {"fields": FIELDS, "limit": str(PAGE_SIZE)}
    while True:
        body = graph.get(f"{external_id}/comments", **params)
        rows = body.get("data")
        yield [row for row in rows if isinstance(row, dict) and row.get("id")] if isinstance(rows, list) else []
        params["after"] = after_of(body)
        if not params["after"]:
            return
