"""What the contract suite must know of a channel to try it: one `Subject` in each module of `subjects`."""

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from contentdesk.channels.base import CannotTell, ChannelError, ForMember, Login, Outgoing, Sent, TryLater
from contentdesk.lib.http import Http
from tests.channels.engine import Engine
from tests.servers import MediaServer, SandboxProcess

Build = Callable[[MediaServer, Login], Outgoing]


@dataclass(frozen=True)
class Refusal:
    """What the platform may answer to the irreversible call, and what the channel makes of it."""

    name: str
    fault: Mapping[str, Any]
    """For the sandbox's admin, without the path: {"fault": "error", "code": 190, "subcode": 460, "http": 400}."""
    raises: type[ChannelError]


@dataclass(frozen=True)
class Subject:
    kind: str
    open_account: Callable[[SandboxProcess], Login]
    posts: Mapping[str, Build]
    """Every post type by name; the text and the media must arrive as they were built."""
    irreversible: str | Mapping[str, str]
    """Regular expression over the path of the call after which the post is public; by post type where they differ."""
    refusals: tuple[Refusal, ...]
    """Of the irreversible call. With `earlier` at least: a dead login, a missing permission, a throttle, content that
    is not taken."""
    lies: tuple[Mapping[str, Any], ...] = ({"fault": "error", "http": 503},)
    """What the platform may answer to the irreversible call although it took effect, beside the refusals that pass."""
    links: tuple[str, ...] = ()
    """To posts of this platform, in all the forms in which people bring them; once for a kind is enough."""
    earlier: tuple[Refusal, ...] = ()
    """Of the calls before it, where they speak another language."""
    way: str = ""
    """What sets it apart from another subject of its kind."""
    said: str = ""
    """What the guide's table calls this way, where it is told apart there."""
    ends: type[Sent | ForMember] = Sent
    """What becomes of a post that goes well."""
    finish: Callable[[SandboxProcess, Login], None] | None = None
    """What a member does in the app, before which nothing is public."""
    finds: bool = True
    """False: the platform lists nothing, so a lost answer is for a person."""
    doubts: bool = False
    """Whether its checkpoint knows DOUBT."""
    repeats: bool = False
    """Whether the platform makes one post of the same irreversible call twice: then `find` may say NotThere at once."""
    hides: Mapping[str, Any] = field(default_factory=dict)
    """For the sandbox, where a new post may be missing from the only place that could still tell of it."""
    meddle: Callable[[Http, Engine], None] | None = None
    """What somebody may do to what lies ready before it is public."""
    once: str = ""
    """Path of a call before it that makes something people see, so that a second one would be one too many."""
    perhaps: Callable[[Any], bool] = lambda found: found == CannotTell()
    """Whether an outcome leaves it to a person to look."""
    texts: Mapping[str, Callable[[Outgoing], str]] = field(default_factory=dict)
    """What the platform shows as text, by post type, where it is not `Outgoing.text`."""
    alt_texts: bool = True
    """Whether the platform keeps alternative texts."""
    measures: bool = True
    unknown_id: str = "1"
    """An id in the platform's form that no post has."""
    method: str = "POST"
    same_ids: bool = True
    """Whether the id of a post holds the one under which the sandbox's records list it."""
    platform: str = ""
    """Name in the sandbox, where it is not the kind."""
    owner: Callable[[Login], str] = lambda login: login.external_id
    """Id of the account in the sandbox."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """For the sandbox, so that nothing takes longer than it must."""

    def call_of(self, post: str) -> str:
        return self.irreversible if isinstance(self.irreversible, str) else self.irreversible[post]

    @property
    def differing(self) -> list[str]:
        """One post type for each irreversible call."""
        return list({self.call_of(post): post for post in reversed(self.posts)}.values())[::-1]

    @property
    def passing(self) -> Mapping[str, Any]:
        """A refusal of the irreversible call after which it is made again."""
        return next(one.fault for one in self.refusals if one.raises is TryLater)

    @property
    def label(self) -> str:
        return "-".join(filter(None, (self.kind, self.way)))


def subjects() -> list[Subject]:
    """In the order of their files' names."""
    folder = Path(__file__).parent / "subjects"
    names = sorted(module.name for module in pkgutil.iter_modules([str(folder)]))
    return [importlib.import_module(f"tests.channels.subjects.{name}").SUBJECT for name in names]
