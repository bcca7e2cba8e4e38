"""What a hold reaches: posts that are still to come, what can no longer be stopped, what was missed meanwhile."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import aliased, contains_eager, joinedload

from contentdesk.access.permissions import Role
from contentdesk.kim.models import Kim
from contentdesk.lib import clock
from contentdesk.lib.db import db
from contentdesk.posts.models import Post
from contentdesk.posts.states import PostState
from contentdesk.publishing import holds
from contentdesk.publishing.holds import Scope
from contentdesk.publishing.models import Delivery, Hold
from contentdesk.publishing.states import BEYOND, HOLDABLE, DeliveryState
from contentdesk.regions.models import Kelurahan
from contentdesk.users.models import User

D = DeliveryState


@dataclass
class OfKim:
    """What a hold reaches of one KIM."""

    kim: Kim
    posts: set[str] = field(default_factory=set)
    late: set[str] = field(default_factory=set)
    """Of these, whose time has passed."""
    first_due: datetime | None = None

    @property
    def count(self) -> int:
        return len(self.posts)


@dataclass(frozen=True)
class Reach:
    """What placing a hold would do, or what one holds now."""

    kims: list[OfKim]
    beyond: list[Delivery]
    """The platform has them, or may have them: they cannot be stopped any more."""

    @property
    def count(self) -> int:
        return sum(one.count for one in self.kims)


def reach(scope: Scope, hold: Hold | None = None) -> Reach:
    """`hold`: of this one, without the parts that were released. Otherwise of what `scope` would reach."""
    where = [holds.is_of(hold.id)] if hold else []
    return Reach(by_kim(to_come(scope, *where)), _rows(scope, Delivery.state.in_(BEYOND), *where))


def to_come(scope: Scope, *where: ColumnElement[bool]) -> list[Delivery]:
    """Planned and not public, the earliest first; with post, KIM and account."""
    return _rows(scope, Delivery.state.in_(HOLDABLE), Post.state == PostState.SCHEDULED, *where)


def missed(hold: Hold) -> list[Delivery]:
    """Of what is free again: posts whose time passed while they were held, and that nobody planned anew."""
    later = aliased(Delivery)
    newer = (
        select(later.id)
        .where(later.post_id == Delivery.post_id, later.account_id == Delivery.account_id)
        .where(later.created_at > Delivery.created_at)
    )
    return _rows(
        holds.scope_of(hold),
        Delivery.state == D.EXPIRED,
        Delivery.problem == holds.MISSED,
        Delivery.expires_at > hold.placed_at,
        Post.state == PostState.SCHEDULED,
        ~newer.exists(),
        ~holds.covers(),
        *([Delivery.due_at <= hold.released_at] if hold.released_at else []),
    )


def _rows(scope: Scope, *where: ColumnElement[bool]) -> list[Delivery]:
    return list(db.session.scalars(_of(scope).where(*where)))


def _of(scope: Scope) -> Select[Delivery]:
    return (
        select(Delivery)
        .join(Delivery.post)
        .join(Post.kim)
        .join(Kim.kelurahan)
        .where(scope.has_post(Post, Kim, Kelurahan))
        .options(
            contains_eager(Delivery.post).contains_eager(Post.kim).contains_eager(Kim.kelurahan),
            joinedload(Delivery.account),
        )
        .order_by(Delivery.due_at, Delivery.id)
        .execution_options(populate_existing=True)
    )


def by_kim(deliveries: Iterable[Delivery]) -> list[OfKim]:
    """By name; `deliveries` the earliest first."""
    found: dict[str, OfKim] = {}
    now = clock.now()
    for delivery in deliveries:
        one = found.setdefault(delivery.post.kim_id, OfKim(delivery.post.kim, first_due=delivery.due_at))
        one.posts.add(delivery.post_id)
        if delivery.due_at <= now:
            one.late.add(delivery.post_id)
    return sorted(found.values(), key=lambda one: one.kim.name)


def people(deliveries: Sequence[Delivery]) -> set[str]:
    """Ids of the authors, and of who leads their KIM."""
    kims = {one.post.kim_id for one in deliveries}
    chairs = select(User.id).where(User.role == Role.CHAIR, User.kim_id.in_(kims), User.disabled_at.is_(None))
    return {one.post.author_id for one in deliveries} | set(db.session.scalars(chairs))
