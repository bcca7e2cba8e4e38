"""Where the contract suite tries a channel: an account on the sandbox, deliveries, and what became public."""

from dataclasses import dataclass
from typing import Any

import pytest

from contentdesk.channels.base import OutcomeUnknown, Sent
from contentdesk.lib.http import Http, Reply
from tests.channels.conftest import Later
from tests.channels.engine import Engine
from tests.channels.subject import Subject
from tests.servers import MediaServer, SandboxProcess

QUICK = {"container_delay_s": 0.01}
A_MOMENT_S = 0.15


class Hurried(Http):
    """Gives up after a moment, as after half a minute."""

    def call(self, method: str, url: str, **sent: Any) -> Reply:
        return super().call(method, url, **sent | {"timeout_s": (5.0, A_MOMENT_S)})


@dataclass
class Stage:
    """A channel on the sandbox, with an account."""

    subject: Subject
    post: str
    sandbox: SandboxProcess
    media: MediaServer
    later: Later

    def __post_init__(self) -> None:
        self.http = Http(self.sandbox.url)
        self.enter()

    def enter(self) -> None:
        """An empty platform and a new account."""
        self.later.back()
        self.sandbox.reset(**QUICK | self.subject.settings)
        self.login = self.subject.open_account(self.sandbox)

    def delivery(self) -> Engine:
        outgoing = self.subject.posts[self.post](self.media, self.login)
        return Engine(self.http, self.subject.kind, outgoing, self.later)

    def public(self) -> list[dict[str, Any]]:
        """When a member has done what is left to do."""
        if self.subject.finish:
            self.subject.finish(self.sandbox, self.login)
        return [post for post in self.sandbox.published() if not post["by_hand"]]

    @property
    def irreversible(self) -> str:
        return self.subject.call_of(self.post)

    def fault(self, **rule: Any) -> None:
        self.sandbox.admin("faults", {"path_regex": self.irreversible, "method": self.subject.method} | rule)

    def prepared(self) -> Engine:
        delivery = self.delivery()
        delivery.prepare()
        return delivery

    def lose(self, delivery: Engine, **rule: Any) -> None:
        """The irreversible call, which goes wrong in this way and leaves its outcome open."""
        self.fault(**rule)
        if rule["fault"] == "slow":
            delivery.http = Hurried(self.sandbox.url)
        with pytest.raises(OutcomeUnknown):
            delivery.publish()
        delivery.http = self.http

    def post_by_hand(self, caption: str, age_s: float) -> None:
        """In the app, by somebody else of the account."""
        ours = {"platform": self.subject.platform or self.subject.kind, "account_id": self.subject.owner(self.login)}
        self.sandbox.admin("posts", ours | {"caption": caption, "age_s": age_s})

    def arrived(self) -> bool:
        """Whether a call that was slow has had its effect."""
        return any(call["fault"] == "slow" for call in self.sandbox.calls(self.irreversible, self.subject.method))

    def irreversible_calls(self) -> int:
        calls = self.sandbox.calls(self.irreversible, self.subject.method)
        return sum(1 for call in calls if call["committed"])

    def went_well(self, settled: Any) -> bool:
        return isinstance(settled, self.subject.ends) and not self.subject.perhaps(settled)

    def ended_once(self, settled: Any) -> bool:
        """One post; or, where the platform lists nothing, one at most and a person who looks."""
        if self.went_well(settled):
            return len(self.public()) == 1 and (self.subject.repeats or self.irreversible_calls() == 1)
        return not self.subject.finds and self.subject.perhaps(settled) and len(self.public()) <= 1

    def sent(self) -> Sent:
        settled = self.delivery().settle()
        assert isinstance(settled, Sent)
        return settled
