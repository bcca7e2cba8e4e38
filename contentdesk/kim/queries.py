"""Reading KIM groups and how far they cover the city."""

from sqlalchemy import select

from contentdesk.kim.models import Kim
from contentdesk.lib.db import db


def covered_codes() -> set[str]:
    """Codes of the kelurahan that have a KIM at work."""
    return set(db.session.scalars(select(Kim.kelurahan_code).where(Kim.closed_at.is_(None))))
