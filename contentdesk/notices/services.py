"""Telling people, and reading what one was told."""

from collections.abc import Iterable

from sqlalchemy import update

from contentdesk.access.permissions import Actor, Permission, allow
from contentdesk.lib import clock
from contentdesk.lib.db import db
from contentdesk.lib.errors import NotFound
from contentdesk.notices.models import Notice


def tell(user_ids: Iterable[str], message: str, path: str, **values: object) -> None:
    """One notice for each person, once. `message` is an Indonesian sentence of the catalogue; `path` one of ours."""
    assert path.startswith("/")
    assert not path.startswith("//")
    for user_id in dict.fromkeys(user_ids):
        db.session.add(Notice(user_id=user_id, message=message, path=path, values=values))
    db.session.flush()


def read(actor: Actor, notice_id: str) -> Notice:
    """Marks one notice of one's own as read and returns it: it knows where to go."""
    allow(actor, Permission.OWN_ACCOUNT)
    notice = db.session.get(Notice, notice_id)
    if notice is None or notice.user_id != actor.id:
        raise NotFound()
    notice.read_at = notice.read_at or clock.now()
    return notice


def read_all(actor: Actor) -> None:
    allow(actor, Permission.OWN_ACCOUNT)
    db.session.execute(
        update(Notice)
        .where(Notice.user_id == actor.id, Notice.read_at.is_(None))
        .values(read_at=clock.now())
        .execution_options(synchronize_session=False)
    )
