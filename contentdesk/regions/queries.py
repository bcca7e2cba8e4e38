"""Reading kota, kecamatan and kelurahan."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from contentdesk.lib.db import db
from contentdesk.regions.models import City, Kecamatan, Kelurahan


@dataclass(frozen=True)
class TileOnMap:
    """A kelurahan's place on the hexagon map, as the drawing macros want it."""

    code: str
    name: str
    row: int
    col: int
    shifted: bool


def city(code: str) -> City | None:
    return db.session.get(City, code)


def city_name(code: str) -> str:
    """The city's name, empty before its data is loaded."""
    return db.session.scalar(select(City.name).where(City.code == code)) or ""


def kelurahan_by_code(code: str) -> Kelurahan | None:
    """With its kecamatan."""
    return db.session.scalar(select(Kelurahan).where(Kelurahan.code == code).options(joinedload(Kelurahan.kecamatan)))


def all_kelurahan(city_code: str | None = None) -> list[Kelurahan]:
    """With their kecamatan, in the order of kecamatan and name; of one city if said."""
    query = (
        select(Kelurahan)
        .join(Kelurahan.kecamatan)
        .options(joinedload(Kelurahan.kecamatan))
        .order_by(Kecamatan.name, Kelurahan.name)
    )
    if city_code:
        query = query.where(Kecamatan.city_code == city_code)
    return list(db.session.scalars(query))


def count_kelurahan() -> int:
    return db.session.scalar(select(func.count()).select_from(Kelurahan)) or 0


def tiles() -> list[TileOnMap]:
    """The whole map, in one query."""
    rows = db.session.execute(
        select(Kelurahan.code, Kelurahan.name, Kelurahan.tile_row, Kelurahan.tile_col, Kelurahan.tile_shifted)
        .where(Kelurahan.tile_row.is_not(None))
        .order_by(Kelurahan.tile_row, Kelurahan.tile_col)
    )
    return [TileOnMap(code, name, row or 0, col or 0, shifted) for code, name, row, col, shifted in rows]


def find(name: str) -> list[Kelurahan]:
    """Kelurahan with this name or alias. Names are written in many ways, so only letters count."""
    wanted = letters(name)
    if not wanted:
        return []
    return [row for row in all_kelurahan() if wanted in {letters(each) for each in (row.name, *row.aliases)}]


def letters(name: str) -> str:
    """oroorodowo for Oro-oro Dowo and Oro Oro Dowo"""
    return "".join(each for each in name.casefold() if each.isalpha())
