"""What a channel is: plain data in, plain data out, four verbs, few ways to fail.

A channel knows no database and no Flask. It gets what it needs in `Outgoing` and `Login` and an `Http`
to speak with; what it must remember between two steps is its checkpoint, a small JSON value that the
delivery row keeps.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol, runtime_checkable

from contentdesk.lib.http import Http

Checkpoint = dict[str, Any]


@dataclass(frozen=True)
class PhotoRule:
    """Limits of one photo; ratios are width / height, sizes in pixels and bytes."""

    min_count: int = 1
    max_count: int = 10
    min_ratio: float = 0.1
    max_ratio: float = 10.0
    min_width: int = 320
    max_width: int = 2048
    max_bytes: int = 8_000_000
    same_ratio: bool = False
    """Whether all photos of one post take the first one's ratio."""


@dataclass(frozen=True)
class TextRule:
    """Limits of the text, counted as the platform counts it."""

    max_chars: int = 2200
    max_hashtags: int | None = None
    max_mentions: int | None = None
    required: bool = False
    count: Callable[[str], int] = len


@dataclass(frozen=True)
class Rules:
    text: TextRule = field(default_factory=TextRule)
    photo: PhotoRule = field(default_factory=PhotoRule)
    alt_max_chars: int = 1000


@dataclass(frozen=True)
class Photo:
    """A rendition that was approved: an address the platform can fetch, and the SHA-256 of its bytes."""

    url: str
    sha256: str
    alt_text: str
    width: int
    height: int


@dataclass(frozen=True)
class Login:
    """An account on a platform. `token` is a secret."""

    external_id: str
    handle: str
    token: str = field(repr=False, default="")
    expires_at: datetime | None = None


@dataclass(frozen=True)
class Outgoing:
    """What is to be published, exactly as approved."""

    delivery_id: str
    login: Login
    text: str
    photos: tuple[Photo, ...]
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Prepared:
    """`ready`: only `publish` is left. Otherwise come back after `again_in`."""

    checkpoint: Checkpoint
    ready: bool
    again_in: timedelta = timedelta(seconds=5)


@dataclass(frozen=True)
class Sent:
    external_id: str
    permalink: str | None = None


@dataclass(frozen=True)
class Accepted:
    """Taken by the platform, which still looks at it."""

    checkpoint: Checkpoint
    again_in: timedelta


@dataclass(frozen=True)
class NotThere:
    """Certainly not public: it may be published."""

    checkpoint: Checkpoint


@dataclass(frozen=True)
class CannotTell:
    """The platform does not say; a person decides."""


@dataclass(frozen=True)
class Stats:
    """Figures of one post. None: the platform does not say. It is not zero."""

    reach: int | None = None
    views: int | None = None
    likes: int | None = None
    comments: int | None = None
    shares: int | None = None
    saves: int | None = None


FIGURES = ("reach", "views", "likes", "comments", "shares", "saves")


class ChannelError(Exception):
    """`code` is for the log and the timeline (never a secret); `sentence` is for people, in Indonesian."""

    def __init__(self, sentence: str, *, code: str = "", **values: object) -> None:
        super().__init__(code or sentence)
        self.sentence = sentence
        self.values = values
        self.code = code


class Rejected(ChannelError):
    """A person has to change the post."""


class LoginExpired(ChannelError):
    """A person has to connect the account again. Its other deliveries wait, none fails."""


class NotAllowed(ChannelError):
    """A scope, an audit or a permission is missing."""


class TryLater(ChannelError):
    """Nothing public happened; `after` says how long to wait."""

    def __init__(self, sentence: str, *, after: timedelta, code: str = "", **values: object) -> None:
        super().__init__(sentence, code=code, **values)
        self.after = after


class OutcomeUnknown(ChannelError):
    """It may be public. Never repeated blindly: `find` is asked."""


class Channel(Protocol):
    """A platform. Every verb raises ChannelError and nothing else."""

    kind: str
    name: str
    icon: str
    rules: Rules
    figures: frozenset[str]
    """Which of FIGURES exist here; when `by_hand`, those a member can read in the app and type in."""
    by_hand: bool
    """Whether a member publishes in the app and proves it with the link; then no verb is ever called."""

    def prepare(self, http: Http, outgoing: Outgoing, checkpoint: Checkpoint) -> Prepared:
        """One step further, with no public effect; may be repeated (upload, container, draft).

        Its checkpoint is stored before the next call, also when `ready` is False.
        """

    def publish(self, http: Http, outgoing: Outgoing, checkpoint: Checkpoint) -> Sent | Accepted:
        """The one irreversible call. The intent is in the database before it.

        After TryLater, Rejected, LoginExpired and NotAllowed nothing is public and `prepare` comes again;
        after OutcomeUnknown, or a crash, only `find` may be called.
        """

    def find(
        self, http: Http, outgoing: Outgoing, checkpoint: Checkpoint, since: datetime
    ) -> Sent | NotThere | CannotTell:
        """Reads only. Asked after a crash, a time-out, an ambiguous error.

        `since` is the moment of the intent; the channel itself allows for clocks that differ. TryLater means
        that it is too early to tell, or that the platform cannot be asked now: ask again after that time, and
        publish nothing before.
        """

    def measure(self, http: Http, login: Login, external_ids: Sequence[str]) -> Mapping[str, Stats]:
        """Figures by external id. What the platform leaves out is left out here."""

    def owns_link(self, link: str) -> bool:
        """Whether `link` looks like a post on this platform (for proof of a post made by hand)."""


@runtime_checkable
class Connectable(Protocol):
    """A channel whose accounts are connected by signing in on the platform (OAuth)."""

    def authorize_url(self, client_id: str, redirect_uri: str, state: str) -> str: ...

    def exchange(self, http: Http, client_id: str, client_secret: str, redirect_uri: str, code: str) -> Sequence[Login]:
        """The accounts that one sign-in brings."""

    def renew(self, http: Http, login: Login) -> Login:
        """The same account with a fresh token."""
