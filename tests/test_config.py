"""What the service keeps on disk is its owner's alone, and its key is never half written."""

import errno
import os
import stat
from pathlib import Path
from threading import Barrier, Thread

import pytest

from contentdesk import config
from contentdesk.lib.crypto import Box


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_full_disk_leaves_no_half_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            config._kept_key(tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert Box((config._kept_key(tmp_path),))


def test_of_many_first_starts_all_get_the_same_whole_key(tmp_path: Path) -> None:
    barrier, found = Barrier(8), []

    def start() -> None:
        barrier.wait(10)
        found.append(config._kept_key(tmp_path))

    threads = [Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(found) == 8
    assert len(set(found)) == 1
    assert Box((found[0],))
    assert [path.name for path in tmp_path.iterdir()] == ["secret.key"]
    assert mode(tmp_path / "secret.key") == 0o600
