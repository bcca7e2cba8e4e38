"""What a channel is: plain data in, plain data out, four verbs, few ways to fail.

A channel knows no database and no Flask. It gets what it needs in `Outgoing` and `Login` and an `Http`
to speak with; what it must remember between two steps is its checkpoint, a small JSON value that the
delivery row keeps.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from io import BytesIO
from typing import Any, BinaryIO, Protocol

from contentdesk.lib import links
from contentdesk.lib.http import Http

Checkpoint = dict[str, Any]


@dataclass(frozen=True)
class PhotoRule:
    """Limits of one photo; ratios are width / height, sizes in pixels and bytes. `max_count` 0: no photos at all."""

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
class VideoRule:
    """Limits of the one video of a post: MP4 with H.264 and AAC, as every platform takes it.

    Ratios are width / height, sides in pixels, rates in kilobits and pictures each second. What is too large is made
    smaller; too long, too short, too small or of another shape a person has to change. Nothing is made larger.
    """

    min_seconds: float = 1.0
    max_seconds: float = 600.0
    max_bytes: int = 300_000_000
    min_ratio: float = 0.1
    max_ratio: float = 10.0
    min_width: int = 0
    min_height: int = 0
    max_side: int = 1920
    max_kbps: int = 8_000
    min_fps: float = 23.0
    max_fps: float = 60.0


@dataclass(frozen=True)
class TextRule:
    """Limits of the text, counted as the platform counts it."""

    max_chars: int = 2200
    max_hashtags: int | None = None
    max_mentions: int | None = None
    max_links: int | None = None
    required: bool = False
    forbidden: str = ""
    """Signs that the platform refuses in a text."""
    count: Callable[[str], int] = len
    beside: tuple[str, ...] = ()
    """Names of options whose words are counted with the text."""


@dataclass(frozen=True)
class Rules:
    """`photo.min_count` and `video` together say what must be there: a video stands for the photos."""

    text: TextRule = field(default_factory=TextRule)
    photo: PhotoRule = field(default_factory=PhotoRule)
    video: VideoRule | None = None
    """None: no video."""
    alt_max_chars: int = 1000


@dataclass(frozen=True)
class Format:
    """A kind of post on the platform: feed, reel, story. `name` is an Indonesian message for the catalogue."""

    key: str
    name: str
    rules: Rules
    chosen_only: bool = False
    """Never taken by itself: a person has to choose it (a story, which is gone after a day)."""

    def takes(self, photo_count: int, has_video: bool) -> bool:
        if has_video:
            return self.rules.video is not None
        return photo_count == 0 or self.rules.photo.max_count > 0


class OptionType(StrEnum):
    CHOICE = "choice"
    TOGGLE = "toggle"
    TEXT = "text"
    NAMES = "names"
    """Several account names, without the sign; kept as a list of texts."""


@dataclass(frozen=True)
class Forbids:
    """While a toggle is on, `value` of the choice `option` cannot be taken. `sentence` (for the catalogue) says why."""

    option: str
    value: str
    sentence: str


@dataclass(frozen=True)
class Option:
    """A choice that a person makes for a post on this platform. It is part of what is approved.

    Its value stands in `Outgoing.options` under `name`: a text, True or False, or a list of texts.
    `label`, `help` and the words of `choices` are Indonesian messages for the catalogue.
    """

    name: str
    label: str
    type: OptionType
    choices: tuple[tuple[str, str], ...] = ()
    default: str | bool | None = None
    """What stands there before anybody chose. None with `required`: a person has to choose."""
    required: bool = False
    help: str = ""
    max_chars: int = 0
    count: Callable[[str], int] = len
    """How the platform counts a text; where not by letters, most emoji are two."""
    max_names: int = 0
    formats: frozenset[str] = frozenset()
    """Keys of the formats it exists for; empty: all."""
    under: str = ""
    """Name of a toggle: shown, and sent, only while that one is on."""
    forbids: tuple[Forbids, ...] = ()
    """For a toggle: what cannot be chosen elsewhere while it is on."""


FORMAT = "format"
"""Name in the options under which the chosen format stands; absent: what suits the media."""


@dataclass(frozen=True)
class Problem:
    """`sentence` is an Indonesian message for the catalogue, with `%(name)s` places for `values`.

    `option`: the option that is mended, empty when it is the text or the media.
    """

    code: str
    sentence: str
    values: Mapping[str, object] = field(default_factory=dict)
    option: str = ""

    def __str__(self) -> str:
        return self.sentence % self.values


@dataclass(frozen=True)
class Photo:
    """A rendition that was approved: an address the platform can fetch, the SHA-256 of its bytes, the bytes."""

    url: str
    sha256: str
    alt_text: str
    width: int
    height: int
    size: int = 0
    open: Callable[[], BinaryIO] = field(default=BytesIO, repr=False, compare=False)
    """Opens the very bytes, for platforms that want them sent."""


@dataclass(frozen=True)
class Video:
    """As `Photo`. `seconds` is the running time, `size` in bytes, `fps` pictures each second."""

    url: str
    sha256: str
    alt_text: str
    width: int
    height: int
    size: int
    seconds: float
    fps: float = 30.0
    open: Callable[[], BinaryIO] = field(default=BytesIO, repr=False, compare=False)


@dataclass(frozen=True)
class Login:
    """An account on a platform. `token` and `refresh_token` are secrets."""

    external_id: str
    handle: str
    token: str = field(repr=False, default="")
    expires_at: datetime | None = None
    refresh_token: str = field(repr=False, default="")
    refresh_expires_at: datetime | None = None
    details: Mapping[str, str] = field(default_factory=dict)
    """What else the channel must know to speak for the account, and is no secret: server, page, channel."""
    scopes: tuple[str, ...] = ()
    """What was granted; empty: the platform does not say."""
    kind: str = ""
    """Set where a sign-in also brings accounts of another channel (a page's linked professional account)."""
    access_ends_at: datetime | None = None
    """When the right to read ends although the token lives on, unless the person signs in again before."""
    limits: Mapping[str, int] = field(default_factory=dict)
    """What this account takes, where that is its own matter: see `HasOwnLimits`."""
    refused: str = ""
    """Set for an account that a sign-in shows but cannot connect: the message for the catalogue that says why."""


@dataclass(frozen=True)
class AppKeys:
    """The city's app on a platform."""

    client_id: str
    client_secret: str = field(repr=False)


@dataclass(frozen=True)
class Outgoing:
    """What is to be published, exactly as approved: photos, or one video, or neither."""

    delivery_id: str
    login: Login
    text: str
    photos: tuple[Photo, ...]
    options: Mapping[str, Any] = field(default_factory=dict)
    video: Video | None = None
    title: str = ""
    """For platforms whose posts have one."""


DOUBT = "doubt"
"""This entry of a checkpoint says: perhaps public, so `publish` makes no call until `find` or a person has spoken."""


@dataclass(frozen=True)
class Prepared:
    """`ready`: only `publish` is left. Otherwise come back after `again_in`."""

    checkpoint: Checkpoint = field(repr=False)
    ready: bool
    again_in: timedelta = timedelta(seconds=5)


@dataclass(frozen=True)
class Sent:
    """`note`: message for the catalogue about what is not as it was wanted, though the post is there.

    A `permalink` that is no web address counts as none. `link` reads it in a further call, for which the account's
    next post need not wait.
    """

    external_id: str
    permalink: str | None = None
    note: str = ""
    link: Callable[[], str | None] | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "permalink", links.shown(self.permalink))

    def with_link(self) -> "Sent":
        return replace(self, permalink=self.link(), link=None) if self.link else self


@dataclass(frozen=True)
class Accepted:
    """Taken by the platform, which still looks at it."""

    checkpoint: Checkpoint = field(repr=False)
    again_in: timedelta


@dataclass(frozen=True)
class NotThere:
    """Certainly not public: it may be published."""

    checkpoint: Checkpoint = field(repr=False)


@dataclass(frozen=True)
class ForMember:
    """Not public: it lies in the platform's app, where a member finishes it and then brings the link.

    `sentence % values` says where it lies and what to do there, in Indonesian.
    """

    checkpoint: Checkpoint = field(repr=False)
    sentence: str
    values: Mapping[str, object] = field(default_factory=dict)


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


class PartOf(dict[str, Stats]):
    """Figures of a round that ended early. Who is missing was perhaps never asked about, which says nothing of it."""


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
    formats: tuple[Format, ...]
    """At least one; the first that takes the media is the one meant when nobody chose."""
    options: tuple[Option, ...]
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
    ) -> Sent | Accepted | NotThere | CannotTell | ForMember:
        """Reads only. Asked after a crash, a time-out, an ambiguous error.

        `since` is the moment of the intent; the channel itself allows for clocks that differ. TryLater means
        that it is too early to tell, or that the platform cannot be asked now: ask again after that time, and
        publish nothing before.
        """

    def measure(self, http: Http, login: Login, external_ids: Sequence[str]) -> Mapping[str, Stats]:
        """Figures by external id. What the platform leaves out is left out here; a round that ended before it had asked
        about all is `PartOf`."""

    def owns_link(self, link: str) -> bool:
        """Whether `link` looks like a post on this platform (for proof of a post made by hand)."""
