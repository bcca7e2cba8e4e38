"""How long what a killed publisher had in hand lies about before another goes on with it.

Both publishers of a machine are killed with SIGKILL in the middle of many posts; the crew forks new ones.
"""

import statistics
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import psutil
from flask import Flask
from sqlalchemy import func, select

from contentdesk.app import create_app
from contentdesk.bench.publish import KIND, crew_of, played_platform, service, until
from contentdesk.bench.rows import fill
from contentdesk.config import from_env
from contentdesk.lib import clock, migrate
from contentdesk.lib.db import db, transaction
from contentdesk.lib.desk import KEY
from contentdesk.publishing.models import Delivery
from contentdesk.publishing.states import DeliveryState

LOOK_EVERY_S = 0.1
MANY = 20
"""Killed once so many are in hand."""


def run(deliveries: int, accounts: int, database: str) -> dict[str, object]:
    with ExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="cd")))
        base = held.enter_context(played_platform())
        env = held.enter_context(service(folder, base, database))
        app = create_app(from_env(env))
        with app.app_context():
            migrate.upgrade(db.engine)
        crew = held.enter_context(crew_of(env))
        waits, lost = _killed(app, crew, deliveries, accounts)
    return {
        "deliveries": deliveries,
        "in_hand": len(waits),
        "calls_lost": lost,
        "taken_up_p50_s": round(statistics.median(waits), 2),
        "taken_up_max_s": round(max(waits), 2),
    }


def _killed(app: Flask, crew: psutil.Process, deliveries: int, accounts: int) -> tuple[list[float], int]:
    """Seconds for each that was in hand, and of how many the irreversible call had begun."""
    with app.app_context():
        soon = clock.now() + timedelta(seconds=2)
        with transaction():
            fill(app.extensions[KEY], KIND, deliveries, accounts, (soon for _ in range(deliveries)))
        until(lambda: _number(DeliveryState.PUBLISHING) >= MANY)
        for one in crew.children():
            if "publish" in " ".join(one.cmdline()):
                one.kill()
        killed_at = time.monotonic()
        leases = _leases()
        lost = _number(DeliveryState.PUBLISHING)
        waits = _waits(leases, killed_at)
    return waits, lost


def _waits(leases: Mapping[str, str | None], killed_at: float) -> list[float]:
    """Until somebody else has each of them in hand."""
    waits: dict[str, float] = {}

    def are_all_taken_up() -> bool:
        now = _leases()
        for key, lease in leases.items():
            if key not in waits and now.get(key, lease) not in {lease, None}:
                waits[key] = time.monotonic() - killed_at
        return len(waits) == len(leases)

    until(are_all_taken_up, LOOK_EVERY_S)
    return list(waits.values())


def _leases() -> dict[str, str | None]:
    db.session.rollback()
    rows = db.session.execute(select(Delivery.id, Delivery.lease).where(Delivery.lease.is_not(None)))
    return dict(rows.tuples().all())


def _number(state: DeliveryState) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count(Delivery.id)).where(Delivery.state == state)) or 0
