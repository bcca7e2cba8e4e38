"""Placing a hold, and releasing it or a part of it. Both are alone while they do it (`holds.alone`)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, insert, select, update

from contentdesk.access.permissions import Permission, allow, everywhere
from contentdesk.audit.services import record
from contentdesk.channels.queries import published_by_hand
from contentdesk.kim.models import Kim
from contentdesk.lib import clock
from contentdesk.lib.db import db
from contentdesk.lib.errors import NotFound, NotPermitted
from contentdesk.lib.i18n import N_
from contentdesk.notices.models import Notice
from contentdesk.notices.services import tell
from contentdesk.publishing import held_posts, hold_lists, holds
from contentdesk.publishing.handwork import is_taken
from contentdesk.publishing.holds import Scope
from contentdesk.publishing.models import Delivery, DeliveryEvent, Hold, HoldPart
from contentdesk.publishing.states import HOLDABLE, DeliveryState, HoldReason
from contentdesk.regions.models import Kelurahan
from contentdesk.users.models import User

D = DeliveryState
LONGEST = 200
PLACED = N_("Penerbitan ditahan: %(what)s. Alasan: %(reason)s. Tidak ada yang terbit sampai dilepas, jadwal tersimpan.")
IN_HAND = N_("Jangan unggah dulu: %(title)s ikut ditahan. Alasan: %(reason)s. Kalau sudah telanjur, tempel tautannya.")
FROM_ABOVE = N_("Ini ditahan oleh kota, jadi hanya peninjau atau admin kota yang melepasnya. Tidak ada yang berubah.")
RELEASED = N_(
    "Penerbitan dilepas lagi: %(what)s. Yang waktunya masih akan datang terbit sesuai jadwal. Yang sudah lewat tidak "
    "terbit sendiri: pilih waktu baru."
)


@dataclass(frozen=True)
class Freed:
    """What a release did."""

    going: int
    """Posts that go out as planned."""
    missed: int
    """Posts whose time has passed; a person gives them a new one."""


def place(actor: User, scope: Scope, reason: HoldReason, words: str) -> Hold:
    """From its commit on nothing it covers begins to go out. The same hold twice is one."""
    allow(actor, Permission.POST_HOLD, scope)
    hold_lists.check(scope)
    holds.alone()
    by_city = everywhere(actor, Permission.POST_HOLD)
    standing = _standing(scope, reason, by_city)
    if standing is not None:
        return standing
    hold = Hold(scope=scope.kind, **_columns(scope))
    hold.reason, hold.words, hold.by_city, hold.placed_by = reason, words[:LONGEST], by_city, actor.id
    db.session.add(hold)
    db.session.flush()
    hit = held_posts.to_come(scope, holds.is_of(hold.id))
    note(hit, "held", actor)
    tell_of(hold, hit)
    record(actor, "hold.place", "hold", hold.id, scope=scope.kind, of=scope.code, reason=reason, deliveries=len(hit))
    return hold


def _columns(scope: Scope) -> dict[str, str | None]:
    return {"kecamatan_code": scope.kecamatan_code, "kim_id": scope.kim_id, "campaign_id": scope.campaign_id}


def _is_for(thing: type[Hold] | type[HoldPart], scope: Scope) -> list[ColumnElement[bool]]:
    return [getattr(thing, name).is_not_distinct_from(value) for name, value in _columns(scope).items()]


def _standing(scope: Scope, reason: HoldReason, by_city: bool) -> Hold | None:
    """What a second click would place again."""
    same = select(Hold).where(
        Hold.scope == scope.kind,
        *_is_for(Hold, scope),
        Hold.reason == reason,
        Hold.by_city == by_city,
        Hold.released_at.is_(None),
        ~select(HoldPart.id).where(HoldPart.hold_id == Hold.id).exists(),
    )
    return db.session.scalar(same.limit(1))


def tell_of(hold: Hold, hit: Sequence[Delivery]) -> None:
    """One notice each, however many posts; who has a post in hand hears of that one."""
    reason = [hold_lists.REASONS[hold.reason]]
    taken = [one for one in hit if one.state == D.HANDED_OVER and is_taken(one)]
    for one in taken:
        tell([str(one.taken_by)], IN_HAND, f"/tugas/{one.id}", title=one.post.title, reason=reason)
    others = held_posts.people(hit) - {str(one.taken_by) for one in taken}
    tell(sorted(others), PLACED, path_of(hold), what=hold_lists.named(holds.scope_of(hold)), reason=reason)


def path_of(hold: Hold) -> str:
    return f"/tahan/{hold.id}"


def release(actor: User, hold: Hold, part: Scope | None = None) -> Freed | None:
    """The whole of it, or `part` while the rest stays. What lies ahead goes as planned, what has passed does not.

    None: somebody released it before.
    """
    allow_release(actor, hold)
    if part is not None:
        hold_lists.check_part(hold, part)
    holds.alone()
    db.session.refresh(hold, ["released_at"])
    held = held_posts.to_come(part or holds.scope_of(hold), holds.is_of(hold.id))
    told = _told(hold, part)
    if hold.released_at is not None or not _let_go(actor, hold, part):
        return None
    db.session.flush()
    free = held_posts.to_come(part or holds.scope_of(hold), ~holds.covers(), Delivery.id.in_([one.id for one in held]))
    freed = set_free(actor, free, clock.now())
    named = hold_lists.named(part or holds.scope_of(hold))
    takers = {one.taken_by for one in free if one.taken_by and is_taken(one)}
    tell(sorted(told | takers | held_posts.people(free)), RELEASED, path_of(hold), what=named)
    record(actor, "hold.release", "hold", hold.id, part=part.code if part else "", missed=freed.missed)
    return freed


def allow_release(actor: User, hold: Hold) -> None:
    """Who may place it may release it, but nobody lifts what was placed from above."""
    allow(actor, Permission.POST_HOLD)
    if everywhere(actor, Permission.POST_HOLD):
        return
    if hold.by_city:
        raise NotPermitted(FROM_ABOVE)
    allow(actor, Permission.POST_HOLD, hold)


def may_release(actor: User, hold: Hold) -> bool:
    try:
        allow_release(actor, hold)
    except (NotPermitted, NotFound):
        return False
    return hold.released_at is None


def _let_go(actor: User, hold: Hold, part: Scope | None) -> bool:
    """False: that part was released already."""
    if part is None:
        hold.released_at, hold.released_by = clock.now(), actor.id
        return True
    done = select(HoldPart.id).where(HoldPart.hold_id == hold.id, *_is_for(HoldPart, part))
    if db.session.scalar(done.limit(1)):
        return False
    db.session.add(HoldPart(hold_id=hold.id, released_by=actor.id, **_columns(part)))
    return True


def set_free(actor: User, free: Sequence[Delivery], now: datetime) -> Freed:
    """Deliveries that no hold covers any more: what lies ahead goes as planned, what has passed does not."""
    late = [one for one in free if one.due_at <= now and not _is_by_hand(one)]
    going = [one for one in free if one not in late]
    done = Freed(len({one.post_id for one in going}), len({one.post_id for one in late}))
    _write(late, state=D.EXPIRED, lease=None, lease_until=None, ready_at=None, problem=holds.MISSED)
    _write([one for one in going if one.problem == holds.HELD], next_at=now, problem=None)
    note(late, "missed_while_held", actor)
    note(going, "released", actor)
    return done


def _is_by_hand(delivery: Delivery) -> bool:
    """Then nothing goes out by itself: it stays a task as long as it is useful."""
    return delivery.state == D.HANDED_OVER or published_by_hand(delivery.account)


def _write(deliveries: Sequence[Delivery], **values: object) -> None:
    """Unless a worker has just found out that it failed."""
    mine = (Delivery.id.in_([one.id for one in deliveries]), Delivery.state.in_(HOLDABLE))
    rows = update(Delivery).where(*mine).values(**values)
    db.session.execute(rows.execution_options(synchronize_session=False))


def note(deliveries: Sequence[Delivery], what: str, actor: User) -> None:
    """A line in the timeline of each."""
    lines = [{"delivery_id": one.id, "what": what, "actor_id": actor.id, "detail": {}} for one in deliveries]
    if lines:
        db.session.execute(insert(DeliveryEvent), lines)


def _told(hold: Hold, part: Scope | None) -> set[str]:
    """Who heard that it was placed, and has to do with what is released."""
    if part is not None and part.campaign_id:
        return set()  # who has a post in it is told as one of those whose posts are free
    query = select(Notice.user_id).where(Notice.path == path_of(hold))
    if part is not None:
        query = (
            query.join(User, User.id == Notice.user_id)
            .join(Kim, Kim.id == User.kim_id)
            .join(Kelurahan, Kelurahan.code == Kim.kelurahan_code)
            .where(part.has(Kim, Kelurahan))
        )
    return set(db.session.scalars(query))
