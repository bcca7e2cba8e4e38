"""`contentdesk chaos`: a folder of its own, and a process in it that sees nothing of this one's settings."""

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from tempfile import mkdtemp

from contentdesk.chaos.asked import Asked, CannotRun
from contentdesk.chaos.warp import VARIABLE, start_file

OURS = ("DATABASE_URL", "REDIS_URL", "SECRET_KEYS", "CITY", "GRACE_HOURS", "BIND", "PORT")


def run(asked: Asked, database_url: str = "", *, keep: bool = False) -> dict[str, object]:
    """The figures. Raises CannotRun. `keep` leaves the folder with database, logs and platforms, and says where."""
    with _folder(keep) as folder:
        done = subprocess.run(
            [sys.executable, "-m", "contentdesk.chaos", json.dumps(asdict(asked))],
            env=_environment(folder, database_url),
            stdout=subprocess.PIPE,
            text=True,
        )
        if done.returncode:
            raise CannotRun(done.stdout.strip() or f"the run ended with {done.returncode}")
        figures: dict[str, object] = json.loads(done.stdout)
        return figures | ({"folder": str(folder)} if keep else {})


@contextmanager
def _folder(keep: bool) -> Iterator[Path]:
    folder = Path(mkdtemp(prefix="chaos"))
    try:
        yield folder
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)


def _environment(folder: Path, database_url: str) -> dict[str, str]:
    """This one's, without settings of the service in it."""
    rest = {name: value for name, value in os.environ.items() if name not in OURS and "_CLIENT_" not in name}
    return rest | {
        "DATA_DIR": str(folder / "data"),
        "PRACTICE": "0",
        "PUBLIC_URL": f"http://127.0.0.1:{free_port()}",
        "PLATFORM_BASE_URL": f"http://127.0.0.1:{free_port()}",
        VARIABLE: str(start_file(folder)),
        **({"DATABASE_URL": database_url} if database_url else {}),
    }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
