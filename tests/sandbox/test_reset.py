"""A reset leaves a sandbox as if it had just started: tests share one and must not hear of each other."""

import sqlite3
import threading
from pathlib import Path

import pytest
import requests

from contentdesk.sandbox.background import Background
from contentdesk.sandbox.platforms import PLATFORMS
from contentdesk.sandbox.store import KEPT_AT_RESET, Outdated, Store
from tests.sandbox.conftest import Graph, jpeg
from tests.servers import MediaServer, SandboxProcess, wait_until


def rows(sandbox: SandboxProcess) -> dict[str, list[tuple[object, ...]]]:
    """Everything in its file, by table, but the counters."""
    with sqlite3.connect(sandbox.data / "sandbox.db") as db:
        names = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: db.execute(f'SELECT * FROM "{name}"').fetchall() for name in names if name not in KEPT_AT_RESET}


def files(sandbox: SandboxProcess) -> list[str]:
    return [path.name for path in (sandbox.data / "media").iterdir()]


def use(sandbox: SandboxProcess, media: MediaServer) -> None:
    """Everything that leaves a trace, on each platform."""
    for platform in PLATFORMS:
        account = sandbox.account("kimlatihan", platform=platform.name)
        sandbox.admin("posts", {"platform": platform.name, "account_id": account["id"], "caption": "Oleh tangan"})
    graph = Graph(sandbox, sandbox.account("kim.grafik"))
    post = graph.publish(graph.finished(image_url=media.add("a.jpg", jpeg()), caption="Sekali"))["id"]
    graph.post(f"{post}/comments", message="Halo")
    sandbox.admin(f"posts/{post}/figures", {"likes": 3})
    sandbox.admin("tokens/revoke", {"account_id": graph.id})
    sandbox.admin("settings", {"quota_total": 3, "container_delay_s": 9.0})
    sandbox.admin("clock", {"offset_s": 3600})
    sandbox.admin("faults", {"fault": "5xx", "times": None})


def test_a_reset_leaves_what_a_start_leaves(own_process: SandboxProcess, media: MediaServer) -> None:
    fresh = rows(own_process), files(own_process), own_process.admin("settings")
    use(own_process, media)
    assert sum(bool(found) for found in rows(own_process).values()) > 12
    assert files(own_process)
    own_process.reset()
    assert (rows(own_process), files(own_process), own_process.admin("settings")) == fresh
    assert own_process.admin("clock")["offset_s"] == 0


def test_the_settings_of_a_reset_hold_and_a_wrong_one_empties_nothing(sandbox: SandboxProcess) -> None:
    sandbox.account()
    wrong = requests.post(f"{sandbox.url}/_admin/reset", json={"quota_total": "many"}, timeout=5)
    assert (wrong.status_code, len(sandbox.admin("accounts")["accounts"])) == (400, 1)
    sandbox.reset(quota_total=7)
    assert sandbox.admin("settings")["quota_total"] == 7
    assert sandbox.admin("accounts")["accounts"] == []


def test_a_slow_call_that_a_reset_overtakes_has_no_effect(
    sandbox: SandboxProcess, graph: Graph, media: MediaServer
) -> None:
    container = graph.finished(image_url=media.add("a.jpg", jpeg()))
    late = {"fault": "slow", "after_commit": False, "delay_s": 0.3, "path_regex": "media_publish$"}
    sandbox.admin("faults", late)
    ended: list[type[Exception]] = []

    def call() -> None:
        with pytest.raises(requests.ConnectionError) as told:
            graph.publish(container)
        ended.append(told.type)

    caller = threading.Thread(target=call)
    caller.start()
    wait_until(lambda: sandbox.admin("faults")["faults"][0]["fired"])
    sandbox.reset()
    caller.join()
    assert (ended, sandbox.published(), sandbox.calls()) == ([requests.ConnectionError], [], [])


def test_work_that_a_reset_overtakes_writes_nothing(tmp_path: Path) -> None:
    store, begun, over = Store(tmp_path / "sandbox.db"), threading.Event(), threading.Event()
    background, told = Background(store, threads=1), threading.Event()

    def job() -> None:
        begun.set()
        over.wait(10)
        store.run("INSERT INTO settings VALUES ('late', '1')")

    background.put(job)
    background.put(told.set)
    assert begun.wait(10)
    store.empty()
    over.set()
    assert told.wait(10)
    assert store.rows("SELECT * FROM settings") == []
    store.run("INSERT INTO settings VALUES ('now', '1')")
    with store.until_reset():
        store.empty()
        with pytest.raises(Outdated):
            store.rows("SELECT * FROM settings")
