import errno
import os
from pathlib import Path
from threading import Barrier, Thread

import pytest

from contentdesk.lib.files import FileDamaged, FileStore, StorageFull

DATA = b"nasi pecel" * 1000


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "media")


def files_in(store: FileStore) -> list[Path]:
    return [path for path in store.root.rglob("*") if path.is_file()]


def test_what_was_put_is_read_back(store: FileStore) -> None:
    stored = store.put(DATA, ".jpg")
    assert stored.size == len(DATA)
    assert stored.path == store.path_of(stored.sha256, ".jpg")
    assert store.read_verified(stored.sha256, ".jpg") == DATA


def test_files_lie_two_folders_deep(store: FileStore) -> None:
    stored = store.put(DATA, ".jpg")
    relative = stored.path.relative_to(store.root)
    assert relative.parts == (stored.sha256[:2], stored.sha256[2:4], f"{stored.sha256}.jpg")


def test_the_same_bytes_twice_are_one_file(store: FileStore) -> None:
    first = store.put(DATA, ".jpg")
    number = first.path.stat().st_ino
    assert store.put(DATA, ".jpg") == first
    assert files_in(store) == [first.path]
    assert first.path.stat().st_ino == number


def test_two_who_put_the_same_at_once_both_succeed(store: FileStore) -> None:
    together = Barrier(4)
    done = []

    def put() -> None:
        together.wait(10)
        done.append(store.put(DATA, ".jpg"))

    threads = [Thread(target=put) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(done) == 4
    assert files_in(store) == [done[0].path]


def test_changed_bytes_are_noticed(store: FileStore) -> None:
    stored = store.put(DATA, ".jpg")
    stored.path.write_bytes(DATA[:-1] + b"X")
    with pytest.raises(FileDamaged, match="rusak di penyimpanan"):
        store.read_verified(stored.sha256, ".jpg")


def test_a_lost_file_is_told(store: FileStore) -> None:
    stored = store.put(DATA, ".jpg")
    stored.path.unlink()
    with pytest.raises(FileDamaged, match="tidak ada lagi"):
        store.read_verified(stored.sha256, ".jpg")


def test_putting_again_mends_a_damaged_file(store: FileStore) -> None:
    stored = store.put(DATA, ".jpg")
    stored.path.write_bytes(b"")
    store.put(DATA, ".jpg")
    assert store.read_verified(stored.sha256, ".jpg") == DATA


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_told_and_leaves_nothing_behind(
    store: FileStore, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def full(_handle: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageFull, match="Penyimpanan penuh") as told:
        store.put(DATA, ".jpg")
    assert told.value.status == 507
    assert files_in(store) == []


def test_another_failure_of_the_disk_is_not_called_full(store: FileStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_handle: int) -> None:
        raise OSError(errno.EIO, "I/O error")

    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(OSError, match="I/O error"):
        store.put(DATA, ".jpg")
    assert files_in(store) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's full device")
def test_a_really_full_device_is_told(store: FileStore, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.fsync

    def to_the_full_device(handle: int) -> None:
        with open("/dev/full", "wb", buffering=0) as device:
            device.write(DATA)
        real(handle)

    monkeypatch.setattr(os, "fsync", to_the_full_device)
    with pytest.raises(StorageFull):
        store.put(DATA, ".jpg")


@pytest.mark.parametrize(
    ("digest", "suffix"),
    [("../../etc/passwd", ""), ("a" * 63, ".jpg"), ("A" * 64, ".jpg"), ("a" * 64, "/../x"), ("a" * 64, ".JPG")],
)
def test_no_name_leads_out_of_the_store(store: FileStore, digest: str, suffix: str) -> None:
    with pytest.raises(ValueError, match="not the name"):
        store.path_of(digest, suffix)
