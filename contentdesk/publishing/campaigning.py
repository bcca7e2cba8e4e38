"""Moving a post into a campaign, or out of one, whatever its state."""

from contentdesk.lib.errors import Conflict
from contentdesk.lib.i18n import N_
from contentdesk.posts import campaigning
from contentdesk.posts.models import Post
from contentdesk.reviews.services import lock
from contentdesk.users.models import User

MOVED = N_("Kampanye unggahan ini baru saja diganti orang lain. Tidak ada yang ditimpa. Lihat dulu.")


def move(actor: User, post: Post, campaign_id: str | None, was: str | None) -> bool:
    """`was`: the campaign that the person saw. Raises Conflict when it is in another one by now."""
    lock(post)
    if post.campaign_id not in {was, campaign_id}:
        raise Conflict(MOVED)
    return campaigning.choose(actor, post, campaign_id)
