"""What is wrong with a post for a channel, in words that say what to change.

Read by the composer while writing, by the review, by the scheduler and by the sender, so that all four agree.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from contentdesk.channels.base import PhotoRule, Rules, TextRule
from contentdesk.lib.i18n import N_

# Counted strictly, also inside words: one too many is a hint, one too few is a refusal by the platform.
_TAG = re.compile(r"[#＃](\w+)")
# An e-mail address mentions nobody.
_MENTION = re.compile(r"(?<![\w@.])@(\w[\w.]*)")


@dataclass(frozen=True)
class Problem:
    """`sentence` is an Indonesian message for the catalogue, with `%(name)s` places for `values`."""

    code: str
    sentence: str
    values: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.sentence % self.values


def check(rules: Rules, text: str, photo_count: int, alt_texts: Sequence[str]) -> list[Problem]:
    """Every problem at once, so that nobody mends them one by one."""
    return [
        *_text_problems(rules.text, text),
        *_photo_problems(rules.photo, photo_count),
        *_alt_problems(rules.alt_max_chars, alt_texts),
    ]


def hashtags(text: str) -> list[str]:
    """Without the sign, in the order of the text, repeated ones too: the platforms count them."""
    return _TAG.findall(text)


def mentions(text: str) -> list[str]:
    return [name.rstrip(".") for name in _MENTION.findall(text)]


def _text_problems(rule: TextRule, text: str) -> Iterator[Problem]:
    length, tags, names = rule.count(text), len(hashtags(text)), len(mentions(text))
    if rule.required and not text.strip():
        yield Problem("text_missing", N_("Teks masih kosong. Tulis dulu."))
    if length > rule.max_chars:
        yield Problem(
            "text_too_long",
            N_("Teks %(length)s huruf, batasnya %(limit)s. Kurangi %(over)s huruf."),
            {"length": length, "limit": rule.max_chars, "over": length - rule.max_chars},
        )
    if rule.max_hashtags is not None and tags > rule.max_hashtags:
        yield Problem(
            "too_many_hashtags",
            N_("Ada %(count)s tagar, batasnya %(limit)s. Hapus %(over)s tagar."),
            {"count": tags, "limit": rule.max_hashtags, "over": tags - rule.max_hashtags},
        )
    if rule.max_mentions is not None and names > rule.max_mentions:
        yield Problem(
            "too_many_mentions",
            N_("Ada %(count)s sebutan akun (@), batasnya %(limit)s. Hapus %(over)s sebutan."),
            {"count": names, "limit": rule.max_mentions, "over": names - rule.max_mentions},
        )


def _photo_problems(rule: PhotoRule, count: int) -> Iterator[Problem]:
    if count < rule.min_count:
        yield Problem(
            "too_few_photos",
            N_("Baru ada %(count)s foto, paling sedikit %(limit)s. Tambahkan %(missing)s foto."),
            {"count": count, "limit": rule.min_count, "missing": rule.min_count - count},
        )
    if count > rule.max_count:
        yield Problem(
            "too_many_photos",
            N_("Ada %(count)s foto, paling banyak %(limit)s. Hapus %(over)s foto."),
            {"count": count, "limit": rule.max_count, "over": count - rule.max_count},
        )


def _alt_problems(limit: int, alt_texts: Sequence[str]) -> Iterator[Problem]:
    for place, alt_text in enumerate(alt_texts, start=1):
        if len(alt_text) > limit:
            yield Problem(
                "alt_too_long",
                N_("Teks alternatif foto %(photo)s %(length)s huruf, batasnya %(limit)s. Ringkas dulu."),
                {"photo": place, "length": len(alt_text), "limit": limit},
            )
