"""How a post on Instagram reads back, by its kind."""

from datetime import timedelta

from contentdesk.channels.base import Outgoing
from contentdesk.channels.kinds.instagram_prepare import REEL, STORY, format_key
from contentdesk.channels.kinds.meta_find import Traces

FIELDS = "id,caption,media_type,media_product_type,permalink,timestamp"
STORY_LIFE = timedelta(hours=23)
"""Stories are listed for a day; an hour of it for clocks that differ."""


def traces(outgoing: Outgoing) -> Traces:
    key = format_key(outgoing)
    if key == STORY:
        kind = {"media_type": "VIDEO" if outgoing.video else "IMAGE"}
        return Traces("stories", FIELDS, "caption", None, kind, listed_for=STORY_LIFE)
    if key == REEL:
        kind = {"media_type": "VIDEO", "media_product_type": "REELS"}
    else:
        kind = {"media_type": "IMAGE" if len(outgoing.photos) == 1 else "CAROUSEL_ALBUM"}
    return Traces("media", FIELDS, "caption", outgoing.text, kind)
