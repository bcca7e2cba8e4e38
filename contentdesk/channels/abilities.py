"""What a channel may be able to do besides the four verbs, each as a protocol that is asked for with `able`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar, runtime_checkable

from contentdesk.channels.base import AppKeys, Login, Outgoing, Problem, Rules
from contentdesk.lib import links
from contentdesk.lib.http import Http

Ability = TypeVar("Ability")
_known: dict[tuple[type, type], bool] = {}


def able(channel: object, ability: type[Ability]) -> Ability | None:
    """The channel as one that is able to do this, or None. Remembered for its class: `isinstance` goes through all that
    a protocol names, and is asked dozens of times for each post."""
    asked = type(channel), ability
    if asked not in _known:
        _known[asked] = isinstance(channel, ability)
    return channel if _known[asked] else None  # type: ignore[return-value]  # it is one, that was asked


@runtime_checkable
class ChecksOptions(Protocol):
    """A channel whose options hang together in ways that `Option` cannot say."""

    def option_problems(self, options: Mapping[str, Any], format_key: str) -> Sequence[Problem]: ...


@runtime_checkable
class HasSecretSteps(Protocol):
    """A channel whose checkpoint has entries that are as good as a key (the address of an open upload)."""

    secret_steps: frozenset[str]
    """Names of those entries. The row keeps them sealed. One whose seal is lost is missing the next time: a post that
    may be public must then be looked for, never taken for one that is not there."""


@runtime_checkable
class PreparesAhead(Protocol):
    """A channel whose `prepare` may be done before the time of the post, so that only one call is left then."""

    ahead: timedelta
    """How long before. The platform keeps what was prepared at least so long, and some hours more."""


@dataclass(frozen=True)
class Creator:
    """What a platform says about an account, which has to be shown before a person chooses and sends.

    Only what the platform limits stands here: the choices themselves are the channel's `options`.
    """

    nickname: str
    """As the platform shows it; the page says on whose account the post appears."""
    picture: str | None = None
    """Its address. Never loaded by the page."""
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Name of an option -> the values of it that this account may choose now. An option left out keeps all."""
    off: frozenset[str] = frozenset()
    """Names of options switched off in the app: shown grey, always False or empty when sent."""
    max_seconds: float | None = None
    """Longest video for this account, where shorter than the rules of the format. None: as the rules say."""
    may_post: bool = True
    sentence: str = ""
    """Message for the catalogue, why it may not post now and what to do. Shown only when `may_post` is False."""
    note: str = ""
    """Message for the catalogue: what becomes of a post although it may post (who sees it, who finishes it)."""


@runtime_checkable
class TellsFirst(Protocol):
    """A channel that has to be asked about the account before a person chooses (platform's own rule).

    The composer asks it for each chosen account that publishes by itself, outside any transaction, and keeps the
    answer for a few minutes. What comes back limits what may be chosen on the page and what is handed in. It is
    never trusted at sending: the connector asks again just before the irreversible call and raises Rejected when
    the approved choices are no longer allowed.
    """

    def creator(self, http: Http, login: Login) -> Creator:
        """Reads only. Raises ChannelError (LoginExpired, NotAllowed, TryLater); then the page says so and the
        choices stay as the channel's `options` have them."""


@dataclass(frozen=True)
class Consent:
    """What a person agrees to by sending: the line directly above the button.

    `sentence` is a message for the catalogue with a `%(name)s` place for each of `links`, which are
    name -> (words for the catalogue, https address).
    """

    sentence: str
    links: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@runtime_checkable
class AsksConsent(Protocol):
    """A channel that wants a declaration above the button, which may hang on what was chosen.

    `options` are those chosen so far, with defaults filled in.
    """

    def consent(self, options: Mapping[str, Any], format_key: str) -> Consent | None: ...


@dataclass(frozen=True)
class Ask:
    """Something a person types to connect an account. `label` and `help` are messages for the catalogue."""

    name: str
    label: str
    help: str = ""
    placeholder: str = ""
    secret: bool = False
    optional: bool = False


@dataclass(frozen=True)
class Leaving:
    """Where the browser goes to sign in. `keep` is sealed until it is back, so it may hold secrets."""

    url: str
    keep: Mapping[str, str] = field(default_factory=dict, repr=False)


@runtime_checkable
class Connectable(Protocol):
    """A channel whose accounts are connected by signing in on the platform (OAuth 2, RFC 6749 and 7636)."""

    needs_app: bool
    """Whether the city must have registered an app there (`AppKeys`)."""
    asks: tuple[Ask, ...]
    """What must be known before leaving (the server of a federated network); mostly nothing."""

    def leave(
        self, http: Http, app: AppKeys | None, redirect_uri: str, state: str, verifier: str, answers: Mapping[str, str]
    ) -> Leaving:
        """`verifier` is for PKCE, where the platform has it."""

    def exchange(
        self,
        http: Http,
        app: AppKeys | None,
        redirect_uri: str,
        code: str,
        verifier: str,
        keep: Mapping[str, str],
    ) -> Sequence[Login]:
        """The accounts that one sign-in brings, with the scopes that were really granted.

        At least one can be connected; others may stand beside it with the reason why not (`Login.refused`).

        Raises NotAllowed when what was granted is not enough (the wrong page, a scope unticked).
        """


@runtime_checkable
class Scoped(Protocol):
    """A channel whose accounts are shown with what is missing of the permissions that were asked for."""

    scopes: tuple[str, ...]
    scope_names: Mapping[str, str]
    """What each permits, in words for the catalogue: the platform's own word tells people nothing."""


@runtime_checkable
class ConnectableByKey(Protocol):
    """A channel whose accounts are connected with a key that a person makes there (an app password, a bot's token)."""

    asks: tuple[Ask, ...]

    def sign_in(self, http: Http, answers: Mapping[str, str]) -> Sequence[Login]:
        """Raises LoginExpired for a wrong key, Rejected for an answer that cannot be right."""


@runtime_checkable
class Renewable(Protocol):
    """A channel whose tokens end and can be renewed without a person."""

    renew_before: timedelta
    """So long before its end a token is renewed."""
    youngest_renewed: timedelta
    """Younger tokens are refused by the platform."""

    def renew(self, http: Http, app: AppKeys | None, login: Login) -> Login:
        """The same account with a fresh token.

        An empty `refresh_token` in the answer means that the old one stays good. Raises LoginExpired only when the
        platform says that the login is over; TryLater for anything that may pass.
        """


@runtime_checkable
class Checkable(Protocol):
    """A channel that can say, without any effect, whether a login still works."""

    def check(self, http: Http, login: Login) -> None:
        """Returns, or raises LoginExpired, NotAllowed or TryLater."""


@runtime_checkable
class MeasuresInBatches(Protocol):
    """A channel that is asked about many posts in one call. Others are asked post by post."""

    posts_per_call: int
    """As many as the platform takes at once."""


@runtime_checkable
class HasOwnLimits(Protocol):
    """A channel whose accounts have limits of their own: those of their server, or what the platform allows them.

    They are read when the account is connected and once a day, and kept with it. Composer, review, scheduler and
    sender then go by `rules_of`.
    """

    def limits(self, http: Http, login: Login) -> Mapping[str, int]:
        """Reads only. What the platform does not say is left out. Raises ChannelError."""

    def rules_of(self, rules: Rules, limits: Mapping[str, int]) -> Rules:
        """Those of a format, as the account has them. Asks nobody; `limits` may be empty or of an older version."""


@dataclass(frozen=True)
class AccountStats:
    """Figures of an account on the day `day` (its followers: now). None: the platform does not say."""

    followers: int | None = None
    posts: int | None = None
    reach: int | None = None
    views: int | None = None
    again: bool = False
    """What is missing was not to be had now, and may be soon."""


@runtime_checkable
class ShowsFiguresToPeople(Protocol):
    """A channel that publishes by itself, but whose `figures` are told to people in the app alone."""

    figures_by_people: bool


@runtime_checkable
class MeasuresAccounts(Protocol):
    def measure_account(self, http: Http, login: Login) -> AccountStats: ...


@dataclass(frozen=True)
class Comment:
    """What a citizen wrote under a post. `permalink` leads to where it can be answered, if the platform says.

    One that is no web address counts as none: on some networks the citizen's own server says it.
    """

    external_id: str
    author: str
    text: str
    written_at: datetime
    permalink: str | None = None
    by_us: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "permalink", links.shown(self.permalink))


MOST_COMMENTS = 100
"""So many of a post are read, the newest."""


@dataclass(frozen=True)
class Comments:
    """What stands under a post, newest first, at most `MOST_COMMENTS`.

    `whole`: there are no others. Then one that was known and is not among them was deleted there.
    """

    newest: Sequence[Comment] = ()
    whole: bool = False


@runtime_checkable
class ReadsComments(Protocol):
    def comments(self, http: Http, login: Login, external_id: str) -> Comments:
        """Raises ChannelError."""


@dataclass(frozen=True)
class Event:
    """What a webhook rings about: an account, and a post of it where the platform says which."""

    external_id: str
    post_id: str | None = None
    kind: str = ""
    """Set where the account is one of another channel."""


@runtime_checkable
class Rings(Protocol):
    """A channel that takes webhooks. They only ring: what they say is never believed, it is read again."""

    def handshake(self, secret: str, query: Mapping[str, str]) -> str | None:
        """What to answer to the platform's question whether the address is ours; None: refuse."""

    def events(self, secret: str, headers: Mapping[str, str], raw: bytes, now: datetime) -> Sequence[Event] | None:
        """None when the signature over the raw bytes is wrong, or when they are two days old or older.

        What is younger is remembered by the caller and does nothing a second time, so nobody can play it again.
        """


@dataclass(frozen=True)
class Subscribed:
    """`good_for`: asked again before that. `asks_back`: the platform asks our address first, and rings only then."""

    good_for: timedelta
    asks_back: bool = False


@runtime_checkable
class Subscribes(Protocol):
    """A channel (`Rings`) whose platform rings for an account only when that was asked for."""

    def subscribe(self, http: Http, app: AppKeys, login: Login, callback: str) -> Subscribed:
        """May be repeated. `callback`: where it is to ring, where the call itself says that. Raises ChannelError, of
        which nothing follows for the account."""

    def unsubscribe(self, http: Http, app: AppKeys, login: Login, callback: str) -> None:
        """Raises ChannelError."""


@runtime_checkable
class ConfirmsRings(Protocol):
    """A channel whose `handshake` is about one account, and says how long the platform will ring for it."""

    def confirmed(self, query: Mapping[str, str]) -> tuple[str, timedelta] | None:
        """The account's external id and the lease, out of a question that `handshake` answered; None: no beginning."""


FIRST_COMMENT = "first_comment"
"""Name in the options of the text that follows the post; empty or absent: nothing follows."""


@runtime_checkable
class FollowsUp(Protocol):
    """A channel that writes a first comment under the post."""

    def first_comment(self, http: Http, outgoing: Outgoing, external_id: str) -> str | None:
        """The id of our comment with this text under the post: the one that is there, else a new one.

        None when the post is to have none. Raises ChannelError. After OutcomeUnknown it is called again and looks
        first.
        """
