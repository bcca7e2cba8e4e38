"""How long from the start command to the first page, and how much memory all processes take together."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from contentdesk.bench.visits import look_around

STEP_S = 0.02
WITHIN_S = 90
SETTLE_S = 5.0
"""The worker and the beat are up a little after the first page; memory is read then."""


def run() -> dict[str, object]:
    """A first start (tables, city, demo) and a second one on the same data.

    Seconds until the sign-in page answers; memory as PSS in MB (pages shared by processes count once),
    summed over the process tree after the second start, at rest and after people have looked around. Linux only: it
    reads /proc.
    """
    with tempfile.TemporaryDirectory(prefix="cd") as folder:
        first = _start(Path(folder))
        second = _start(Path(folder), visited=True)
    return {
        "first_start_s": first["seconds"],
        "second_start_s": second["seconds"],
        "pss_mb": second["pss_mb"],
        "pages_read": second["pages_read"],
        "pss_mb_after_use": second["pss_mb_after_use"],
        "processes": second["processes"],
        "pss_mb_by_process": second["by_process"],
    }


def _start(folder: Path, *, visited: bool = False) -> dict[str, object]:
    port = free_port()
    env = os.environ | {"PORT": str(port), "DATA_DIR": str(folder)}
    began = time.monotonic()
    launcher = subprocess.Popen([sys.executable, "-m", "contentdesk.launch"], env=env, stdout=subprocess.DEVNULL)
    try:
        _wait_for_page(port, launcher)
        seconds = time.monotonic() - began
        threading.Event().wait(SETTLE_S)
        found = {"seconds": round(seconds, 2)} | _memory(launcher.pid)
        return found | _used(port, launcher.pid) if visited else found
    finally:
        launcher.send_signal(signal.SIGINT)
        launcher.wait(60)


def _wait_for_page(port: int, launcher: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + WITHIN_S
    while time.monotonic() < end and launcher.poll() is None:
        try:
            page = HTTPConnection("127.0.0.1", port, timeout=5)
            page.request("GET", "/masuk")
            if page.getresponse().status == 200:
                return
        except (OSError, HTTPException):
            threading.Event().wait(STEP_S)
    raise RuntimeError("the first page did not come; see log/crew.log in DATA_DIR")


def _used(port: int, root: int) -> dict[str, object]:
    pages = look_around(f"http://127.0.0.1:{port}")
    return {"pages_read": pages, "pss_mb_after_use": _memory(root)["pss_mb"]}


def _memory(root: int) -> dict[str, object]:
    found = {pid: _pss_mb(pid) for pid in _tree(root)}
    by_process: dict[str, float] = {}
    for pid, mb in found.items():
        name = _name(pid)
        by_process[name] = round(by_process.get(name, 0.0) + mb, 1)
    return {"pss_mb": round(sum(found.values()), 1), "processes": len(found), "by_process": by_process}


def _tree(root: int) -> Iterator[int]:
    yield root
    for task in Path(f"/proc/{root}/task").iterdir():
        for child in (task / "children").read_text().split():
            yield from _tree(int(child))


def _pss_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0


def _name(pid: int) -> str:
    words = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
    for word in ("valkey-server", "gunicorn", "supervisord", "workers.crew", "rq:worker", "beat", "sandbox", "launch"):
        if any(word in part for part in words):
            return word
    return words[0]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
