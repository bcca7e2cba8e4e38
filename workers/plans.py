"""Which queries are sent, and how the database means to answer them."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, event, text

LARGE = 1000
"""Rows; to read a smaller table whole is what a database should do."""
PLANNED = ("SELECT", "UPDATE", "INSERT", "DELETE", "WITH")
SCAN = re.compile(r"(?:SCAN|Seq Scan on) ([a-z_]+?)(?:_\d+)?(?: USING (?:COVERING )?INDEX (\w+)| |$)")
"""Table, or another name of it in the query, and the index if one of that is read whole."""
Query = tuple[str, Any]


@contextmanager
def overheard(engine: Engine) -> Iterator[dict[str, Query]]:
    """Every query that is sent meanwhile, by its words, with the values that it came with first."""
    found: dict[str, Query] = {}

    def hear(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        if statement.startswith(PLANNED):
            found.setdefault(statement, (statement, values))

    event.listen(engine, "before_cursor_execute", hear)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", hear)


def plans(engine: Engine, queries: Iterable[Query]) -> list[dict[str, object]]:
    """Of each query its plan, and the large tables that it reads from beginning to end."""
    with engine.connect() as connection:
        large, partial = _large_tables(connection), _partial_indexes(connection)
        return [_told(query, plan(connection, query), large, partial) for query in list(queries)]


def _told(query: Query, steps: list[str], large: set[str], partial: set[str]) -> dict[str, object]:
    scans = [found.groups() for step in steps for found in SCAN.finditer(step)]
    read_whole = {table for table, index in scans if index not in partial} & large
    return {"query": " ".join(query[0].split()), "plan": steps, "full_scans": sorted(read_whole)}


def plan(connection: Connection, query: Query) -> list[str]:
    """One line for each step. Nothing is carried out."""
    statement, values = query
    if connection.dialect.name == "sqlite":
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
        return [str(row[3]) for row in rows]
    return [str(row[0]) for row in connection.exec_driver_sql(f"EXPLAIN {statement}", values)]


def _large_tables(connection: Connection) -> set[str]:
    names = connection.dialect.get_table_names(connection)
    return {name for name in names if _has_more(connection, name)}


def _has_more(connection: Connection, table: str) -> bool:
    """Counted only as far as it matters."""
    found = connection.execute(text(f"SELECT count(*) FROM (SELECT 1 FROM {table} LIMIT {LARGE + 1}) AS few"))  # noqa: S608
    return bool(found.scalar_one() > LARGE)


def _partial_indexes(connection: Connection) -> set[str]:
    """Which hold only the rows that are asked for."""
    if connection.dialect.name != "sqlite":
        return set()
    found = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'index' AND sql LIKE '% WHERE %'"))
    return set(found.scalars())
