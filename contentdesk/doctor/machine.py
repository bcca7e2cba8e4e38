"""This machine: disk, files, keys and programs."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from shutil import disk_usage
from tempfile import NamedTemporaryFile

from sqlalchemy import select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from contentdesk.channels.models import Account
from contentdesk.doctor.findings import Check, Finding, warning, well, wrong
from contentdesk.doctor.ward import NO_KEY, Ward
from contentdesk.lib.crypto import Box, SealBroken
from contentdesk.lib.db import db
from contentdesk.lib.files import FULL, FileStore
from contentdesk.media import fence
from contentdesk.posts.models import Post, RevisionFile
from contentdesk.posts.states import PostState
from contentdesk.publishing.models import Delivery
from contentdesk.publishing.outgoing import suffix_of
from contentdesk.publishing.states import MOVABLE

FULL_BYTES, TIGHT_BYTES = 500_000_000, 2_000_000_000
"""A video may have 500 MB."""
TIGHT_SHARE, FULL_SHARE = 0.05, 0.01
"""Of the places for files (inodes) that are left."""
MOST = 500
NAMED = 3
HERE = frozenset({"DATA_DIR"})
STORED = frozenset({"DATA_DIR", "DATABASE_URL"})
LOCAL = frozenset({None, "", "localhost", "127.0.0.1", "::1"})


def _disk(ward: Ward) -> Iterator[Finding]:
    free = []
    for folder in _folders(ward):
        found = disk_usage(folder)
        free.append(found.free)
        if found.free < FULL_BYTES:
            yield wrong(
                f"Disk {folder} penuh atau hampir: sisa {_size(found.free)} dari {_size(found.total)}.",
                "Foto dan video baru ditolak. Bila habis sama sekali, tidak ada yang tersimpan atau terbit.",
                "Kosongkan ruang atau besarkan disknya. Jangan menghapus isi folder data.",
            )
        elif found.free < TIGHT_BYTES:
            yield warning(
                f"Disk {folder} tinggal {_size(found.free)} dari {_size(found.total)}.",
                "Masih cukup untuk foto, tetapi beberapa video dapat menghabiskannya.",
                "Siapkan ruang tambahan dalam beberapa hari.",
            )
        yield from _places_for_files(folder)
    yield well(f"Sisa {_size(min(free))}.")


def _places_for_files(folder: Path) -> Iterator[Finding]:
    told = os.statvfs(folder)
    if not told.f_files:
        return
    left = told.f_favail / told.f_files
    if left < TIGHT_SHARE:
        grade = wrong if left < FULL_SHARE else warning
        yield grade(
            f"Disk {folder} hampir tidak menampung berkas baru (inode tinggal {left:.1%}), walau masih ada ruang.",
            "Foto baru ditolak seperti pada disk yang penuh.",
            "Cari folder dengan sangat banyak berkas kecil di disk itu, lalu kosongkan.",
        )


def _folders(ward: Ward) -> list[Path]:
    """Each disk once: that of the data, of the SQLite file, of a PostgreSQL server on this machine."""
    wanted = [ward.config.data_dir, ward.sqlite_path.parent if ward.sqlite_path else _server_folder(ward)]
    there: dict[int, Path] = {}
    for folder in wanted:
        if folder is not None and (standing := _standing(folder)):
            there.setdefault(standing.stat().st_dev, standing)
    return list(there.values())


def _standing(folder: Path) -> Path | None:
    """The folder, or the one above it that is there already."""
    with suppress(OSError):
        return next((one for one in (folder, *folder.parents) if one.is_dir()), None)
    return None


def _server_folder(ward: Ward) -> Path | None:
    """Not every database user is told."""
    url = make_url(ward.config.database_url)
    host = url.host or url.query.get("host")
    if host not in LOCAL and not str(host).startswith("/"):
        return None
    with suppress(SQLAlchemyError):
        return Path(str(db.session.execute(text("SHOW data_directory")).scalar()))
    return None


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB".replace(".", ",") if count >= 1e9 else f"{count // 1_000_000} MB"


def _files(ward: Ward) -> Iterator[Finding]:
    folder = _standing(ward.config.files_dir)
    try:
        with NamedTemporaryFile(dir=folder, prefix=".doctor") as part:
            part.write(b"x" * 4096)
            part.flush()
            os.fsync(part.fileno())
    except OSError as error:
        why = "disk penuh" if error.errno in FULL else error.strerror
        yield wrong(
            f"Folder berkas {folder} tidak dapat ditulis ({why}).",
            "Foto dan video baru ditolak, dan video tidak dapat disiapkan. Yang sudah ada tetap ada.",
            "Periksa ruang disk, pemilik folder dan izinnya.",
        )
    if ward.config.files_dir.is_dir() and not os.access(ward.config.files_dir, os.R_OK | os.X_OK):
        yield wrong(
            f"Folder berkas {ward.config.files_dir} tidak dapat dibaca.",
            "Unggahan yang dijadwalkan tidak terbit karena fotonya tidak terbaca.",
            "Periksa pemilik folder dan izinnya.",
        )


def _files_of_posts(ward: Ward) -> Iterator[Finding]:
    """Of what is planned: there, and as long as it was. Whether each byte is right is asked before it goes out."""
    store, lost, seen = FileStore(ward.config.files_dir), [], 0
    for file, title in db.session.execute(
        select(RevisionFile, Post.title)
        .join(Delivery, Delivery.revision_id == RevisionFile.revision_id)
        .join(Post, Post.id == Delivery.post_id)
        .where(Post.state == PostState.SCHEDULED, Delivery.state.in_(MOVABLE))
        .distinct()
        .limit(MOST)
    ):
        path, seen = store.path_of(file.sha256, suffix_of(file)), seen + 1
        if not path.is_file() or path.stat().st_size != file.size:
            lost.append(str(title))
    if lost:
        yield wrong(
            f"Berkas untuk unggahan yang dijadwalkan hilang atau terpotong: {named(dict.fromkeys(lost))}.",
            "Unggahan itu tidak terbit.",
            "Pulihkan folder files dari cadangan, atau minta penulis mengunggah fotonya lagi.",
        )
    yield well(f"{seen} berkas diperiksa, semua ada." if seen else "Belum ada yang dijadwalkan.")


def named(names: dict[str, None]) -> str:
    """The first few, and how many more."""
    shown = ", ".join(list(names)[:NAMED])
    return shown if len(names) <= NAMED else f"{shown} dan {len(names) - NAMED} lagi"


def _keys(ward: Ward) -> Iterator[Finding]:
    if NO_KEY in ward.refused:
        yield wrong(
            ward.refused[NO_KEY],
            "Tanpa kunci yang lama, akun yang tersambung tidak dapat dipakai dan semua orang harus masuk lagi.",
            "Isi SECRET_KEYS dengan kunci yang disimpan bersama cadangan. Kunci baru tidak membuka yang lama.",
        )
        return
    box, lost = Box(ward.config.secret_keys), []
    sealed = select(Account.handle, Account.token_sealed).where(Account.token_sealed.is_not(None)).limit(MOST)
    rows = db.session.execute(sealed).all()
    for handle, token in rows:
        try:
            box.open(str(token))
        except SealBroken:
            lost.append(handle)
    if lost:
        yield wrong(
            f"Kunci rahasia tidak membuka izin {len(lost)} dari {len(rows)} akun: {named(dict.fromkeys(lost))}.",
            "Di akun itu tidak ada yang terbit sampai kuncinya kembali atau akunnya disambungkan lagi.",
            "Taruh kunci yang lama di belakang kunci baru di SECRET_KEYS, dipisah koma.",
        )
    yield well(f"Membuka izin {len(rows)} akun.")


def _programs(_ward: Ward) -> Iterator[Finding]:
    if fence.missing():
        yield warning(
            "Program ffmpeg atau ffprobe tidak ada.",
            "Video tidak dapat diterima. Foto tidak terpengaruh.",
            "Pasang paket ffmpeg dari sistem.",
        )


CHECKS = (
    Check("disk", "Ruang disk", _disk, "Cukup.", wants=HERE),
    Check("files", "Folder berkas", _files, "Dapat dibaca dan ditulis.", wants=HERE),
    Check("files_of_posts", "Berkas unggahan", _files_of_posts, "Lengkap.", wants=STORED),
    Check("keys", "Kunci rahasia", _keys, "Membuka yang tersimpan.", wants=frozenset({"DATABASE_URL"})),
    Check("ffmpeg", "Program video", _programs, "Terpasang."),
)
