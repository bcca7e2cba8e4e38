"""What may be public, and from when until when: kept by those who act, beside the service and not from its rows.

Moments are by the platforms' clock. A person's act takes effect somewhere between its begin and its end.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from threading import Lock

LONGEST_CALL_S = 45.0
"""What was on its way when a person acted may become public so much later."""
CODE = re.compile(r"kode (\d{4,})r(\d+)")
Key = tuple[int, str]
"""Number of the post, id of the account here."""


@dataclass
class Span:
    """A text that may stand on an account. `ended` None: to this day."""

    text: str
    since: float
    ended: tuple[float, float] | None = None
    begun: bool = False
    """Whoever ended it was told that it was on its way already, or out."""

    def allows(self, text: str, at: float) -> bool:
        if text != self.text or at < self.since:
            return False
        if self.ended is None:
            return True
        return at <= (self.ended[1] + LONGEST_CALL_S if self.begun else self.ended[0])


@dataclass
class Case:
    """One post on one account: what is delivered at most once."""

    number: int
    account_id: str
    kind: str
    files: tuple[str, ...]
    """SHA-256 of what was approved for this kind of channel."""
    due: float
    spans: list[Span] = field(default_factory=list)
    hindered: bool = False
    """A person acted on it, so it says nothing about lateness."""
    unsure: bool = False
    """An act was cut off, and nobody was told whether it took effect."""
    maybe: list[Span] = field(default_factory=list)
    """Texts that somebody was about to approve."""

    @property
    def open(self) -> bool:
        return bool(self.spans) and self.spans[-1].ended is None

    def allows(self, text: str, at: float) -> bool:
        if self.unsure:
            return any(span.text == text and at >= span.since for span in (*self.spans, *self.maybe))
        return any(span.allows(text, at) for span in self.spans)


class Ledger:
    def __init__(self) -> None:
        self.cases: dict[Key, Case] = {}
        self.of_post: dict[int, list[Case]] = defaultdict(list)
        self._lock = Lock()

    def add(self, case: Case, text: str, since: float) -> None:
        case.spans.append(Span(text, since))
        self.cases[case.number, case.account_id] = case
        self.of_post[case.number].append(case)

    def planned(self, number: int, accounts: Iterable[str], text: str, due: float, since: float) -> None:
        """Approved and planned anew on these accounts."""
        with self._lock:
            for account_id in accounts:
                case = self.cases[number, account_id]
                case.due, case.hindered = due, True
                if not case.open or case.spans[-1].text != text:
                    case.spans.append(Span(text, since))

    def offered(self, number: int, text: str, since: float) -> None:
        """Somebody is about to approve it; whether that is kept is told by `planned`."""
        with self._lock:
            for case in self.of_post[number]:
                case.maybe.append(Span(text, since))

    def ended(self, cases: Iterable[Case], span: tuple[float, float], begun: set[str]) -> None:
        """It must not go out any more, but on the accounts where it was `begun`."""
        with self._lock:
            for case in cases:
                case.hindered = True
                if case.open:
                    case.spans[-1].ended, case.spans[-1].begun = span, case.account_id in begun

    def unsure(self, cases: Iterable[Case]) -> None:
        with self._lock:
            for case in cases:
                case.hindered = case.unsure = True


def number_in(text: str) -> int | None:
    found = CODE.search(text)
    return int(found[1]) if found else None


def code(number: int, revision: int) -> str:
    return f"kode {number:04}r{revision}"
