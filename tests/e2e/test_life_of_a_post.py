"""One post from a phone to the coloured kelurahan: real processes, a real browser, the platform over HTTP."""

import re
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import requests
from PIL import Image
from playwright.sync_api import Page, expect

from contentdesk.lib import clock
from tests.e2e.conftest import DESKTOP, Service
from tests.media.samples import exif, saved
from tests.servers import wait_until

CAPTION = (
    "Sore hari di Sanan, suara irisan tempe terdengar dari rumah ke rumah. 🍃\n\n"
    "Rp15.000 per bungkus. Buka 08.00-20.00 WIB.\n\n"
    "Konten KIM bersama pelaku UMKM, tidak berbayar."
)
TITLE = "Keripik Tempe dari Ponsel"
ALT = "Keripik tempe di atas nampan bambu"
pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e")]


def phone_photo(folder: Path) -> Path:
    """Twelve megapixels, stored sideways, with the place where it was taken."""
    picture = Image.effect_noise((400, 300), 40).convert("RGB").resize((4000, 3000))
    path = folder / "IMG_2026.jpg"
    path.write_bytes(saved(picture, "JPEG", quality=85, exif=exif(6)))
    return path


def next_minute() -> datetime:
    """The next full minute that leaves time to review before it."""
    soon = clock.to_wib(clock.now()) + timedelta(seconds=40)
    return soon.replace(second=0, microsecond=0) + timedelta(minutes=1)


def test_from_the_phone_to_the_map(service: Service, person: Any, tmp_path: Path) -> None:
    requests.post(f"{service.sandbox_url}/_admin/settings", json={"insights_delay_s": 1}, timeout=10)
    before = {post["id"] for post in service.sandbox("published")["posts"]}
    member = person("anggota@latihan.test")
    _draft_and_send(member.page, phone_photo(tmp_path))

    reviewer = person("peninjau@latihan.test", DESKTOP)
    _approve(reviewer.page)

    post = wait_until(lambda: _new_post(service, before), deadline_s=150, every_s=0.5)
    assert post["caption"] == CAPTION.replace("\r\n", "\n")
    (image,) = post["images"]
    assert image["alt_text"] == ALT
    _same_picture_upright_and_without_a_place(service, image)

    _figures_arrive(member.page)
    _kelurahan_is_coloured(reviewer.page)
    published = [one for one in service.sandbox("calls?path=media_publish")["calls"] if one["committed"]]
    assert len(published) == 1
    assert member.troubles + reviewer.troubles == []


def _draft_and_send(page: Page, photo: Path) -> None:
    page.goto("/unggahan/baru")
    page.locator("#businesses .check-card", has_text="Kriuk Sanan Renyah").click()
    page.set_input_files("input[name=photos]", photo)
    page.locator("textarea[name^=alt_]").first.fill(ALT)
    for question, answer in (("faces", "tidak_ada"), ("children", "tidak_ada"), ("photo_source", "buatan_kim")):
        page.locator(f"#{question} label:has(input[value={answer}])").click()
    page.locator("[data-next]").click()
    page.fill("input[name=title]", TITLE)
    page.fill("textarea[name=text]", CAPTION)
    page.locator("[data-next]").click()
    for switch in page.locator("#accounts .switch-row").all():
        wanted = "Instagram" in switch.inner_text()
        if switch.locator("input").is_checked() != wanted:
            switch.click()
    page.fill("input[name=proposed_at]", next_minute().strftime("%Y-%m-%dT%H:%M"))
    page.locator("[data-final]").click()
    page.wait_for_url(re.compile(r"/unggahan/[0-9a-f]{28}$"))
    expect(page.locator("main")).to_contain_text("Menunggu tinjauan")


def _approve(page: Page) -> None:
    page.goto("/tinjauan")
    page.get_by_role("link", name=re.compile(TITLE)).first.click()
    expect(page.locator("main")).to_contain_text("Sore hari di Sanan")
    for passed in page.locator("input[type=radio][value=ok]").all():
        passed.check(force=True)
    page.get_by_role("button", name=re.compile("^Setujui")).click()
    expect(page.locator("body")).to_contain_text("Disetujui. Terbit")


def _new_post(service: Service, before: set[str]) -> dict[str, Any] | None:
    return next((post for post in service.sandbox("published")["posts"] if post["id"] not in before), None)


def _same_picture_upright_and_without_a_place(service: Service, image: dict[str, Any]) -> None:
    data = requests.get(f"{service.sandbox_url}{image['stored']}", timeout=10).content
    picture = Image.open(BytesIO(data))
    assert picture.height > picture.width  # the phone held it upright
    assert dict(picture.getexif()) == {}
    kept = list((service.folder / "files").rglob(f"{image['sha256']}.jpg"))
    assert [path.read_bytes() for path in kept] == [data]


def _figures_arrive(page: Page) -> None:
    page.goto("/unggahan")
    page.get_by_role("link", name=re.compile(TITLE)).first.click()
    expect(page.locator("main")).to_contain_text("Terbit")
    page.get_by_role("button", name=re.compile("Perbarui")).first.click()

    def seen() -> bool:
        page.reload()
        return bool(re.search(r"[Jj]angkauan\D{0,40}\d", page.locator("main").inner_text()))

    wait_until(seen, deadline_s=90, every_s=1)


def _kelurahan_is_coloured(page: Page) -> None:
    page.goto("/laporan/jangkauan")
    row = page.locator("tr", has_text="Purwantoro").first
    expect(row).to_be_visible()
    assert re.search(r"\d", row.inner_text())
    assert page.locator("svg").count() >= 1
