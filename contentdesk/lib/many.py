"""Many rows in one statement, and many ids in one answer.

Python's SQLite lets other threads run at each row. Among busy threads every one may cost some milliseconds, in which
nobody else can write; so rows go in and come out as one value. PostgreSQL's driver has them all at once by itself.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Dialect,
    Executable,
    Select,
    Table,
    TableValuedAlias,
    bindparam,
    func,
    select,
    true,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

Row = Mapping[str, Any]


def ids(connection: Connection, query: Select[str], row: Row) -> list[str]:
    """What `query` finds: one column of ids, in no order. It has to be the same object each time."""
    if connection.dialect.name != "sqlite":
        return list(connection.scalars(query, row))
    found = connection.scalar(_in_one(query), row)
    return found.split(",") if found else []


@cache
def _in_one(query: Select[str]) -> Executable:
    [column] = (found := query.subquery()).c
    return select(func.group_concat(column)).select_from(found)


def add(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Rows that may be there already are left as they are. All have the same columns."""
    if not rows:
        return
    names = tuple(rows[0])
    if connection.dialect.name == "sqlite":
        connection.execute(_adding(table, names), _as_one(connection.dialect, table, names, rows))
    else:
        connection.execute(_adding_each(table), list(rows))


def change(connection: Connection, table: Table, key: str, rows: Sequence[Row]) -> None:
    """The rows with these values of the column `key` get the others. All have the same columns."""
    if not rows:
        return
    names = tuple(rows[0])
    if connection.dialect.name == "sqlite":
        connection.execute(_changing(table, key, names), _as_one(connection.dialect, table, names, rows))
    else:
        connection.execute(_changing_each(table, key, names), [{f"new_{n}": row[n] for n in names} for row in rows])


def _as_one(dialect: Dialect, table: Table, names: Sequence[str], rows: Iterable[Row]) -> dict[str, str]:
    ways = [_way(dialect, table.c[name]) for name in names]
    return {"rows": json.dumps([[way(row[name]) for way, name in zip(ways, names, strict=True)] for row in rows])}


def _way(dialect: Dialect, column: Column[Any]) -> Any:
    """How the driver gets a value of the column."""
    return column.type.dialect_impl(dialect).bind_processor(dialect) or (lambda value: value)


def _each() -> TableValuedAlias:
    return func.json_each(bindparam("rows")).table_valued("value", name="each")


def _value(each: TableValuedAlias, place: int) -> ColumnElement[Any]:
    return func.json_extract(each.c.value, f"$[{place}]")


@cache
def _adding(table: Table, names: tuple[str, ...]) -> Executable:
    each = _each()
    values = select(*(_value(each, place) for place in range(len(names)))).where(true())
    return sqlite.insert(table).from_select(names, values, include_defaults=False).on_conflict_do_nothing()


@cache
def _adding_each(table: Table) -> Executable:
    return postgresql.insert(table).on_conflict_do_nothing()


@cache
def _changing(table: Table, key: str, names: tuple[str, ...]) -> Executable:
    each = _each()
    values = {name: _value(each, place) for place, name in enumerate(names) if name != key}
    return update(table).where(table.c[key] == _value(each, names.index(key))).values(values)


@cache
def _changing_each(table: Table, key: str, names: tuple[str, ...]) -> Executable:
    values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in names if name != key}
    return update(table).where(table.c[key] == bindparam(f"new_{key}")).values(values)
