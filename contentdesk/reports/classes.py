"""Colour classes of a map: five quantiles with round borders, so that each colour holds a fifth of the values."""

from collections.abc import Sequence
from statistics import quantiles

CLASSES = 5
ROUND_TO = 100
FEWEST = 10
"""With fewer values quantiles say nothing: everything gets one colour."""
SHADES = {1: (3,), 2: (2, 4), 3: (1, 3, 5), 4: (1, 2, 4, 5), 5: (1, 2, 3, 4, 5)}
"""Which of the five colours are used when borders fall together."""


def borders(values: Sequence[int]) -> tuple[int, ...]:
    """Where a new class begins, at most four, each with values on both sides."""
    if len(values) < FEWEST:
        return ()
    found: list[int] = []
    for cut in quantiles(values, n=CLASSES, method="inclusive"):
        border = round(cut / ROUND_TO) * ROUND_TO
        below = found[-1] if found else None
        if any(value < border and (below is None or value >= below) for value in values) and max(values) >= border:
            found.append(border)
    return tuple(found)


def shade(value: int, at: Sequence[int]) -> int:
    """The colour, 1 (light) to 5 (dark)."""
    return SHADES[len(at) + 1][sum(value >= border for border in at)]
