"""What a round of the beat costs on the database that DATABASE_URL names, and how each of its queries is answered.

A process of its own, started by `contentdesk bench tick`: it moves rows and empties the queue.
"""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from statistics import median
from time import perf_counter, process_time
from typing import Any

from sqlalchemy import select, update

from contentdesk.app import create_app
from contentdesk.config import from_env
from contentdesk.lib import clock
from contentdesk.lib.db import db, transaction
from contentdesk.lib.desk import Desk, desk
from contentdesk.publishing.models import Delivery
from contentdesk.publishing.states import DeliveryState
from workers import media, metrics, take_downs
from workers.plans import Query, overheard, plans
from workers.tick import tick

HANDFUL = 5
MOVED = (Delivery.state, Delivery.next_at, Delivery.expires_at, Delivery.lease, Delivery.lease_until, Delivery.problem)
A_MOMENT_AGO = timedelta(seconds=1)


def measure(at: Desk, rounds: int) -> dict[str, object]:
    """Ms of a whole round: with nothing to do; with a handful due; with one that a dead worker had and one that is too
    late; and with all that is done by the minute or hour.
    """
    _all_sweeps()
    tick(at)  # compiles, and has the seldom work behind it
    often, seldom = dict[str, Query](), dict[str, Query]()
    found = {"idle": _times(at, rounds, often)}
    with put_back_afterwards() as some:
        _change(some, next_at=clock.now() - A_MOMENT_AGO)
        found["due"] = _times(at, rounds, often, at.bell.connection.flushdb)
    with put_back_afterwards() as some:
        found["swept"] = _times(at, rounds, often, lambda: lose(some))
    found["seldom"] = _times(at, max(3, rounds // 10), seldom, _all_sweeps)
    rest = [query for words, query in seldom.items() if words not in often]
    return {**found, "queries": plans(db.engine, often.values()), "seldom_queries": plans(db.engine, rest)}


def _times(
    at: Desk, rounds: int, heard: dict[str, Query], before: Callable[[], object] = lambda: None
) -> dict[str, float]:
    """Median, the quietest round, and the median of our own processor's time."""
    times = []
    for _ in range(rounds):
        before()
        with overheard(db.engine) as queries:
            wall, cpu = perf_counter(), process_time()
            tick(at)
            times.append((1000 * (perf_counter() - wall), 1000 * (process_time() - cpu)))
        heard |= queries
    walls, cpus = zip(*times, strict=True)
    return {"ms": round(median(walls), 2), "least_ms": round(min(walls), 2), "cpu_ms": round(median(cpus), 2)}


def _all_sweeps() -> None:
    for one in (metrics.sweep, metrics.long_sweep, media.sweep, take_downs.sweep):
        one.soon_again()


def lose(some: list[str]) -> None:
    """As a worker that died leaves a delivery, before and in the irreversible call; and one that comes too late."""
    ago = clock.now() - A_MOMENT_AGO
    preparing, publishing, late, *_ = some
    _change([preparing], state=DeliveryState.PREPARING, lease="x", lease_until=ago)
    _change([publishing], state=DeliveryState.PUBLISHING, lease="x", lease_until=ago)
    _change([late], state=DeliveryState.WAITING, expires_at=ago)


@contextmanager
def put_back_afterwards() -> Iterator[list[str]]:
    """Ids of a handful that wait, which may be moved meanwhile."""
    waiting = select(Delivery.id, *MOVED).where(Delivery.state == DeliveryState.WAITING).limit(HANDFUL)
    rows = [dict(row) for row in db.session.execute(waiting).mappings()]
    yield [row["id"] for row in rows]
    for row in rows:
        _change([row.pop("id")], **row)


def _change(delivery_ids: list[str], **values: Any) -> None:
    with transaction():
        db.session.execute(
            update(Delivery)
            .where(Delivery.id.in_(delivery_ids))
            .values(**values)
            .execution_options(synchronize_session=False)
        )


def main(rounds: int) -> None:
    with create_app(from_env()).app_context():
        sys.stdout.write(json.dumps(measure(desk(), rounds)))


if __name__ == "__main__":
    main(int(sys.argv[1]))
