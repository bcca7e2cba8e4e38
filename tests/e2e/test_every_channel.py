"""Accounts of several platforms connected in the browser, and one post that goes out on all of them, once on each."""

import re
from typing import Any

import pytest
import requests
from playwright.sync_api import Page, expect

from contentdesk.lib import clock
from tests.e2e.conftest import PHONE, Service
from tests.posts.photos import jpeg
from tests.servers import wait_until

CAPTION = (
    "Keripik tempe Sanan baru diangkat dari wajan. 🍃\n\n"
    "Rp15.000 per bungkus. Buka 08.00-20.00 WIB. Kelurahan Purwantoro.\n\n"
    "Konten KIM bersama pelaku UMKM, tidak berbayar."
)
TITLE = "Keripik di Banyak Kanal"
ALT = "Keripik tempe di atas nampan bambu"
NEW = ("kim.halaman", "kim.halaman.ig", "kim_klip", "kimkabar")
"""Accounts that this test opens: a page, its Instagram account, TikTok, Telegram."""
PUBLIC_BY = {
    "facebook": r"/feed$",
    "instagram": r"media_publish$",
    "tiktok": r"/content/init/$",
    "telegram": r"/sendPhoto$",
}
"""The one call that makes a post with a photo public."""
SLOW_MS = 15_000
"""For a machine that does other things too; a second is usual."""
pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e")]


def test_one_post_goes_out_once_on_every_channel(service: Service, person: Any) -> None:
    chair = person("ketua@latihan.test", PHONE)
    _connect_a_page_with_its_instagram(chair.page, service)
    _connect_tiktok(chair.page, service)
    _connect_telegram(chair.page)

    member = person("anggota@latihan.test", PHONE)
    _draft(member.page)
    _refused_until_tiktok_knows_who_may_see_it(member.page)

    reviewer = person("peninjau@latihan.test", PHONE)
    _approve_for_now(reviewer.page)

    found = wait_until(lambda: _all_public(service), deadline_s=40, every_s=0.3)
    assert {post["platform"]: post["caption"] for post in found} == dict.fromkeys(PUBLIC_BY, CAPTION)
    assert len(found) == len(PUBLIC_BY)
    assert [len(post["images"]) for post in found] == [1] * len(found)
    assert {platform: _committed(service, path) for platform, path in PUBLIC_BY.items()} == dict.fromkeys(PUBLIC_BY, 1)
    assert chair.troubles + member.troubles + reviewer.troubles == []


def _platform(page: Page, name: str) -> None:
    page.goto("/akun/baru")
    page.get_by_role("link", name=re.compile(f"^{name}")).click()


def _connect_a_page_with_its_instagram(page: Page, service: Service) -> None:
    _platform(page, "Facebook")
    page.fill("#username", NEW[0])
    page.fill("#instagram", NEW[1])
    page.get_by_role("button", name="Buat halaman dan izinkan").click()
    page.wait_for_url(f"{service.url}/**")
    choices = page.locator("label.check-card")
    expect(choices).to_have_count(2)
    for choice in choices.all():
        choice.click()
    page.get_by_role("button", name="Sambungkan").click()
    expect(page.locator("main")).to_contain_text(NEW[0])
    expect(page.locator("main")).to_contain_text(NEW[1])


def _connect_tiktok(page: Page, service: Service) -> None:
    _platform(page, "TikTok")
    page.fill("#username", NEW[2])
    page.get_by_role("button", name="Buat akun dan izinkan").click()
    page.wait_for_url(f"{service.url}/**")
    expect(page.locator("main")).to_contain_text("Sehat")


def _connect_telegram(page: Page) -> None:
    _platform(page, "Telegram")
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Buat kunci latihan").click()
    keys = opened.value
    keys.fill("#username", NEW[3])
    keys.get_by_role("button", name="Buat kunci").click()
    token, channel = keys.locator(".keys dd").all_inner_texts()
    keys.close()
    page.get_by_label("Kunci bot").fill(token)
    page.get_by_label("Kanal", exact=True).fill(channel)
    page.get_by_role("button", name="Sambungkan").click()
    expect(page.locator("main")).to_contain_text("Sehat")
    assert token not in page.content()


def _draft(page: Page) -> None:
    page.goto("/unggahan/baru")
    page.locator("#businesses .check-card", has_text="Kriuk Sanan Renyah").click()
    page.set_input_files("input[name=photos]", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": jpeg()})
    page.locator("textarea[name^=alt_]").first.fill(ALT)
    for question, answer in (("faces", "tidak_ada"), ("children", "tidak_ada"), ("photo_source", "buatan_kim")):
        page.locator(f"#{question} label:has(input[value={answer}])").click()
    page.locator("[data-next]").click()
    page.fill("input[name=title]", TITLE)
    page.fill("textarea[name=text]", CAPTION)
    page.locator("[data-next]").click()
    for switch in page.locator("#accounts .switch-row").all():
        if switch.locator("input").is_checked() != any(f"{name}. " in switch.inner_text() for name in NEW):
            switch.click()


def _refused_until_tiktok_knows_who_may_see_it(page: Page) -> None:
    wanted = page.get_by_role("link", name="TikTok: Siapa yang dapat melihat belum dipilih.")
    expect(wanted).to_be_visible()
    wanted.click()
    who = page.get_by_label("Siapa yang dapat melihat")
    expect(who).to_be_focused()
    expect(who).to_have_value("")
    expect(page.locator("[data-final]")).to_have_attribute("aria-disabled", "true", timeout=SLOW_MS)
    page.locator("[data-final]").click(force=True)
    expect(page.locator("body")).to_contain_text("Siapa yang dapat melihat belum dipilih")
    assert "/ubah" in page.url or "/baru" in page.url
    who.select_option(label="Semua orang")
    expect(wanted).to_have_count(0, timeout=SLOW_MS)
    page.locator("[data-final]").click()
    page.wait_for_url(re.compile(r"/unggahan/[0-9a-f]{28}$"))
    expect(page.locator("main")).to_contain_text("Menunggu tinjauan")


def _approve_for_now(page: Page) -> None:
    """Nobody proposed a time: the reviewer approves, then takes the minute that has begun."""
    page.goto("/tinjauan")
    page.get_by_role("link", name=re.compile(TITLE)).first.click()
    address = page.url.replace("/tinjauan/", "/unggahan/")
    for passed in page.locator("input[type=radio][value=ok]").all():
        passed.check(force=True)
    page.get_by_role("button", name=re.compile("^Setujui")).click()
    expect(page.locator("body")).to_contain_text("Disetujui. Waktu terbit belum dipilih.")
    page.goto(f"{address}/jadwal")
    page.fill("input[name=due_at]", clock.to_wib(clock.now()).strftime("%Y-%m-%dT%H:%M"))
    page.get_by_role("button", name="Jadwalkan").click()
    expect(page.locator("body")).to_contain_text("Dijadwalkan. Terbit")


def _all_public(service: Service) -> list[dict[str, Any]] | None:
    """All posts with our words, once each platform has one."""
    found = [post for post in service.sandbox("published")["posts"] if post["caption"] == CAPTION]
    return found if {post["platform"] for post in found} >= set(PUBLIC_BY) else None


def _committed(service: Service, path: str) -> int:
    calls = requests.get(f"{service.sandbox_url}/_admin/calls", params={"path": path}, timeout=10).json()["calls"]
    return sum(call["committed"] for call in calls)
