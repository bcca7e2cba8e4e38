"""Pages, workers and beat under one roof."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import psutil
import pytest
import redis
import requests

from contentdesk.config import Config
from contentdesk.lib import pulse
from tests.servers import ROOT, free_port, wait_until
from workers.crew import PUBLISHERS

TITLES = ("gunicorn: master", "rq:worker", "contentdesk beat")
WHOLE = 4 + PUBLISHERS


@pytest.fixture
def address() -> str:
    return f"127.0.0.1:{free_port()}"


@pytest.fixture
def crew(config: Config, address: str) -> Iterator[psutil.Popen]:
    env = os.environ | {"DATA_DIR": str(config.data_dir), "REDIS_URL": config.redis_url}
    env["DATABASE_URL"] = config.database_url.replace("+psycopg", "")
    running = psutil.Popen(
        [sys.executable, "-m", "workers.crew", address], cwd=ROOT, env=env, stderr=subprocess.DEVNULL
    )
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


def test_a_killed_child_is_replaced_and_a_stop_ends_everybody(crew: psutil.Popen, address: str) -> None:
    wait_until(lambda: complete(crew), deadline_s=30)
    before = children(crew)
    for child in before:
        child.kill()
    wait_until(lambda: complete(crew) and not set(children(crew)) & set(before), deadline_s=30)
    wait_until(lambda: _serves(address), deadline_s=30)
    crew.terminate()
    assert crew.wait(20) == 0


def _serves(address: str) -> bool:
    try:
        return requests.get(f"http://{address}/sehat", timeout=5).status_code == 200
    except requests.RequestException:
        return False


def test_everybody_gives_a_sign_of_life(crew: psutil.Popen, config: Config) -> None:
    queue = redis.Redis.from_url(config.redis_url)
    expected = {pulse.BEAT, pulse.PUBLISHER, pulse.WORKER, pulse.VIDEOS}
    wait_until(lambda: {sign.who for sign in pulse.seen(queue)} == expected, deadline_s=30)


def test_nobody_outlives_a_killed_crew(crew: psutil.Popen) -> None:
    wait_until(lambda: complete(crew), deadline_s=30)
    left = children(crew)
    crew.send_signal(signal.SIGKILL)
    gone, alive = psutil.wait_procs(left, timeout=20)
    assert (len(gone), alive) == (WHOLE, [])
