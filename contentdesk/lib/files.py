"""A store of files on disk, found by the SHA-256 of what is in them."""

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256 as sha256_of
from pathlib import Path
from tempfile import NamedTemporaryFile

from contentdesk.lib.errors import DomainError
from contentdesk.lib.i18n import N_

FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
DIGEST = re.compile(r"[0-9a-f]{64}")
SUFFIX = re.compile(r"(\.[a-z0-9]{1,8})?")


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


class FileStore:
    """Files are only ever added: the same bytes twice are one file, and no file changes in place."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, data: bytes, suffix: str) -> StoredFile:
        """Once this returns, the bytes survive a power cut. A damaged copy is replaced by the good bytes."""
        digest = sha256_of(data).hexdigest()
        path = self.path_of(digest, suffix)
        if not _holds(path, digest):
            with _full_disk_is_told():
                path.parent.mkdir(parents=True, exist_ok=True)
                _write_whole(path, data)
        return StoredFile(digest, len(data), path)

    def path_of(self, sha256: str, suffix: str) -> Path:
        """Where such a file lies or would lie. A digest from outside cannot lead out of the store."""
        if not DIGEST.fullmatch(sha256) or not SUFFIX.fullmatch(suffix):
            raise ValueError("not the name of a stored file")
        return self.root / sha256[:2] / sha256[2:4] / f"{sha256}{suffix}"

    def read_verified(self, sha256: str, suffix: str) -> bytes:
        try:
            data = self.path_of(sha256, suffix).read_bytes()
        except FileNotFoundError:
            raise FileDamaged(
                N_("Berkas foto ini tidak ada lagi di penyimpanan. Unggah fotonya sekali lagi.")
            ) from None
        if sha256_of(data).hexdigest() != sha256:
            raise FileDamaged(N_("Berkas foto ini rusak di penyimpanan. Unggah fotonya sekali lagi."))
        return data


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
def _full_disk_is_told() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in FULL:
            raise
        raise StorageFull(
            N_("Penyimpanan penuh, foto ini belum tersimpan. Beri tahu admin, lalu unggah lagi.")
        ) from error
