"""`contentdesk prepare`, as the launcher runs it before every start."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from contentdesk.demo import cast
from tests.servers import ROOT

pytestmark = pytest.mark.long


def prepared(tmp_path: Path, **settings: str) -> str:
    done = run(tmp_path, **settings)
    assert done.returncode == 0, done.stderr
    return done.stdout


def run(tmp_path: Path, **settings: str) -> "subprocess.CompletedProcess[str]":
    env = {name: value for name, value in os.environ.items() if name not in {"PLATFORM_BASE_URL", "DATABASE_URL"}}
    command = [str(Path(sys.executable).parent / "contentdesk"), "prepare"]
    env |= {"DATA_DIR": str(tmp_path)} | settings
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)


def test_practice_prints_who_to_sign_in_as_at_every_start(tmp_path: Path) -> None:
    first = prepared(tmp_path, PRACTICE="1")
    assert cast.PASSWORD in first
    assert all(person.login in first for person in cast.PEOPLE)
    assert prepared(tmp_path, PRACTICE="1") == first


def test_the_real_thing_starts_with_the_city_and_says_how_to_make_the_first_admin(tmp_path: Path) -> None:
    said = prepared(tmp_path, PRACTICE="0")
    assert "contentdesk admin create" in said
    assert cast.PASSWORD not in said


def test_practice_data_is_never_taken_into_real_work(tmp_path: Path) -> None:
    prepared(tmp_path, PRACTICE="1", CITY="35.79")
    refused = run(tmp_path, PRACTICE="0", CITY="35.79")
    assert refused.returncode == 1
    assert "pakai DATA_DIR atau DATABASE_URL lain" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_an_unknown_city_and_half_an_app_are_named(tmp_path: Path) -> None:
    for settings, said in (
        ({"CITY": "99.99"}, "CITY: Tidak ada kota atau kabupaten dengan kode 99.99"),
        ({"FACEBOOK_CLIENT_SECRET": "x"}, "FACEBOOK_CLIENT_ID dan FACEBOOK_CLIENT_SECRET: isi keduanya"),
    ):
        refused = run(tmp_path, PRACTICE="0", **settings)
        assert refused.returncode == 1
        assert refused.stderr.startswith(f"ContentDesk belum dapat dijalankan. {said}")


def test_what_may_still_come_is_told_and_does_not_stop_the_start(tmp_path: Path) -> None:
    said = prepared(tmp_path, PRACTICE="0", REDIS_URL="redis://127.0.0.1:1/0", AZURE_CLIENT_ID="another program's")
    assert "REDIS_URL: server antrean tidak menjawab" in said
    assert "PUBLIC_URL belum diisi dengan alamat yang dapat dijangkau" in said
