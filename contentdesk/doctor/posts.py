"""What is planned: whether it goes out when it should, and whether the log of who did what is whole."""

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import ColumnElement, func, or_, select

from contentdesk.audit import services as audit
from contentdesk.doctor.findings import Check, Finding, warning, wrong
from contentdesk.doctor.ward import Ward
from contentdesk.lib import clock
from contentdesk.lib.db import db
from contentdesk.publishing.claims import is_free
from contentdesk.publishing.conditions import may_go_out
from contentdesk.publishing.models import Delivery
from contentdesk.publishing.states import DeliveryState

D = DeliveryState
HERE = frozenset({"DATABASE_URL"})
LATE = timedelta(minutes=5)
LONG_UNKNOWN = timedelta(hours=1)
LONG_OVER = timedelta(minutes=5)


def _late(_ward: Ward) -> Iterator[Finding]:
    """What waits for a person (an account, an approval, a consent) is not late by our fault."""
    now = clock.now()
    count = _count(
        Delivery.state.in_((D.WAITING, D.PREPARING)),
        Delivery.due_at < now - LATE,
        Delivery.next_at < now - LATE,
        is_free(now),
        may_go_out(),
    )
    if count:
        yield wrong(
            f"{count} unggahan sudah lewat waktunya lebih dari 5 menit dan belum terbit.",
            "Bila batas waktunya juga lewat, unggahan itu tidak terbit tanpa dipilih lagi oleh orang.",
            "Periksa beat, pekerja dan antrean di daftar ini. Setelah beres, semuanya menyusul sendiri.",
        )
    overdue = _count(
        Delivery.state.in_((D.WAITING, D.PREPARING, D.HELD, D.HANDED_OVER)),
        Delivery.expires_at < now - LATE,
        is_free(now),
    )
    if overdue:
        yield wrong(
            f"{overdue} unggahan melewati batas waktunya, tetapi penulisnya belum diberi tahu.",
            "Tidak ada yang terbit terlambat, tetapi tidak ada yang tahu bahwa waktu baru harus dipilih.",
            "Periksa beat di daftar ini.",
        )


def _unknown(_ward: Ward) -> Iterator[Finding]:
    count = _count(
        Delivery.state == D.UNKNOWN,
        or_(Delivery.intent_at.is_(None), Delivery.intent_at < clock.now() - LONG_UNKNOWN),
    )
    if count:
        yield warning(
            f"{count} unggahan sudah lebih dari satu jam belum pasti terbit atau tidak.",
            "Unggahan itu tidak dikirim ulang sebelum jelas, supaya tidak terbit dua kali.",
            "Buka unggahannya di bagian Perlu dikerjakan, lihat di platform, lalu jawab di sana.",
        )


def _leases(_ward: Ward) -> Iterator[Finding]:
    count = _count(
        Delivery.state.in_((D.PREPARING, D.PUBLISHING)),
        Delivery.lease.is_not(None),
        Delivery.lease_until < clock.now() - LONG_OVER,
    )
    if count:
        yield wrong(
            f"{count} unggahan masih dipegang pekerja yang sudah tidak ada.",
            "Unggahan itu diam: tidak terbit, tidak dicoba lagi.",
            "Beat melepasnya dalam satu detik bila berjalan. Periksa beat di daftar ini.",
        )


def _count(*where: ColumnElement[bool]) -> int:
    return db.session.scalar(select(func.count(Delivery.id)).where(*where)) or 0


def _log(_ward: Ward) -> Iterator[Finding]:
    broken = audit.first_broken()
    if broken is not None:
        yield wrong(
            f"Catatan siapa melakukan apa tidak utuh mulai dari nomor {broken}.",
            "Yang terbit tidak terpengaruh, tetapi catatannya tidak lagi dapat dijadikan bukti.",
            "Simpan salinan basis data, lalu cari siapa yang mengubahnya di luar ContentDesk.",
        )


CHECKS = (
    Check("late", "Unggahan terlambat", _late, "Tidak ada.", wants=HERE),
    Check("unknown", "Belum pasti terbit", _unknown, "Tidak ada.", wants=HERE),
    Check("leases", "Pegangan pekerja", _leases, "Tidak ada yang tertinggal.", wants=HERE),
    Check("log", "Catatan", _log, "Utuh.", limit_s=30, wants=HERE),
)
