"""Drives one delivery as the publishing engine does, through whatever goes wrong on the way, until it is settled."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from contentdesk.channels.base import (
    Accepted,
    CannotTell,
    ForMember,
    NotThere,
    OutcomeUnknown,
    Outgoing,
    Sent,
    TryLater,
)
from contentdesk.channels.registry import KINDS
from contentdesk.lib import clock
from contentdesk.lib.http import Http, NoAnswer
from tests.servers import NEVER

MOST_STEPS = 1600
LONGEST_REAL_WAIT_S = 0.005
TOO_EARLY = timedelta(seconds=90)


class Engine:
    """`later` moves our clock on, so that nothing has to be waited for but the sandbox itself."""

    def __init__(self, http: Http, kind: str, outgoing: Outgoing, later: Callable[[timedelta], None]) -> None:
        self.http, self.channel, self.outgoing, self._later = http, KINDS[kind], outgoing, later
        self.checkpoint: dict[str, Any] = {}
        self.since = clock.now()
        self.steps = 0

    def settle(self) -> Sent | CannotTell | ForMember:
        """What became of it in the end. A refusal (Rejected, LoginExpired, NotAllowed) is raised."""
        while True:
            self.prepare()
            outcome = self.publish_or_look()
            if outcome is not None:
                return outcome

    def prepare(self) -> None:
        while not self._step():
            pass

    def prepare_once(self) -> bool:
        """True: only the irreversible call is left. Waits a moment where the channel wants to wait."""
        prepared = self.channel.prepare(self.http, self.outgoing, self.checkpoint)
        self.keep(prepared.checkpoint)
        if prepared.again_in and not prepared.ready:
            NEVER.wait(LONGEST_REAL_WAIT_S)
        return prepared.ready

    def keep(self, checkpoint: dict[str, Any]) -> None:
        """As the row keeps it: as JSON."""
        self.checkpoint = json.loads(json.dumps(checkpoint))

    def publish(self) -> Sent | Accepted:
        self.since = clock.now()
        outcome = self.channel.publish(self.http, self.outgoing, self.checkpoint)
        return outcome.with_link() if isinstance(outcome, Sent) else outcome

    def publish_or_look(self) -> Sent | CannotTell | ForMember | None:
        """None: certainly nothing public, from the beginning again."""
        try:
            outcome = self.publish()
        except (OutcomeUnknown, NoAnswer):
            return self.look()
        except TryLater as error:
            self._later(error.after)
            return None
        if isinstance(outcome, Accepted):
            self.keep(outcome.checkpoint)
            return self.look()
        return outcome

    def look(self) -> Sent | CannotTell | ForMember | None:
        """Asks until the platform says something that can be acted on."""
        while True:
            self._count()
            try:
                found = self.channel.find(self.http, self.outgoing, self.checkpoint, self.since)
            except TryLater as error:
                NEVER.wait(LONGEST_REAL_WAIT_S)
                self._later(min(error.after, TOO_EARLY))
                continue
            match found:
                case Accepted():
                    self.keep(found.checkpoint)
                    NEVER.wait(LONGEST_REAL_WAIT_S)
                case NotThere():
                    self.keep(found.checkpoint)
                    return None
                case _:
                    return found

    def refused_then_again(self) -> "Engine":
        """The same delivery from its first step."""
        again = Engine(self.http, self.channel.kind, replace(self.outgoing), self._later)
        again.keep(self.checkpoint)
        return again

    def _step(self) -> bool:
        self._count()
        try:
            return self.prepare_once()
        except TryLater as error:
            self._later(error.after)
            return False

    def _count(self) -> None:
        self.steps += 1
        assert self.steps < MOST_STEPS, f"never settled: {self.checkpoint}"
