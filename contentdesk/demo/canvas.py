"""Flat shapes on a plain ground, in thousandths of the picture's width, so that scenes stay short."""

from collections.abc import Iterable
from io import BytesIO
from math import cos, pi, sin

from PIL import Image, ImageDraw

WIDTH, HEIGHT = 1080, 1350
KEPT = (900, 1125)
"""Made a little smaller in the end, which softens the edges."""
TALL = HEIGHT * 1000 // WIDTH
Box = tuple[float, float, float, float]
Point = tuple[float, float]


class Canvas:
    """All coordinates: 0 to 1000 across, 0 to 1250 down."""

    def __init__(self, ground: str) -> None:
        self._image = Image.new("RGB", (WIDTH, HEIGHT), ground)
        self._draw = ImageDraw.Draw(self._image)

    def box(self, box: Box, fill: str, radius: float = 0) -> None:
        self._draw.rounded_rectangle(_scaled(box), radius * WIDTH / 1000, fill)

    def oval(self, box: Box, fill: str | None = None, outline: str | None = None, width: float = 0) -> None:
        self._draw.ellipse(_scaled(box), fill, outline, round(width * WIDTH / 1000))

    def disc(self, x: float, y: float, radius: float, fill: str) -> None:
        self.oval((x - radius, y - radius, x + radius, y + radius), fill)

    def shape(self, points: Iterable[Point], fill: str) -> None:
        self._draw.polygon([_point(*point) for point in points], fill)

    def line(self, points: Iterable[Point], fill: str, width: float) -> None:
        self._draw.line([_point(*point) for point in points], fill, round(width * WIDTH / 1000), "curve")

    def arc(self, box: Box, start: float, end: float, fill: str, width: float) -> None:
        self._draw.arc(_scaled(box), start, end, fill, round(width * WIDTH / 1000))

    def planks(self, seam: str, count: int = 6) -> None:
        """A table top of wood."""
        for number in range(1, count):
            y = TALL * number / count
            self.line([(0, y), (1000, y)], seam, 5)

    def steam(self, x: float, y: float, fill: str) -> None:
        for offset in (-90, 0, 90):
            self.line([(x + offset + 28 * sin(step), y - step * 26) for step in range(9)], fill, 14)

    def jpeg(self) -> bytes:
        out = BytesIO()
        self._image.resize(KEPT, Image.Resampling.BILINEAR).save(out, "JPEG", quality=85)
        return out.getvalue()


def ring(x: float, y: float, radius: float, count: int, turn: float = 0.0) -> list[Point]:
    """`count` points around a middle."""
    angles = (turn + 2 * pi * number / count for number in range(count))
    return [(x + radius * cos(angle), y + radius * sin(angle)) for angle in angles]


def _scaled(box: Box) -> Box:
    left, top, right, bottom = (value * WIDTH / 1000 for value in box)
    return left, top, right, bottom


def _point(x: float, y: float) -> Point:
    return x * WIDTH / 1000, y * WIDTH / 1000
