"""WhatsApp channels: the platform's interface is for messages to single people, so members post by hand."""

from contentdesk.channels.base import Format, PhotoRule, Rules, TextRule, VideoRule
from contentdesk.channels.kinds.by_hand import ByHand
from contentdesk.lib.i18n import N_


class WhatsApp(ByHand):
    kind = "whatsapp"
    name = "WhatsApp"
    icon = "brand-whatsapp"
    # The app takes longer texts of a message than of a picture's caption; both limits are what people report.
    formats: tuple[Format, ...] = (
        Format("message", N_("Pesan"), Rules(text=TextRule(max_chars=4096, required=True), photo=PhotoRule(0, 0))),
        Format(
            "media",
            N_("Foto atau video"),
            Rules(
                text=TextRule(max_chars=1024),
                photo=PhotoRule(min_count=1, max_count=10, min_ratio=0.5, max_ratio=2.0, max_width=1600),
                video=VideoRule(max_seconds=600, max_bytes=64_000_000),
            ),
        ),
    )
    figures = frozenset({"views", "likes", "shares"})
    """What the channel's own people see under a post; reactions are written down as likes."""

    hosts = frozenset({"whatsapp.com", "www.whatsapp.com", "wa.me"})
    post_path = r"/channel/\w+/\d+/?"
