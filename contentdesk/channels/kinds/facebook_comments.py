"""Comments under a page's post: those of citizens, and a first one of the page's own."""

from collections.abc import Iterator
from typing import Any

from contentdesk.channels.abilities import FIRST_COMMENT, Comment, Comments
from contentdesk.channels.base import NotAllowed, OutcomeUnknown, Outgoing, Rejected
from contentdesk.channels.kinds.instagram_comments import MOST_PAGES, newest
from contentdesk.channels.kinds.meta_errors import UNKNOWN_OUTCOME
from contentdesk.channels.kinds.meta_find import after_of, moment, same_text
from contentdesk.channels.kinds.meta_graph import Graph
from contentdesk.lib.i18n import N_

FIELDS = "id,message,created_time,from,permalink_url"
PAGE_SIZE = 100
MOST_LOOKED_AT = 1000
"""Ours stands below all that came later."""
SCOPE = "pages_manage_engagement"

TOO_MANY = N_("Komentar di unggahan ini terlalu banyak untuk memastikan komentar pertama. Periksa di aplikasinya.")
NO_COMMENTS = N_(
    "Izin mengelola komentar belum diberikan untuk akun %(handle)s. Unggahan tetap terbit. "
    "Untuk komentar pertama, sambungkan akun lagi dan setujui semua izin."
)


def comments(graph: Graph, page: str, post_id: str) -> Comments:
    """A page of the answer may hold fewer than it was asked for, and others follow."""
    rows, whole = newest(_pages(graph, post_id))
    return Comments([told for row in rows if (told := _comment(row, page)) is not None], whole)


def _comment(row: dict[str, Any], page: str) -> Comment | None:
    """Without the right to see them the platform leaves the writers out."""
    written_at = moment(row.get("created_time"))
    if written_at is None:
        return None
    link = row.get("permalink_url")
    writer = _writer(row)
    author, text = str(writer.get("name") or ""), str(row.get("message") or "")
    return Comment(str(row["id"]), author, text, written_at, str(link) if link else None, writer.get("id") == page)


def _writer(row: dict[str, Any]) -> dict[str, Any]:
    writer = row.get("from")
    return writer if isinstance(writer, dict) else {}


def first_comment(graph: Graph, outgoing: Outgoing, post_id: str) -> str | None:
    """Looks before it writes, so that a call whose answer was lost is not repeated."""
    text = str(outgoing.options.get(FIRST_COMMENT) or "").strip()
    if not text:
        return None
    if outgoing.login.scopes and SCOPE not in outgoing.login.scopes:
        raise NotAllowed(NO_COMMENTS, code="scope", handle=outgoing.login.handle)
    return _ours(graph, outgoing.login.external_id, post_id, text) or _write(graph, post_id, text)


def _ours(graph: Graph, page: str, post_id: str, text: str) -> str | None:
    seen = 0
    for number, rows in enumerate(_pages(graph, post_id), start=1):
        seen += len(rows)
        for row in rows:
            if _writer(row).get("id") == page and same_text(str(row.get("message") or ""), text):
                return str(row["id"])
        if seen >= MOST_LOOKED_AT or number >= MOST_PAGES:
            raise Rejected(TOO_MANY, code="too_many_comments")
    return None


def _write(graph: Graph, post_id: str, text: str) -> str:
    made = graph.post_once(f"{post_id}/comments", {"message": text}).get("id")
    if not made:
        raise OutcomeUnknown(UNKNOWN_OUTCOME, code="no_id")
    return str(made)


def _pages(graph: Graph, post_id: str) -> Iterator[list[dict[str, Any]]]:
    params = {"fields": FIELDS, "limit": str(PAGE_SIZE), "order": "reverse_chronological", "filter": "stream"}
    while True:
        body = graph.get(f"{post_id}/comments", **params)
        rows = body.get("data")
        yield [row for row in rows if isinstance(row, dict) and row.get("id")] if isinstance(rows, list) else []
        params["after"] = after_of(body)
        if not params["after"]:
            return
