"""A round of the beat reads what is due, however much waits behind it."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from contentdesk.bench.crowd import Crowd
from contentdesk.lib import clock
from contentdesk.lib.db import db, is_sqlite
from contentdesk.lib.desk import desk
from contentdesk.publishing import sweeps
from contentdesk.publishing.states import DeliveryState
from tests.publishing.conftest import Scene
from workers import measured, tick
from workers.plans import overheard

D = DeliveryState
FEW, MANY = 1500, 6000
"""More than the plans call large."""


@pytest.fixture
def crowd(app: Flask) -> Crowd:
    crowd = Crowd(db.engine, sent=FEW)
    crowd.grow(FEW)
    return crowd


def test_no_query_of_a_round_reads_a_large_table_whole(crowd: Crowd) -> None:
    crowd.grow(MANY)
    found: Any = measured.measure(desk(), rounds=1)
    told = [query["query"] for query in found["queries"]]
    assert any("SET state" in query for query in told), "the sweeps are among them"
    assert any("latest_figures.poll_at" in query for query in told)
    assert [query for query in found["queries"] if query["full_scans"]] == []


def test_a_round_does_the_same_work_for_many_as_for_few(crowd: Crowd) -> None:
    few = work_of_a_round()
    crowd.grow(MANY)
    assert work_of_a_round() <= few * 1.1


def work_of_a_round() -> int:
    measured._all_sweeps()
    tick.tick(desk())
    with measured.put_back_afterwards() as some:
        measured.lose(some)
        return steps() if is_sqlite() else rows_read()


def steps() -> int:
    """Of SQLite's machine."""
    taken: list[None] = []

    def count(connection: Any, *_: Any) -> None:
        connection.connection.driver_connection.set_progress_handler(lambda: taken.append(None), 1)

    event.listen(db.engine, "before_cursor_execute", count)
    tick.tick(desk())
    event.remove(db.engine, "before_cursor_execute", count)
    db.engine.dispose()
    return len(taken)


def rows_read() -> int:
    """Of each query as PostgreSQL carries it out; what it passed over counts."""
    with overheard(db.engine) as queries:
        tick.tick(desk())
    with db.engine.connect() as connection:
        explained = [
            connection.exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {words}", values).scalar_one()[0]["Plan"]
            for words, values in queries.values()
            if not words.startswith("INSERT")
        ]
        connection.rollback()
    return sum(_read(node) for plan in explained for node in _nodes(plan)) + 1


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for below in node.get("Plans", ()):
        yield from _nodes(below)


def _read(node: dict[str, Any]) -> int:
    return int((node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"])


def test_what_is_due_is_rung_for_before_anything_else_is_looked_at(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is swept could take longer than a post may come late."""
    delivery, rung = scene.scheduled(), []

    def waiting(real: Callable[..., Any]) -> Callable[..., Any]:
        def look(*args: Any) -> Any:
            rung.append(scene.at.bell.queue("publish").count)
            return real(*args)

        return look

    monkeypatch.setattr(sweeps, "late", waiting(sweeps.late))
    scene.tick()
    assert rung == [1]
    assert scene.state(delivery) == D.WAITING


def test_what_a_dead_worker_left_is_rung_for_in_the_same_round(scene: Scene) -> None:
    delivery = scene.scheduled()
    ago = clock.now() - timedelta(seconds=1)
    later = clock.now() + timedelta(hours=1)
    scene.change(delivery, state=D.PUBLISHING, lease="x", lease_until=ago, intent_at=ago, next_at=later)
    scene.tick()
    assert scene.state(delivery) == D.UNKNOWN
    assert scene.at.bell.queue("publish").count == 1


def test_a_round_with_nothing_to_move_keeps_nobody_from_writing(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    delivery = scene.scheduled(due_at=clock.now() + timedelta(hours=1))
    scene.tick()  # has the work of the minute and hour behind it
    monkeypatch.setattr(tick, "transaction", None)
    scene.tick()
    assert scene.state(delivery) == D.WAITING


def test_when_it_wakes_next_is_the_soonest_of_all_states(scene: Scene) -> None:
    now = clock.now()
    assert sweeps.next_due(now) is None
    states = (D.WAITING, D.PREPARING, D.UNKNOWN, D.ACCEPTED, D.SENT)
    rows = [scene.scheduled(state=state) for state in states]
    for minutes, row in zip((5, 4, 3, 2, 1), rows, strict=True):
        scene.change(row, next_at=now + timedelta(minutes=minutes))
    for minutes, row in zip((2, 3, 4, 5), reversed(rows[:-1]), strict=True):
        assert sweeps.next_due(now) == now + timedelta(minutes=minutes)
        scene.change(row, next_at=now - timedelta(minutes=1))
    assert sweeps.next_due(now) is None
