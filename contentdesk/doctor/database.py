"""Whether the database answers, takes what is written, is whole and has the tables of this version."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from contentdesk.demo import services as demo
from contentdesk.doctor.findings import Check, Finding, warning, wrong
from contentdesk.doctor.ward import ANSWER_WITHIN_S, Ward
from contentdesk.lib import migrate
from contentdesk.lib.db import db, is_alive

HERE = frozenset({"DATABASE_URL"})
TOUCH = "UPDATE alembic_version SET version_num = version_num"
"""Writes what is there already, and is taken back."""
NOTHING_KEPT = "Halaman tidak dapat dibuka dan tidak ada yang terbit. Yang tersimpan tetap ada di basis data."


def _answers(ward: Ward) -> Iterator[Finding]:
    if ward.sqlite_path is not None and not ward.sqlite_path.exists():
        yield wrong(
            f"Berkas basis data {ward.sqlite_path} tidak ada.",
            "Tidak ada unggahan yang ditemukan, jadi tidak ada yang terbit.",
            "Periksa DATA_DIR atau DATABASE_URL. Bila berkasnya hilang, pulihkan dari cadangan.",
        )
        return
    try:
        is_alive()
    except SQLAlchemyError as error:
        yield wrong(
            f"Basis data tidak menjawab{_place(ward)} ({said(error, ward)}).",
            NOTHING_KEPT,
            "Periksa apakah servernya berjalan, lalu DATABASE_URL: alamat, nama dan kata sandinya.",
        )


def _place(ward: Ward) -> str:
    host = make_url(ward.config.database_url).host
    return f" di {host}" if host else ""


def said(error: SQLAlchemyError, ward: Ward) -> str:
    """The first line of what the database said, without the password."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
    line = str(cause).strip().partition("\n")[0] or type(cause).__name__
    password = make_url(ward.config.database_url).password
    return line.replace(str(password), "…") if password else line


def _takes_writing(ward: Ward) -> Iterator[Finding]:
    trouble = _sqlite_refuses(ward.sqlite_path) if ward.sqlite_path else _server_refuses(ward)
    if trouble:
        yield wrong(
            f"Basis data tidak dapat ditulis ({trouble}).",
            "Halaman masih dapat dibaca, tetapi tidak ada yang tersimpan dan tidak ada yang terbit.",
            "Periksa ruang disk, pemilik berkas dan izinnya; pada PostgreSQL juga apakah servernya hanya cadangan.",
        )


def _sqlite_refuses(path: Path) -> str:
    with closing(_opened(path)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(TOUCH)
            connection.execute("ROLLBACK")
        except sqlite3.OperationalError as error:
            return "" if "no such table" in str(error) else str(error)
    return ""


def _opened(path: Path) -> sqlite3.Connection:
    """A file of its own settings; a missing one is not made."""
    return sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True, timeout=ANSWER_WITHIN_S, isolation_level=None)


def _server_refuses(ward: Ward) -> str:
    try:
        with db.engine.connect() as connection:
            if connection.execute(text("SELECT current_setting('transaction_read_only')")).scalar() == "on":
                return "server hanya melayani pembacaan"
            connection.execute(text(f"SET LOCAL lock_timeout = '{ANSWER_WITHIN_S}s'"))
            connection.execute(text(TOUCH))
            connection.rollback()
    except SQLAlchemyError as error:
        return "" if "does not exist" in str(error) else said(error, ward)
    return ""


def _tables(_ward: Ward) -> Iterator[Finding]:
    standing = migrate.standing(db.engine)
    if standing.is_newer:
        yield wrong(
            f"Tabelnya lebih baru (migrasi {standing.found}) daripada program ini (sampai {standing.head}).",
            "Program lama dapat merusak data baru, jadi jangan dijalankan.",
            "Pasang versi program yang terakhir dipakai, atau pulihkan cadangan yang cocok dengan program ini.",
        )
    elif standing.missing:
        yield wrong(
            f"Migrasi belum dijalankan: {', '.join(standing.missing)}.",
            "Program mencari kolom yang belum ada. Halaman gagal dibuka dan tidak ada yang terbit.",
            "Jalankan: contentdesk migrate",
        )


def _whole(ward: Ward) -> Iterator[Finding]:
    if ward.sqlite_path is None:
        return
    with closing(_opened(ward.sqlite_path)) as connection:
        try:
            answer = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
        except sqlite3.DatabaseError as error:
            answer = str(error)
    if answer != "ok":
        yield wrong(
            f"Berkas basis data rusak ({answer.strip().partition(chr(10))[0]}).",
            "Sebagian unggahan dapat hilang. Makin lama dipakai, makin banyak yang rusak.",
            "Hentikan layanan sekarang, simpan salinan berkasnya, lalu pulihkan dari cadangan terakhir.",
        )
        return
    mode = db.session.execute(text("PRAGMA journal_mode")).scalar()
    if mode != "wal":
        yield wrong(
            f"Basis data tidak dapat memakai cara tulis WAL (sekarang: {mode}).",
            "Halaman dan penerbit saling menunggu, dan data dapat rusak. Biasanya foldernya ada di disk jaringan.",
            "Pindahkan DATA_DIR ke disk di mesin ini, atau pakai PostgreSQL.",
        )


def _practice(ward: Ward) -> Iterator[Finding]:
    if ward.config.practice or not holds_practice_data():
        return
    yield warning(
        "Basis data ini berisi data latihan, tetapi PRACTICE bukan 1.",
        "Platform yang sungguhan tidak ditanya dari sini, supaya akun latihan tidak tersesat ke sana.",
        "Bila ini memang latihan: PRACTICE=1 contentdesk doctor. Untuk bekerja sungguhan pakai DATA_DIR lain.",
    )


def holds_practice_data() -> bool:
    """False as well when nobody can say: whether the tables are there is another question."""
    try:
        return demo.was_loaded()
    except SQLAlchemyError:
        return False


CHECKS = (
    Check("database", "Basis data", _answers, "Menjawab.", wants=HERE),
    Check("database_write", "Menulis ke basis data", _takes_writing, "Dapat ditulis.", wants=HERE),
    Check("tables", "Tabel", _tables, "Sesuai dengan versi program ini.", wants=HERE),
    Check("database_whole", "Keutuhan basis data", _whole, "Utuh.", limit_s=30, wants=HERE),
    Check("practice", "Data latihan", _practice, "Sesuai dengan PRACTICE.", wants=HERE),
)
