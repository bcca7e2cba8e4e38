"""Whether this machine's clock is right: the plan, the leases and the signatures of platforms hang on it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from contentdesk.doctor.findings import Check, Finding, warning, well, wrong
from contentdesk.doctor.ward import Ward
from contentdesk.lib import clock
from contentdesk.lib.db import db

NOTICED = timedelta(seconds=5)
DANGEROUS = timedelta(seconds=30)
"""The shortest lease is a minute: two machines that differ so much take work out of each other's hands."""


def _of_database(ward: Ward) -> Iterator[Finding]:
    if ward.sqlite_path is not None:
        yield well("Basis data ada di mesin ini, jadi jamnya sama.")
        return
    before = clock.now()
    told: datetime = db.session.execute(text("SELECT clock_timestamp()")).scalar_one()
    yield from compared(told, before, "server basis data")


def _of_queue(ward: Ward) -> Iterator[Finding]:
    before = clock.now()
    seconds, micros = ward.redis.time()
    yield from compared(datetime.fromtimestamp(seconds + micros / 1e6, UTC), before, "server antrean")


def compared(told: datetime, before: datetime, whose: str, blur: timedelta = timedelta(0)) -> Iterator[Finding]:
    """`told` was said between `before` and now. `blur`: how roughly the other side tells its time."""
    after = clock.now()
    off = max(before - blur - told, told - after - blur, timedelta(0))
    way = "terlambat" if told > after else "terlalu cepat"
    if off < NOTICED:
        yield well(f"Sama dengan {whose}.")
        return
    grade = wrong if off >= DANGEROUS else warning
    yield grade(
        f"Jam mesin ini {way} {_span(off)} dibanding {whose}.",
        "Unggahan terbit pada waktu yang salah, dan platform dapat menolak permintaan karena waktunya tidak cocok.",
        "Nyalakan penyamaan jam (NTP), misalnya: timedatectl set-ntp true",
    )


def _span(off: timedelta) -> str:
    seconds = int(off.total_seconds())
    return f"{seconds} detik" if seconds < 120 else f"{seconds // 60} menit"


CHECKS = (
    Check("clock_database", "Jam, dan basis data", _of_database, "Sama.", wants=frozenset({"DATABASE_URL"})),
    Check("clock_queue", "Jam, dan antrean", _of_queue, "Sama.", wants=frozenset({"REDIS_URL"})),
)
