"""Bringing the tables up to date."""

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
