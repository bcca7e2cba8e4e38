"""The stop button: what is held is derived from active holds, so whatever is planned later is held as well.

No row says that it is held. `covers` is asked wherever something may go out; `look_on` and `alone` see to it that
nothing slips through between that look and the commit.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, exists, func, or_, select, true
from sqlalchemy.orm import aliased, joinedload

from contentdesk.kim.models import Kim
from contentdesk.lib.db import db, is_sqlite
from contentdesk.lib.i18n import N_
from contentdesk.posts.models import Post
from contentdesk.posts.states import PostState
from contentdesk.publishing.models import Delivery, Hold, HoldPart
from contentdesk.publishing.states import HOLDABLE, HoldScope
from contentdesk.regions.models import Kelurahan

LOCK = 0x5441_4841_4E
"""One number for all: holds are few, and placing one takes a moment."""
LOOK_AGAIN = timedelta(minutes=5)
"""A held row need not be looked at often: releasing rings for it at once."""
HELD = N_("Ditahan: penerbitan sedang dihentikan. Naskah dan jadwal tersimpan.")
MISSED = N_("Waktu tayang lewat saat ditahan. Naskah tersimpan. Pilih waktu baru.")


@dataclass(frozen=True)
class Scope:
    """What a hold, or a released part of one, covers."""

    kind: HoldScope
    code: str = ""
    """Of the kecamatan, or the id of the KIM or the campaign; empty for the city."""

    @property
    def kim_id(self) -> str | None:
        """As `allow` asks for it: a chair may hold this KIM only."""
        return self.code if self.kind == HoldScope.KIM else None

    @property
    def kecamatan_code(self) -> str | None:
        return self.code if self.kind == HoldScope.KECAMATAN else None

    @property
    def campaign_id(self) -> str | None:
        return self.code if self.kind == HoldScope.CAMPAIGN else None

    def has_post(self, post: Any, kim: Any, kelurahan: Any) -> ColumnElement[bool]:
        """Whether a post with its KIM and kelurahan belongs to it."""
        if self.kind == HoldScope.CAMPAIGN:
            mine: ColumnElement[bool] = post.campaign_id == self.code
            return mine
        return self.has(kim, kelurahan)

    def has(self, kim: Any, kelurahan: Any) -> ColumnElement[bool]:
        """Whether a KIM with its kelurahan belongs to it; to a campaign every one may."""
        here: ColumnElement[bool] = true()
        if self.kind == HoldScope.KIM:
            here = kim.id == self.code
        elif self.kind == HoldScope.KECAMATAN:
            here = kelurahan.kecamatan_code == self.code
        return here


def scope_of(thing: Hold | HoldPart) -> Scope:
    if thing.kim_id:
        return Scope(HoldScope.KIM, thing.kim_id)
    if thing.campaign_id:
        return Scope(HoldScope.CAMPAIGN, thing.campaign_id)
    return Scope(HoldScope.KECAMATAN, thing.kecamatan_code) if thing.kecamatan_code else Scope(HoldScope.CITY)


def look_on() -> None:
    """What is held stays as it is until the commit: placing and releasing wait. Others look on beside us.

    SQLite needs nothing: who writes is alone from BEGIN IMMEDIATE on.
    """
    _lock(func.pg_advisory_xact_lock_shared(LOCK))


def alone() -> None:
    """Nobody looks on until the commit: what goes out is out by then, or finds what we write. Taken before any row."""
    _lock(func.pg_advisory_xact_lock(LOCK))


def _lock(call: ColumnElement[Any]) -> None:
    if not is_sqlite():
        db.session.execute(select(call))


def covers() -> ColumnElement[bool]:
    """An active hold covers the delivery. Asked for each claim: a few rows by key, and the active holds."""
    post = aliased(Post)
    return exists().where(post.id == Delivery.post_id, *_is_over(Hold, post), Hold.released_at.is_(None))


def is_of(hold_id: str) -> ColumnElement[bool]:
    """This very hold covers the delivery, or did until it was released."""
    post = aliased(Post)
    return exists().where(post.id == Delivery.post_id, *_is_over(Hold, post), Hold.id == hold_id)


def _is_over(hold: Any, post: Any) -> list[ColumnElement[bool]]:
    """It or its KIM is in the hold's scope, and in no part that was released."""
    kim, kelurahan, part = aliased(Kim), aliased(Kelurahan), aliased(HoldPart)
    let_go = exists().where(
        part.hold_id == hold.id,
        or_(
            part.kim_id == kim.id,
            part.kecamatan_code == kelurahan.kecamatan_code,
            part.campaign_id == post.campaign_id,
        ),
    )
    return [
        kim.id == post.kim_id,
        kelurahan.code == kim.kelurahan_code,
        or_(
            hold.scope == HoldScope.CITY,
            hold.kecamatan_code == kelurahan.kecamatan_code,
            hold.kim_id == kim.id,
            hold.campaign_id == post.campaign_id,
        ),
        ~let_go,
    ]


def is_held(delivery_id: str) -> bool:
    return db.session.scalar(select(Delivery.id).where(Delivery.id == delivery_id, covers())) is not None


def over(post_ids: Collection[str]) -> dict[str, Hold]:
    """The active hold of each planned post that has one, with who placed it; of several the city's, then the oldest."""
    if not post_ids:
        return {}
    rows = db.session.execute(
        select(Post.id, Hold)
        .where(Post.id.in_(post_ids), Post.state == PostState.SCHEDULED)
        .where(Hold.released_at.is_(None), *_is_over(Hold, Post))
        .options(joinedload(Hold.placer), joinedload(Hold.kim), joinedload(Hold.kecamatan))
        .options(joinedload(Hold.campaign))
        .order_by(Hold.by_city, Hold.placed_at.desc(), Hold.id)
    )
    return dict(rows.tuples().all())


def all_over(post_id: str) -> dict[str, Hold]:
    """Every active hold over the post, whatever its state, by its id."""
    held = select(Hold).join(Post, Post.id == post_id).where(Hold.released_at.is_(None), *_is_over(Hold, Post))
    return {hold.id: hold for hold in db.session.scalars(held)}


def keeps(hold: Hold | None, state: str) -> bool:
    """Whether `hold`, as `over` gives it for the post, keeps a delivery in this state from going out."""
    return hold is not None and state in HOLDABLE
