"""What a channel may be able to do besides the four verbs, each as a protocol that is asked for with isinstance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol, runtime_checkable

from contentdesk.channels.base import AppKeys, Login, Outgoing, Problem
from contentdesk.lib.http import Http


@runtime_checkable
class ChecksOptions(Protocol):
    """A channel whose options hang together in ways that `Option` cannot say."""

    def option_problems(self, options: Mapping[str, Any], format_key: str) -> Sequence[Problem]: ...


@dataclass(frozen=True)
class Ask:
    """Something a person types to connect an account. `label` and `help` are messages for the catalogue."""

    name: str
    label: str
    help: str = ""
    placeholder: str = ""
    secret: bool = False


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

        Raises NotAllowed when what was granted is not enough (the wrong page, a scope unticked).
        """


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


@dataclass(frozen=True)
class AccountStats:
    """Figures of an account on the day `day` (its followers: now). None: the platform does not say."""

    followers: int | None = None
    posts: int | None = None
    reach: int | None = None
    views: int | None = None


@runtime_checkable
class MeasuresAccounts(Protocol):
    def measure_account(self, http: Http, login: Login) -> AccountStats: ...


@dataclass(frozen=True)
class Comment:
    """What a citizen wrote under a post. `permalink` leads to where it can be answered, if the platform says."""

    external_id: str
    author: str
    text: str
    written_at: datetime
    permalink: str | None = None
    by_us: bool = False


@runtime_checkable
class ReadsComments(Protocol):
    def comments(self, http: Http, login: Login, external_id: str) -> Sequence[Comment]:
        """The newest ones of a post, newest first, at most 100."""


@dataclass(frozen=True)
class Event:
    """What a webhook rings about: an account, and a post of it where the platform says which."""

    external_id: str
    post_id: str | None = None


@runtime_checkable
class Rings(Protocol):
    """A channel that takes webhooks. They only ring: what they say is never believed, it is read again."""

    def handshake(self, secret: str, query: Mapping[str, str]) -> str | None:
        """What to answer to the platform's question whether the address is ours; None: refuse."""

    def events(self, secret: str, headers: Mapping[str, str], raw: bytes, now: datetime) -> Sequence[Event] | None:
        """None when the signature over the raw bytes is wrong or too old."""


@runtime_checkable
class FollowsUp(Protocol):
    """A channel that writes a first comment under the post."""

    def first_comment(self, http: Http, outgoing: Outgoing, external_id: str) -> str | None:
        """The id of our comment with this text under the post: the one that is there, else a new one.

        None when the post is to have none. Raises ChannelError. After OutcomeUnknown it is called again and looks
        first.
        """
