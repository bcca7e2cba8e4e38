"""Deliveries that were rung for. The queue is a doorbell: whatever is done twice or never is found in the rows."""

import logging

from contentdesk.lib import clock
from contentdesk.lib.db import transaction
from contentdesk.lib.desk import Desk, desk
from contentdesk.publishing import claims, outcomes
from contentdesk.publishing.outgoing import Work
from workers.app import app
from workers.commits import AtOnce
from workers.lanes import Lanes, taken
from workers.steps import Steps

log = logging.getLogger(__name__)
JOB = "workers.publish.run"
ALONE = claims.PUBLISHING_LASTS + claims.time_to_send(claims.MOST_AT_ONCE)
"""A lease that nobody renews has to last for a step with the largest files."""
LONGEST_S = 900
"""Longer than both steps of the largest files together: until then nobody else would go on."""
_lanes: list[Lanes] = []


def open_lanes() -> Lanes:
    """This process brings out many at once from now on, and `run` returns before they are out."""
    _lanes.append(Lanes(app()))
    return _lanes[-1]


def run(*delivery_ids: str) -> None:
    """RQ job. Safe to call at any time, any number of times."""
    with app().app_context():
        try:
            if _lanes:
                _lanes[-1].take(delivery_ids)
            else:
                for delivery_id in delivery_ids:
                    _one(delivery_id)
        finally:  # not before, or the beat would ring again for what is about to be taken
            desk().bell.answered_together(JOB, delivery_ids)


def _one(delivery_id: str) -> None:
    try:
        step(delivery_id, desk())
    except Exception as error:  # noqa: BLE001 - whatever it is, the row must not be tried hot for ever
        log.exception("delivery %s", delivery_id)
        with transaction():
            outcomes.crashed(delivery_id, error, clock.now())


def step(delivery_id: str, at: Desk) -> None:
    """One delivery one step further, in this thread."""
    steps = Steps(at, AtOnce(), ALONE)
    due, looks = taken([delivery_id], at, ALONE)
    for item in looks:
        steps.look(item)
    for item in due:
        _bring_out(steps, item)


def _bring_out(steps: Steps, item: Work) -> None:
    ready = steps.prepare(item)
    sent = steps.send(ready) if ready else None
    if sent:
        steps.finish(*sent)
