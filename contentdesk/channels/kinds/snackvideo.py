"""SnackVideo: no public interface for publishing or figures is known, so members post by hand."""

from contentdesk.channels.base import PhotoRule, Rules, TextRule
from contentdesk.channels.kinds.by_hand import ByHand


class SnackVideo(ByHand):
    kind = "snackvideo"
    name = "SnackVideo"
    icon = "bolt"
    # The platform documents no limits. These keep text and files handy for a phone.
    rules = Rules(
        text=TextRule(max_chars=2200),
        photo=PhotoRule(min_count=1, max_count=10, min_ratio=0.5, max_ratio=2.0, max_width=1440),
    )
    figures = frozenset({"views", "likes", "comments", "shares"})

    hosts = frozenset(
        {
            "snackvideo.com",
            "www.snackvideo.com",
            "m.snackvideo.com",
            "s.snackvideo.com",
            "sck.io",
            "www.sck.io",
        }
    )
