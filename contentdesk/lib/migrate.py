"""Bringing the tables up to date."""

from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

FOLDER = Path(__file__).resolve().parents[2] / "migrations"


def _settings() -> AlembicConfig:
    settings = AlembicConfig()
    settings.set_main_option("script_location", str(FOLDER))
    return settings


def upgrade(engine: Engine, to: str = "head") -> None:
    settings = _settings()
    with engine.begin() as connection:
        settings.attributes["connection"] = connection
        command.upgrade(settings, to)


def write_revision(engine: Engine, message: str, number: str) -> None:
    """For developers: a new migration from the difference between tables and models."""
    settings = _settings()
    with engine.begin() as connection:
        settings.attributes["connection"] = connection
        command.revision(settings, message=message, autogenerate=True, rev_id=number)


def is_current(engine: Engine) -> bool:
    with engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    return found == ScriptDirectory.from_config(_settings()).get_current_head()


@dataclass(frozen=True)
class Standing:
    """Of the tables that are there, against the migrations that this program knows."""

    found: str | None
    head: str
    missing: tuple[str, ...]
    """Not yet run, the oldest first."""
    is_newer: bool
    """They were made by a program that this one does not know."""


def standing(engine: Engine) -> Standing:
    with engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    script = ScriptDirectory.from_config(_settings())
    known = [one.revision for one in script.walk_revisions()]  # the newest first
    if found is not None and found not in known:
        return Standing(found, known[0], (), is_newer=True)
    ahead = known[: known.index(found)] if found else known
    return Standing(found, known[0], tuple(reversed(ahead)), is_newer=False)
