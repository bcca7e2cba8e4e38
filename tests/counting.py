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


def explained(act: Callable[[], Any]) -> list[str]:
    """How the database goes about each question that `act` asks."""
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        asked.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        act()
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    how = "EXPLAIN QUERY PLAN " if db.engine.dialect.name == "sqlite" else "EXPLAIN "
    connection = db.session.connection()
    return [
        "\n".join(str(row[-1]) for row in connection.exec_driver_sql(how + statement, parameters))
        for statement, parameters in asked
        if statement.startswith("SELECT")
    ]
