"""The database that one test worker uses for all its tests, empty again before each."""

import shutil
from pathlib import Path
from typing import Protocol

import psycopg

from contentdesk.lib import ids

END_OTHERS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
SHAPE = """
    SELECT md5(string_agg(c.relname || ' ' || a.attname, ',' ORDER BY c.relname, a.attname)),
           (SELECT string_agg(version_num, ',') FROM alembic_version)
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid WHERE c.relnamespace = 'public'::regnamespace
"""
EMPTY = """
    SET session_replication_role = replica;  -- no foreign keys, no triggers
    DO $$ DECLARE name text; BEGIN
        FOR name IN SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace LOOP
            IF name <> 'alembic_version' THEN EXECUTE format('DELETE FROM %I', name); END IF;
        END LOOP;
        PERFORM setval(oid::regclass, 1, false) FROM pg_class
            WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace;
    END $$
"""


class Database(Protocol):
    url: str

    def renew(self) -> None:
        """All tables, no row but the number of the newest migration; whoever still used it is cut off."""


class SqliteDatabase:
    def __init__(self, template: str, folder: Path) -> None:
        self._template, self._path = template, folder / "desk.db"
        self.url = f"sqlite:///{self._path}"

    def renew(self) -> None:
        for suffix in ("", "-wal", "-shm"):  # not overwritten: somebody may still have it open
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
        shutil.copy(self._template, self._path)


class PostgresDatabase:
    """Deleting the rows takes a hundredth of the time that another copy of the template does."""

    def __init__(self, server: str, template: str) -> None:
        self._server, self._template, self._name = server, template, f"t{ids.new()}"
        self.url = sibling(server, self._name)
        run(server, f"CREATE DATABASE {self._name} TEMPLATE {template}")
        with psycopg.connect(self.url) as connection:
            self._shape = connection.execute(SHAPE).fetchone()

    def renew(self) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(END_OTHERS)
            as_it_was = connection.execute(SHAPE).fetchone() == self._shape
            if as_it_was:
                connection.execute(EMPTY)
        if not as_it_was:
            run(self._server, f"DROP DATABASE {self._name} WITH (FORCE)")
            run(self._server, f"CREATE DATABASE {self._name} TEMPLATE {self._template}")


def sibling(url: str, name: str) -> str:
    """The same server, another database. The address is postgresql://user@/name?host=folder."""
    head, _, query = url.partition("?")
    return f"{head.rsplit('/', 1)[0]}/{name}" + (f"?{query}" if query else "")


def run(server: str, command: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(command.encode())
