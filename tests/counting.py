"""Counting what a page asks the database."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import event

from contentdesk.lib.db import db


def statements(act: Callable[[], Any]) -> list[str]:
    """The statements that `act` sends, in order."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    db.session.rollback()
    event.listen(db.engine, "before_cursor_execute", note)
    try:
        act()
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return seen
