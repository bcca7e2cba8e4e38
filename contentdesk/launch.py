"""`make run`: everything on one machine with one command.

Starts under one supervisor what is not given from outside: an embedded Valkey (no REDIS_URL), the sandbox
platforms (practice mode), the web server, the workers and the beat. Light on purpose: it stays in memory.
"""

import errno
import fcntl
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException
from ipaddress import ip_address
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen
from xmlrpc.client import Error as XmlRpcError
from xmlrpc.client import ServerProxy

from supervisor.xmlrpc import SupervisorTransport

from contentdesk import supervised
from contentdesk.config import Config, WrongSetting, close_to_others, data_dir_of, from_env
from contentdesk.lib import preparing
from contentdesk.lib.stopping import Stop

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
READY_WITHIN_S = 60
FREE_WITHIN_S = 20
"""A start whose launcher alone was killed needs a moment to end the others."""
SUPERVISOR_GONE = "Pengawas proses tidak menjawab. Lihat log/supervisor.out di folder data."


class CannotStart(Exception):
    """Says in one sentence what stands in the way."""


@dataclass(frozen=True)
class Address:
    """Where the pages are served."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def here(self) -> "Address":
        """Where this machine reaches it."""
        return Address({"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host), self.port)  # noqa: S104 - read


def main() -> int:
    os.chdir(ROOT)
    try:
        at = _address(os.environ)
        close_to_others(data_dir_of(os.environ))
        lock = _hold(data_dir_of(os.environ))
        env = _environment(dict(os.environ))
        config = from_env(env)
        _free(at)
        return _run(config, env, at, lock)
    except (WrongSetting, CannotStart) as error:
        print(f"ContentDesk belum dapat dijalankan. {error}", file=sys.stderr)
        return 2


def _environment(env: dict[str, str]) -> dict[str, str]:
    """Practice mode unless said otherwise; then the sandbox stands in for the platforms."""
    at = _address(env)
    env.setdefault("PRACTICE", "1")
    env.setdefault("PUBLIC_URL", f"http://{at.here}")
    env["DATA_DIR"] = str(data_dir_of(env))
    if env["PRACTICE"] == "1" and not env.get("PLATFORM_BASE_URL"):
        env["SANDBOX_PORT"] = str(_sandbox_port(at.port))
        env["SANDBOX_DATA"] = str(Path(env["DATA_DIR"]) / "sandbox")
        env["PLATFORM_BASE_URL"] = f"http://127.0.0.1:{env['SANDBOX_PORT']}"
    env.setdefault("PYTHONUNBUFFERED", "1")
    return env


def _address(env: Mapping[str, str]) -> Address:
    """What to serve. Practice stays on this machine: the password of its admin is printed and known."""
    host = (env.get("BIND") or "127.0.0.1").strip("[]")
    if env.get("PRACTICE", "1") == "1" and not _is_loopback(host):
        raise CannotStart(
            "BIND: mode latihan hanya di alamat 127.0.0.1 karena kata sandinya diketahui umum; "
            f"untuk {host} pakai PRACTICE=0."
        )
    return Address(host, _port(env))


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _port(env: Mapping[str, str]) -> int:
    value = env.get("PORT", "8000")
    if not value.isdigit() or not 1 <= int(value) <= 65535:
        raise CannotStart("PORT: harus bilangan 1 sampai 65535.")
    return int(value)


def _free(at: Address) -> None:
    with socket.socket(socket.AF_INET6 if ":" in at.host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((at.host, at.port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise CannotStart(
                    f"Porta {at.port} sudah dipakai program lain. Hentikan program itu, "
                    f"atau pilih porta lain: make run PORT={at.port + 100}."
                ) from error
            raise CannotStart(f"BIND: alamat {at} tidak dapat dipakai ({error.strerror}).") from error


def _hold(data_dir: Path) -> int:
    """Keeps a second start away from the same data: two databases on one folder would damage it.

    The supervisor holds the lock as well, so it outlives a launcher that was killed.
    """
    try:
        lock = os.open(data_dir / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise CannotStart(f"DATA_DIR: folder {data_dir} tidak dapat ditulis ({error.strerror}).") from error
    pause = threading.Event()
    for _ in range(FREE_WITHIN_S * 10):
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.truncate(lock, 0)
            os.pwrite(lock, str(os.getpid()).encode(), 0)
            return lock
        except BlockingIOError:
            if _runs(os.pread(lock, 20, 0)):
                break
            pause.wait(0.1)
    raise CannotStart(f"Folder data {data_dir} sedang dipakai ContentDesk yang lain. Hentikan yang itu dulu.")


def _runs(pid: bytes) -> bool:
    """Whether the launcher that took the lock is still there, or only its services are ending."""
    try:
        os.kill(int(pid), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        pass  # somebody else's, but there
    return True


def _sandbox_port(port: int) -> int:
    """The next one if it is free, otherwise any."""
    for wanted in (port + 10, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", wanted))
            except (OSError, OverflowError):
                continue
            return int(probe.getsockname()[1])
    raise CannotStart("Tidak ada porta yang kosong.")


def _run(config: Config, env: dict[str, str], at: Address, lock: int) -> int:
    stop = Stop()
    conf = supervised.write(config, env, str(at))
    with (config.data_dir / "log" / "supervisor.out").open("w") as said:
        supervisor = subprocess.Popen(
            [sys.executable, "-m", "contentdesk.child", str(BIN / "supervisord"), "-c", str(conf)],
            env=env,
            stdout=said,
            stderr=said,
            start_new_session=True,
            pass_fds=(lock,),
        )
    try:
        return _bring_up(supervisor, supervised.control_of(config), env, at, stop)
    finally:
        _end(supervisor, config.data_dir, told=stop.is_told())


def _end(supervisor: "subprocess.Popen[bytes]", data: Path, *, told: bool) -> None:
    """Tells who asked for it that it has stopped: everything is down then, and the data may be copied."""
    supervisor.send_signal(signal.SIGTERM)
    supervisor.wait()
    if told:
        shown = data.relative_to(ROOT) if data.is_relative_to(ROOT) else data
        print(f"Berhenti. Data tersimpan di {shown}", flush=True)


def _bring_up(
    supervisor: "subprocess.Popen[bytes]", control: Path, env: dict[str, str], at: Address, stop: Stop
) -> int:
    with preparing.in_hand(Path(env["DATA_DIR"])):
        tables = subprocess.Popen(
            [str(BIN / "contentdesk"), "prepare"], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        if _takes_orders(control, supervisor, stop):
            _start(control, "crew")  # loads meanwhile
        said, trouble = tables.communicate()
        if stop.is_told() or tables.returncode:  # before those who wait for the tables are let loose
            supervisor.send_signal(signal.SIGTERM)
            supervisor.wait()
    if stop.is_told():
        return 0
    if tables.returncode:
        print(said + trouble, file=sys.stderr)
        return tables.returncode
    if not _is_ready(at, supervisor, stop):
        if not stop.is_told():
            print(f"Layanan tidak siap. Lihat {env['DATA_DIR']}/log/crew.log.", file=sys.stderr)
        return 0 if stop.is_told() else 1
    print(said, end="")
    print(f"ready: {env['PUBLIC_URL']}", flush=True)
    while not stop.wait(0.5):
        if supervisor.poll() is not None:
            print("Pengawas proses berhenti sendiri. Jalankan make run lagi.", file=sys.stderr)
            return 1
    return 0


def _takes_orders(control: Path, supervisor: "subprocess.Popen[bytes]", stop: Stop) -> bool:
    """Waits until the supervisor listens. False: told to stop meanwhile."""
    for _ in range(READY_WITHIN_S * 20):
        if supervisor.poll() is not None:
            break
        with socket.socket(socket.AF_UNIX) as probe:
            if probe.connect_ex(str(control)) == 0:
                return True
        if stop.wait(0.05):
            return False
    raise CannotStart(SUPERVISOR_GONE)


def _start(control: Path, *names: str) -> None:
    """As `supervisorctl start` does, without another Python."""
    supervisor = ServerProxy("http://localhost", SupervisorTransport(serverurl=f"unix://{control}")).supervisor
    try:
        for name in names:
            supervisor.startProcess(name, False)
    except (OSError, HTTPException, XmlRpcError) as error:
        raise CannotStart(SUPERVISOR_GONE) from error


def _is_ready(at: Address, supervisor: "subprocess.Popen[bytes]", stop: Stop) -> bool:
    for _ in range(READY_WITHIN_S * 20):
        if supervisor.poll() is not None or stop.wait(0.05):
            return False
        try:
            with urlopen(f"http://{at.here}/sehat", timeout=2) as answer:
                if answer.status == 200:
                    return True
        except (URLError, OSError):
            continue
    return False


if __name__ == "__main__":
    sys.exit(main())
