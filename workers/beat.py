"""The beat: wakes when something is due and rings for it. Two of them do no harm."""

import logging

from sqlalchemy.exc import SQLAlchemyError

from contentdesk.lib import clock, pulse
from contentdesk.lib.db import db
from contentdesk.lib.desk import desk
from contentdesk.lib.stopping import Stop
from workers.app import app
from workers.tick import tick

log = logging.getLogger(__name__)
LONGEST_S = 1.0
"""A plan made meanwhile is seen at most this late."""
AFTER_TROUBLE_S = 3.0


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s beat %(message)s")
    stop = Stop()
    with app().app_context():
        while not stop.wait(_one_round()):
            pass


def _one_round() -> float:
    """Seconds until the next round. Trouble with the database is told and tried again; the beat goes on."""
    try:
        following = tick(desk())
        pulse.sign(desk().bell.connection, pulse.BEAT)
    except SQLAlchemyError as error:
        log.error("the database does not answer, trying again: %s", type(error).__name__)
        db.session.remove()
        return AFTER_TROUBLE_S
    if following is None:
        return LONGEST_S
    return min(LONGEST_S, max(0.02, (following - clock.now()).total_seconds()))


if __name__ == "__main__":
    main()
