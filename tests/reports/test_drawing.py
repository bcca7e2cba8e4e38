"""Classes, labels, map and bars."""

import re

import pytest
from flask import Flask

from contentdesk.reports import chart, classes
from contentdesk.reports import map as tile_map
from contentdesk.reports.labels import two_lines
from contentdesk.reports.page import short
from contentdesk.reports.periods import Period, month_of, months_back, weeks_up_to


def test_five_quantiles_with_borders_in_hundreds_hold_a_fifth_each() -> None:
    values = [number * 137 for number in range(1, 51)]
    at = classes.borders(values)
    assert len(at) == 4
    assert all(border % 100 == 0 for border in at)
    shades = [classes.shade(value, at) for value in values]
    assert shades == sorted(shades)
    assert {shade: shades.count(shade) for shade in range(1, 6)} == dict.fromkeys(range(1, 6), 10)


def test_fewer_than_ten_values_have_one_colour() -> None:
    values = [number * 1000 for number in range(1, 10)]
    assert classes.borders(values) == ()
    assert {classes.shade(value, ()) for value in values} == {3}
    assert classes.borders([*values, 10_000])


@pytest.mark.parametrize("values", [[5] * 20, list(range(40)), [110, 120, 130, 140] * 5, [0] * 19 + [100_000]])
def test_every_class_has_values_even_when_they_lie_close(values: list[int]) -> None:
    at = classes.borders(values)
    used = {classes.shade(value, at) for value in values}
    assert used == set(classes.SHADES[len(at) + 1])


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("Klojen", ("Klojen",)),
        ("Oro-oro Dowo", ("Oro-oro", "Dowo")),
        ("Purwantoro", ("Purwan-", "toro")),
        ("Tunggulwulung", ("Tunggul-", "wulung")),
        ("Penanggungan", ("Penang-", "gungan")),
        ("Tasik Madu", ("Tasik", "Madu")),
        ("Brrrrrrrrrrr", ("Brrrrrrrrrrr",)),
    ],
)
def test_names_are_divided_where_a_reader_would(name: str, lines: tuple[str, ...]) -> None:
    assert two_lines(name) == lines


def tile(row: int, col: int, shifted: bool = False, name: str = "Desa") -> tile_map.Tile:
    return tile_map.Tile("1", name, row, col, shifted, "1", "7", f"{name}: 7", "#k-1")


def test_the_frame_holds_the_tiles_of_any_city() -> None:
    tiles = [tile(20, 30), tile(21, 30, shifted=True), tile(21, 34, shifted=True)]
    found = re.search(r'viewBox="(\S+) (\S+) (\S+) (\S+)"', tile_map.draw(tiles, "Temuan"))
    assert found
    left, top, width, height = map(float, found.groups())
    board = tile_map.Board(tile_map.WIDE)
    for each in tiles:
        x, y = board.centre(each)
        assert left < x - board.width / 2 < x + board.width / 2 < left + width
        assert top < y - board.height / 2 < y + board.height / 2 < top + height
    assert width == pytest.approx(5 * 72 + 2 * tile_map.EDGE + 36, abs=0.2)


def test_rows_lie_three_quarters_of_a_height_apart_and_shifted_ones_half_a_tile_right() -> None:
    board = tile_map.Board(72)
    (x, y), (shifted_x, below) = board.centre(tile(0, 0)), board.centre(tile(1, 0, shifted=True))
    assert shifted_x - x == 36
    assert below - y == pytest.approx(board.height * 0.75)


def test_a_city_without_places_has_no_map() -> None:
    assert tile_map.draw([], "Temuan") == ""


def test_names_cannot_break_out_of_the_drawing() -> None:
    drawn = tile_map.draw([tile(0, 0, name='<script>"&')], 'Temuan "&<')
    assert "<script>" not in drawn
    assert 'aria-label="Temuan &#34;&amp;&lt;"' in drawn


def test_a_small_figure_never_shrinks_to_zero(app: Flask) -> None:
    with app.test_request_context():
        written = [short(value, in_thousands=True) for value in (0, 1, 99, 100, 18_420)]
        assert written == ["0", "<0,1", "<0,1", "0,1", "18,4"]
        assert short(9_999, in_thousands=False) == "9.999"


@pytest.mark.parametrize(("highest", "step"), [(61, 25), (75, 25), (76, 50), (1, 0.5), (0, 1), (29_000, 10_000)])
def test_grid_lines_are_round_and_reach_over_the_highest_bar(highest: float, step: float) -> None:
    found = chart.step_for(highest)
    assert found == step
    assert found * chart.LINES >= highest


def test_an_unknown_week_has_a_question_mark_and_no_bar() -> None:
    bars = [
        chart.Bar("Sep", 3, "3"),
        chart.Bar("", None, "", unknown=True),
        chart.Bar("", None, ""),
        chart.Bar("", 5, "5"),
    ]
    drawn = chart.draw(bars, "Temuan", ["0", "2", "4", "6"], 2)
    assert drawn.count("<rect") == 2
    assert drawn.count(">?<") == 1
    assert drawn.count("<line") == 4
    assert 'role="img" aria-label="Temuan"' in drawn


def test_spans_of_days() -> None:
    from datetime import date

    november = month_of(date(2026, 11, 21))
    assert (november.first, november.last, november.days) == (date(2026, 11, 1), date(2026, 11, 30), 30)
    assert november.before() == Period(date(2026, 10, 2), date(2026, 10, 31))
    assert november.start.isoformat() == "2026-10-31T17:00:00+00:00"
    assert [span.days for span in weeks_up_to(november.last, 3)] == [7, 7, 7]
    assert months_back(date(2027, 1, 31), 3) == [date(2027, 1, 1), date(2026, 12, 1), date(2026, 11, 1)]
