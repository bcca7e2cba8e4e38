"""What travels to a phone: measured on the wire, compressed, with the headers."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.e2e.conftest import PASSWORD, Door

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e-pages")]
FIRST_VISIT, LATER_PAGE, THUMBNAIL = 150_000, 20_000, 6_000
LATER = {
    "anggota": (
        "/beranda",
        "/kalender",
        "/unggahan",
        "/umkm",
        "/unggahan/baru",
        "/tugas",
        "/kim",
        "/kabar",
        "/lainnya",
    ),
    "peninjau": ("/tinjauan", "/laporan/jangkauan", "/kalender", "/unggahan", "/akun", "/umkm", "/kim"),
}


@dataclass
class Meter:
    """Bytes by address, as the browser got them."""

    page: Page
    bytes: dict[str, int] = field(default_factory=dict)
    _asked: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        line = self.page.context.new_cdp_session(self.page)
        line.on("Network.requestWillBeSent", self._ask)
        line.on("Network.loadingFinished", self._count)
        line.send("Network.enable")

    def _ask(self, said: dict[str, Any]) -> None:
        self._asked[said["requestId"]] = said["request"]["url"]

    def _count(self, said: dict[str, Any]) -> None:
        address = self._asked.get(said["requestId"], "")
        self.bytes[address] = self.bytes.get(address, 0) + int(said["encodedDataLength"])

    def open(self, path: str) -> dict[str, int]:
        """What came for this page alone."""
        self.bytes.clear()
        self.page.goto(path, wait_until="networkidle")
        return dict(self.bytes)


def photos(came: dict[str, int]) -> dict[str, int]:
    return {address: size for address, size in came.items() if "/foto/" in address}


def fresh(context: BrowserContext) -> Meter:
    return Meter(context.new_page())


def test_the_first_visit(door: Door) -> None:
    """The sign-in page and the first page after it, with nothing kept from before."""
    meter = fresh(door())
    meter.page.goto("/masuk", wait_until="networkidle")
    meter.page.fill("input[name=login]", "anggota@latihan.test")
    meter.page.fill("input[name=password]", PASSWORD)
    meter.page.click("main form button[type=submit]")
    meter.page.wait_for_url("**/beranda")
    meter.page.wait_for_load_state("networkidle")
    assert 30_000 < sum(meter.bytes.values()) <= FIRST_VISIT, meter.bytes


@pytest.mark.parametrize("login", list(LATER))
def test_later_pages(door: Door, login: str) -> None:
    meter = fresh(door(login))
    meter.open("/lainnya")
    heavy = {}
    for path in LATER[login]:
        came = meter.open(path)
        assert any(address.endswith(path) for address in came)
        weight = sum(came.values()) - sum(photos(came).values())
        if weight > LATER_PAGE:
            heavy[path] = (weight, came)
    assert heavy == {}


def test_thumbnails(door: Door) -> None:
    meter = fresh(door("peninjau"))
    came: dict[str, int] = {}
    for path in ("/tinjauan", "/unggahan"):
        meter.page.set_viewport_size({"width": 360, "height": 6000})  # so that the ones that wait for sight come too
        came |= {address: size for address, size in photos(meter.open(path)).items() if address.endswith("/kecil")}
    assert len(came) >= 5
    assert {address: size for address, size in came.items() if size > THUMBNAIL} == {}
