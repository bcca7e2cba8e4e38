"""Posts as reviewers meet them."""

from typing import Any

from contentdesk.access.permissions import Role
from contentdesk.kim.models import Kim
from contentdesk.lib.db import db, transaction
from contentdesk.posts.models import Post
from contentdesk.posts.queries import get_post, newest_revision
from contentdesk.reviews.models import Review, Verdict
from contentdesk.reviews.services import decide
from contentdesk.users.models import User
from tests.factories import Factory

ALL_OK = {f"C{number:02}": "ok" for number in range(1, 13)}


def waiting(make: Factory, author: User | None = None, **values: Any) -> Post:
    """A complete post that waits for a reviewer."""
    author = author or make.user()
    kim = db.session.get_one(Kim, author.kim_id)
    values.setdefault("accounts", (make.account(kim),))
    values.setdefault("businesses", (make.business(kim),))
    return make.post(author, **({"state": "in_review"} | values))


def reviewer(make: Factory) -> User:
    return make.user(Role.REVIEWER)


def decided(
    actor: User,
    post: Post,
    verdict: Verdict = Verdict.APPROVE,
    note: str = "",
    marks: dict[str, str] | None = None,
    revision_id: str | None = None,
) -> Review:
    """The verdict in a transaction of its own, as the edge gives it."""
    with transaction():
        fresh = get_post(post.id)
        seen = revision_id or newest_revision(fresh).id
        return decide(actor, fresh, seen, verdict, ALL_OK if marks is None else marks, note)
