"""Runs all checks, each on its own and within its time: none is kept from speaking by another."""

import logging
import socket
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic

import redis
from sqlalchemy.exc import SQLAlchemyError

from contentdesk.doctor import clocks, database, machine, outside, posts, queue, settings
from contentdesk.doctor.findings import Check, Finding, Grade, skipped, well, wrong
from contentdesk.doctor.ward import Ward

CHECKS: tuple[Check, ...] = (
    *settings.CHECKS,
    *database.CHECKS,
    *queue.CHECKS,
    *clocks.CHECKS,
    *machine.CHECKS,
    *outside.CHECKS,
    *posts.CHECKS,
)
WORST_FIRST = (Grade.WRONG, Grade.WARNING, Grade.SKIPPED, Grade.OK)


@dataclass(frozen=True)
class Result:
    check: Check
    findings: list[Finding] = field(default_factory=list)


def examine(ward: Ward, checks: tuple[Check, ...] = CHECKS) -> list[Result]:
    """In the order of the checks. What takes longer than its time is left behind and said to."""
    ward.app, ward.redis  # noqa: B018 - made once, before the threads look at it
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        running = [(check, _started(check, ward), monotonic()) for check in checks]
        return [Result(check, _awaited(check, answers, since)) for check, answers, since in running]
    finally:
        logging.disable(before)


def _started(check: Check, ward: Ward) -> "SimpleQueue[list[Finding]]":
    answers: SimpleQueue[list[Finding]] = SimpleQueue()
    Thread(target=lambda: answers.put(_looked(check, ward)), daemon=True).start()
    return answers


def _awaited(check: Check, answers: "SimpleQueue[list[Finding]]", since: float) -> list[Finding]:
    try:
        return answers.get(timeout=max(0.01, since + check.limit_s - monotonic()))
    except Empty:
        return [
            wrong(
                f"Tidak ada jawaban dalam {check.limit_s:.0f} detik.",
                "Yang diperiksa di sini macet atau sangat lambat.",
                "Lihat baris lain di daftar ini, lalu ulangi.",
            )
        ]


def _looked(check: Check, ward: Ward) -> list[Finding]:
    if lacking := sorted(check.wants & ward.refused.keys()):
        return [skipped(f"Tidak diperiksa selama {', '.join(lacking)} belum benar.")]
    try:
        with ward.app.app_context():
            return _worst_only(list(check.look(ward))) or [well(check.well)]
    except (SQLAlchemyError, sqlite3.Error, redis.RedisError):
        return [skipped("Tidak diperiksa: yang dibutuhkan tidak menjawab.")]
    except Exception as error:  # noqa: BLE001 - whatever one check meets, the others are heard
        return [wrong(f"Tidak dapat diperiksa ({type(error).__name__}).", do="Laporkan kata itu kepada pengembang.")]


def _worst_only(findings: list[Finding]) -> list[Finding]:
    """That all is well is said only when it is, and each sentence once."""
    troubles = [one for one in dict.fromkeys(findings) if one.grade != Grade.OK]
    return troubles or list(dict.fromkeys(findings))


def worst(results: list[Result]) -> Grade:
    found = {one.grade for result in results for one in result.findings}
    return next((grade for grade in WORST_FIRST if grade in found), Grade.OK)


def counted(results: list[Result]) -> Iterator[tuple[Grade, int]]:
    for grade in WORST_FIRST:
        if number := sum(one.grade == grade for result in results for one in result.findings):
            yield grade, number


def here() -> str:
    return socket.gethostname()
