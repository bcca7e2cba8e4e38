"""The timeline of a delivery as its page shows it: repeated tries folded, lateness said, answers for who helps."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _

from contentdesk.lib import words
from contentdesk.lib.i18n import N_
from contentdesk.lib.sentences import sentence
from contentdesk.publishing import held_back
from contentdesk.publishing.claims import NO_ACCOUNT, NO_CONSENT, NO_PERMISSION, NOT_APPROVED
from contentdesk.publishing.models import Delivery, DeliveryEvent
from contentdesk.publishing.states import DeliveryState
from contentdesk.publishing.wording import EVENTS, duration

ON_TIME = timedelta(seconds=60)
"""People plan to the minute."""
LONGEST_CYCLE = 3
"""Steps that repeat together: tried, not known, found not to be there."""
_ACCOUNT, _PERMISSION = N_("akun terputus"), N_("izin akun kurang")
_NO_ANSWER = N_("jawaban platform yang pertama tidak sampai")
REASONS: Mapping[str, str] = {
    "account_stopped": _ACCOUNT,
    "not_allowed": _PERMISSION,
    "try_later": N_("platform belum bisa menerima"),
    "prepared_partly": N_("platform masih mengolah foto atau video"),
    "let_go": N_("ada yang berubah sesaat sebelum terbit"),
    "crashed": N_("ada gangguan di layanan"),
    "worker_lost": N_("mesin berhenti sebelum menerbitkan"),
    "worker_lost_while_publishing": _NO_ANSWER,
    "not_there": _NO_ANSWER,
    "person_says_not_there": _NO_ANSWER,
    NO_CONSENT: N_("persetujuan pelaku usaha belum ada"),
    NO_ACCOUNT: _ACCOUNT,
    NO_PERMISSION: _PERMISSION,
    NOT_APPROVED: N_("naskahnya diubah dan belum disetujui lagi"),
}
"""What kept a post back, by event or, where that says it, by its sentence."""
ANSWERS: Mapping[str, str] = {
    "code": N_("Kode"),
    "external_id": N_("ID di platform"),
    "permalink": N_("Tautan"),
    "link": N_("Tautan"),
}


@dataclass(frozen=True)
class Line:
    """`at` is the last time it happened, `first` the first, `times` how often."""

    at: datetime
    first: datetime
    times: int
    icon: str
    text: str
    said: str
    who: str
    answer: list[tuple[str, str]]
    """What the platform said, for who helps; nothing secret is kept."""


@dataclass
class _Step:
    first: DeliveryEvent
    last: DeliveryEvent
    times: int
    due_at: datetime

    @property
    def key(self) -> tuple[Any, ...]:
        detail = self.last.detail
        said = tuple(str(detail.get(name, "")) for name in ("code", "said", "values", "due_at", "link"))
        return self.last.what, self.last.actor_id, *said


def lines(delivery: Delivery, events: Iterable[DeliveryEvent], names: Mapping[str, str]) -> list[Line]:
    """Newest first; `names` by user id."""
    return [_line(step, names) for step in reversed(_folded(_steps(delivery, events)))]


def _steps(delivery: Delivery, events: Iterable[DeliveryEvent]) -> list[_Step]:
    """Each with the time it was planned for when it happened."""
    steps, due_at = [], delivery.due_at
    for event in sorted(events, key=lambda event: event.number):
        due_at = _planned_for(event) or due_at
        steps.append(_Step(event, event, 1, due_at))
    return steps


def _planned_for(event: DeliveryEvent) -> datetime | None:
    return datetime.fromisoformat(event.detail["due_at"]) if event.detail.get("due_at") else None


def _folded(steps: Sequence[_Step]) -> list[_Step]:
    """A step, or up to three that follow one another, which come again and again stand there once."""
    kept: list[_Step] = []
    for step in steps:
        kept.append(step)
        for size in range(1, LONGEST_CYCLE + 1):
            if _repeats(kept, size):
                _merge(kept, size)
                break
    return kept


def _repeats(kept: Sequence[_Step], size: int) -> bool:
    before, now = kept[-2 * size : -size], kept[-size:]
    return len(before) == size and [one.key for one in before] == [one.key for one in now]


def _merge(kept: list[_Step], size: int) -> None:
    for before, now in zip(kept[-2 * size : -size], kept[-size:], strict=True):
        before.last, before.due_at, before.times = now.last, now.due_at, before.times + now.times
    del kept[-size:]


def _line(step: _Step, names: Mapping[str, str]) -> Line:
    event = step.last
    icon, text = EVENTS.get(event.what, ("circle-dashed", event.what))
    who = names.get(event.actor_id or "", "") or str(_("sistem"))
    answer = [(str(_(word)), str(event.detail[name])) for name, word in ANSWERS.items() if event.detail.get(name)]
    text, said = str(_(text)), _said(step)
    said = "" if said.rstrip(".") == text.rstrip(".") else said
    return Line(event.at, step.first.at, step.times, icon, text, said, who, answer)


def _said(step: _Step) -> str:
    event = step.last
    if event.what == "planned" and event.detail.get("due_at"):
        when = words.moment(step.due_at, str(get_locale() or "id"))
        return str(_("Untuk %(when)s, revisi %(number)s.", when=when, number=event.detail.get("revision", "?")))
    if event.what == "intent":
        return _so_late(event.at - step.due_at)
    if not event.detail.get("said"):
        return ""
    return sentence(event.detail["said"], event.detail.get("values"))


def _so_late(late: timedelta) -> str:
    time = duration(late.total_seconds())
    if late <= ON_TIME:
        return str(_("Tepat waktu, %(time)s setelah jadwal.", time=time))
    return str(_("Terlambat %(time)s.", time=time))


def punctuality(delivery: Delivery, events: Iterable[DeliveryEvent]) -> str:
    """How long after its time the irreversible call of a public post was made, and why; empty where there was none."""
    if delivery.state != DeliveryState.SENT or delivery.intent_at is None:
        return ""
    late = delivery.intent_at - delivery.due_at
    time = duration(late.total_seconds())
    if late <= ON_TIME:
        return str(_("Tepat waktu, %(time)s", time=time))
    reason = _reason(delivery, events)
    if reason is None:
        return str(_("Terlambat %(time)s. Tidak ada hambatan yang tercatat di luar mesin.", time=time))
    return str(_("Terlambat %(time)s karena %(reason)s", time=time, reason=_(reason)))


def _reason(delivery: Delivery, events: Iterable[DeliveryEvent]) -> str | None:
    """What stood in the way longest between its time and the call: each until the next, the first from the start."""
    assert delivery.intent_at is not None
    there = [
        (event.at, REASONS[_word(event)])
        for event in sorted(events, key=lambda event: event.number)
        if delivery.due_at <= event.at <= delivery.intent_at and _word(event) in REASONS
    ]
    begun = [delivery.due_at, *(at for at, _reason in there[1:])]
    spans = zip(begun, [*begun[1:], delivery.intent_at], (reason for _at, reason in there), strict=False)
    return max(((end - start, reason) for start, end, reason in spans), default=(None, None))[1]


def _word(event: DeliveryEvent) -> str:
    return str(event.detail.get("said")) if event.what == held_back.WHAT else event.what
