"""What is wrong with a post for a channel, in words that say what to change.

Read by the composer while writing, by the review, by the scheduler and by the sender, so that all four agree.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from contentdesk.channels.abilities import ChecksOptions
from contentdesk.channels.base import (
    FORMAT,
    Channel,
    Format,
    Option,
    PhotoRule,
    Problem,
    Rules,
    TextRule,
    VideoRule,
)
from contentdesk.lib.i18n import N_, Message

# Counted strictly, also inside words: one too many is a hint, one too few is a refusal by the platform.
_TAG = re.compile(r"[#＃](\w+)")
# An e-mail address mentions nobody.
_MENTION = re.compile(r"(?<![\w@.])@(\w[\w.]*)")
_LINK = re.compile(r"https?://\S+", re.IGNORECASE)
TOO_SMALL = N_(
    "Video %(width)s × %(height)s piksel, paling kecil %(least)s. Pakai berkas asli dari kamera, bukan kiriman obrolan "
    "yang sudah dikecilkan, atau rekam lagi dengan resolusi lebih tinggi."
)


@dataclass(frozen=True)
class Clip:
    """What is known of a video: seconds, pixels."""

    seconds: float
    width: int
    height: int


def check(
    rules: Rules, text: str, photo_count: int, alt_texts: Sequence[str], clip: Clip | None = None
) -> list[Problem]:
    """Every problem at once, so that nobody mends them one by one."""
    nothing = not photo_count and clip is None
    return [
        *_text_problems(rules.text, text, needed=rules.text.required or (nothing and rules.photo.min_count == 0)),
        *(_clip_problems(rules.video, clip) if clip else _photo_problems(rules.photo, photo_count)),
        *_alt_problems(rules.alt_max_chars, alt_texts),
    ]


def format_of(channel: Channel, options: Mapping[str, Any], photo_count: int, has_video: bool) -> Format:
    """The format a person chose, else the first that takes the media, else the first."""
    chosen = options.get(FORMAT)
    by_itself = (each for each in channel.formats if not each.chosen_only and each.takes(photo_count, has_video))
    return next((each for each in channel.formats if each.key == chosen), None) or next(by_itself, channel.formats[0])


def option_problems(channel: Channel, options: Mapping[str, Any], format_key: str) -> list[Problem]:
    """What is missing or wrong among the choices for a channel."""
    offered = [option for option in options_for(channel, format_key) if is_open(option, channel, options)]
    found = [problem for option in offered for problem in (*_of_option(option, options), *_forbidden(option, options))]
    if isinstance(channel, ChecksOptions):
        found += channel.option_problems(options, format_key)
    return found


def options_for(channel: Channel, format_key: str) -> list[Option]:
    return [option for option in channel.options if not option.formats or format_key in option.formats]


def is_open(option: Option, channel: Channel, options: Mapping[str, Any]) -> bool:
    """Whether the toggle that it hangs under is on; True for one that hangs under none."""
    if not option.under:
        return True
    above = next((each for each in channel.options if each.name == option.under), None)
    if above is None or options.get(above.name, above.default) is not True:
        return False
    return is_open(above, channel, options)


def with_defaults(channel: Channel, options: Mapping[str, Any]) -> dict[str, Any]:
    """The choices, with what stands there before anybody chose."""
    defaults = {option.name: option.default for option in channel.options if option.default is not None}
    return defaults | dict(options)


def _of_option(option: Option, options: Mapping[str, Any]) -> Iterator[Problem]:
    value, label = options.get(option.name, option.default), Message(option.label)
    if option.required and value in (None, "", []):
        yield Problem("option_missing", N_("%(option)s belum dipilih."), {"option": label}, option.name)
    if option.choices and value not in (None, "") and value not in dict(option.choices):
        yield Problem("option_unknown", N_("%(option)s: pilih salah satu."), {"option": label}, option.name)
    if option.max_chars and isinstance(value, str) and option.count(value) > option.max_chars:
        sentence = N_("%(option)s %(length)s huruf, batasnya %(limit)s.")
        values = {"option": label, "length": option.count(value), "limit": option.max_chars}
        yield Problem("option_too_long", sentence, values, option.name)
    if option.max_names and isinstance(value, list) and len(value) > option.max_names:
        sentence = N_("%(option)s: paling banyak %(limit)s akun.")
        yield Problem("too_many_names", sentence, {"option": label, "limit": option.max_names}, option.name)


def _forbidden(option: Option, options: Mapping[str, Any]) -> Iterator[Problem]:
    if options.get(option.name, option.default) is True:
        for each in option.forbids:
            if options.get(each.option) == each.value:
                yield Problem("option_forbidden", each.sentence, option=each.option)


def hashtags(text: str) -> list[str]:
    """Without the sign, in the order of the text, repeated ones too: the platforms count them."""
    return _TAG.findall(text)


def mentions(text: str) -> list[str]:
    return [name.rstrip(".") for name in _MENTION.findall(text)]


def _text_problems(rule: TextRule, text: str, needed: bool) -> Iterator[Problem]:
    length, tags, names = rule.count(text), len(hashtags(text)), len(mentions(text))
    if needed and not text.strip():
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
    if signs := "".join(sorted(set(rule.forbidden) & set(text))):
        yield Problem("forbidden_signs", N_("Tanda %(signs)s tidak diterima di sini. Hapus dulu."), {"signs": signs})
    links = len(_LINK.findall(text))
    if rule.max_links is not None and links > rule.max_links:
        yield Problem(
            "too_many_links",
            N_("Ada %(count)s tautan, batasnya %(limit)s. Hapus %(over)s tautan."),
            {"count": links, "limit": rule.max_links, "over": links - rule.max_links},
        )
    if rule.max_mentions is not None and names > rule.max_mentions:
        yield Problem(
            "too_many_mentions",
            N_("Ada %(count)s sebutan akun (@), batasnya %(limit)s. Hapus %(over)s sebutan."),
            {"count": names, "limit": rule.max_mentions, "over": names - rule.max_mentions},
        )


def _photo_problems(rule: PhotoRule, count: int) -> Iterator[Problem]:
    if rule.max_count == 0 and rule.min_count:
        yield from _only_video(count)
        return
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


def _only_video(photo_count: int) -> Iterator[Problem]:
    """For what takes a video and no photos, when there is no video."""
    if photo_count:
        yield Problem("photo_not_taken", N_("Foto tidak bisa dipakai di sini. Pakai video, atau matikan kanal ini."))
    else:
        yield Problem("video_missing", N_("Belum ada video. Tambahkan satu video, atau matikan kanal ini."))


def _clip_problems(rule: VideoRule | None, clip: Clip) -> Iterator[Problem]:
    if rule is None:
        yield Problem("video_not_taken", N_("Video tidak bisa dipakai di sini. Pakai foto, atau matikan kanal ini."))
        return
    if clip.seconds > rule.max_seconds:
        yield Problem(
            "video_too_long",
            N_("Video %(length)s detik, paling lama %(limit)s detik. Potong dulu videonya."),
            {"length": round(clip.seconds), "limit": round(rule.max_seconds)},
        )
    if clip.seconds < rule.min_seconds:
        yield Problem(
            "video_too_short",
            N_("Video %(length)s detik, paling singkat %(limit)s detik."),
            {"length": round(clip.seconds), "limit": round(rule.min_seconds)},
        )
    ratio = clip.width / clip.height
    if ratio < rule.min_ratio or ratio > rule.max_ratio:
        wanted = N_("Bentuk video tidak cocok di sini. Rekam tegak (9:16), lalu unggah lagi.")
        yield Problem("video_ratio", wanted, {"ratio": round(ratio, 2)})
    if clip.width < rule.min_width or clip.height < rule.min_height:
        sizes = {"width": clip.width, "height": clip.height, "least": f"{rule.min_width} × {rule.min_height}"}
        yield Problem("video_too_small", TOO_SMALL, sizes)


def _alt_problems(limit: int, alt_texts: Sequence[str]) -> Iterator[Problem]:
    for place, alt_text in enumerate(alt_texts, start=1):
        if len(alt_text) > limit:
            yield Problem(
                "alt_too_long",
                N_("Teks alternatif foto %(photo)s %(length)s huruf, batasnya %(limit)s. Ringkas dulu."),
                {"photo": place, "length": len(alt_text), "limit": limit},
            )
