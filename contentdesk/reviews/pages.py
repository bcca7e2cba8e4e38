"""What the one-screen review shows. Also for the edge that takes the verdict: when it is refused, the same page
comes back with everything the reviewer had written."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from flask import current_app, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.datastructures import MultiDict

from contentdesk.access.permissions import Permission, allow
from contentdesk.channels import registry
from contentdesk.lib.desk import desk
from contentdesk.lib.errors import DomainError
from contentdesk.posts.models import Post, Revision
from contentdesk.posts.queries import format_name, get_post, text_for
from contentdesk.posts.states import PostState
from contentdesk.reviews import diff, queries, services, wording
from contentdesk.reviews.checklist import Sheet, sheet

DECIDE = "publishing.decide"
"""Taking the verdict also plans the post, so a higher feature does it; without it the page is for reading."""


@dataclass(frozen=True)
class Preview:
    """A post as it will look on one kind of channel."""

    kind: str
    name: str
    icon: str
    handle: str
    text: str
    format: str
    """Message for the catalogue; empty where a channel has only one."""
    shape: str
    """Class for the ratio of the first picture as it goes out."""


@dataclass(frozen=True)
class Place:
    """Where the post stands in the queue, counted from 1."""

    number: int
    total: int
    previous: str | None
    next: str | None


@dataclass(frozen=True)
class Entries:
    """What stands in the form: chosen beforehand, or as the reviewer sent it."""

    marks: Mapping[str, str]
    notes: frozenset[str]
    note: str


def review_page(
    post_id: str, typed: "MultiDict[str, str] | None" = None, problem: DomainError | None = None
) -> ResponseReturnValue:
    post = get_post(post_id)
    allow(current_user, Permission.POST_REVIEW, post)
    revision = next(one for one in post.revisions if one.number == post.newest_number)
    values = _about(post, revision)
    values["entries"] = _entries(values["sheet"], revision, typed)
    values["problem"] = wording.error(problem) if problem else ""
    return render_template("reviews/review.html", **values), problem.status if problem else 200


def _about(post: Post, revision: Revision) -> dict[str, Any]:
    reviews = queries.reviews_of(post.id)
    base = queries.base_of(post, revision, reviews)
    last = reviews[-1] if reviews else None
    answers = [one for one in queries.answers_of(post.id) if one.revision_id == revision.id]
    forward = wording.forward_text(post, last, desk().config.public_url) if last else ""
    return {
        "post": post,
        "revision": revision,
        "sheet": sheet(post, revision),
        "changes": diff.between(base, revision),
        "reviews": reviews,
        "last": last,
        "answer": answers[-1] if answers else None,
        "forward": forward,
        "forward_link": f"https://wa.me/?text={quote(forward)}",
        "previews": _previews(revision),
        "place": _place(post.id),
        "due": wording.due(post),
        "decide_url": _decide_url(post),
        "is_own": current_user.id in services.writers(post),
        "wording": wording,
        "registry": registry,
    }


def _decide_url(post: Post) -> str | None:
    if DECIDE not in current_app.view_functions or post.state != PostState.IN_REVIEW:
        return None
    return url_for(DECIDE, post_id=post.id)


def _place(post_id: str) -> Place | None:
    ids = queries.waiting_ids()
    if post_id not in ids:
        return None
    at = ids.index(post_id)
    return Place(at + 1, len(ids), ids[at - 1] if at else None, ids[at + 1] if at + 1 < len(ids) else None)


def _previews(revision: Revision) -> list[Preview]:
    """One for each kind; accounts of one kind show the same."""
    handles: dict[str, list[str]] = {}
    for account in revision.targets:
        handles.setdefault(account.kind, []).append(account.handle)
    return [
        Preview(
            kind=kind,
            name=registry.name(kind),
            icon=registry.icon(kind),
            handle=", ".join(names),
            text=text_for(revision, kind),
            format=format_name(revision, kind),
            shape=_shape(revision, kind),
        )
        for kind, names in sorted(handles.items())
    ]


def _shape(revision: Revision, kind: str) -> str:
    first = next((file for file in revision.files if file.kind == kind), None)
    ratio = first.width / first.height if first else 0.8
    shapes = {9 / 16: "r-916", 4 / 5: "r-45", 1.0: "r-11", 16 / 9: "r-169"}
    return shapes[min(shapes, key=lambda known: abs(known - ratio))]


def _entries(found: Sheet, revision: Revision, typed: "MultiDict[str, str] | None") -> Entries:
    """Words come back in any case; ticks only for the text they were given for."""
    marks = {point.item.id: point.mark.value for point in found.points if point.mark}
    if typed is None:
        return Entries(marks, frozenset(key for key, mark in marks.items() if mark == "fail"), "")
    if typed.get("revision_id") == revision.id:
        marks = {point.item.id: typed[point.item.id] for point in found.points if point.item.id in typed}
    return Entries(marks, frozenset(typed.getlist("notes")), typed.get("note", ""))
