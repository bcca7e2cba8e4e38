"""The database handle. A leaf: it knows no feature.

Reading begins an ordinary transaction. Writing happens only inside `with transaction():`, which on SQLite
begins with BEGIN IMMEDIATE: with several processes a deferred transaction that reads and then writes fails
with "database is locked" in most cases, an immediate one never did.
"""

import fcntl
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import DateTime, Engine, MetaData, Table, event, text
from sqlalchemy.engine import Connection, Dialect, ExceptionContext
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, registry, relationship
from sqlalchemy.types import TypeDecorator

from contentdesk.lib import clock, ids

NAMES = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

_writing: ContextVar[bool] = ContextVar("writing", default=False)
_last: ContextVar[list[Callable[[], object]] | None] = ContextVar("last", default=None)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment in UTC. SQLite drops the zone; this puts it back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("a moment without a time zone")
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


class Model(DeclarativeBase):
    """Base of all tables."""

    registry = registry(type_annotation_map={datetime: UtcDateTime()}, metadata=MetaData(naming_convention=NAMES))


db = SQLAlchemy(model_class=Model, session_options={"autoflush": True})


def table_of(model: type[Model]) -> Table:
    """For statements that are about the table itself."""
    table = model.__table__
    assert isinstance(table, Table)
    return table


def id_column() -> Mapped[str]:
    """Primary key for rows that people make."""
    return mapped_column(primary_key=True, default=ids.new)


def moment_column() -> Mapped[datetime]:
    """When the row came to be."""
    return mapped_column(default=clock.now)


def link(*args: Any, **kwargs: Any) -> Any:
    """A relationship that never loads by itself: queries say what they want, no page hides 50 of them."""
    return relationship(*args, lazy="raise_on_sql", **kwargs)


@contextmanager
def transaction() -> Iterator[Session]:
    """Writes between here and the end of the block are kept together or not at all.

    Only edges (views, cli, workers) open one. Inside another it joins it. What was read before is read again.
    """
    if _writing.get():
        yield db.session()
        return
    db.session.rollback()
    calls: list[Callable[[], object]] = []
    writing, last = _writing.set(True), _last.set(calls)
    try:
        yield db.session()
        for call in calls:
            call()
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
    finally:
        _writing.reset(writing)
        _last.reset(last)


@contextmanager
def transaction_in_turn() -> Iterator[Session]:
    """As `transaction`, for processes that write without pause.

    SQLite lets whoever waits ask again after a nap, so of two that are busy the one that has just written writes again,
    and the other waits for long. The system's lock on a file wakes who came first; who is killed gives it away.
    """
    path = db.engine.url.database
    if not is_sqlite() or path in {None, "", ":memory:"}:
        with transaction() as session:
            yield session
        return
    with open(f"{path}-turn", "a") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        with transaction() as session:
            yield session


def at_the_end(call: Callable[[], object]) -> None:
    """Runs `call` as the last thing before the open transaction is committed: for locks that everybody wants."""
    calls = _last.get()
    if calls is None:
        raise RuntimeError("at_the_end needs an open transaction()")
    calls.append(call)


def is_sqlite() -> bool:
    return db.engine.dialect.name == "sqlite"


@event.listens_for(Session, "before_flush")
def _only_in_a_transaction(session: Session, _context: object, _instances: object) -> None:
    if not _writing.get() and (session.new or session.dirty or session.deleted):
        raise RuntimeError("writing outside `with transaction():`")


PRAGMAS = {"journal_mode": "WAL", "synchronous": "FULL", "foreign_keys": "ON", "busy_timeout": "15000"}


def prepare_engine(engine: Engine) -> None:
    """Sets SQLite up for several processes: WAL, foreign keys, a patient wait, our own BEGIN."""
    event.listen(engine, "handle_error", _without_values)
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def _on_connect(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None
        for name, value in PRAGMAS.items():
            connection.execute(f"PRAGMA {name}={value}")

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if _writing.get() else "BEGIN")


def _without_values(context: ExceptionContext) -> None:
    """PostgreSQL's second line names the values it refused: logins do not belong into a log."""
    for error in (context.original_exception, context.sqlalchemy_exception):
        if isinstance(error, BaseException) and error.args and isinstance(error.args[0], str):
            error.args = (error.args[0].partition("\n")[0], *error.args[1:])


def is_alive() -> bool:
    """Whether the database answers."""
    return db.session.execute(text("select 1")).scalar() == 1


def canonical(value: object) -> str:
    """JSON in one fixed form, for digests."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
