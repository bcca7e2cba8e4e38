"""The queue, and who works it off: Redis or Valkey, beat and workers."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import redis

from contentdesk.doctor.findings import Check, Finding, warning, well, wrong
from contentdesk.doctor.ward import Ward
from contentdesk.lib import clock, pulse
from contentdesk.lib.jobs import LONGEST_QUEUE, Bell

HERE = frozenset({"REDIS_URL"})
PROBE = "contentdesk:doctor"
NEARLY_FULL = 0.9
SLOW = timedelta(minutes=2)
STANDS_STILL = timedelta(minutes=15)
NOTHING_GOES_OUT = "Halaman tetap berjalan dan semua tersimpan, tetapi tidak ada yang terbit sampai ini beres."
RESTART = "Jalankan lagi layanannya (make run, atau lewat pengelola proses), lalu lihat log/crew.log di folder data."


def _answers(ward: Ward) -> Iterator[Finding]:
    try:
        ward.redis.ping()
        ward.redis.set(PROBE, "1", ex=5)
    except redis.AuthenticationError:
        yield wrong("Server antrean menolak kata sandinya.", NOTHING_GOES_OUT, "Periksa kata sandi di REDIS_URL.")
    except redis.exceptions.BusyLoadingError:
        yield warning("Server antrean baru menyala dan masih membaca datanya.", do="Tunggu sebentar, lalu ulangi.")
    except (redis.ConnectionError, redis.TimeoutError):
        yield wrong(
            f"Server antrean (Redis/Valkey) tidak menjawab di {_place(ward)}.",
            NOTHING_GOES_OUT,
            "Nyalakan servernya atau periksa REDIS_URL. Antrean yang hilang tidak perlu dipulihkan.",
        )
    except redis.RedisError as error:
        yield wrong(
            f"Server antrean menjawab, tetapi tidak mau menyimpan ({str(error).partition(' ')[0]}).",
            NOTHING_GOES_OUT,
            "Periksa memori dan ruang disk server antrean, dan apakah ia server utama, bukan cadangan.",
        )


def _place(ward: Ward) -> str:
    """Without the password that may stand in the address."""
    parts = urlsplit(ward.config.redis_url)
    return parts.path if parts.scheme == "unix" else f"{parts.hostname}:{parts.port or 6379}"


def _kept(ward: Ward) -> Iterator[Finding]:
    told: dict[str, Any] = ward.redis.info("persistence")
    if told.get("aof_enabled") and told.get("aof_last_write_status") != "ok":
        yield wrong(
            "Server antrean tidak dapat menulis ke disknya.",
            NOTHING_GOES_OUT,
            "Periksa ruang disk di folder server antrean.",
        )
    elif told.get("rdb_last_bgsave_status") == "err":
        yield warning(
            "Server antrean gagal menyimpan salinannya ke disk.",
            "Setelah gagal ia dapat menolak pekerjaan baru.",
            "Periksa ruang disk dan log server antrean.",
        )
    elif not told.get("aof_enabled"):
        yield warning(
            "Server antrean tidak menyimpan tiap perubahan (appendonly mati).",
            "Bila server mati, antrean kosong. Tidak ada unggahan yang hilang, tetapi dapat terlambat.",
            "Pakai appendonly yes di server antrean.",
        )


def _memory(ward: Ward) -> Iterator[Finding]:
    told: dict[str, Any] = ward.redis.info("memory")
    most, used = int(told.get("maxmemory") or 0), int(told.get("used_memory") or 0)
    if most and used > NEARLY_FULL * most:
        yield wrong(
            f"Memori server antrean hampir habis ({used // 2**20} dari {most // 2**20} MB).",
            "Sebentar lagi pekerjaan baru ditolak dan tidak ada yang terbit.",
            "Besarkan maxmemory, atau periksa program lain yang memakai server ini.",
        )
    if most and told.get("maxmemory_policy") not in {None, "noeviction"}:
        yield warning(
            f"Server antrean membuang isinya sendiri bila penuh ({told['maxmemory_policy']}).",
            "Pekerjaan dapat hilang dari antrean dan baru dibunyikan lagi kemudian.",
            "Pakai maxmemory-policy noeviction.",
        )


def _jobs(ward: Ward) -> Iterator[Finding]:
    bell, now, total = Bell(ward.redis), clock.now(), 0
    for name in sorted(_text(one).removeprefix("rq:queue:") for one in ward.redis.smembers("rq:queues")):
        queue = bell.queue(name)
        total += queue.count
        waits = now - _oldest(queue, now)
        if queue.count >= LONGEST_QUEUE or waits > STANDS_STILL:
            yield wrong(
                f"Antrean {name} macet: {queue.count} pekerjaan, yang tertua menunggu {_minutes(waits)} menit.",
                "Yang jatuh tempo tidak terbit pada waktunya.",
                "Periksa apakah pekerja berjalan. Antrean boleh dikosongkan: yang jatuh tempo dibunyikan lagi.",
            )
        elif waits > SLOW:
            yield warning(
                f"Antrean {name} lambat: {queue.count} pekerjaan, yang tertua menunggu {_minutes(waits)} menit.",
                "Unggahan dapat terlambat beberapa menit.",
                "Lihat lagi sebentar lagi. Bila tetap, tambah pekerja.",
            )
    yield well(f"{total} pekerjaan menunggu.")


def _oldest(queue: Any, now: datetime) -> datetime:
    """When the job that waits longest was put in."""
    first = next(iter(queue.get_job_ids(0, 1)), None)
    job = queue.fetch_job(first) if first else None
    moment: datetime | None = job.enqueued_at if job else None
    if moment is None:
        return now
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _minutes(span: timedelta) -> int:
    return int(span.total_seconds() // 60)


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _at_work(connection: redis.Redis) -> dict[str, int]:
    """How many of each kind gave a sign of life lately: the one place here that knows where the signs stand."""
    found: dict[str, int] = {}
    for sign in pulse.seen(connection):
        found[sign.who] = found.get(sign.who, 0) + 1
    return found


def _beat(ward: Ward) -> Iterator[Finding]:
    if not _at_work(ward.redis).get(pulse.BEAT):
        yield wrong(
            "Beat tidak berjalan: sudah dua menit tidak ada tanda hidupnya.",
            "Tidak ada yang dibunyikan pada waktunya, jadi tidak ada yang terbit. Jadwal tetap tersimpan.",
            RESTART,
        )


def _workers(ward: Ward) -> Iterator[Finding]:
    there = _at_work(ward.redis)
    if not there.get(pulse.PUBLISHER):
        yield wrong(
            "Tidak ada pekerja yang menerbitkan: sudah dua menit tidak ada tanda hidupnya.",
            "Yang jatuh tempo menunggu di antrean dan tidak terbit. Jadwal tetap tersimpan.",
            RESTART,
        )
    if not there.get(pulse.WORKER):
        yield warning(
            "Tidak ada pekerja untuk angka dan komentar: sudah dua menit tidak ada tanda hidupnya.",
            "Unggahan tetap terbit, tetapi angka dan komentarnya tidak diambil.",
            RESTART,
        )
    if not there.get(pulse.VIDEOS):
        yield warning(
            "Tidak ada pekerja untuk video: sudah dua menit tidak ada tanda hidupnya.",
            "Video baru tidak disiapkan, jadi unggahannya belum dapat dikirim untuk ditinjau.",
            RESTART,
        )


CHECKS = (
    Check("redis", "Antrean (Redis)", _answers, "Menjawab dan menyimpan.", wants=HERE),
    Check("redis_kept", "Simpanan antrean", _kept, "Tiap perubahan disimpan.", wants=HERE),
    Check("redis_memory", "Memori antrean", _memory, "Cukup.", wants=HERE),
    Check("queue", "Panjang antrean", _jobs, "Kosong.", wants=HERE),
    Check("beat", "Beat", _beat, "Berjalan.", wants=HERE),
    Check("workers", "Pekerja", _workers, "Berjalan.", wants=HERE),
)
