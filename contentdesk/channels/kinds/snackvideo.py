"""SnackVideo: no public interface for publishing or figures is known, so members post by hand."""

from contentdesk.channels.base import Format, PhotoRule, Rules, TextRule, VideoRule
from contentdesk.channels.kinds.by_hand import ByHand
from contentdesk.lib.i18n import N_


class SnackVideo(ByHand):
    kind = "snackvideo"
    name = "SnackVideo"
    icon = "bolt"
    # The platform documents no limits. These keep text and files handy for a phone.
    formats: tuple[Format, ...] = (
        Format(
            "post",
            N_("Unggahan"),
            Rules(
                text=TextRule(max_chars=2200),
                photo=PhotoRule(min_count=1, max_count=10, min_ratio=0.5, max_ratio=2.0, max_width=1440),
                video=VideoRule(max_seconds=600, max_bytes=100_000_000),
            ),
        ),
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
