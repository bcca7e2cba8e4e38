"""Which part of a photo is shown, and how large: arithmetic only."""

from dataclasses import dataclass
from math import ceil, floor

MIDDLE = (0.5, 0.5)


@dataclass(frozen=True)
class Spec:
    """What a rendition must keep to. Ratios are width / height, sizes in pixels and bytes."""

    name: str
    min_ratio: float
    max_ratio: float
    max_width: int
    max_height: int = 4096
    max_bytes: int = 8_000_000
    min_width: int = 0
    quality: int = 85


THUMB = Spec("thumb", 1, 1, max_width=240, max_height=240, max_bytes=5_100, quality=75)
"""With the headers of an answer at most 6 KB travel."""
PREVIEW = Spec("preview", 0.1, 10, max_width=1080, max_height=1920, max_bytes=600_000, quality=80)


def crop_box(width: int, height: int, spec: Spec, focus: tuple[float, float] = MIDDLE) -> tuple[int, int, int, int]:
    """The largest part with an allowed ratio around the focus, as left, top, right, bottom."""
    part_width, part_height = _fit_ratio(width, height, spec)
    left = _around(focus[0] * width, part_width, width)
    top = _around(focus[1] * height, part_height, height)
    return left, top, left + part_width, top + part_height


def _fit_ratio(width: int, height: int, spec: Spec) -> tuple[int, int]:
    """Cuts the side that is too long. Rounds towards the allowed side: platforms refuse 0.7999 for 0.8."""
    if width < spec.min_ratio * height:
        height = floor(width / spec.min_ratio + 1e-6)
    elif width > spec.max_ratio * height:
        width = floor(height * spec.max_ratio + 1e-6)
    return max(width, 1), max(height, 1)


def _around(middle: float, part: int, whole: int) -> int:
    return min(max(round(middle - part / 2), 0), whole - part)


def out_size(width: int, height: int, spec: Spec) -> tuple[int, int]:
    """The size of that part's rendition: only ever smaller, but for a width below the least one allowed."""
    scale = min(1.0, spec.max_width / width, spec.max_height / height)
    scale = max(scale, spec.min_width / width)
    out_width, out_height = round(width * scale), max(round(height * scale), 1)
    least, most = out_width / spec.max_ratio, out_width / spec.min_ratio
    if out_height < least:
        out_height = ceil(least - 1e-6)
    elif out_height > most:
        out_height = floor(most + 1e-6)
    return max(out_width, 1), max(out_height, 1)
