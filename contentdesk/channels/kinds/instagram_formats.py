"""What Instagram takes: kinds of post with their limits, and the choices a person has."""

from contentdesk.channels.abilities import FIRST_COMMENT
from contentdesk.channels.base import Format, Option, OptionType, PhotoRule, Rules, TextRule, VideoRule
from contentdesk.channels.kinds.instagram_comments import MOST_CHARS
from contentdesk.channels.kinds.instagram_prepare import (
    AI_GENERATED,
    COLLABORATORS,
    FEED,
    REEL,
    SHARE_TO_FEED,
    STORY,
)
from contentdesk.lib.i18n import N_

TEXT = TextRule(max_chars=2200, max_hashtags=30, max_mentions=20)
FEED_RULES = Rules(
    text=TEXT,
    photo=PhotoRule(
        min_count=1,
        max_count=10,
        min_ratio=0.8,
        max_ratio=1.91,
        min_width=320,
        max_width=1440,
        max_bytes=8_000_000,
        same_ratio=True,
    ),
    alt_max_chars=1000,
)
REEL_RULES = Rules(
    text=TEXT,
    photo=PhotoRule(min_count=1, max_count=0),
    video=VideoRule(
        min_seconds=3, max_seconds=900, max_bytes=300_000_000, min_ratio=0.01, max_ratio=10, max_kbps=25_000
    ),
)
STORY_RULES = Rules(
    text=TEXT,
    # Wider than the screen is taken too; narrower than 9:16 would be cut off.
    photo=PhotoRule(min_count=1, max_count=1, min_ratio=9 / 16, max_ratio=1.91, max_width=1440, max_bytes=8_000_000),
    video=VideoRule(min_seconds=3, max_seconds=60, max_bytes=100_000_000, max_kbps=25_000),
)
FORMATS = (
    Format(FEED, N_("Unggahan"), FEED_RULES),
    Format(REEL, N_("Reel"), REEL_RULES),
    Format(STORY, N_("Story (24 jam, tanpa teks)"), STORY_RULES, chosen_only=True),
)
WITH_TEXT = frozenset({FEED, REEL})

OPTIONS = (
    Option(
        SHARE_TO_FEED,
        N_("Tampilkan juga di profil"),
        OptionType.TOGGLE,
        default=True,
        help=N_("Tanpa ini, reel hanya ada di tab Reels."),
        formats=frozenset({REEL}),
    ),
    Option(
        COLLABORATORS,
        N_("Kolaborator"),
        OptionType.NAMES,
        help=N_("Paling banyak 3 akun. Mereka diundang, lalu menerima sendiri."),
        max_names=3,
        formats=WITH_TEXT,
    ),
    Option(
        FIRST_COMMENT,
        N_("Komentar pertama"),
        OptionType.TEXT,
        help=N_("Ditulis oleh akun ini sesudah unggahan terbit."),
        max_chars=MOST_CHARS,
        formats=WITH_TEXT,
    ),
    Option(
        AI_GENERATED,
        N_("Beri label: dibuat dengan AI"),
        OptionType.TOGGLE,
        default=False,
        help=N_("Wajib bila foto atau videonya buatan AI dan tampak nyata."),
    ),
)
