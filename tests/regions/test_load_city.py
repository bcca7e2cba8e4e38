"""Kota, kecamatan and kelurahan come from files; a second load keeps what points at them."""

import pytest
from flask import Flask

from contentdesk.kim.models import Kim
from contentdesk.lib.db import db, transaction
from contentdesk.lib.errors import NotFound
from contentdesk.regions import queries, services
from contentdesk.regions.models import City, Kecamatan, Kelurahan

MALANG = "35.73"
SURAKARTA = "33.72"


def load(code: str) -> int:
    with transaction():
        return services.load_city(code)


def test_malang_has_57_kelurahan_in_5_kecamatan_each_with_a_place_of_its_own_on_the_map(app: Flask) -> None:
    assert load(MALANG) == 57
    rows = queries.all_kelurahan()
    assert len(rows) == 57
    assert {row.kecamatan.name for row in rows} == {"Blimbing", "Klojen", "Kedungkandang", "Sukun", "Lowokwaru"}
    assert len({(tile.row, tile.col) for tile in queries.tiles()}) == 57
    assert queries.city_name(MALANG) == "Kota Malang"


def test_a_population_always_says_its_year_and_source(app: Flask) -> None:
    load(MALANG)
    rows = db.session.scalars(db.select(Kecamatan)).all()
    assert {row.population for row in rows} == {182851, 93990, 209375, 196860, 164106}
    assert all(row.population_year == 2023 and "BPS" in (row.population_source or "") for row in rows)


def test_a_second_load_mends_names_and_keeps_the_rows_that_groups_point_at(app: Flask) -> None:
    load(MALANG)
    with transaction() as session:
        session.add(Kim(name="KIM Rodowo", kelurahan_code="35.73.02.1007"))
        session.get_one(Kelurahan, "35.73.02.1007").name = "Salah tulis"
        session.get_one(Kelurahan, "35.73.02.1007").population = 7000
    load(MALANG)
    found = queries.kelurahan_by_code("35.73.02.1007")
    assert found is not None
    assert found.name != "Salah tulis"
    assert found.population == 7000, "a figure that the files do not know must stay"
    assert db.session.scalar(db.select(Kim.kelurahan_code)) == "35.73.02.1007"
    assert len(queries.all_kelurahan()) == 57


@pytest.mark.parametrize(
    "written",
    ["Oro-oro Dowo", "oro oro dowo", "ORO-ORODOWO", "Rodowo", "Orodowo"],
)
def test_a_kelurahan_is_found_however_its_name_is_written(app: Flask, written: str) -> None:
    load(MALANG)
    assert [row.name for row in queries.find(written)] == ["Oro-oro Dowo"]


@pytest.mark.parametrize("written", ["", "  ", "Oro", "Kampung Inggris"])
def test_a_name_that_is_none_finds_nothing(app: Flask, written: str) -> None:
    load(MALANG)
    assert queries.find(written) == []


def test_a_city_nobody_drew_gets_a_compact_map_with_one_tile_for_each_kelurahan(app: Flask) -> None:
    count = load(SURAKARTA)
    tiles = queries.tiles()
    places = {(tile.row, tile.col) for tile in tiles}
    assert len(tiles) == len(places) == count
    assert max(tile.row for tile in tiles) <= 10
    assert all(tile.shifted == (tile.row % 2 == 1) for tile in tiles)


def test_two_cities_stay_apart(app: Flask) -> None:
    load(MALANG)
    load(SURAKARTA)
    assert len(queries.all_kelurahan(MALANG)) == 57
    assert {row.code[:5] for row in queries.all_kelurahan(SURAKARTA)} == {SURAKARTA}


@pytest.mark.parametrize("code", ["99.99", "35", "35.73.01", "malang"])
def test_a_code_that_is_no_city_is_refused_and_nothing_is_kept(app: Flask, code: str) -> None:
    with pytest.raises(NotFound):
        load(code)
    assert db.session.scalars(db.select(City)).all() == []


def test_the_command_loads_a_city(app: Flask) -> None:
    from contentdesk.cli import main

    result = app.test_cli_runner().invoke(main.commands["regions"], ["load", MALANG])
    assert result.exit_code == 0, result.output
    assert "57 kelurahan" in result.output
