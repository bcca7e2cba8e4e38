"""Reading comments: what waits for an answer, and what is known."""

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from contentdesk.comments.models import CitizenComment
from contentdesk.lib.db import db
from contentdesk.lib.errors import NotFound
from contentdesk.lib.pages import Page, page_of
from contentdesk.posts.models import Post
from contentdesk.publishing.models import Delivery


def page_of_comments(kim_id: str | None, open_only: bool, number: int) -> Page[CitizenComment]:
    """Questions first, then the newest. `kim_id` None: of every KIM."""
    query = _shown(kim_id).options(
        joinedload(CitizenComment.delivery).joinedload(Delivery.account),
        joinedload(CitizenComment.delivery).joinedload(Delivery.post).joinedload(Post.kim),
        joinedload(CitizenComment.answerer),
    )
    if open_only:
        query = query.where(CitizenComment.answered_at.is_(None))
        query = query.order_by(CitizenComment.is_question.desc())
    return page_of(query.order_by(CitizenComment.written_at.desc(), CitizenComment.id), number)


def open_count(kim_id: str | None) -> int:
    query = _shown(kim_id).where(CitizenComment.answered_at.is_(None))
    return db.session.scalar(query.with_only_columns(func.count())) or 0


def get_comment(comment_id: str) -> CitizenComment:
    found = db.session.scalar(
        select(CitizenComment)
        .where(CitizenComment.id == comment_id, CitizenComment.by_us.is_(False))
        .options(joinedload(CitizenComment.delivery).joinedload(Delivery.post))
    )
    if found is None:
        raise NotFound()
    return found


def known(delivery_id: str) -> dict[str, CitizenComment]:
    """By the platform's id, those that are gone among them."""
    rows = db.session.scalars(select(CitizenComment).where(CitizenComment.delivery_id == delivery_id))
    return {row.external_id: row for row in rows}


def _shown(kim_id: str | None) -> Select[CitizenComment]:
    query = select(CitizenComment).where(CitizenComment.by_us.is_(False), CitizenComment.gone_at.is_(None))
    if kim_id is not None:
        query = query.join(CitizenComment.delivery).join(Delivery.post).where(Post.kim_id == kim_id)
    return query
