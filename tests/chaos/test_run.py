"""The whole of it, small: everything is killed and disturbed, and nothing is lost, doubled or unapproved."""

import json
from typing import Any

import pytest
from click.testing import CliRunner

from contentdesk.chaos import run as chaos
from contentdesk.chaos.asked import Asked
from contentdesk.cli import main
from tests.factories import Factory

CLEAN: dict[str, object] = {"lost": 0, "duplicated": 0, "unapproved": 0}


@pytest.mark.long
def test_a_small_run_ends_well(postgres: str | None, database_url: str) -> None:
    figures = chaos.run(Asked(deliveries=40, kills=4, seed=1, quiet=True), database_url if postgres else "")
    wrong = {name: figures[name] for name in (*CLEAN, "unknown_left")}
    assert not any(wrong.values()), json.dumps(figures, indent=1)
    assert (figures["deliveries"], figures["kills"]) == (40, 4)
    assert int(str(figures["published"])) > 15


@pytest.mark.long
def test_a_database_with_people_in_it_is_left_alone(make: Factory, database_url: str) -> None:
    make.user()
    with pytest.raises(chaos.CannotRun, match="people"):
        chaos.run(Asked(deliveries=1, kills=0, seed=1, quiet=True), database_url)


@pytest.mark.parametrize("what", CLEAN)
def test_what_must_not_happen_is_told_by_the_exit_status(monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    assert _status(monkeypatch, CLEAN) == 0
    assert _status(monkeypatch, CLEAN | {what: 1}) == 1


def _status(monkeypatch: pytest.MonkeyPatch, figures: dict[str, object]) -> int:
    def run(*_: Any, **__: Any) -> dict[str, object]:
        return figures

    monkeypatch.setattr(chaos, "run", run)
    done = CliRunner().invoke(main, ["chaos", "--json"])
    assert json.loads(done.stdout) == figures
    return done.exit_code
