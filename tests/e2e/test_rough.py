"""Power cuts and a lost queue: nothing is lost, and it goes on by itself."""

import re
import signal
from typing import Any

import pytest
import requests

from tests.e2e.conftest import Service
from tests.servers import wait_until

EACH = ("valkey-server", "workers.crew", "rq:worker", "contentdesk beat", "gunicorn")
pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e")]


def test_a_power_cut_loses_nothing(service: Service, person: Any) -> None:
    page = person("anggota@latihan.test").page
    page.goto("/unggahan/baru")
    page.locator("[data-next]").click()
    page.fill("textarea[name=text]", "Draf sebelum listrik padam")
    page.get_by_role("button", name="Simpan draf").last.click()
    page.wait_for_url(re.compile(r"/unggahan/[0-9a-f]{28}"))
    address = page.url
    service.kill_all()
    service.start()
    page.goto(address)
    assert "Draf sebelum listrik padam" in page.content()


def test_killed_processes_come_back(service: Service) -> None:
    before = {process.pid for process in service.processes()}
    for word in EACH:
        service.kill(word)

    def all_back() -> bool:
        return all(service.processes(word) for word in EACH)

    wait_until(all_back, deadline_s=40, every_s=0.2)
    wait_until(lambda: _health(service) == {"database": True, "queue": True}, deadline_s=40, every_s=0.2)
    assert {process.pid for process in service.processes()} != before


def test_without_the_queue_pages_still_save(service: Service, person: Any) -> None:
    page = person("anggota@latihan.test").page
    (valkey,) = service.processes("valkey-server")
    valkey.send_signal(signal.SIGSTOP)
    try:
        page.goto("/unggahan/baru")
        page.locator("[data-next]").click()
        page.fill("textarea[name=text]", "Disimpan tanpa antrean")
        page.get_by_role("button", name="Simpan draf").last.click()
        page.wait_for_url(re.compile(r"/unggahan/[0-9a-f]{28}"))
        assert "Disimpan tanpa antrean" in page.content()
        assert _health(service) == {"database": True, "queue": False}
    finally:
        valkey.send_signal(signal.SIGCONT)
    wait_until(lambda: _health(service)["queue"], deadline_s=20, every_s=0.2)


def _health(service: Service) -> dict[str, bool]:
    try:
        return dict(requests.get(f"{service.url}/sehat", timeout=15).json())
    except requests.RequestException:
        return {}
