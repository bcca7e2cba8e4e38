"""Who serves waits until the tables are ready: the app is loaded meanwhile, which takes as long."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NAME = "preparing"


@contextmanager
def in_hand(folder: Path) -> Iterator[None]:
    """While this is open, `wait` waits. `folder` is DATA_DIR; the lock goes with the process that holds it."""
    with _lock(folder, fcntl.LOCK_EX):
        yield


def wait(folder: Path) -> None:
    """Returns at once when nobody prepares anything."""
    with _lock(folder, fcntl.LOCK_SH):
        pass


@contextmanager
def _lock(folder: Path, kind: int) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / NAME).open("a") as file:
        fcntl.flock(file, kind)
        yield
