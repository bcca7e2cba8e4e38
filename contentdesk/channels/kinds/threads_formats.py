"""What Threads takes, and the choices a person has."""

from collections.abc import Iterator, Mapping
from typing import Any

import regex

from contentdesk.channels.base import Format, Option, OptionType, PhotoRule, Problem, Rules, TextRule, VideoRule
from contentdesk.channels.kinds.threads_prepare import REPLIES, TOPIC
from contentdesk.lib.i18n import N_

# With what joins and colours them, and the two letters of a flag.
_EMOJI = regex.compile(
    r"[\p{Extended_Pictographic}\p{Regional_Indicator}\u200d\ufe0f\u20e3\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]"
)
NOT_IN_A_TOPIC = frozenset(".&")


def length(text: str) -> int:
    """As the platform counts: an emoji is as many as it has bytes in UTF-8."""
    return sum(len(letter.encode()) if _EMOJI.match(letter) else 1 for letter in text)


FORMATS = (
    Format(
        "post",
        N_("Unggahan"),
        Rules(
            text=TextRule(max_chars=500, max_links=5, required=True, count=length),
            photo=PhotoRule(
                min_count=0, max_count=20, min_ratio=0.1, max_ratio=10, max_width=1440, max_bytes=8_000_000
            ),
            video=VideoRule(max_seconds=300, max_bytes=1_000_000_000, min_ratio=0.01, max_kbps=25_000),
            alt_max_chars=1000,
        ),
    ),
)

OPTIONS = (
    Option(
        TOPIC,
        N_("Topik"),
        OptionType.TEXT,
        help=N_("Satu saja, tanpa tanda pagar, titik, dan tanda &."),
        max_chars=50,
    ),
    Option(
        REPLIES,
        N_("Siapa yang boleh membalas"),
        OptionType.CHOICE,
        choices=(
            ("everyone", N_("Semua orang")),
            ("followers_only", N_("Pengikut saja")),
            ("accounts_you_follow", N_("Akun yang diikuti saja")),
            ("mentioned_only", N_("Yang disebut saja")),
        ),
        default="everyone",
    ),
)


def option_problems(options: Mapping[str, Any]) -> Iterator[Problem]:
    topic = options.get(TOPIC)
    if isinstance(topic, str) and NOT_IN_A_TOPIC & set(topic):
        yield Problem("topic", N_("Topik tidak boleh berisi titik atau tanda &. Hapus dulu."), {}, TOPIC)
