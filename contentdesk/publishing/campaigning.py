"""Moving a post into a campaign, or out of one, whatever its state. A hold may cover it by that, or no longer."""

from collections.abc import Sequence
from dataclasses import dataclass

from contentdesk.lib import clock
from contentdesk.lib.db import db
from contentdesk.lib.errors import Conflict, NotPermitted
from contentdesk.lib.i18n import N_
from contentdesk.notices.services import tell
from contentdesk.posts import campaigning
from contentdesk.posts.models import Post
from contentdesk.publishing import held_posts, holding, holds
from contentdesk.publishing.holds import Scope
from contentdesk.publishing.models import Delivery, Hold
from contentdesk.publishing.states import HoldScope
from contentdesk.reviews.services import lock
from contentdesk.users.models import User

MOVED = N_("Kampanye unggahan ini baru saja diganti orang lain. Tidak ada yang ditimpa. Lihat dulu.")
FREE = N_(
    "%(title)s tidak ditahan lagi karena kampanyenya diganti. Yang waktunya masih akan datang terbit sesuai jadwal. "
    "Yang sudah lewat tidak terbit sendiri: pilih waktu baru."
)


@dataclass(frozen=True)
class Moved:
    held: bool = False
    """Whether a hold covers it that did not before."""
    freed: holding.Freed | None = None
    """What became of it, where a hold covered it before."""


def move(actor: User, post: Post, campaign_id: str | None, was: str | None) -> Moved:
    """`was`: the campaign that the person saw. Raises Conflict when it is in another one by now.

    An intent that is being written keeps the post's row, so it is out by then, or finds the post where it is now.
    Raises NotPermitted where that would free what the actor may not release.
    """
    holds.alone()
    lock(post)
    if post.campaign_id not in {was, campaign_id}:
        raise Conflict(MOVED)
    before, over = {one.id for one in _held(post)}, holds.all_over(post.id)
    if not campaigning.choose(actor, post, campaign_id):
        return Moved()
    db.session.flush()
    after = _held(post)
    if before:
        still = holds.all_over(post.id)
        _allow_freeing(actor, [hold for key, hold in over.items() if key not in still])
    return Moved(_now_held(actor, post, [one for one in after if one.id not in before]), _freed(actor, post, before))


def _allow_freeing(actor: User, left: Sequence[Hold]) -> None:
    """Also where another hold still covers it: that one may be the actor's own."""
    if not all(holding.may_release(actor, hold) for hold in left):
        raise NotPermitted(holding.FROM_ABOVE)


def _held(post: Post) -> list[Delivery]:
    return held_posts.to_come(Scope(HoldScope.CITY), Delivery.post_id == post.id, holds.covers())


def _now_held(actor: User, post: Post, hit: Sequence[Delivery]) -> bool:
    if hit:
        holding.note(hit, "held", actor)
        holding.tell_of(holds.over([post.id])[post.id], hit)
    return bool(hit)


def _freed(actor: User, post: Post, before: set[str]) -> holding.Freed | None:
    """As a release does it: nothing goes out late by itself."""
    mine = (Delivery.post_id == post.id, Delivery.id.in_(before), ~holds.covers())
    free = held_posts.to_come(Scope(HoldScope.CITY), *mine) if before else []
    if not free:
        return None
    people = held_posts.people(free) | {one.taken_by for one in free if one.taken_by}
    tell(sorted(people - {actor.id}), FREE, f"/unggahan/{post.id}", title=post.title)
    return holding.set_free(actor, free, clock.now())
