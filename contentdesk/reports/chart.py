"""Bars from zero as SVG: four lines, a number over the first and the last bar, the last one darker."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, log10

from markupsafe import Markup

WIDE, NARROW = 960, 330
LINES = 3
"""Grid lines above the zero line."""
STEPS = (1, 2, 2.5, 5, 10)
TOP, LOW, FOOT = 28, 190, 216
"""Heights of the highest grid line, the zero line and the words under it."""


@dataclass(frozen=True)
class Bar:
    label: str
    """Under the bar; may be empty."""
    value: float | None
    """None: nothing is known, or nothing went out. There is no bar then."""
    text: str
    """The number as it is read."""
    unknown: bool = False
    """Something went out but nothing is known of it: a question mark stands there."""


@dataclass(frozen=True)
class Scale:
    step: float
    left: int
    right: int

    def y(self, value: float) -> float:
        return LOW - (LOW - TOP) * value / (self.step * LINES)


def step_for(highest: float) -> float:
    """The smallest round step whose lines reach over the highest bar."""
    if highest <= 0:
        return 1
    exact = highest / LINES
    power = 10.0 ** (ceil(log10(exact)) - 1)
    return next(factor * power for factor in STEPS if factor * power >= exact * 0.999999)


def draw(bars: Sequence[Bar], finding: str, numbers: Sequence[str], step: float, width: int = WIDE) -> Markup:
    """`numbers`: the words at the grid lines from zero up."""
    scale = Scale(step, 46, width - 6)
    slot = (scale.right - scale.left) / max(1, len(bars))
    return Markup(
        '<svg class="bars {kind}" viewBox="0 0 {width} {height}" role="img" aria-label="{finding}">{grid}{bars}</svg>'
    ).format(
        kind="wide" if width == WIDE else "small",
        width=width,
        height=FOOT + 8,
        finding=finding,
        grid=Markup().join(_line(scale, place, word) for place, word in enumerate(numbers)),
        bars=Markup().join(_bar(scale, bar, place, slot, len(bars)) for place, bar in enumerate(bars)),
    )


def _line(scale: Scale, place: int, word: str) -> Markup:
    y = f"{scale.y(place * scale.step):.0f}"
    return Markup('<line x1="{}" x2="{}" y1="{}" y2="{}"/><text class="y" x="{}" y="{}">{}</text>').format(
        scale.left, scale.right, y, y, scale.left - 8, float(y) + 4, word
    )


def _bar(scale: Scale, bar: Bar, place: int, slot: float, count: int) -> Markup:
    middle = scale.left + slot * (place + 0.5)
    drawn = Markup()
    if bar.value is not None:
        drawn = _column(scale, bar.value, middle, slot * 0.7, last=place == count - 1)
        if place in {0, count - 1}:
            drawn += _word("val", middle, scale.y(bar.value) - 7, bar.text)
    elif bar.unknown:
        drawn = _word("x", middle, LOW - 8, "?")
    return drawn + (_word("x", middle, FOOT, bar.label) if bar.label else Markup())


def _column(scale: Scale, value: float, middle: float, width: float, last: bool) -> Markup:
    top = scale.y(value)
    return Markup('<rect{} x="{}" y="{}" width="{}" height="{}" rx="2"/>').format(
        Markup(' class="last"') if last else "",
        f"{middle - width / 2:.1f}",
        f"{top:.1f}",
        f"{width:.1f}",
        f"{LOW - top:.1f}",
    )


def _word(kind: str, x: float, y: float, text: str) -> Markup:
    return Markup('<text class="{}" x="{}" y="{}">{}</text>').format(kind, f"{x:.1f}", f"{y:.1f}", text)
