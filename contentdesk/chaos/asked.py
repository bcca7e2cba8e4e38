"""What was asked of a run, and what may stop it."""

from dataclasses import dataclass


class CannotRun(Exception):
    """Says in one sentence what stands in the way."""


@dataclass(frozen=True)
class Asked:
    deliveries: int
    kills: int
    seed: int
    quiet: bool
    """No progress on stderr."""

    @property
    def window_s(self) -> float:
        """So long deliveries come due and things go wrong."""
        return max(20.0, self.deliveries / 10, self.kills * 2.5)
