"""What a worker does with one delivery in hand. Short transactions; none is open while a platform is asked."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from contentdesk.channels.base import (
    Accepted,
    CannotTell,
    ChannelError,
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
from contentdesk.lib.desk import Desk
from contentdesk.lib.files import FileDamaged
from contentdesk.lib.http import NoAnswer
from contentdesk.lib.i18n import N_
from contentdesk.metrics.services import start_polling_all
from contentdesk.publishing import claims, deferring, first_comments, handwork, outcomes, timeline
from contentdesk.publishing.outgoing import Work
from workers import manners
from workers.commits import Then, Writes, nobody_waits
from workers.manners import Doing

DAMAGED = N_("Foto atau video yang disetujui rusak di penyimpanan. Unggah lagi berkasnya, lalu kirim untuk ditinjau.")
Outcome = Sent | Accepted | NotThere | CannotTell | ForMember
Answer = Outcome | ChannelError | NoAnswer
"""What came of a call; a failure is one of its answers."""


@dataclass(frozen=True)
class Steps:
    """Each is safe when another worker has taken the delivery meanwhile: the lease says so."""

    at: Desk
    writes: Writes
    lease: timedelta = claims.LEASE
    """For the irreversible call. Short where somebody renews it."""

    def prepare(self, item: Work) -> Work | None:
        """As far as only the irreversible call is left, and its time is here. None: there is nothing to do now."""
        if item.by_hand:
            with transaction():
                handwork.hand_over(item, clock.now())
            return None
        if item.is_ready(clock.now()) and item.due_at <= clock.now():
            return item
        try:
            _check_files(item, self.at)
            _check_limits(item)
            prepared = self._prepared(item)
        except ChannelError as error:
            self._failed(item, error)
            return None
        return self.writes.write(_keep_prepared, prepared)

    def _prepared(self, item: Work) -> tuple[Work, Prepared]:
        """What was ready before its time is not asked about again."""
        if item.is_ready(clock.now()):
            return item, Prepared(item.checkpoint, ready=True)
        with manners.before(manners.of(item), self.at, manners.step_of(item)) as http:
            item = self._with_fresh_login(item)
            return item, item.channel.prepare(http, item.outgoing, item.checkpoint)

    def send(self, item: Work) -> tuple[Work, Answer] | None:
        """The irreversible call. The intent is committed first: from then on nobody repeats it without looking.

        None: it may not go out any more.
        """
        try:
            item = self._with_fresh_login(item)
            talk = manners.before(manners.of(item), self.at, Doing.POST)
        except ChannelError as error:
            return item, error
        intended = self.writes.write(_intend, (item, self.lease))
        if intended is None:
            return None
        try:
            with talk as http:
                return intended, item.channel.publish(http, item.outgoing, item.checkpoint)
        except (ChannelError, NoAnswer) as error:
            return intended, error

    def finish(self, item: Work, answer: Answer, then: Then = nobody_waits) -> None:
        """Writes down what came of it, and says so."""
        if isinstance(answer, Sent):
            self.writes.write_later(_sent, (item, answer.with_link()), then)
        else:
            self._finish_now(item, answer)
            then(None)

    def _finish_now(self, item: Work, answer: Answer) -> None:
        match answer:
            case Deferred():
                with transaction():
                    deferring.put_off(item, answer, clock.now(), ready=True)
            case OutcomeUnknown() | NoAnswer():
                with transaction():
                    outcomes.unknown(item, clock.now(), getattr(answer, "code", "no_answer"))
            case ChannelError():
                self._failed(item, answer)
            case _:
                with transaction():
                    _keep(item, answer)

    def look(self, item: Work, then: Then = nobody_waits) -> None:
        """Reads what became of a call whose answer is not known, writes it down, and says so."""
        outcome = self._found(item)
        if outcome is None:
            then(None)
        else:
            self.finish(item, outcome, then)

    def _found(self, item: Work) -> Outcome | None:
        try:
            with manners.before(manners.of(item), self.at, Doing.LOOK) as http:
                item = self._with_fresh_login(item)
                assert item.intent_at is not None
                return item.channel.find(http, item.outgoing, item.checkpoint, item.intent_at)
        except Deferred as error:
            with transaction():
                deferring.look_later(item, error, clock.now())
        except ChannelError as error:
            error = second_thought(item.account_id, item.outgoing.login, error, self.at)
            with transaction():
                outcomes.look_failed(item, error, clock.now())
        return None

    def _with_fresh_login(self, item: Work) -> Work:
        """Its token lives for some minutes more, enough for what comes next. Raises ChannelError."""
        login = usable_login(item.account_id, item.channel.kind, item.outgoing.login, self.at)
        return item if login is item.outgoing.login else replace(item, outgoing=replace(item.outgoing, login=login))

    def _failed(self, item: Work, error: ChannelError) -> None:
        if isinstance(error, Deferred):
            with transaction():
                deferring.put_off(item, error, clock.now())
            return
        error = second_thought(item.account_id, item.outgoing.login, error, self.at)
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


def _keep_prepared(items: Sequence[tuple[Work, Prepared]]) -> list[Work | None]:
    """What the channel has prepared is kept before its next call. Of each, what is to be sent now."""
    return [_keep_one_prepared(item, prepared) for item, prepared in items]


def _keep_one_prepared(item: Work, prepared: Prepared) -> Work | None:
    now = clock.now()
    if not claims.keep_checkpoint(item.delivery_id, item.lease, item.keepable(prepared.checkpoint)):
        return None
    if not prepared.ready:
        outcomes.not_ready(item, prepared, now)
    elif item.due_at > now:
        outcomes.wait_for_time(item, now)
    else:
        return replace(item, checkpoint=prepared.checkpoint)
    return None


def _intend(wanted: Sequence[tuple[Work, timedelta]]) -> list[Work | None]:
    """Of each, with the moment of its intent; None where it may not go out."""
    now, items = clock.now(), [item for item, _ in wanted]
    intended = claims.intend([item.held for item in items], now, max(lease for _, lease in wanted))
    timeline.note_all(intended, "intent")
    for item in items:
        if item.delivery_id not in intended:
            outcomes.let_go(item, now)
    return [replace(item, intent_at=now) if item.delivery_id in intended else None for item in items]


def _sent(items: Sequence[tuple[Work, Sent]]) -> list[None]:
    now = clock.now()
    done = outcomes.sent_all(items, now)
    start_polling_all({item.delivery_id: item.channel.kind for item, _ in items if item.delivery_id in done}, now)
    for item, _ in items:
        if item.delivery_id in done:
            first_comments.ask_for(item.delivery_id, item.channel, item.outgoing.options, now)
    return [None] * len(items)


def _keep(item: Work, outcome: Outcome) -> None:
    now = clock.now()
    match outcome:
        case Accepted():
            outcomes.accepted(item, outcome, now)
        case NotThere():
            outcomes.not_there(item, outcome, now)
        case ForMember():
            handwork.finish_in_app(item, outcome, now)
        case CannotTell():
            outcomes.cannot_tell(item, outcome, now)
