"""The reviewers' queue and what was decided. Each function costs the same few queries whatever the length."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from statistics import median
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from contentdesk.kim.models import Kim
from contentdesk.lib import clock
from contentdesk.lib.db import db
from contentdesk.lib.pages import PER_PAGE, Page, nearest, page_of
from contentdesk.posts import checks
from contentdesk.posts.models import Post, Revision, RevisionPhoto
from contentdesk.posts.problems import Problem
from contentdesk.posts.states import PostState
from contentdesk.regions.models import Kelurahan
from contentdesk.reviews import risks
from contentdesk.reviews.models import Answer, Review, Verdict
from contentdesk.umkm.models import Business
from contentdesk.umkm.queries import consented_ids

RECENT = timedelta(days=1)


@dataclass(frozen=True)
class Waiting:
    """One line of the queue."""

    post: Post
    revision: Revision
    risks: list[risks.Risk]
    revised: bool
    """A reviewer sent it back before, and it is another revision now."""
    unchanged: bool
    """It is the revision that was sent back, handed in again with a reason."""
    new_author: bool
    """Nothing of this author was ever approved."""
    findings: int = 0
    """What the checks found besides the risks; the review page names them."""

    @property
    def is_today(self) -> bool:
        """Wants to go out today, or wanted to before."""
        wish = self.post.proposed_at
        return wish is not None and clock.to_wib(wish).date() <= clock.today()

    @property
    def kinds(self) -> list[str]:
        return sorted({account.kind for account in self.revision.targets})


SEARCHED = 200
"""Whether a post has findings is told by reading it, not by the database. So many are read, those that go out soonest:
a queue that is longer does not make its page slow, and says that there may be more."""


@dataclass(frozen=True)
class Counts:
    """How many wait, by word of the filter."""

    numbers: Mapping[str, int]
    risky_ids: Sequence[str]
    """In the order of the queue."""

    @property
    def all(self) -> int:
        return self.numbers["semua"]

    @property
    def is_cut(self) -> bool:
        """Not all that wait were searched for findings."""
        return self.all > SEARCHED

    @property
    def words(self) -> dict[str, str]:
        """As a chip shows them."""
        more = {"berisiko": "+"} if self.is_cut else {}
        return {name: f"{number}{more.get(name, '')}" for name, number in self.numbers.items()}


def page(chosen: str = "semua", number: int = 1, found: Counts | None = None) -> Page[Waiting]:
    """What waits, what is due first on top. `found` spares counting again."""
    if chosen == "berisiko":
        ids = (found or counts()).risky_ids
        shown = nearest(number, len(ids))
        return Page(_lines(ids[(shown - 1) * PER_PAGE : shown * PER_PAGE]), shown, len(ids))
    ids_of = page_of(_waiting(select(Post.id)).where(*_conditions().get(chosen, ())), number)
    return Page(_lines(ids_of.rows), ids_of.number, ids_of.total)


def counts() -> Counts:
    """In a fixed number of queries, however many wait."""
    today, revised = (func.coalesce(func.sum(case((and_(*each), 1), else_=0)), 0) for each in _conditions().values())
    query = select(func.count(), today, revised).where(Post.state == PostState.IN_REVIEW)
    every, due_today, sent_back = db.session.execute(query).one()
    risky = _risky_ids()
    numbers = {"semua": every, "berisiko": len(risky), "hari-ini": due_today, "direvisi": sent_back}
    return Counts(numbers, risky)


FILTERS = ("semua", "berisiko", "hari-ini", "direvisi")


def _conditions() -> dict[str, tuple[ColumnElement[bool], ...]]:
    tomorrow = clock.from_wib(datetime.combine(clock.today() + timedelta(days=1), time()))
    sent_back = exists().where(Review.post_id == Post.id, Review.verdict == Verdict.ASK_CHANGES)
    return {"hari-ini": (Post.proposed_at < tomorrow,), "direvisi": (sent_back, ~_is_unchanged())}


def _risky_ids() -> list[str]:
    """Loads what the checks read; places, authors and verdicts, which a line shows as well, only `_lines` does."""
    ids = list(db.session.scalars(_waiting(select(Post.id)).limit(SEARCHED)))
    posts = db.session.scalars(select(Post).where(Post.id.in_(ids)).options(joinedload(Post.kim)))
    known = {post.id: post for post in posts}
    revisions = _newest(ids)
    consented = _consented(revisions.values())
    return [one for one in ids if one in revisions and _risks(known[one], revisions[one], consented)]


def _lines(ids: Sequence[str]) -> list[Waiting]:
    posts = {post.id: post for post in db.session.scalars(select(Post).where(Post.id.in_(ids)).options(*_with_place()))}
    revisions = _newest(ids)
    consented = _consented(revisions.values())
    sent_back, unchanged = _sent_back(ids), _unchanged(ids)
    known = _known_authors({post.author_id for post in posts.values()})
    found = {one: _problems(posts[one], revisions[one], consented) for one in ids if one in revisions}
    return [
        Waiting(
            posts[one],
            revisions[one],
            risks.of(problems, revisions[one].children),
            revised=one in sent_back - unchanged,
            unchanged=one in unchanged,
            new_author=posts[one].author_id not in known,
            findings=sum(not risks.is_risky(problem) for problem in problems),
        )
        for one, problems in found.items()
    ]


def _waiting(query: Select[Any]) -> Select[Any]:
    """Those without a wish last: nothing is late with them."""
    return query.where(Post.state == PostState.IN_REVIEW).order_by(
        Post.proposed_at.is_(None), Post.proposed_at, Post.submitted_at, Post.id
    )


def _with_place() -> tuple[Any, ...]:
    place = joinedload(Post.kim).joinedload(Kim.kelurahan).joinedload(Kelurahan.kecamatan)
    return place, joinedload(Post.author)


def _newest(post_ids: Sequence[str]) -> dict[str, Revision]:
    query = (
        select(Revision)
        .join(Post, and_(Post.id == Revision.post_id, Post.newest_number == Revision.number))
        .where(Post.id.in_(post_ids))
        .options(
            selectinload(Revision.photos).joinedload(RevisionPhoto.asset),
            selectinload(Revision.targets),
            selectinload(Revision.businesses).options(joinedload(Business.kelurahan), selectinload(Business.products)),
        )
    )
    return {revision.post_id: revision for revision in db.session.scalars(query)}


def _consented(revisions: Iterable[Revision]) -> set[str]:
    return consented_ids({one.id for revision in revisions for one in revision.businesses})


def _risks(post: Post, revision: Revision, consented: set[str]) -> list[risks.Risk]:
    return risks.of(_problems(post, revision, consented), revision.children)


def _problems(post: Post, revision: Revision, consented: set[str]) -> list[Problem]:
    """As the review page finds them, on rows that are loaded already: a query for each would make a long queue slow."""
    return checks.problems(checks.loaded_subject(post, revision, consented))


def _is_unchanged() -> ColumnElement[bool]:
    """The newest revision is one that a reviewer sent back, or was handed in with an answer instead of a change."""
    newest = and_(Revision.post_id == Post.id, Revision.number == Post.newest_number)
    asked = exists().where(newest, Review.revision_id == Revision.id, Review.verdict == Verdict.ASK_CHANGES)
    return or_(asked, exists().where(newest, Answer.revision_id == Revision.id))


def answers_of(post_id: str) -> list[Answer]:
    """Oldest first, with who gave it."""
    query = (
        select(Answer)
        .join(Revision, Revision.id == Answer.revision_id)
        .where(Revision.post_id == post_id)
        .options(joinedload(Answer.author))
        .order_by(Answer.created_at, Answer.id)
    )
    return list(db.session.scalars(query))


def _unchanged(post_ids: Sequence[str]) -> set[str]:
    return set(db.session.scalars(select(Post.id).where(Post.id.in_(post_ids), _is_unchanged())))


def _sent_back(post_ids: Sequence[str]) -> set[str]:
    query = select(Review.post_id).where(Review.post_id.in_(post_ids), Review.verdict == Verdict.ASK_CHANGES)
    return set(db.session.scalars(query))


def _known_authors(author_ids: Iterable[str]) -> set[str]:
    query = select(Post.author_id).where(Post.author_id.in_(list(author_ids)), Post.approved_number.is_not(None))
    return set(db.session.scalars(query.distinct()))


def waiting_ids() -> list[str]:
    """In the order of the queue, to go from one post to the next."""
    return list(db.session.scalars(_waiting(select(Post.id))))


def reviews_of(post_id: str) -> list[Review]:
    """Oldest first, with reviewer and revision."""
    query = (
        select(Review)
        .where(Review.post_id == post_id)
        .options(joinedload(Review.reviewer), joinedload(Review.revision))
        .order_by(Review.created_at, Review.id)
    )
    return list(db.session.scalars(query))


def decided_by(reviewer_id: str, count: int = 3) -> list[tuple[Review, Post]]:
    """The person's own last verdicts of the day, newest first: to tell an author about them."""
    query = (
        select(Review, Post)
        .join(Post, Post.id == Review.post_id)
        .where(Review.reviewer_id == reviewer_id, Review.created_at >= clock.now() - RECENT)
        .options(joinedload(Post.kim))
        .order_by(Review.created_at.desc())
        .limit(count)
    )
    return list(db.session.execute(query).tuples())


def base_of(post: Post, revision: Revision, reviews: Iterable[Review]) -> Revision | None:
    """What to compare with: the approved revision, else the last one a reviewer decided on. `revisions` loaded."""
    numbers = [review.revision.number for review in reviews]
    if post.approved_number and post.approved_number < revision.number:
        wanted: int | None = post.approved_number
    else:
        wanted = max((number for number in numbers if number < revision.number), default=None)
    return next((one for one in post.revisions if one.number == wanted), None)


def usual_wait_minutes() -> int | None:
    """Median wait before the last 20 verdicts; None while there is none. A handing-in after it does not count."""
    query = (
        select(Review.created_at, Post.submitted_at)
        .join(Post, Post.id == Review.post_id)
        .where(Post.submitted_at.is_not(None), Review.created_at >= Post.submitted_at)
        .order_by(Review.created_at.desc())
        .limit(20)
    )
    waits = [(decided - sent).total_seconds() / 60 for decided, sent in db.session.execute(query).tuples() if sent]
    return max(1, round(median(waits))) if waits else None
