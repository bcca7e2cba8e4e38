"""Alembic's way into the database. Small on purpose; the address comes from the caller."""

from alembic import context
from sqlalchemy import Connection
from sqlalchemy.types import TypeDecorator

from contentdesk.models import metadata


def render_item(kind: str, item: object, _context: object) -> str | bool:
    """Writes plain types, so that a migration never depends on code that moves."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl!r}"
    return False


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        render_item=render_item,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run(context.config.attributes["connection"])
