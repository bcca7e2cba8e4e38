"""Looking hourly whether posts that have to go are gone: people forget to tick what they did."""

from datetime import timedelta

from contentdesk.channels import registry
from contentdesk.channels.base import ChannelError, PartOf
from contentdesk.channels.renewal import usable_login
from contentdesk.channels.services import login_of
from contentdesk.lib import clock
from contentdesk.lib.db import db, transaction
from contentdesk.lib.desk import Desk, desk
from contentdesk.lib.http import NoAnswer
from contentdesk.metrics import queries
from contentdesk.publishing import take_downs
from contentdesk.publishing.queries import get_delivery
from workers import manners
from workers.app import app
from workers.manners import Doing
from workers.metrics import QUEUE, Seldom

JOB = "workers.take_downs.look"
LOOK_EVERY = timedelta(hours=1)
sweep = Seldom(LOOK_EVERY)


def ring_due(at: Desk) -> None:
    """For the beat."""
    if not sweep.is_time(clock.now()):
        return
    for delivery_id in queries.to_look_for():
        if not at.bell.ring(QUEUE, JOB, delivery_id):
            sweep.soon_again()
            break
    db.session.rollback()


def look(delivery_id: str) -> None:
    """RQ job. Reads only at the platform; safe to call at any time, any number of times."""
    with app().app_context():
        desk().bell.answered(JOB, delivery_id)
        step(delivery_id, desk())


def step(delivery_id: str, at: Desk) -> None:
    """A platform that leaves a post out may have met a limit or lost a permission. So other posts of the account are
    asked for in the same breath, after it: the silence about the first means something only when one of them is there.
    """
    if not queries.is_to_look_for(delivery_id):
        return
    delivery = get_delivery(delivery_id)
    account_id, kind, external_id = delivery.account_id, delivery.account.kind, str(delivery.external_id)
    login, witnesses = login_of(delivery.account, at.box), queries.witnesses(account_id)
    db.session.rollback()
    if not witnesses:
        return
    try:
        with manners.before(manners.reading(account_id, kind, login), at, Doing.READ) as http:
            login = usable_login(account_id, kind, login, at)
            told = registry.get(kind).measure(http, login, [external_id, *witnesses])
    except (ChannelError, NoAnswer):
        return  # says nothing; the next hour does
    is_whole = not isinstance(told, PartOf) and not told.keys().isdisjoint(witnesses)
    if external_id in told or is_whole:
        with transaction():
            take_downs.looked(get_delivery(delivery_id), external_id in told, clock.now())
