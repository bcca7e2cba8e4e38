"""A channel's checkpoint as the row keeps it: what the channel marks as secret is sealed, all of it in one.

Rows from before, with everything in the open, are read as they are and sealed when the channel's next step is kept.
"""

import json

from sqlalchemy import exists, or_, select

from contentdesk.channels.abilities import HasSecretSteps, able
from contentdesk.channels.base import Channel, Checkpoint
from contentdesk.lib.crypto import Box, SealBroken
from contentdesk.lib.db import db
from contentdesk.publishing.models import Delivery, DeliveryEvent
from contentdesk.publishing.states import DeliveryState

SEALED = "sealed"
"""The entry of the row that holds the others; no channel's own is called so."""


def to_keep(channel: Channel, checkpoint: Checkpoint, box: Box) -> Checkpoint:
    careful = able(channel, HasSecretSteps)
    names = careful.secret_steps if careful else frozenset()
    secret = {name: value for name, value in checkpoint.items() if name in names}
    if not secret:
        return checkpoint
    rest = {name: value for name, value in checkpoint.items() if name not in names}
    return rest | {SEALED: box.seal(json.dumps(secret))}


def to_use(kept: Checkpoint, box: Box) -> Checkpoint:
    """As the channel gave it. What no key of ours opens is left out: the channel goes on without it."""
    rest = {name: value for name, value in kept.items() if name != SEALED}
    if SEALED not in kept:
        return rest
    try:
        return rest | dict(json.loads(box.open(kept[SEALED])))
    except SealBroken:
        return rest


def left_behind(revision_id: str, account_id: str) -> Checkpoint:
    """What the newest try left, from which the next one sees whether that went out after all.

    Empty where no call was made, and where it was refused for good: that is not to be met again.
    """
    tried = exists().where(DeliveryEvent.delivery_id == Delivery.id, DeliveryEvent.what == "intent")
    before = db.session.scalar(
        select(Delivery)
        .where(Delivery.revision_id == revision_id, Delivery.account_id == account_id)
        .where(or_(tried, Delivery.state == DeliveryState.FAILED))
        .order_by(Delivery.id.desc())
        .limit(1)
    )
    return {} if before is None or before.state == DeliveryState.FAILED else dict(before.checkpoint)


def reseal(box: Box) -> tuple[int, int]:
    """Seals with the newest key what may still be used: (how many, how many that no key opens and stay as they are)."""
    done = lost = 0
    usable = select(Delivery).where(Delivery.state.not_in((DeliveryState.FAILED, DeliveryState.SENT)))
    for delivery in db.session.scalars(usable.with_for_update(of=Delivery)):
        if SEALED not in delivery.checkpoint:
            continue
        try:
            delivery.checkpoint = delivery.checkpoint | {SEALED: box.renew(delivery.checkpoint[SEALED])}
            done += 1
        except SealBroken:
            lost += 1
    return done, lost
