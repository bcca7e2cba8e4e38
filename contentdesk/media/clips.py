"""What becomes of a video for a platform: arithmetic only.

One house rendition fits most platforms; where it does not, a smaller one is made.
"""

from dataclasses import dataclass
from math import ceil
from typing import Protocol

HOUSE_SIDE = 1920
HOUSE_KBPS = 8_000
HOUSE_CRF = 21
SMALLER_CRF = 23
RATES = (24.0, 25.0, 30.0, 50.0, 60.0)
USUAL_RATE = 30.0
LEAST_VIDEO_KBPS = 150
MARGIN = 0.92
"""What the container and the unevenness of the rate may take of a limit."""


class VideoLimits(Protocol):
    """What a channel asks of a video. Ratios are width / height, sides in pixels."""

    @property
    def min_seconds(self) -> float: ...
    @property
    def max_seconds(self) -> float: ...
    @property
    def max_bytes(self) -> int: ...
    @property
    def min_ratio(self) -> float: ...
    @property
    def max_ratio(self) -> float: ...
    @property
    def min_width(self) -> int: ...
    @property
    def min_height(self) -> int: ...
    @property
    def max_side(self) -> int: ...
    @property
    def max_kbps(self) -> int: ...
    @property
    def min_fps(self) -> float: ...
    @property
    def max_fps(self) -> float: ...


class File(Protocol):
    """A video file that was made: bytes, pixels, seconds, pictures each second."""

    size: int
    width: int
    height: int
    seconds: float | None
    fps: float | None


@dataclass(frozen=True)
class Shape:
    """How a rendition is encoded. Rates in kilobits each second; `crf` is x264's quality, smaller is better."""

    width: int
    height: int
    fps: float
    video_kbps: int
    audio_kbps: int
    crf: int


def house_shape(width: int, height: int, fps: float | None) -> Shape:
    """Upright width and height as shown, not as stored."""
    size = inside(width, height, HOUSE_SIDE)
    # A margin below what platforms take: the rate swings around what the encoder is told.
    return Shape(*size, _rate(fps), int(HOUSE_KBPS * MARGIN) - 128, 128, HOUSE_CRF)


def smaller_shape(house: File, rule: VideoLimits) -> Shape:
    seconds, fps = house.seconds or 1.0, house.fps or USUAL_RATE
    total = min(rule.max_kbps, rule.max_bytes * 8 / 1000 / (seconds + 1), HOUSE_KBPS) * MARGIN
    audio = 128 if total >= 800 else 64
    video = max(int(total) - audio, LEAST_VIDEO_KBPS)
    usual = 1920 if video >= 2_000 else 1280 if video >= 700 else 640
    side = min(rule.max_side, max(usual, _least_side(house, rule)))
    return Shape(*inside(house.width, house.height, side), _rate_within(fps, rule), video, audio, SMALLER_CRF)


def _least_side(house: File, rule: VideoLimits) -> int:
    """How long the longer side must stay, so that neither falls below the least that is taken."""
    scale = max(rule.min_width / house.width, rule.min_height / house.height)
    # Two pixels above: sides are rounded down to even numbers.
    return ceil(max(house.width, house.height) * scale) + 2 if scale else 0


def fits(house: File, rule: VideoLimits) -> bool:
    """Whether the house rendition may go out as it is. Length, ratio and least size: see `suits`."""
    fps = house.fps or 0.0
    return (
        house.size <= rule.max_bytes
        and max(house.width, house.height) <= rule.max_side
        and keeps_rate(house.size, house.seconds, rule.max_kbps)
        and rule.min_fps <= fps <= rule.max_fps
    )


def keeps_rate(size: int, seconds: float | None, kbps: float) -> bool:
    """The encoder's buffer holds one second, which weighs only in a video of a few."""
    return size * 8 / 1000 <= kbps * ((seconds or 0.0) + 1)


def suits(house: File, rule: VideoLimits) -> bool:
    """Whether its length, ratio and size are allowed. If not, a person has to change the video."""
    seconds, ratio = house.seconds or 0.0, house.width / house.height
    return (
        rule.min_seconds <= seconds <= rule.max_seconds
        and rule.min_ratio <= ratio <= rule.max_ratio
        and house.width >= rule.min_width
        and house.height >= rule.min_height
    )


def needs_smaller(house: File, rule: VideoLimits) -> bool:
    return suits(house, rule) and not fits(house, rule)


def inside(width: int, height: int, side: int) -> tuple[int, int]:
    """The largest size of this ratio with no side longer than `side`; even, as H.264 wants it. Never larger."""
    scale = min(1.0, side / max(width, height))
    return _even(width * scale), _even(height * scale)


def _even(value: float) -> int:
    return max(2, int(value + 1e-6) // 2 * 2)


def _rate(fps: float | None) -> float:
    """The usual rate next to what the camera meant; far below them the usual one."""
    if not fps or fps < RATES[0] - 1:
        return USUAL_RATE
    return min(RATES, key=lambda rate: abs(rate - fps))


def _rate_within(fps: float, rule: VideoLimits) -> float:
    if rule.min_fps <= fps <= rule.max_fps:
        return fps
    allowed = [rate for rate in RATES if rule.min_fps <= rate <= rule.max_fps]
    return min(allowed, key=lambda rate: abs(rate - fps)) if allowed else rule.max_fps
