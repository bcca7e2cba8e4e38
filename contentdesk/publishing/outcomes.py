"""What becomes of a delivery after each answer of a platform. Every way ends in a state a person can see."""

import logging
import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from contentdesk.channels.base import (
    Accepted,
    CannotTell,
    ChannelError,
    LoginExpired,
    NotAllowed,
    NotThere,
    Prepared,
    Rejected,
    Sent,
    TryLater,
)
from contentdesk.channels.renewing import lost
from contentdesk.lib import clock
from contentdesk.lib.i18n import N_
from contentdesk.notices.services import tell
from contentdesk.publishing import claims, queries, timeline, warnings
from contentdesk.publishing.outgoing import Work, load
from contentdesk.publishing.states import DeliveryState

log = logging.getLogger(__name__)
D = DeliveryState
IN_HAND = (D.PREPARING, D.PUBLISHING)
LOOK_AGAIN_S = (5, 15, 60, 300, 900, 3600)
"""After an unknown outcome; then hourly, while two buttons stand ready for a person."""
LOOKED_FOR = timedelta(hours=24)
"""After the call, as long as platforms take to say something; who cannot be looked at longer is for a person."""
RETRY_S = (10, 30, 60, 180, 600)
AFTER_A_FAULT = timedelta(minutes=2)
CRASHED = N_("Ada gangguan di layanan. Unggahan menunggu dan dicoba lagi. Beri tahu admin bila tetap begini.")
UNKNOWN = N_("Belum pasti terbit. Kami sedang memeriksa, jangan unggah ulang.")


def _backoff(steps: tuple[int, ...], tries: int) -> timedelta:
    """The step for this try, up to a quarter longer so that many do not come back at once."""
    step = steps[min(max(tries, 1), len(steps)) - 1]
    return timedelta(seconds=step * (1 + random.random() / 4))  # noqa: S311 - spreads load, guards nothing


def _spread(asked: timedelta) -> timedelta:
    """As long as a platform asked for, and up to a quarter more: it told the same to many."""
    return asked * (1 + random.random() / 4)  # noqa: S311 - as above


def not_ready(work: Work, prepared: Prepared, now: datetime) -> None:
    """The platform is still processing: come back later, a worker does not wait for it. Told once."""
    kept = claims.settle(work.delivery_id, work.lease, (D.PREPARING,), next_at=now + prepared.again_in)
    if kept and not work.checkpoint:
        timeline.note(work.delivery_id, "prepared_partly")


def wait_for_time(work: Work, now: datetime) -> None:
    """All is with the platform before its time: only the irreversible call is left for then."""
    if claims.settle(
        work.delivery_id, work.lease, (D.PREPARING,), state=D.WAITING, next_at=work.due_at, ready_at=now, tries=0
    ):
        timeline.note(work.delivery_id, "prepared")


def let_go(work: Work, now: datetime) -> None:
    """The intent was refused: what was in hand is no longer valid. The row waits for what a person does."""
    if claims.settle(work.delivery_id, work.lease, (D.PREPARING,), state=D.WAITING, next_at=now, ready_at=None):
        timeline.note(work.delivery_id, "let_go")


def sent(work: Work, outcome: Sent, now: datetime) -> bool:
    """Public. True when this call was the one to write it down; the timeline tells it in any case."""
    values = _sent_row(work, outcome, now)
    done = claims.settle_sent(values.pop("row_id"), **values)
    timeline.note(work.delivery_id, "sent", **_found(outcome))
    return done


def sent_all(outcomes: Sequence[tuple[Work, Sent]], now: datetime) -> set[str]:
    """As `sent`, for many at once. Raises IntegrityError; alone each of them gets along with a newer delivery."""
    if len(outcomes) == 1:
        work, outcome = outcomes[0]
        return {work.delivery_id} if sent(work, outcome, now) else set()
    done = claims.settle_all_sent([_sent_row(work, outcome, now) for work, outcome in outcomes])
    timeline.note_each("sent", {work.delivery_id: _found(outcome) for work, outcome in outcomes})
    return done


def _found(outcome: Sent) -> dict[str, Any]:
    return {"external_id": outcome.external_id, "permalink": outcome.permalink}


def _sent_row(work: Work, outcome: Sent, now: datetime) -> dict[str, Any]:
    return {
        "row_id": work.delivery_id,
        "external_id": outcome.external_id,
        "permalink": outcome.permalink,
        "sent_at": now,
        "problem": outcome.note or None,
        "problem_values": {},
    }


def accepted(work: Work, outcome: Accepted, now: datetime) -> None:
    if claims.settle(
        work.delivery_id,
        work.lease,
        (D.PUBLISHING, D.ACCEPTED, D.UNKNOWN),
        state=D.ACCEPTED,
        checkpoint=work.keepable(outcome.checkpoint),
        next_at=now + outcome.again_in,
    ):
        timeline.note(work.delivery_id, "accepted")


def unknown(work: Work, now: datetime, code: str) -> None:
    """It may be public. Never repeated blindly: it is looked for."""
    if claims.settle(
        work.delivery_id,
        work.lease,
        (D.PUBLISHING, D.UNKNOWN, D.ACCEPTED),
        state=D.UNKNOWN,
        tries=0,
        next_at=now + timedelta(seconds=LOOK_AGAIN_S[0]),
        problem=UNKNOWN,
    ):
        timeline.note(work.delivery_id, "unknown", code=code)
        _to_log(work, "its outcome is not known", code)


def not_there(work: Work, outcome: NotThere, now: datetime) -> None:
    """Certainly not public: it may be sent, if it is still useful.

    A worker taken for dead may only have been slow: its call may arrive yet. And a clock that was set says that more
    time has passed than did. That is believed to be over when it is not there at a second look, later than any call
    lasts, whatever the clocks did meanwhile.
    """
    if _may_yet_arrive(work):
        again = now + claims.PUBLISHING_LASTS + claims.time_to_send(work.size)
        open_now = {"state": D.UNKNOWN, "problem": UNKNOWN}
        if claims.settle(work.delivery_id, work.lease, (D.UNKNOWN, D.ACCEPTED), next_at=again, **open_now):
            timeline.note(work.delivery_id, "not_seen")
        return
    if claims.settle(
        work.delivery_id,
        work.lease,
        (D.UNKNOWN, D.ACCEPTED),
        state=D.WAITING,
        checkpoint=work.keepable(outcome.checkpoint),
        intent_at=None,
        ready_at=None,
        next_at=now,
        tries=0,
        problem=None,
    ):
        timeline.note(work.delivery_id, "not_there")


def _may_yet_arrive(work: Work) -> bool:
    seen_before = timeline.has(work.delivery_id, "not_seen", work.intent_at)
    if seen_before:
        return False
    return clock.has_jumped() or timeline.has(work.delivery_id, "worker_lost_while_publishing", work.intent_at)


def cannot_tell(work: Work, _outcome: CannotTell, now: datetime) -> None:
    """A person decides; meanwhile it is looked for again, ever more rarely. What was accepted has become unknown."""
    tries = work.tries + 1
    wait = _backoff(LOOK_AGAIN_S, tries)
    open_now = {"state": D.UNKNOWN, "problem": UNKNOWN}
    if claims.settle(
        work.delivery_id, work.lease, (D.UNKNOWN, D.ACCEPTED), next_at=now + wait, tries=tries, **open_now
    ):
        timeline.note(work.delivery_id, "cannot_tell")
        _ask_a_person(work)


def _ask_a_person(work: Work) -> None:
    """Told once for each attempt, however often it was looked for before; the page has the two buttons."""
    if timeline.has(work.delivery_id, "asked", work.intent_at):
        return
    timeline.note(work.delivery_id, "asked")
    delivery = load(work.delivery_id)
    tell(
        [delivery.post.author_id, *queries.account_people(delivery.account)],
        N_("Belum pasti apakah %(title)s terbit di %(channel)s. Lihat akunnya, lalu putuskan."),
        f"/terbitan/{delivery.id}",
        title=delivery.post.title,
        channel=work.channel.name,
    )


def look_failed(work: Work, error: ChannelError, now: datetime) -> None:
    """Looking failed; nothing is known more than before."""
    if isinstance(error, LoginExpired):
        _account_stops(work, error)
    tries = work.tries + 1
    wait = _spread(error.after) if isinstance(error, TryLater) else _backoff(LOOK_AGAIN_S, tries)
    in_vain = work.intent_at is not None and now - work.intent_at > LOOKED_FOR
    values = {"state": D.UNKNOWN, "problem": UNKNOWN} if in_vain else {}
    if claims.settle(work.delivery_id, work.lease, (D.UNKNOWN, D.ACCEPTED), next_at=now + wait, tries=tries, **values):
        timeline.note(work.delivery_id, "look_failed", **timeline.answer(error))
        _to_log(work, f"looking failed: {type(error).__name__}", error.code)
        if in_vain:
            _ask_a_person(work)
        if isinstance(error, NotAllowed):
            _ask_a_person(work)


def failed(work: Work, error: ChannelError, now: datetime) -> None:
    """Certainly nothing public happened. Who has to act is told."""
    _to_log(work, type(error).__name__, error.code)
    match error:
        case TryLater():
            again = now + max(_spread(error.after), _backoff(RETRY_S, work.tries + 1))
            # What stops it ahead of its time, such as a limit of the day, may be gone by then.
            _back_to_waiting(work, min(again, work.due_at) if work.due_at > now else again, "try_later", error)
        case LoginExpired() | NotAllowed():
            _account_stops(work, error)
            what = "account_stopped" if isinstance(error, LoginExpired) else "not_allowed"
            _back_to_waiting(work, now, what, error)
            warnings.missed(work.delivery_id, now)
        case Rejected():
            _give_up(work, error)
        case _:
            raise error


def _to_log(work: Work, what: str, code: str) -> None:
    """For who runs the service: ids and words of the platform's tables, nobody's name and nothing secret."""
    where = (work.delivery_id, work.account_id, work.channel.kind)
    log.warning("delivery %s on account %s (%s): %s %r", *where, what, code)


def _back_to_waiting(work: Work, next_at: datetime, what: str, error: ChannelError) -> None:
    if claims.settle(
        work.delivery_id,
        work.lease,
        IN_HAND,
        state=D.WAITING,
        intent_at=None,
        ready_at=None,
        next_at=next_at,
        tries=work.tries + 1,
        problem=error.sentence,
        problem_values=dict(error.values),
    ):
        timeline.note(work.delivery_id, what, **timeline.answer(error))


def _account_stops(work: Work, error: ChannelError) -> None:
    """The account's other deliveries wait, none fails; its holders are told once."""
    lost(load(work.delivery_id).account, error)


def _give_up(work: Work, error: ChannelError) -> None:
    if not claims.settle(
        work.delivery_id,
        work.lease,
        IN_HAND,
        state=D.FAILED,
        intent_at=None,
        problem=error.sentence,
        problem_values=dict(error.values),
    ):
        return
    timeline.note(work.delivery_id, "failed", **timeline.answer(error))
    delivery = load(work.delivery_id)
    tell(
        [delivery.post.author_id],
        N_("%(title)s gagal terbit di %(channel)s. Naskah tersimpan. Lihat apa yang perlu diubah."),
        f"/unggahan/{delivery.post_id}",
        title=delivery.post.title,
        channel=work.channel.name,
    )


def crashed(delivery_id: str, error: Exception, now: datetime) -> None:
    """A fault of our own. It is put off and shown, instead of being tried hot; what was publishing is looked up."""
    if claims.put_off(delivery_id, now + AFTER_A_FAULT, CRASHED):
        timeline.note(delivery_id, "crashed", code=type(error).__name__)
