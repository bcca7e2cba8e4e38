"""A store of files on disk, found by the SHA-256 of what is in them."""

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import file_digest
from hashlib import sha256 as sha256_of
from pathlib import Path
from shutil import disk_usage
from tempfile import NamedTemporaryFile
from typing import BinaryIO, Protocol

from contentdesk.lib.errors import DomainError
from contentdesk.lib.i18n import N_

FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
DIGEST = re.compile(r"[0-9a-f]{64}")
SUFFIX = re.compile(r"(\.[a-z0-9]{1,8})?")
CHUNK = 1024 * 1024
BENCH = "bench"
BENCH_NAME = re.compile(r"[a-z0-9-]{1,80}(\.[a-z0-9]{1,8})?")


class StorageFull(DomainError):
    """The disk took nothing; what was there before is untouched."""

    status = 507


class FileDamaged(DomainError):
    """The file is gone, or its bytes are no longer those that were put."""

    status = 500


@dataclass(frozen=True)
class StoredFile:
    sha256: str
    size: int
    path: Path


class Readable(Protocol):
    """What comes in pieces."""

    def read(self, size: int, /) -> bytes: ...


class FileStore:
    """Files are only ever added: the same bytes twice are one file, and no file changes in place."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, data: bytes, suffix: str) -> StoredFile:
        """Once this returns, the bytes survive a power cut. A damaged copy is replaced by the good bytes."""
        digest = sha256_of(data).hexdigest()
        path = self.path_of(digest, suffix)
        if not _holds(path, digest):
            with full_disk_is_told():
                path.parent.mkdir(parents=True, exist_ok=True)
                _write_whole(path, data)
        return StoredFile(digest, len(data), path)

    def bench(self, name: str) -> Path:
        """Where a large file lies while it is received or made; it belongs to whoever chose the name."""
        if not BENCH_NAME.fullmatch(name):
            raise ValueError("not the name of a file in the making")
        folder = self.root / BENCH
        folder.mkdir(parents=True, exist_ok=True)
        return folder / name

    def must_have_room(self, size: int) -> None:
        """Raises StorageFull unless the disk has so many bytes left."""
        self.root.mkdir(parents=True, exist_ok=True)
        if disk_usage(self.root).free < size:
            raise full()

    def receive(self, stream: Readable, path: Path) -> StoredFile:
        """Writes what comes to `path`, piece by piece. Raises StorageFull; then nothing is left behind."""
        digest, size = sha256_of(), 0
        try:
            with full_disk_is_told(), path.open("wb") as file:
                while piece := stream.read(CHUNK):
                    digest.update(piece)
                    size += file.write(piece)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return StoredFile(digest.hexdigest(), size, path)

    def take(self, made: Path, suffix: str) -> StoredFile:
        """As `put`, for a file on the bench: it is moved, not read into memory."""
        with made.open("rb") as file:
            digest = file_digest(file, "sha256").hexdigest()
            os.fsync(file.fileno())
        path, size = self.path_of(digest, suffix), made.stat().st_size
        with full_disk_is_told():
            path.parent.mkdir(parents=True, exist_ok=True)
            os.replace(made, path)
        _sync_folder(path.parent)
        return StoredFile(digest, size, path)

    def open(self, sha256: str, suffix: str) -> BinaryIO:
        """For reading. Raises FileDamaged when it is gone; whether it is whole, `verify` says."""
        try:
            return self.path_of(sha256, suffix).open("rb")
        except FileNotFoundError:
            raise gone() from None

    def verify(self, sha256: str, suffix: str) -> None:
        """Raises FileDamaged. Needs little memory however large the file is."""
        try:
            with self.path_of(sha256, suffix).open("rb") as file:
                found = file_digest(file, "sha256").hexdigest()
        except FileNotFoundError:
            raise gone() from None
        if found != sha256:
            raise damaged()

    def path_of(self, sha256: str, suffix: str) -> Path:
        """Where such a file lies or would lie. A digest from outside cannot lead out of the store."""
        if not DIGEST.fullmatch(sha256) or not SUFFIX.fullmatch(suffix):
            raise ValueError("not the name of a stored file")
        return self.root / sha256[:2] / sha256[2:4] / f"{sha256}{suffix}"

    def read_verified(self, sha256: str, suffix: str) -> bytes:
        try:
            data = self.path_of(sha256, suffix).read_bytes()
        except FileNotFoundError:
            raise gone() from None
        if sha256_of(data).hexdigest() != sha256:
            raise damaged()
        return data


def gone() -> FileDamaged:
    return FileDamaged(N_("Berkas ini tidak ada lagi di penyimpanan. Unggah foto atau videonya sekali lagi."))


def damaged() -> FileDamaged:
    return FileDamaged(N_("Berkas ini rusak di penyimpanan. Unggah foto atau videonya sekali lagi."))


def _holds(path: Path, digest: str) -> bool:
    try:
        return sha256_of(path.read_bytes()).hexdigest() == digest
    except FileNotFoundError:
        return False


def _write_whole(path: Path, data: bytes) -> None:
    """Readers see the whole file or none: the name is given only after the bytes are on the disk."""
    with NamedTemporaryFile(dir=path.parent, prefix=".", suffix=".part", delete=False) as part:
        try:
            part.write(data)
            part.flush()
            os.fsync(part.fileno())
            os.replace(part.name, path)
        except BaseException:
            Path(part.name).unlink(missing_ok=True)
            raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def full_disk_is_told() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in FULL:
            raise
        raise full() from error


def full() -> StorageFull:
    return StorageFull(N_("Penyimpanan penuh, berkas ini belum tersimpan. Beri tahu admin, lalu unggah lagi."))
