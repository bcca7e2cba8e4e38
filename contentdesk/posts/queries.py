"""Reading posts. Each function costs the same few queries whatever the number of rows."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, select
from sqlalchemy.orm import joinedload, selectinload

from contentdesk.channels import registry, rules
from contentdesk.kim.models import Kim
from contentdesk.lib.db import db
from contentdesk.lib.errors import NotFound
from contentdesk.lib.i18n import N_
from contentdesk.lib.pages import PER_PAGE, Page, page_of
from contentdesk.posts.models import Post, Revision, RevisionPhoto


@dataclass(frozen=True)
class Filters:
    """`states` empty: all but archived ones."""

    states: tuple[str, ...] = ()
    words: str = ""
    kelurahan_code: str | None = None


def _whole_revision() -> tuple[Any, ...]:
    return (
        joinedload(Revision.author),
        selectinload(Revision.photos).joinedload(RevisionPhoto.asset),
        selectinload(Revision.files),
        selectinload(Revision.businesses),
        selectinload(Revision.targets),
    )


def get_post(post_id: str) -> Post:
    """With its KIM, people and all revisions; raises NotFound."""
    query = (
        select(Post)
        .where(Post.id == post_id)
        .options(
            joinedload(Post.kim).joinedload(Kim.kelurahan),
            joinedload(Post.author),
            joinedload(Post.editor),
            joinedload(Post.campaign),
            selectinload(Post.revisions).options(*_whole_revision()),
        )
        .execution_options(populate_existing=True)
    )
    found = db.session.scalar(query)
    if found is None:
        raise NotFound()
    return found


def post_alone(post_id: str) -> Post:
    """Only its own row; raises NotFound."""
    found = db.session.get(Post, post_id, populate_existing=True)
    if found is None:
        raise NotFound()
    return found


def newest_revision(post: Post) -> Revision:
    """With photos, files, businesses and targets; one post, one newest revision, always."""
    return revision(post, post.newest_number)


def revision(post: Post, number: int) -> Revision:
    query = (
        select(Revision)
        .where(Revision.post_id == post.id, Revision.number == number)
        .options(*_whole_revision())
        .execution_options(populate_existing=True)
    )
    found = db.session.scalar(query)
    if found is None:
        raise NotFound(N_("Revisi ini tidak ada."))
    return found


def text_for(revision: Revision, kind: str) -> str:
    """The text as it goes out on a kind of channel."""
    return revision.texts.get(kind) or revision.text


def format_name(revision: Revision, kind: str) -> str:
    """Of the format it goes out in: a message of the catalogue. Empty where the channel has only one.

    Needs `photos` with their assets.
    """
    channel = registry.KINDS.get(kind)
    if channel is None or len(channel.formats) < 2:
        return ""
    videos = sum(photo.asset.is_video for photo in revision.photos)
    chosen = revision.options.get(kind, {})
    return rules.format_of(channel, chosen, len(revision.photos) - videos, videos > 0).name


def by_form_key(author_id: str, form_key: str) -> Post | None:
    return db.session.scalar(select(Post).where(Post.author_id == author_id, Post.form_key == form_key))


def list_of(kim_id: str | None, filters: Filters | None = None, page: int = 1, per_page: int = PER_PAGE) -> Page[Post]:
    """Newest first. `kim_id` None: of every KIM (`access.permissions.scope` says which it is)."""
    query = select(Post).options(joinedload(Post.kim).joinedload(Kim.kelurahan), joinedload(Post.author))
    if kim_id is not None:
        query = query.where(Post.kim_id == kim_id)
    return page_of(_filtered(query, filters or Filters()).order_by(Post.updated_at.desc(), Post.id), page, per_page)


def _filtered(query: Select[Any], filters: Filters) -> Select[Any]:
    query = query.where(Post.state.in_(filters.states)) if filters.states else query.where(Post.state != "archived")
    if filters.words:
        query = query.where(Post.title.icontains(filters.words, autoescape=True))
    if filters.kelurahan_code:
        query = query.join(Kim, Kim.id == Post.kim_id).where(Kim.kelurahan_code == filters.kelurahan_code)
    return query


def first_photos(post_ids: Iterable[str]) -> dict[str, str]:
    """Post id -> asset id of its newest revision's first photo, for a list's thumbnails, in one query."""
    query = (
        select(Post.id, RevisionPhoto.asset_id)
        .join(Revision, and_(Revision.post_id == Post.id, Revision.number == Post.newest_number))
        .join(RevisionPhoto, and_(RevisionPhoto.revision_id == Revision.id, RevisionPhoto.position == 0))
        .where(Post.id.in_(list(post_ids)))
    )
    return dict(db.session.execute(query).tuples().all())
