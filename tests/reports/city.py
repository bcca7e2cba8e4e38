"""A whole city with posts and figures, for tests."""

from datetime import UTC, datetime
from typing import Any

from contentdesk.channels.models import Account
from contentdesk.kim.models import Kim
from contentdesk.lib import ids
from contentdesk.lib.db import db, transaction
from contentdesk.metrics.models import LatestFigures
from contentdesk.posts.models import Post
from contentdesk.publishing.models import Delivery
from contentdesk.publishing.states import DeliveryState
from contentdesk.regions.models import Kelurahan
from contentdesk.regions.services import load_city
from tests.factories import Factory

MALANG = "35.73"
MID_NOVEMBER = datetime(2026, 11, 10, 5, tzinfo=UTC)
NOVEMBER = {"bulan": "2026-11"}


class City:
    """Malang: `city.kim("Klojen")` starts a KIM there, `city.sent(kim, reach=…)` sends one post."""

    def __init__(self, make: Factory) -> None:
        self.make = make
        with transaction():
            load_city(MALANG)
        self._accounts: dict[tuple[str, str], Account] = {}

    def kelurahan(self, name: str) -> Kelurahan:
        return db.session.scalars(db.select(Kelurahan).where(Kelurahan.name == name)).one()

    def kim(self, kelurahan: str, **values: Any) -> Kim:
        return self.make.kim(f"KIM {kelurahan}", self.kelurahan(kelurahan), **values)

    def sent(
        self,
        kim: Kim,
        kinds: tuple[str, ...] = ("instagram",),
        sent_at: datetime = MID_NOVEMBER,
        state: str = DeliveryState.SENT,
        **figures: int | None,
    ) -> list[Delivery]:
        """A post on one account of each kind; the figures are those of the first."""
        accounts = tuple(self._account(kim, kind) for kind in kinds)
        post = self.make.post(self.make.user(kim=kim), accounts=accounts)
        out = [
            self.make.delivery(post, account, state=state, sent_at=sent_at, external_id=ids.new())
            for account in accounts
        ]
        if figures:
            self.make._keep(LatestFigures(delivery_id=out[0].id, taken_at=sent_at, source="api", **figures))
        return out

    def again(self, kim: Kim) -> None:
        """The KIM's first post once more, on one more account."""
        post = db.session.scalars(db.select(Post).where(Post.kim_id == kim.id).limit(1)).one()
        self.make.delivery(post, self.make.account(kim), state=DeliveryState.SENT, sent_at=MID_NOVEMBER)

    def _account(self, kim: Kim, kind: str) -> Account:
        key = (kim.id, kind)
        if key not in self._accounts:
            self._accounts[key] = self.make.account(kim, kind)
        return self._accounts[key]
