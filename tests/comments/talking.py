"""A platform that talks, for tests."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from contentdesk.channels.abilities import Comment, Comments
from contentdesk.channels.base import Login, Stats, TryLater
from contentdesk.comments import queries
from contentdesk.comments.models import CitizenComment
from contentdesk.lib import clock
from contentdesk.lib.db import transaction
from contentdesk.lib.desk import desk
from contentdesk.lib.http import Http
from contentdesk.publishing.models import Delivery
from workers import metrics


class Talking:
    """A channel that says how many comments there are, and which."""

    kind, name, icon, by_hand, formats = "ngobrol", "Ngobrol", "message-circle", False, ()
    figures = frozenset({"comments"})

    def __init__(self) -> None:
        self.said: list[Comment] = []
        self.counted: int | None = None
        """What it counts, where that is not what it says."""
        self.tells_count = True
        self.whole = True
        self.read = 0
        self.disturbed = False

    def measure(self, http: Http, login: Login, external_ids: Sequence[str]) -> Mapping[str, Stats]:
        count = len(self.said) if self.counted is None else self.counted
        return {one: Stats(comments=count if self.tells_count else None) for one in external_ids}

    def comments(self, http: Http, login: Login, external_id: str) -> Comments:
        self.read += 1
        if self.disturbed:
            raise TryLater("Terganggu.", after=timedelta(minutes=5))
        return Comments(tuple(self.said), self.whole)


def say(channel: Talking, text: str, number: int = 1, by_us: bool = False, age: timedelta = timedelta()) -> None:
    channel.said.append(Comment(f"c{number}", f"warga_{number}", text, clock.now() - age, by_us=by_us))


def poll(delivery: Delivery) -> list[CitizenComment]:
    """As the beat and a worker do it."""
    metrics.sweep.soon_again()
    metrics.ring_due(desk(), clock.now())
    with transaction():
        row = metrics.queries.latest(delivery.id)
        assert row is not None
        row.poll_at = clock.now()
    metrics.step(delivery.account_id, desk())
    return list(queries.page_of_comments(None, False, 1).rows)
