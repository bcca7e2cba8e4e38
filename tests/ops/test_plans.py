"""What the engine's page asks begins at a small index, on both databases, however many deliveries there are."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from contentdesk.bench.crowd import Crowd
from contentdesk.lib import clock
from contentdesk.lib.db import db, is_sqlite
from contentdesk.publishing import health, performance
from contentdesk.publishing.states import MAY_BE_OUT, DeliveryState
from contentdesk.publishing.states import NOT_OUT as NOT_OUT_STATES
from tests.counting import explained

NOT_OUT, SENT, ENDED = "ix_deliveries_not_out", "ix_deliveries_sent", "ix_delivery_events_ended"
STATE = "ix_deliveries_state_next"
ROWS = 1500
EACH = "SELECT id, created_at, 'sent', '{}' FROM deliveries"


@pytest.mark.parametrize(
    ("ask", "indexes"),
    [
        (lambda now: health.open_by_state(), {STATE}),
        (lambda now: health.due_count(now, now + performance.DAY), {NOT_OUT}),
        (lambda now: health.due_soon(now, now + performance.DAY, 20), {NOT_OUT}),
        (lambda now: health.late_by_reason(now), {NOT_OUT}),
        (lambda now: health.late(now, 20), {NOT_OUT}),
        (lambda now: health.unknown(20), {STATE}),
        (lambda now: performance.of_platforms(now), {SENT, ENDED, STATE}),
        (lambda now: performance.totals(now), {SENT, ENDED}),
    ],
)
def test_no_question_reads_the_whole_table(app: Flask, ask: Callable[[Any], Any], indexes: set[str]) -> None:
    if not is_sqlite():  # which way is cheaper in an empty table depends on what was there before
        Crowd(db.engine, sent=ROWS).grow(ROWS)
        with db.engine.begin() as connection:
            connection.execute(text("INSERT INTO delivery_events (delivery_id, at, what, detail) " + EACH))
            connection.execute(text("ANALYZE"))
        db.session.execute(text("SET enable_seqscan = off"))
        db.session.execute(text("SET enable_bitmapscan = off"))
    plans = explained(lambda: ask(clock.now()))
    used = {index for index in (NOT_OUT, SENT, ENDED, STATE) if any(index in plan for plan in plans)}
    assert used == indexes
    for plan in plans:
        assert "SCAN deliveries\n" not in f"{plan}\n"
        assert "SCAN delivery_events\n" not in f"{plan}\n"
        assert "Seq Scan on deliver" not in plan


def test_each_state_is_either_still_to_go_out_or_not() -> None:
    assert sorted((*NOT_OUT_STATES, *MAY_BE_OUT)) == sorted(DeliveryState)
