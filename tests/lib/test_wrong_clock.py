"""A clock that is wrong: only for processes that chaos starts."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from contentdesk.lib import clock

ASK = "from contentdesk.lib import clock; print(clock.now().timestamp())"


@pytest.mark.parametrize("wrong_by", [0.0, 3600.0, -3600.0])
def test_it_is_wrong_by_what_the_file_says(tmp_path: Path, wrong_by: float) -> None:
    (tmp_path / "clock").write_text(str(wrong_by))
    said = subprocess.run(
        [sys.executable, "-c", ASK],
        env=os.environ | {"CHAOS_CLOCK": str(tmp_path / "clock")},
        check=True,
        capture_output=True,
        text=True,
    )
    assert abs(float(said.stdout) - datetime.now(UTC).timestamp() - wrong_by) < 60


def test_a_service_has_no_such_file() -> None:
    assert clock._WRONG_BY is None
