"""The hexagon map as SVG. Hexagons point up: width w, height 2w/√3, rows ¾ of a height apart.

The picture is one image with a sentence for those who do not see it; over it lies a layer of links, one for
each tile, so that they can be reached one by one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from markupsafe import Markup, escape

from contentdesk.reports.labels import two_lines

WIDE, NARROW = 72, 45
"""Width of a tile with name and value, and with the value alone (phone)."""
EDGE = 2
GAP = 1.5
"""Between two tiles, in pixels."""


@dataclass(frozen=True)
class Tile:
    code: str
    name: str
    row: int
    col: int
    shifted: bool
    look: str
    """`1` to `5`, `unknown`, `silent` or `none`: the class hex-… in the style sheet."""
    value: str
    """What stands in the tile; never colour alone."""
    says: str
    """Name of the link, for those who hear it."""
    url: str
    first: bool = False
    """Drawn with a strong line: the highest value."""


@dataclass(frozen=True)
class Board:
    """Where tiles of one width lie."""

    width: int

    @property
    def height(self) -> float:
        return self.width * 2 / sqrt(3)

    def centre(self, tile: Tile) -> tuple[float, float]:
        x = (tile.col + (1 if tile.shifted else 0.5)) * self.width
        return x, tile.row * self.height * 0.75 + self.height / 2

    def corners(self) -> str:
        """Of a tile around 0,0."""
        half, high = (self.width - GAP) / 2, (self.width - GAP) / sqrt(3)
        points = ((0, -high), (half, -high / 2), (half, high / 2), (0, high), (-half, high / 2), (-half, -high / 2))
        return " ".join(f"{_short(x)},{_short(y)}" for x, y in points)

    def frame(self, tiles: Sequence[Tile]) -> str:
        """The viewBox around all tiles, whichever city it is."""
        centres = [self.centre(tile) for tile in tiles]
        left = min(x for x, _ in centres) - self.width / 2 - EDGE
        top = min(y for _, y in centres) - self.height / 2 - EDGE
        right = max(x for x, _ in centres) + self.width / 2 + EDGE
        bottom = max(y for _, y in centres) + self.height / 2 + EDGE
        return f"{_short(left)} {_short(top)} {_short(right - left)} {_short(bottom - top)}"


def draw(tiles: Sequence[Tile], finding: str, width: int = WIDE) -> Markup:
    """Nothing for a city whose kelurahan have no places on a map."""
    if not tiles:
        return Markup()
    board = Board(width)
    names = width == WIDE
    shown = sorted(tiles, key=lambda tile: tile.first)
    kind = "wide" if names else "small"
    return Markup(
        '<svg class="tilemap {kind}" viewBox="{frame}">'
        '<defs>{hatch}<polygon id="hex-{kind}" points="{corners}"/></defs>'
        '<g role="img" aria-label="{finding}">{drawn}</g>{links}</svg>'
    ).format(
        kind=kind,
        frame=board.frame(tiles),
        hatch=_HATCH.format(kind=kind),
        corners=board.corners(),
        finding=finding,
        drawn=Markup().join(_drawn(board, tile, kind, names) for tile in shown),
        links=Markup().join(_link(board, tile, kind) for tile in tiles),
    )


_HATCH = Markup(
    '<pattern id="hatch-{kind}" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect width="7" height="7" class="hatch-ground"/><path d="M0 0v7" class="hatch-line"/></pattern>'
)


def _drawn(board: Board, tile: Tile, kind: str, names: bool) -> Markup:
    x, y = board.centre(tile)
    lines = two_lines(tile.name) if names else ()
    fill = Markup(' fill="url(#hatch-{})"').format(kind) if tile.look == "unknown" else ""
    texts = Markup().join(
        Markup('<text class="n" y="{}">{}</text>').format(_name_line(place, len(lines)), line)
        for place, line in enumerate(lines)
    )
    return Markup(
        '<g class="hex-{look}{first}" transform="translate({x} {y})"><use href="#hex-{kind}"{fill}/>{texts}'
        '<text class="v" y="{at}">{value}</text></g>'
    ).format(
        look=tile.look,
        first=" top" if tile.first else "",
        x=_short(x),
        y=_short(y),
        kind=kind,
        fill=fill,
        texts=texts,
        at=(19 if len(lines) > 1 else 15) if names else 5,
        value=tile.value,
    )


def _name_line(place: int, lines: int) -> int:
    return -5 if lines == 1 else -11 + place * 11


def _link(board: Board, tile: Tile, kind: str) -> Markup:
    x, y = board.centre(tile)
    return Markup('<a href="{}" aria-label="{}"><use href="#hex-{}" x="{}" y="{}"/></a>').format(
        tile.url, escape(tile.says), kind, _short(x), _short(y)
    )


def _short(value: float) -> str:
    """With one decimal at most: 570 numbers stand on the page."""
    return f"{value:.1f}".removesuffix(".0")
