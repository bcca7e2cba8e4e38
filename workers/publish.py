"""One delivery, one step at a time. Short transactions; none is open while a platform is asked."""

import logging
from dataclasses import replace

from contentdesk.channels.base import (
    Accepted,
    CannotTell,
    ChannelError,
    Checkpoint,
    ForMember,
    NotThere,
    OutcomeUnknown,
    Prepared,
    Rejected,
    Sent,
)
from contentdesk.channels.limits import refusals
from contentdesk.channels.quotas import Deferred
from contentdesk.channels.renewal import second_thought, usable_login
from contentdesk.lib import clock
from contentdesk.lib.db import transaction
from contentdesk.lib.desk import Desk, desk
from contentdesk.lib.files import FileDamaged
from contentdesk.lib.http import Http, NoAnswer
from contentdesk.lib.i18n import N_
from contentdesk.metrics.services import start_polling
from contentdesk.publishing import claims, deferring, first_comments, handwork, outcomes, timeline, warnings
from contentdesk.publishing.outgoing import Lender, Work, load, work
from workers import manners
from workers.app import app
from workers.manners import Doing

log = logging.getLogger(__name__)
JOB = "workers.publish.run"
LONGEST_S = 900
"""Longer than both leases of the largest files together: until then nobody else would go on."""
DAMAGED = N_("Foto atau video yang disetujui rusak di penyimpanan. Unggah lagi berkasnya, lalu kirim untuk ditinjau.")


def run(delivery_id: str) -> None:
    """RQ job. Safe to call at any time, any number of times."""
    with app().app_context():
        desk().bell.answered(JOB, delivery_id)
        try:
            step(delivery_id, desk())
        except Exception as error:  # noqa: BLE001 - whatever it is, the row must not be tried hot for ever
            log.exception("delivery %s", delivery_id)
            with transaction():
                outcomes.crashed(delivery_id, error, clock.now())


def step(delivery_id: str, at: Desk) -> None:
    now = clock.now()
    with transaction():
        lease = claims.claim(delivery_id, now)
        found = _load(delivery_id, lease, at) if lease else None
        if found:
            claims.lengthen(delivery_id, found.lease, claims.time_to_send(found.size), now)
    if found:
        return _bring_out(found, at)
    with transaction():
        lease = claims.claim_look(delivery_id, now)
        found = _load(delivery_id, lease, at) if lease else None
        if not found:
            claims.defer(delivery_id, now)
            warnings.missed(delivery_id, now)
    if found:
        _look(found, at)
    return None


def _load(delivery_id: str, lease: str, at: Desk) -> Work:
    return work(delivery_id, lease, Lender(at.config.public_url, at.config.secret_keys[0], at.files), at.box)


def _bring_out(item: Work, at: Desk) -> None:
    if item.by_hand:
        with transaction():
            handwork.hand_over(item, clock.now())
        return
    try:
        _check_files(item, at)
        _check_limits(item)
        with manners.before(manners.of(item), at, manners.step_of(item)) as http:
            item = _with_fresh_login(item, at)
            prepared = _prepared(item, http)
    except ChannelError as error:
        _failed(item, error, at)
        return
    with transaction():
        kept = claims.keep_checkpoint(item.delivery_id, item.lease, item.keepable(prepared.checkpoint))
        is_early = item.due_at > clock.now()
        if kept and not prepared.ready:
            outcomes.not_ready(item, prepared, clock.now())
        elif kept and is_early:
            outcomes.wait_for_time(item, clock.now())
    if kept and prepared.ready and not is_early:
        _publish(item, at, prepared.checkpoint)


def _prepared(item: Work, http: Http) -> Prepared:
    """What was ready before its time is not asked about again."""
    if item.is_ready(clock.now()):
        return Prepared(item.checkpoint, ready=True)
    return item.channel.prepare(http, item.outgoing, item.checkpoint)


def _with_fresh_login(item: Work, at: Desk) -> Work:
    """Its token lives for some minutes more, enough for what comes next. Raises ChannelError."""
    login = usable_login(item.account_id, item.channel.kind, item.outgoing.login, at)
    return replace(item, outgoing=replace(item.outgoing, login=login))


def _failed(item: Work, error: ChannelError, at: Desk) -> None:
    if isinstance(error, Deferred):
        with transaction():
            deferring.put_off(item, error, clock.now())
        return
    error = second_thought(item.account_id, item.outgoing.login, error, at)
    with transaction():
        outcomes.failed(item, error, clock.now())


def _check_files(item: Work, at: Desk) -> None:
    """What goes out is byte for byte what was approved."""
    for file in item.files:
        try:
            at.files.verify(file.sha256, file.suffix)
        except FileDamaged as error:
            raise Rejected(DAMAGED, code="file_damaged") from error


def _check_limits(item: Work) -> None:
    """Before the first call only: what is begun may be public already, whatever a limit has become since."""
    if item.checkpoint or item.intent_at:
        return
    for problem in refusals(item.channel, item.outgoing):
        raise Rejected(problem.sentence, code=f"limit_{problem.code}", **problem.values)


def _publish(item: Work, at: Desk, checkpoint: Checkpoint) -> None:
    """The intent is committed first: from then on nobody repeats the call without looking."""
    try:
        talk = manners.before(manners.of(item), at, Doing.POST)
    except Deferred as error:
        with transaction():
            deferring.put_off(item, error, clock.now(), ready=True)
        return
    intent_at = clock.now()
    with transaction():
        intended = claims.intend(item.delivery_id, item.lease, intent_at, claims.time_to_send(item.size))
        if intended:
            timeline.note(item.delivery_id, "intent")
        else:
            outcomes.let_go(item, intent_at)
    if not intended:
        return
    item = replace(item, checkpoint=checkpoint, intent_at=intent_at)
    try:
        with talk as http:
            outcome = item.channel.publish(http, item.outgoing, checkpoint)
    except (OutcomeUnknown, NoAnswer) as error:
        with transaction():
            outcomes.unknown(item, clock.now(), getattr(error, "code", "no_answer"))
    except ChannelError as error:
        _failed(item, error, at)
    else:
        _keep(item, outcome)


def _look(item: Work, at: Desk) -> None:
    """Reads what became of a call whose answer is not known."""
    try:
        with manners.before(manners.of(item), at, Doing.LOOK) as http:
            item = _with_fresh_login(item, at)
            assert item.intent_at is not None
            outcome = item.channel.find(http, item.outgoing, item.checkpoint, item.intent_at)
    except Deferred as error:
        with transaction():
            deferring.look_later(item, error, clock.now())
    except ChannelError as error:
        error = second_thought(item.account_id, item.outgoing.login, error, at)
        with transaction():
            outcomes.look_failed(item, error, clock.now())
    else:
        _keep(item, outcome)


def _keep(item: Work, outcome: Sent | Accepted | NotThere | CannotTell | ForMember) -> None:
    now = clock.now()
    with transaction():
        match outcome:
            case Sent():
                if outcomes.sent(item, outcome, now):
                    start_polling(load(item.delivery_id))
                    first_comments.ask_for(item.delivery_id, item.channel, item.outgoing.options, now)
            case Accepted():
                outcomes.accepted(item, outcome, now)
            case NotThere():
                outcomes.not_there(item, outcome, now)
            case ForMember():
                handwork.finish_in_app(item, outcome, now)
            case CannotTell():
                outcomes.cannot_tell(item, outcome, now)
