"""What a refusal means as the error that says it, for all platforms alike. What a code means is in their tables."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Protocol, TypeGuard

from contentdesk.channels.base import ChannelError, LoginExpired, NotAllowed, Rejected, TryLater
from contentdesk.lib.i18n import N_

LASTING: Mapping[str, type[LoginExpired | NotAllowed | Rejected]] = MappingProxyType(
    {"login": LoginExpired, "permission": NotAllowed, "content": Rejected}
)

OLD_VERSION = N_("%(platform)s tidak lagi menerima versi layanan ini. Minta admin memperbarui ContentDesk.")
"""The version of the interface that is spoken here has ended: no login mends that."""


class FewTries(TryLater):
    """An answer that may pass or may not: try a few times, then ask a person."""


def passes(answer: object) -> TypeGuard[TryLater]:
    """Whether a part of a batch is to be had later: no reason to leave the other parts."""
    return isinstance(answer, TryLater) and not isinstance(answer, FewTries)


class Meaning(Protocol):
    """A line of a platform's table."""

    @property
    def means(self) -> str: ...

    @property
    def words(self) -> str: ...


def lasting(found: Meaning, code: str, values: Mapping[str, str]) -> ChannelError | None:
    """What only a person can mend. None: it passes, and how long to wait is the platform's to say."""
    kind = LASTING.get(found.means)
    return kind(found.words, code=code, **values) if kind else None
