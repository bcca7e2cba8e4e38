"""Workers and beat under one roof."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator

import psutil
import pytest

from contentdesk.config import Config
from tests.servers import ROOT, wait_until
from workers import stopping

TITLES = ("rq:worker", "contentdesk beat")
WHOLE = 3


@pytest.fixture
def crew(config: Config) -> Iterator[psutil.Popen]:
    env = os.environ | {"DATA_DIR": str(config.data_dir), "REDIS_URL": config.redis_url}
    env["DATABASE_URL"] = config.database_url.replace("+psycopg", "")
    running = psutil.Popen([sys.executable, "-m", "workers.crew"], cwd=ROOT, env=env, stderr=subprocess.DEVNULL)
    yield running
    if running.is_running():
        running.kill()
    running.wait(20)


def children(crew: psutil.Popen) -> list[psutil.Process]:
    """Those that have taken up their duty."""
    return [child for child in crew.children() if any(title in _title(child) for title in TITLES)]


def _title(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""  # it has ended


def complete(crew: psutil.Popen) -> bool:
    return len(children(crew)) == WHOLE


def test_killed_workers_and_a_stopped_beat_are_replaced_and_a_stop_ends_everybody(crew: psutil.Popen) -> None:
    wait_until(lambda: complete(crew), deadline_s=30)
    before = children(crew)
    for child in before:
        child.terminate() if "beat" in _title(child) else child.kill()
    wait_until(lambda: complete(crew) and not set(children(crew)) & set(before), deadline_s=30)
    crew.terminate()
    assert crew.wait(20) == 0


def test_nobody_outlives_a_killed_crew(crew: psutil.Popen) -> None:
    wait_until(lambda: complete(crew), deadline_s=30)
    left = children(crew)
    crew.send_signal(signal.SIGKILL)
    gone, alive = psutil.wait_procs(left, timeout=20)
    assert (len(gone), alive) == (WHOLE, [])


def test_a_word_to_end_that_came_during_work_is_heard_once_and_runs_no_handler() -> None:
    """A handler could strike inside a wait, which holds a lock."""
    handler, mask = signal.getsignal(signal.SIGTERM), signal.pthread_sigmask(signal.SIG_BLOCK, ())
    try:
        stopping.hold_back()
        assert not stopping.told(0)
        signal.pthread_kill(threading.get_ident(), signal.SIGTERM)
        assert stopping.told(0)
        assert not stopping.told(0)
        assert signal.getsignal(signal.SIGTERM) is handler
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
