"""What a person may do with a post now."""

from collections.abc import Sequence
from dataclasses import dataclass

from contentdesk.access.permissions import Actor, Permission, may
from contentdesk.posts.models import Post
from contentdesk.posts.states import PostState, after
from contentdesk.publishing.models import Delivery
from contentdesk.publishing.states import GIVEN_UP, MOVABLE


@dataclass(frozen=True)
class Actions:
    edit: bool
    submit: bool
    review: bool
    schedule: bool
    """A first time, or a new one for what was given up."""
    reschedule: bool
    take_back: bool
    withdraw: bool
    archive: bool


def of(actor: Actor, post: Post, deliveries: Sequence[Delivery], *, stopped: bool = False) -> Actions:
    """`deliveries`: the newest one of each account. `stopped`: it cannot be planned as it is, whoever approved it."""
    write = may(actor, Permission.POST_WRITE, post)
    is_approved = post.approved_number == post.newest_number and after(post.state, "schedule") is not None
    plan = may(actor, Permission.POST_SCHEDULE, post) and is_approved and not stopped
    movable = any(delivery.state in MOVABLE for delivery in deliveries)
    open_ways = not deliveries or any(delivery.state in GIVEN_UP for delivery in deliveries)
    public = not movable and any(delivery.state not in GIVEN_UP for delivery in deliveries)
    return Actions(
        edit=write and after(post.state, "edit") is not None,
        submit=write and after(post.state, "submit") is not None,
        review=post.state == PostState.IN_REVIEW and may(actor, Permission.POST_REVIEW, post),
        schedule=plan and open_ways and not movable,
        reschedule=plan and movable,
        take_back=write and after(post.state, "take_back") is not None,
        withdraw=write and after(post.state, "withdraw") is not None and not public,
        archive=write and after(post.state, "archive") is not None,
    )
