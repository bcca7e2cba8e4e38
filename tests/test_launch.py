"""A wrong setting is named at once, with what it wants; nothing is started."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from contentdesk.config import WrongSetting, from_env, socket_path
from contentdesk.lib.crypto import Box, new_key
from tests.servers import ROOT, MediaServer


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://a/b"),
        ("REDIS_URL", "ftp://a"),
        ("PUBLIC_URL", "contoh.go.id"),
        ("PLATFORM_BASE_URL", "file:///etc"),
        ("PRACTICE", "ya"),
        ("CITY", "Malang"),
        ("SECRET_KEYS", "rahasia"),
        ("GRACE_HOURS", "0"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(WrongSetting, match=f"^{name}: harus|^{name}: tiap kunci harus") as refused:
        from_env({"DATA_DIR": str(tmp_path), name: value})
    assert "rahasia" not in str(refused.value)


def test_the_start_command_says_it_in_one_sentence(tmp_path: Path) -> None:
    ended = _launch({"DATA_DIR": str(tmp_path), "DATABASE_URL": "mysql://a/b"})
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "DATABASE_URL" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    other = MediaServer()
    port = other.url.rsplit(":", 1)[1]
    ended = _launch({"DATA_DIR": str(tmp_path), "PORT": port})
    other.stop()
    assert ended.returncode == 2
    assert f"Porta {port} sudah dipakai" in ended.stderr


def _launch(settings: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "contentdesk.launch"],
        cwd=ROOT,
        env=os.environ | settings,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_the_key_of_the_installation_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    first = from_env({"DATA_DIR": str(tmp_path)}).secret_keys
    assert from_env({"DATA_DIR": str(tmp_path)}).secret_keys == first
    assert (tmp_path / "secret.key").stat().st_mode & 0o777 == 0o600


def test_a_deep_folder_gets_a_short_socket(tmp_path: Path) -> None:
    deep = tmp_path / ("dalam" * 30)
    assert len(bytes(socket_path(deep))) <= 107
    assert socket_path(deep) == socket_path(deep)


def test_an_old_key_still_opens_what_it_sealed() -> None:
    old, new = new_key(), new_key()
    sealed = Box((old,)).seal("token")
    renewed = Box((new, old)).renew(sealed)
    assert Box((new,)).open(renewed) == "token"
