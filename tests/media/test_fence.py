"""What stands around the programs that read foreign files."""

import sys

import pytest

from contentdesk.media import fence, probing
from contentdesk.media.probing import BadVideo
from tests.media import clips


def test_none_of_our_secrets_reaches_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEYS", "kunci-rahasia")
    told = fence.run(["env"], 10).out.decode()
    assert "PATH=" in told
    assert "kunci-rahasia" not in told
    assert {line.partition("=")[0] for line in told.splitlines()} <= {"PATH", "LD_LIBRARY_PATH", "LC_CTYPE"}


def test_a_program_that_tells_without_end_fills_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fence, "MOST_TOLD_BYTES", 100_000)
    talking = "import sys\nfor _ in range(100): sys.stdout.write('a' * 10_000); sys.stderr.write('b' * 10_000)"
    ended = fence.run([sys.executable, "-c", talking], 20)
    assert ended.ok
    assert ended.out == b"a" * 100_000
    assert ended.said == "b" * 2000


def test_a_file_with_more_to_tell_than_we_take_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    clips.upright()
    monkeypatch.setattr(fence, "MOST_TOLD_BYTES", 300)
    with pytest.raises(BadVideo):
        probing.probe(clips._folder() / "upright.mov")
