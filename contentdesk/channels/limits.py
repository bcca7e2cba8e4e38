"""The rules that hold for certain accounts and certain choices, and whether a post that is about to go out keeps them.

A channel's `formats` say what the platform takes from everybody. What one account may do besides (its server's limits,
what the platform allows it) was read when it was connected and stands in `Login.limits`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from contentdesk.channels.abilities import HasOwnLimits
from contentdesk.channels.base import Channel, Outgoing, Photo, PhotoRule, Problem, Rules, TextRule, Video, VideoRule
from contentdesk.channels.rules import Clip, check, format_of
from contentdesk.lib.i18n import N_

# What Pillow rounds to whole pixels never has the very ratio.
_PIXEL = 1
OUTGROWN = N_(
    "Berkas yang disetujui tidak cocok lagi dengan batas kanal ini. Buka drafnya, simpan sekali lagi, lalu kirim untuk "
    "ditinjau."
)
PHOTO_TOO_LARGE = N_(
    "Foto yang disetujui %(size)s kB, padahal akun ini menerima paling banyak %(limit)s kB. Unggah lagi fotonya supaya "
    "dibuat lebih kecil. Bila tetap ditolak, pakai foto lain atau lepas akun ini. Lalu kirim untuk ditinjau."
)
VIDEO_TOO_LARGE = N_(
    "Video yang disetujui %(size)s kB, padahal akun ini menerima paling banyak %(limit)s kB. Unggah lagi videonya "
    "supaya dibuat lebih kecil. Bila tetap ditolak, potong lebih pendek atau lepas akun ini. Lalu kirim untuk ditinjau."
)


def of_accounts(channel: Channel, rules: Rules, limits: Iterable[Mapping[str, int]]) -> Rules:
    """What all these accounts take: one text and one set of files go to them."""
    if not isinstance(channel, HasOwnLimits):
        return rules
    own = [channel.rules_of(rules, each) for each in limits]
    return _narrowest(own) if own else rules


def with_choices(rules: Rules, options: Mapping[str, Any]) -> Rules:
    """What is left for the text beside the options that are counted with it."""
    taken = sum(len(str(options.get(name) or "")) for name in rules.text.beside)
    return replace(rules, text=replace(rules.text, max_chars=rules.text.max_chars - taken)) if taken else rules


def _narrowest(all_rules: list[Rules]) -> Rules:
    videos = [each.video for each in all_rules if each.video is not None]
    return replace(
        all_rules[0],
        text=min((each.text for each in all_rules), key=_room),
        photo=_narrowest_photo([each.photo for each in all_rules]),
        video=_narrowest_video(videos) if len(videos) == len(all_rules) else None,
        alt_max_chars=min(each.alt_max_chars for each in all_rules),
    )


def _room(text: TextRule) -> int:
    return text.max_chars


def _narrowest_photo(rules: list[PhotoRule]) -> PhotoRule:
    return replace(
        rules[0],
        max_count=min(each.max_count for each in rules),
        max_width=min(each.max_width for each in rules),
        max_bytes=min(each.max_bytes for each in rules),
    )


def _narrowest_video(rules: list[VideoRule]) -> VideoRule:
    return replace(
        rules[0],
        max_seconds=min(each.max_seconds for each in rules),
        max_bytes=min(each.max_bytes for each in rules),
    )


def refusals(channel: Channel, outgoing: Outgoing) -> list[Problem]:
    """What the platform would refuse of this very post, with the files as they were made. Asks nobody."""
    video = outgoing.video
    shape = format_of(channel, outgoing.options, len(outgoing.photos), video is not None)
    own = with_choices(of_accounts(channel, shape.rules, [outgoing.login.limits]), outgoing.options)
    alt_texts = [each.alt_text for each in ((video,) if video else outgoing.photos)]
    clip = Clip(video.seconds, video.width, video.height) if video else None
    found = check(own, outgoing.text, len(outgoing.photos), alt_texts, clip)
    return [*found, *_outgrown(own, outgoing)]


def _outgrown(rules: Rules, outgoing: Outgoing) -> Iterator[Problem]:
    """Files are made to fit; the limits may have changed since. Saving makes them anew, but not ever smaller."""
    yield from _too_large("photo_outgrown", PHOTO_TOO_LARGE, outgoing.photos, rules.photo.max_bytes)
    if outgoing.video and rules.video:
        yield from _too_large("video_outgrown", VIDEO_TOO_LARGE, [outgoing.video], rules.video.max_bytes)
    if not all(_photo_fits(photo, rules.photo) for photo in outgoing.photos):
        yield Problem("photo_outgrown", OUTGROWN)
    if outgoing.video and rules.video and not _video_fits(outgoing.video, rules.video):
        yield Problem("video_outgrown", OUTGROWN)


def _too_large(code: str, sentence: str, files: Sequence[Photo | Video], most: int) -> Iterator[Problem]:
    largest = max((each.size for each in files), default=0)
    if largest > most:
        yield Problem(code, sentence, {"size": -(-largest // 1000), "limit": most // 1000})


def _photo_fits(photo: Photo, rule: PhotoRule) -> bool:
    low = (photo.width + _PIXEL) / photo.height >= rule.min_ratio
    high = photo.width / (photo.height + _PIXEL) <= rule.max_ratio
    return low and high and rule.min_width <= photo.width <= rule.max_width


def _video_fits(video: Video, rule: VideoRule) -> bool:
    rate = rule.min_fps <= video.fps <= rule.max_fps
    return rate and max(video.width, video.height) <= rule.max_side
