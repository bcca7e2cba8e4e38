"""What has to be true after whatever happens.

What may go out is reckoned here a second time, row by row: the engine's own conditions are not asked.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from contentdesk.channels.models import Account, AccountState
from contentdesk.lib import clock
from contentdesk.lib.db import db
from contentdesk.posts.models import Post, Revision, RevisionFile
from contentdesk.posts.states import PostState
from contentdesk.publishing import sweeps
from contentdesk.publishing.models import Delivery, DeliveryEvent, Hold
from contentdesk.publishing.states import GIVEN_UP, DeliveryState
from contentdesk.reviews.models import Review, Verdict
from contentdesk.umkm.models import PUBLISHING_PURPOSES, Consent
from tests.publishing.played import Platforms, Public

D = DeliveryState
BY_HAND = "snackvideo"
TOLD = {"sent", "person_says_there", "sent_by_hand"}
LONGEST = timedelta(hours=25)
"""From one look to the next."""


@dataclass(frozen=True)
class Said:
    """A text and a photo, as one revision has them on one kind of channel."""

    text: str
    photo: str


class Guarantees:
    def __init__(self, kinds: Mapping[str, str]) -> None:
        """`kinds`: of channel, by account."""
        self.wrong: list[str] = []
        self._kinds = kinds
        self._intents: dict[str, list[Said]] = {}
        self._noted: set[tuple[str, datetime | None]] = set()
        self._calls: dict[str, int] = {}
        self._sent: set[str] = set()
        self._ended: set[str] = set()

    def note_intent(self, row: Delivery) -> None:
        """Of a delivery that a worker has just committed something about. If it was the intent, it must be valid by
        all that was confirmed to people before.
        """
        if row.state == D.PUBLISHING and (row.id, row.intent_at) not in self._noted:
            self._noted.add((row.id, row.intent_at))
            self._intents.setdefault(row.id, []).append(self._said(row))
            self.wrong += [f"intent of {row.id}: {why}" for why in self._invalid(row)]

    def note_call(self, delivery_id: str) -> None:
        """The irreversible one. In the server's thread."""
        self._calls[delivery_id] = self._calls.get(delivery_id, 0) + 1
        if self._calls[delivery_id] > len(self._intents.get(delivery_id, ())):
            self.wrong.append(f"{delivery_id}: a call without an intent of its own")

    def _said(self, row: Delivery) -> Said:
        revision = db.session.get_one(Revision, row.revision_id)
        photo = select(RevisionFile.sha256).where(
            RevisionFile.revision_id == revision.id, RevisionFile.kind == self._kinds[row.account_id]
        )
        return Said(revision.text, db.session.scalars(photo).one())

    def _invalid(self, row: Delivery) -> Iterator[str]:
        """Why it must not go out now, row by row and in plain words."""
        revision, post = db.session.get_one(Revision, row.revision_id), db.session.get_one(Post, row.post_id)
        numbers = db.session.scalars(select(Revision.number).where(Revision.post_id == post.id)).all()
        verdicts = db.session.scalars(select(Review).where(Review.revision_id == revision.id)).all()
        if revision.number != max(numbers):
            yield "edited since"
        if not any(one.verdict == Verdict.APPROVE and one.reviewer_id != revision.author_id for one in verdicts):
            yield "nobody else approved it"
        if post.state != PostState.SCHEDULED:
            yield f"its post is {post.state}"
        given = db.session.scalars(select(Consent.purpose).where(Consent.withdrawn_at.is_(None))).all()
        if not set(PUBLISHING_PURPOSES) <= set(given):
            yield "the owner does not agree"
        if db.session.get_one(Account, row.account_id).state != AccountState.CONNECTED:
            yield "its account is not connected"
        if not row.due_at <= clock.now() < row.expires_at:
            yield "it is not its time"
        if row.id in self._ended:
            yield "it was given up"
        for hold in db.session.scalars(select(Hold).where(Hold.released_at.is_(None))).all():
            if hold.campaign_id is None or hold.campaign_id == post.campaign_id:
                yield f"held: {hold.scope}"

    def check(self, platforms: Platforms) -> None:
        db.session.rollback()
        rows = db.session.scalars(select(Delivery).execution_options(populate_existing=True)).all()
        told = db.session.execute(select(DeliveryEvent.delivery_id).where(DeliveryEvent.what.in_(TOLD))).scalars()
        heard = set(told)
        for row in rows:
            self.wrong += [
                f"{row.id} ({row.state}): {why}" for why in self._wrong(row, platforms.seen(row.id), row.id in heard)
            ]
        places = {row.id: (row.post_id, row.account_id) for row in rows}
        seen = [places[one.delivery_id] for one in (*platforms.public, *platforms.late)]
        self.wrong += [f"twice on the account: {place}" for place in set(seen) if seen.count(place) > 1]
        db.session.rollback()
        assert self.wrong == []

    def _wrong(self, row: Delivery, seen: list[Public], is_told: bool) -> Iterator[str]:
        now = clock.now()
        if any(Said(one.text, one.photo) not in self._intents.get(row.id, ()) for one in seen):
            yield "public is what was never approved"
        if seen and row.state not in {D.SENT, D.PUBLISHING, D.UNKNOWN, D.ACCEPTED}:
            yield "public, and the row does not say so"
        if row.state == D.SENT:
            self._sent.add(row.id)
            if not is_told:
                yield "the timeline does not tell that it is out"
            if not seen and self._kinds[row.account_id] != BY_HAND:
                yield "said to be out, and it is not"
        elif row.id in self._sent:
            yield "was out before"
        if row.state in GIVEN_UP:
            self._ended.add(row.id)
        elif row.id in self._ended and row.state != D.SENT:
            yield "was given up before"
        if row.state == D.PUBLISHING and row.lease_until is None:
            yield "nobody has it in hand"
        if row.state in sweeps.OPEN and row.next_at > max(row.due_at, now + LONGEST):
            yield "nobody looks at it for days"
