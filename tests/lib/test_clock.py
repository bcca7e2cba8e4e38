"""Times that people type."""

from collections import deque
from datetime import datetime, timedelta
from time import monotonic

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict
from wtforms import Form

from contentdesk.lib import clock
from contentdesk.lib.forms import WibField


class Planned(Form):  # type: ignore[misc]  # the library has no types
    at = WibField()


@pytest.mark.parametrize("year", [1, 1999, 2101, 9999])
def test_a_year_nobody_means_is_told_and_comes_back(app: Flask, year: int) -> None:
    typed = f"{year:04}-12-31T23:30"
    with app.test_request_context():
        form = Planned(MultiDict({"at": typed}))
        assert not form.validate()
        assert form.at.errors == ["Tulis tahun antara 2000 dan 2100."]
        assert form.at.data is None
        assert typed in form.at()


@pytest.mark.parametrize("year", [2000, 2026, 2100])
def test_other_years_are_read_in_wib(app: Flask, year: int) -> None:
    with app.test_request_context():
        form = Planned(MultiDict({"at": f"{year}-01-01T07:00"}))
        assert form.validate()
        assert form.at.data.isoformat() == f"{year}-01-01T00:00:00+00:00"


@pytest.mark.parametrize("year", [1, 9999])
def test_a_moment_out_of_reach_is_a_wrong_value(year: int) -> None:
    with pytest.raises(ValueError):
        clock.from_wib(datetime(year, 1, 1))


def test_a_clock_that_was_set_is_noticed_and_forgotten_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    off, passed, wall = [0.0], [0.0], clock._wall
    monkeypatch.setattr(clock, "_seen", deque())
    monkeypatch.setattr(clock, "_wall", lambda: wall() + timedelta(seconds=off[0] + passed[0]))
    monkeypatch.setattr(clock, "monotonic", lambda: monotonic() + passed[0])
    clock.watch()
    passed[0] = 600
    assert not clock.has_jumped()
    off[0] = 90
    assert clock.has_jumped()
    off[0] = 0
    assert clock.has_jumped()
    passed[0] += clock.REMEMBERED_S + 1
    clock.watch()
    assert not clock.has_jumped()
