"""After the last fault: until nothing is in hand. While nothing moves, time passes faster than it does.

Of the rows nothing is touched but `next_at`: what would be looked at in an hour is looked at now.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from threading import Event
from time import monotonic

from sqlalchemy import Row, or_, select, update
from sqlalchemy.exc import SQLAlchemyError

from contentdesk.channels.models import Account
from contentdesk.chaos.ledger import Case, Key
from contentdesk.chaos.places import PLACES
from contentdesk.chaos.scene import Scene
from contentdesk.chaos.warp import Warp
from contentdesk.lib import clock
from contentdesk.lib.db import db, transaction
from contentdesk.publishing.models import Delivery
from contentdesk.publishing.states import DeliveryState

D = DeliveryState
PAUSE = Event()
ROUND_S, FASTER = 1.0, 10.0
"""Each round so many seconds pass on top: leases of workers that are gone run out sooner."""
QUIET_S = 3.0
"""First whatever is under way ends in its own time."""
STANDSTILL_S = 2.0
"""So long nothing changes before time is hurried: what is only slow is not taken from who does it."""
MOST_S = 600.0
PATIENCE_S = 25.0
"""So long after the last change those still unknown are given up: they have had their looks."""
SOON = timedelta(minutes=1)
GIVE_UP_S = 100.0
"""After so long nobody will come for what is left, however slow the machine is."""
IN_HAND = (D.PUBLISHING, D.ACCEPTED)
TELLING = tuple(kind for kind, place in PLACES.items() if place.tells)


@dataclass(frozen=True)
class Standing:
    """How a case stands in the rows."""

    state: str
    kind: str


def settle(scene: Scene, warp: Warp, keep_up: Callable[[], None], told: Callable[[str], None]) -> None:
    PAUSE.wait(QUIET_S)
    begun = changed = monotonic()
    before: dict[Key, str] = {}
    while monotonic() - begun < MOST_S:
        keep_up()
        now = standings(scene)
        _, unknown, open_ = left = _sorted(scene, now)
        if (states := {key: one.state for key, one in now.items()}) != before:
            before, changed = states, monotonic()
        told("settling: {} to come, {} unknown, {} in hand".format(*map(len, left)))
        if not any(left) or (not left[0] and not open_ and unknown and monotonic() - changed > PATIENCE_S):
            return
        if monotonic() - changed > GIVE_UP_S:
            return
        if monotonic() - changed > STANDSTILL_S:
            _bring_forward()
            warp.pass_by(FASTER)
        PAUSE.wait(ROUND_S)


def share_done() -> float:
    """Of the rows, those that wait for nothing, or for a look alone. While the database does not answer: none."""
    try:
        states = [row.state for row in _rows()]
    except SQLAlchemyError:
        db.session.remove()
        return 0.0
    return sum(state not in (D.WAITING, D.PREPARING) for state in states) / len(states)


def standings(scene: Scene) -> dict[Key, Standing]:
    """Of several rows of one case (cancelled, planned again) the newest."""
    numbers = {post.post_id: post.number for post in scene.posts}
    return {(numbers[row.post_id], row.account_id): Standing(row.state, row.kind) for row in _rows()}


def _rows() -> Sequence[Row[str, str, str, str]]:
    db.session.rollback()
    query = select(Delivery.post_id, Delivery.account_id, Delivery.state, Account.kind)
    found = db.session.execute(query.join(Account, Account.id == Delivery.account_id).order_by(Delivery.id)).all()
    db.session.rollback()
    return found


def _sorted(scene: Scene, now: dict[Key, Standing]) -> tuple[list[Key], list[Key], list[Key]]:
    """Waiting although they may go out, unknown where one can look, in hand."""
    cases = scene.ledger.cases
    waiting = [key for key, one in now.items() if one.state in (D.WAITING, D.PREPARING) and _may_go(cases[key])]
    unknown = [key for key, one in now.items() if one.state == D.UNKNOWN and PLACES[one.kind].tells]
    return waiting, unknown, [key for key, one in now.items() if one.state in IN_HAND]


def _may_go(case: Case) -> bool:
    return case.open and not case.unsure


def _bring_forward() -> None:
    """Not what will be looked at within a minute: so long an absence may prove nothing."""
    now = clock.now()
    tells = Delivery.account_id.in_(select(Account.id).where(Account.kind.in_(TELLING)))
    with transaction():
        db.session.execute(
            update(Delivery)
            .where(Delivery.state.in_((D.WAITING, D.UNKNOWN, D.ACCEPTED)), Delivery.lease.is_(None))
            .where(Delivery.next_at > now + SOON, Delivery.due_at <= now, or_(Delivery.state != D.UNKNOWN, tells))
            .values(next_at=now)
            .execution_options(synchronize_session=False)
        )
