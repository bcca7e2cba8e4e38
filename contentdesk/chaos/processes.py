"""The processes of a run: queue, platforms, and two machines with workers and a beat, the first with pages too.

All are real and are killed with SIGKILL. What a killed parent leaves behind comes to us, so that nothing outlives us.
"""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from random import Random
from threading import Event
from urllib.parse import urlsplit

from contentdesk.chaos.asked import CannotRun
from contentdesk.config import Config, socket_path
from contentdesk.supervised import ROOT, valkey

PR_SET_CHILD_SUBREAPER = 36
PAUSE = Event()


def adopt_orphans() -> None:
    if sys.platform != "linux":
        raise CannotRun("it needs Linux: who is whose child is read from /proc")
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)


class Program:
    """One command that can be killed at any moment and started again."""

    def __init__(self, name: str, command: list[str], config: Config) -> None:
        self.name, self._command = name, [sys.executable, "-m", "contentdesk.child", *command]
        self._log = config.data_dir / "log" / f"{name}.log"
        self._log.parent.mkdir(parents=True, exist_ok=True)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        if self._process is None or self._process.poll() is not None:
            with self._log.open("ab") as log:
                self._process = subprocess.Popen(self._command, cwd=ROOT, stdout=log, stderr=log)

    @property
    def pid(self) -> int:
        return self._process.pid if self._process and self._process.poll() is None else 0

    def kill(self) -> None:
        """This process alone; its children hear of it as they would."""
        if self._process:
            self._process.kill()
            self._process.wait()

    def kill_whole(self) -> None:
        """As when the machine loses power: parent first, so that it starts nobody again."""
        below = list(descendants(self.pid))
        self.kill()
        strike(below)


class Stage:
    def __init__(self, config: Config) -> None:
        python, folder = sys.executable, config.data_dir
        for name in ("valkey", "log"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        socket_path(folder).parent.mkdir(parents=True, exist_ok=True)
        port = str(urlsplit(config.platform_base_url).port)
        self.queue = Program("valkey", valkey(folder), config)
        outside = [python, "-m", "contentdesk.sandbox", "--port", port, "--data", str(folder / "sandbox")]
        self.platforms = Program("sandbox", outside, config)
        crew = [python, "-m", "workers.crew"]
        self.crews = (
            Program("crew", [*crew, urlsplit(config.public_url).netloc], config),
            Program("crew2", crew, config),
        )

    def start_outside(self) -> None:
        self.queue.start()
        self.platforms.start()

    def keep_up(self) -> None:
        """What a supervisor does: whoever ended is started again."""
        for program in (self.queue, *self.crews):
            program.start()

    def children(self, part: str) -> list[int]:
        """Of both crews: those that are "web", "beat", "videos" or "worker" (whatever else brings posts out)."""
        found = [pid for crew in self.crews for pid in child_ids(crew.pid)]
        return [pid for pid in found if part_of(title_of(pid)) == part]

    def end(self) -> None:
        """Until nothing is left: what was in the middle of being started may come late."""
        for program in (*self.crews, self.queue, self.platforms):
            program.kill_whole()
        for _ in range(20):
            left = list(descendants(os.getpid()))
            if not left:
                return
            strike(left)
            PAUSE.wait(0.05)


def part_of(title: str) -> str:
    if "gunicorn" in title or title.endswith(" web"):
        return "web"
    if title.endswith(" videos") or "media" in title:
        return "videos"
    return "beat" if title.endswith(" beat") else "worker"


def strike(pids: list[int]) -> int:
    """SIGKILL; how many were still there. Who was adopted by us is buried too."""
    struck = 0
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            struck += 1
    for pid in pids:
        with suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)
    return struck


def bury() -> None:
    """Takes note of those adopted that have ended. Our own programs are asked by themselves."""
    for pid in child_ids(os.getpid()):
        if title_of(pid) == "":
            with suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)


def family(pids: list[int], chance: Random) -> list[int]:
    """These with whatever they have forked, or only one side of it: a job goes on, or ends under its worker."""
    below = [pid for parent in pids for pid in descendants(parent)]
    return chance.choice([pids + below, pids, below or pids])


def child_ids(pid: int) -> Iterator[int]:
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            with suppress(OSError):
                yield from map(int, (task / "children").read_text().split())


def descendants(pid: int) -> Iterator[int]:
    for child in child_ids(pid) if pid else ():
        yield child
        yield from descendants(child)


def title_of(pid: int) -> str:
    """Empty for one that has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        return ""
