"""What the launcher refuses before it starts anything, each time in one sentence that says what to do."""

import fcntl
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from contentdesk import launch
from contentdesk.lib import preparing
from tests.servers import ROOT, free_port


def refused(tmp_path: Path, **settings: str) -> str:
    env = os.environ | {"DATA_DIR": str(tmp_path / "var")} | settings
    done = subprocess.run(
        [sys.executable, "-m", "contentdesk.launch"], cwd=ROOT, env=env, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    return done.stderr


def test_a_port_in_use_is_named_with_a_way_out(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert f"Porta {port} sudah dipakai" in refused(tmp_path, PORT=str(port))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"PORT": "banyak"}, "PORT: harus bilangan"),
        ({"DATABASE_URL": "mysql://x"}, "DATABASE_URL: harus diawali"),
        ({"DATABASE_URL": "postgresql://kim@127.0.0.1:banyak/kim"}, "DATABASE_URL: porta atau alamatnya salah"),
        ({"REDIS_URL": "redis://127.0.0.1:banyak/0"}, "REDIS_URL: porta atau alamatnya salah"),
        ({"PRACTICE": "0", "PUBLIC_URL": "http://kim.contoh.go.id"}, "PUBLIC_URL: harus diawali https://"),
        ({"DATA_DIR": "/dev/null/x"}, "DATA_DIR: folder /dev/null/x tidak dapat ditulis"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, settings: dict[str, str], said: str) -> None:
    assert said in refused(tmp_path, **settings)


def test_a_second_start_on_the_same_data_is_refused(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    lock = launch._hold(tmp_path / "var")
    assert "sedang dipakai ContentDesk yang lain" in refused(tmp_path)
    os.close(lock)


def test_a_start_waits_for_services_whose_launcher_was_killed(tmp_path: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    (tmp_path / "lock").write_text(str(gone.pid))
    ending = os.open(tmp_path / "lock", os.O_RDWR)
    fcntl.flock(ending, fcntl.LOCK_EX)
    threading.Timer(0.5, os.close, [ending]).start()
    os.close(launch._hold(tmp_path))
    assert int((tmp_path / "lock").read_text()) == os.getpid()


def test_the_wait_for_a_lock_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch, "FREE_WITHIN_S", 1)
    held = os.open(tmp_path / "lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(held, fcntl.LOCK_EX)
    with pytest.raises(launch.CannotStart):
        launch._hold(tmp_path)
    os.close(held)


@pytest.mark.parametrize("bind", ["0.0.0.0", "192.168.1.5", "::", "kantor.contoh.test"])
def test_practice_is_never_served_to_others(tmp_path: Path, bind: str) -> None:
    assert "hanya di alamat 127.0.0.1" in refused(tmp_path, PRACTICE="1", BIND=bind)


@pytest.mark.parametrize(
    ("bind", "practice", "asked"),
    [
        ("127.0.0.2", "1", "127.0.0.2"),
        ("localhost", "1", "localhost"),
        ("::1", "1", "::1"),
        ("0.0.0.0", "0", "127.0.0.1"),
        ("::", "0", "::1"),
    ],
)
def test_the_launcher_asks_the_address_that_is_served(bind: str, practice: str, asked: str) -> None:
    at = launch._address({"BIND": bind, "PRACTICE": practice})
    assert (at.host, at.here.host) == (bind, asked)


def test_a_port_is_tried_on_the_address_that_is_served(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.2", 0)) as taken:
        port = taken.getsockname()[1]
        launch._free(launch.Address("127.0.0.1", port))
        assert f"Porta {port} sudah dipakai" in refused(tmp_path, PORT=str(port), BIND="127.0.0.2")


def test_an_address_of_another_machine_is_named(tmp_path: Path) -> None:
    assert "BIND: alamat 192.0.2.1:8000 tidak dapat" in refused(
        tmp_path, PRACTICE="0", BIND="192.0.2.1", PUBLIC_URL="https://kim.contoh.go.id"
    )


def test_a_supervisor_that_ends_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "var/log/supervisor.log").mkdir(parents=True)  # so it cannot write its log
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    assert "Pengawas proses tidak menjawab" in refused(tmp_path, PRACTICE="0", PORT=port)


def test_orders_wait_for_the_supervisors_socket(tmp_path: Path) -> None:
    control = tmp_path / "s.sock"
    late = socket.socket(socket.AF_UNIX)
    threading.Timer(0.3, lambda: (late.bind(str(control)), late.listen())).start()
    running = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    try:
        assert launch._takes_orders(control, running, threading.Event())
    finally:
        running.communicate()
        late.close()


def test_a_folder_with_spaces_and_percent_signs_is_quoted(tmp_path: Path) -> None:
    import shlex
    from configparser import ConfigParser

    from contentdesk import supervised
    from contentdesk.config import from_env

    folder = tmp_path / "data kim 100% é"
    config = from_env({"DATA_DIR": str(folder)})
    file = ConfigParser()
    file.read(supervised.write(config, {}, "127.0.0.1:8000"))
    command = shlex.split(file["program:valkey"]["command"])
    assert command[command.index("--dir") + 1] == str(folder / "valkey")
    assert file["program:crew"]["autostart"] == "false"


def test_who_serves_waits_for_the_tables(tmp_path: Path) -> None:
    serves = threading.Thread(target=preparing.wait, args=(tmp_path,))
    with preparing.in_hand(tmp_path):
        serves.start()
        serves.join(0.2)
        assert serves.is_alive()
    serves.join(10)
    assert not serves.is_alive()


@pytest.mark.long
def test_tables_that_cannot_be_prepared_end_the_start_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var/contentdesk.db").write_text("no database, though it has the name of one")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    env = os.environ | {"DATA_DIR": str(tmp_path / "var"), "PORT": port, "PRACTICE": "0"}
    done = subprocess.run(
        [sys.executable, "-m", "contentdesk.launch"], cwd=ROOT, env=env, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1
    assert "file is not a database" in done.stderr


def test_a_database_that_does_not_answer_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    env = os.environ | {"DATA_DIR": str(tmp_path / "var"), "PORT": port}
    env["DATABASE_URL"] = "postgresql://orang:rahasia@127.0.0.1:1/x"
    done = subprocess.run(
        [sys.executable, "-m", "contentdesk.launch"], cwd=ROOT, env=env, capture_output=True, text=True, timeout=60
    )
    assert "DATABASE_URL: basis data tidak menjawab" in done.stderr
    assert "Traceback" not in done.stderr
    assert "rahasia" not in done.stderr


@pytest.mark.parametrize(("data", "shown"), [(ROOT / "var", "var"), (Path("/srv/kim"), "/srv/kim")])
def test_who_stops_it_is_told_that_it_has_stopped(capsys: pytest.CaptureFixture[str], data: Path, shown: str) -> None:
    running = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    launch._end(running, data, told=True)
    running.communicate()
    assert running.returncode < 0
    assert capsys.readouterr().out == f"Berhenti. Data tersimpan di {shown}\n"


@pytest.mark.long
def test_nobody_works_on_tables_that_were_refused(tmp_path: Path) -> None:
    """The crew waits for them, and ends before anybody is let loose."""
    env = os.environ | {"DATA_DIR": str(tmp_path / "var"), "CITY": "99.99", "PORT": str(free_port())}
    done = subprocess.run(
        [sys.executable, "-m", "contentdesk.launch"], cwd=ROOT, env=env, capture_output=True, text=True, timeout=60
    )
    assert "CITY: Tidak ada kota" in done.stderr
    log = tmp_path / "var" / "log" / "crew.log"
    assert not log.exists() or "Starting gunicorn" not in log.read_text()
