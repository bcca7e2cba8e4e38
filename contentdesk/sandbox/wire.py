"""What passes between the HTTP edge and a platform."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from contentdesk.sandbox.background import Background, Job
from contentdesk.sandbox.clock import Clock
from contentdesk.sandbox.settings import Knobs, Settings
from contentdesk.sandbox.store import Store


@dataclass(frozen=True)
class World:
    """Everything a platform may use."""

    store: Store
    clock: Clock
    settings: Settings
    background: Background
    media: Path
    stopping: threading.Event


@dataclass
class Call:
    """One request to a platform. `args` is query, form and JSON body together; the body wins.

    A JSON body lies in `form` with its values as text, and as it came in `raw`.
    """

    world: World
    host: str
    method: str
    path: str
    query: dict[str, str]
    form: dict[str, str]
    headers: dict[str, str]
    base_url: str
    now: float
    knobs: Knobs
    raw: bytes = b""
    """The body as it came, where it is no form."""
    files: dict[str, bytes] = field(default_factory=dict)
    """Parts of a form that are files, by field."""
    many: dict[str, list[str]] = field(default_factory=dict)
    """Parameters of the address that may stand there several times."""
    account_id: str | None = None
    on_behalf: str | None = None
    """The account that is spoken for, where it is another than the token's own."""
    later: list[Job] = field(default_factory=list)  # started when the effect is committed

    @property
    def args(self) -> dict[str, str]:
        return self.query | self.form

    @property
    def step(self) -> str:
        """The path; where one path serves several phases of an upload, with the phase: `/v25.0/1/videos#finish`."""
        return step_of(self.path, self.args)

    @property
    def store(self) -> Store:
        return self.world.store


def step_of(path: str, args: Mapping[str, str]) -> str:
    phase = args.get("upload_phase", "")
    return f"{path}#{phase}" if phase else path


@dataclass(frozen=True)
class Reply:
    body: Any  # a string is HTML, the rest becomes JSON
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


class Refused(Exception):
    """A platform says no; nothing of the call takes effect."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(str(reply.body))
        self.reply = reply


@dataclass(frozen=True)
class Failure:
    """What a fault wants to be answered, in words that every platform can put into its own envelope."""

    http: int
    code: int | str
    subcode: int | None


class Platform(Protocol):
    name: str
    title: str
    """As people write it."""
    hosts: frozenset[str]
    schema: str

    def answer(self, call: Call) -> Reply: ...

    def failure(self, call: Call, failure: Failure) -> Reply:
        """The platform's envelope around a failure that was ordered by the admin."""

    def usage(self, call: Call) -> dict[str, str]:
        """Headers that go with every reply."""

    def resume(self, world: World) -> None:
        """Takes up again what was under way when the process ended."""

    def open_account(self, world: World, wishes: dict[str, Any]) -> dict[str, Any]: ...

    def post_by_hand(self, world: World, wishes: dict[str, Any]) -> dict[str, Any]: ...

    def figures(self, world: World, post_id: str) -> dict[str, int]: ...


@runtime_checkable
class Acts(Protocol):
    """A platform where the admin can also play what a person does in the app."""

    def act(self, world: World, what: str, wishes: dict[str, Any]) -> dict[str, Any]: ...


@runtime_checkable
class HandsOutKeys(Protocol):
    """A platform whose accounts are connected with a key that a person makes there."""

    keys: Mapping[str, str]
    """What is typed in, by the words beside it, made of what opening an account answers."""
