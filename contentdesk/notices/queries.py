"""Reading what people were told."""

from sqlalchemy import func, select

from contentdesk.lib.db import db
from contentdesk.lib.pages import Page, page_of
from contentdesk.notices.models import Notice


def unread_count(user_id: str) -> int:
    query = select(func.count()).select_from(Notice).where(Notice.user_id == user_id, Notice.read_at.is_(None))
    return db.session.scalar(query) or 0


def inbox(user_id: str, number: int) -> Page[Notice]:
    """Newest first; those not yet read stand on top."""
    query = select(Notice).where(Notice.user_id == user_id)
    return page_of(query.order_by(Notice.read_at.is_not(None), Notice.id.desc()), number, per_page=30)
