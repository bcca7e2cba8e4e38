"""What a check says: how bad it is, what is the matter, what it means for posts and what to do. Never a secret."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from contentdesk.doctor.ward import Ward


class Grade(StrEnum):
    OK = "ok"
    WARNING = "warning"
    WRONG = "wrong"
    SKIPPED = "skipped"
    """It could not be looked at, because something else is wrong."""


@dataclass(frozen=True)
class Finding:
    """In plain Indonesian, for whoever runs the service."""

    grade: Grade
    what: str
    means: str = ""
    do: str = ""


@dataclass(frozen=True)
class Check:
    """Looks at one thing and changes nothing. Yields nothing when all is well."""

    name: str
    title: str
    look: Callable[[Ward], Iterator[Finding]]
    well: str
    limit_s: float = 8.0
    wants: frozenset[str] = field(default_factory=frozenset)
    """Settings without which there is nothing to look at."""


def well(what: str) -> Finding:
    return Finding(Grade.OK, what)


def warning(what: str, means: str = "", do: str = "") -> Finding:
    return Finding(Grade.WARNING, what, means, do)


def wrong(what: str, means: str = "", do: str = "") -> Finding:
    return Finding(Grade.WRONG, what, means, do)


def skipped(what: str) -> Finding:
    return Finding(Grade.SKIPPED, what)
