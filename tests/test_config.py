"""What the service keeps on disk is its owner's alone, and its key is never half written."""

import errno
import os
import stat
import subprocess
import sys
from pathlib import Path
from threading import Barrier, Thread

import pytest

from contentdesk import config
from contentdesk.lib.crypto import Box
from tests.servers import ROOT


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_nobody_else_reads_the_data(tmp_path: Path) -> None:
    data = tmp_path / "var"
    data.mkdir(mode=0o755)
    env = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "PLATFORM_BASE_URL"}}
    env |= {"DATA_DIR": str(data), "PRACTICE": "1", "CITY": "35.73"}
    command = [str(Path(sys.executable).parent / "contentdesk"), "prepare"]
    subprocess.run(command, cwd=ROOT, env=env, check=True, capture_output=True, umask=0o022)
    assert mode(data) == 0o700
    kept = [path for path in data.rglob("*") if path.is_file()]
    names = {path.name for path in kept}
    assert {"secret.key", "contentdesk.db"} <= names
    assert any(name.endswith(".jpg") for name in names)
    assert [path for path in data.rglob("*") if mode(path) & 0o077] == []


def test_what_is_started_writes_for_its_owner_only(tmp_path: Path) -> None:
    data = tmp_path / "var"
    data.mkdir(mode=0o755)
    code = "import os; from contentdesk import launch; launch._hold = lambda _: print(oct(os.umask(0))) or exit(); "
    told = subprocess.run(
        [sys.executable, "-c", code + "launch.main()"],
        cwd=ROOT,
        env=os.environ | {"DATA_DIR": str(data)},
        capture_output=True,
        text=True,
        umask=0o022,
        check=True,
    )
    assert told.stdout.strip() == "0o77"
    assert mode(data) == 0o700


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
