"""How much of a platform an account, the city's app and all of us together may use, as data of the channel.

What a platform says about it in its answers counts more than these numbers: see `TellsUsage`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Protocol, runtime_checkable

from contentdesk.channels.base import TryLater
from contentdesk.lib.http import Reply


class Scope(StrEnum):
    """Who shares it."""

    ACCOUNT = "account"
    APP = "app"
    """All accounts of the city's app on the platform."""
    PLATFORM = "platform"
    """Everything that comes from here to the platform, or to the server the account lives on."""


class Counts(StrEnum):
    CALLS = "calls"
    POSTS = "posts"
    """The irreversible call."""
    BEGUN = "begun"
    """The first step of a post, where the platform counts that one."""


@dataclass(frozen=True)
class Quota:
    """`amount` in any stretch of time as long as `per`. `source`: where the number is from."""

    scope: Scope
    counts: Counts
    amount: int
    per: timedelta
    source: str


@dataclass(frozen=True)
class Usage:
    """What an answer says: `used` is 0 to 1, and 1 means that there is no room before `free_in` is over.

    `free_in` None: the platform does not say when. `counts`: POSTS stops posts alone, CALLS stops everything.
    """

    scope: Scope
    used: float
    free_in: timedelta | None = None
    counts: Counts = Counts.CALLS


class Deferred(TryLater):
    """We ourselves hold back: no call was made, and no try is used up."""


@runtime_checkable
class HasQuotas(Protocol):
    """A channel whose platform has limits in numbers. One without is asked as fast as it answers."""

    quotas: tuple[Quota, ...]


@runtime_checkable
class WeighsCalls(Protocol):
    """A channel some of whose calls count for several."""

    def weight(self, method: str, url: str) -> int: ...


@runtime_checkable
class TellsUsage(Protocol):
    """A channel that can read how much is used up from any answer. Others are understood by 429 and `Retry-After`."""

    def usage(self, reply: Reply) -> Sequence[Usage]:
        """Raises nothing, whatever the headers hold."""


@runtime_checkable
class HasServers(Protocol):
    """A channel whose accounts live on many servers, each of which is up or down for itself."""

    def server(self, details: Mapping[str, str]) -> str:
        """Host of the account's server, out of `Login.details`; empty: the platform's own."""
