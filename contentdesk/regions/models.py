"""Kota, kecamatan, kelurahan by the codes of the Ministry of Home Affairs (Kemendagri)."""

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from contentdesk.lib.db import Model, link


class City(Model):
    __tablename__ = "cities"

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    province: Mapped[str]


class Kecamatan(Model):
    __tablename__ = "kecamatan"

    code: Mapped[str] = mapped_column(primary_key=True)
    city_code: Mapped[str] = mapped_column(ForeignKey("cities.code"), index=True)
    name: Mapped[str]
    population: Mapped[int | None]
    population_year: Mapped[int | None]
    population_source: Mapped[str | None]


class Kelurahan(Model):
    """A tile (row, column; `shifted` rows lie half a tile to the right) is its place on the hexagon map."""

    __tablename__ = "kelurahan"

    code: Mapped[str] = mapped_column(primary_key=True)
    kecamatan_code: Mapped[str] = mapped_column(ForeignKey("kecamatan.code"), index=True)
    name: Mapped[str]
    aliases: Mapped[list[str]] = mapped_column(JSON, default=list)
    postal: Mapped[str | None]
    tile_row: Mapped[int | None]
    tile_col: Mapped[int | None]
    tile_shifted: Mapped[bool] = mapped_column(default=False)
    population: Mapped[int | None]
    population_year: Mapped[int | None]
    population_source: Mapped[str | None]

    kecamatan: Mapped[Kecamatan] = link()
