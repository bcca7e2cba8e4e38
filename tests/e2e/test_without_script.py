"""The whole work without JavaScript: on old phones and behind blocked scripts the forms are all there is."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import DESKTOP, PASSWORD, Door
from tests.e2e.walk import Walker
from tests.posts.photos import jpeg

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e-pages")]
TITLE = "Keripik tanpa skrip"
TEXT = (
    "Keripik tempe Sanan digoreng setiap pagi.\n\nRp15.000 per bungkus. Konten KIM bersama pelaku UMKM, tidak berbayar."
)


def plain(door: Door, login: str = "", viewport: dict[str, int] | None = None) -> Page:
    return door(login, **({"viewport": viewport} if viewport else {}), java_script_enabled=False).new_page()


def test_signing_in_and_out(door: Door) -> None:
    page = plain(door)
    page.goto("/unggahan")
    expect(page).to_have_url(re.compile("/masuk"))
    page.fill("input[name=login]", "anggota2@latihan.test")
    page.fill("input[name=password]", "salah sekali")
    page.get_by_role("button", name="Masuk").click()
    expect(page.locator("main")).to_contain_text("belum cocok")
    page.fill("input[name=password]", PASSWORD)
    page.get_by_role("button", name="Masuk").click()
    expect(page).to_have_url(re.compile("/unggahan$"))  # where one wanted to go
    page.goto("/lainnya")
    page.get_by_role("button", name="Keluar dari perangkat ini").click()
    expect(page).to_have_url(re.compile("/masuk"))


def test_from_draft_to_verdict(door: Door, tmp_path: Path) -> None:
    page = plain(door, "anggota")
    _write(page, tmp_path)
    _send(page)
    address = page.url
    reviewer = plain(door, "peninjau")
    _approve(reviewer)
    page.goto(address)
    expect(page.locator("main")).to_contain_text("Disetujui")


def _write(page: Page, folder: Path) -> None:
    photo = folder / "keripik.jpg"
    photo.write_bytes(jpeg(1600, 1200))
    page.goto("/unggahan/baru")
    page.locator("#businesses .check-card", has_text="Kriuk Sanan Renyah").locator("input").check()
    page.set_input_files("input[name=photos]", photo)
    for name, answer in (("faces", "tidak_ada"), ("children", "tidak_ada"), ("photo_source", "buatan_kim")):
        page.locator(f"#{name} label:has(input[value={answer}])").click()
    page.fill("input[name=title]", TITLE)
    page.fill("textarea[name=text]", TEXT)
    page.locator(".bar").get_by_role("button", name="Simpan draf").click()
    page.wait_for_url(re.compile(r"/unggahan/[0-9a-f]{28}/ubah"))
    expect(page.locator("#panels img").first).to_be_visible()
    expect(page.locator("textarea[name=text]")).to_have_value(TEXT)


def _send(page: Page) -> None:
    page.locator("textarea[name^=alt_]").fill("Keripik tempe di piring")
    page.locator(".bar").get_by_role("button", name="Kirim untuk ditinjau").click()
    page.wait_for_url(re.compile(r"/unggahan/[0-9a-f]{28}$"))
    expect(page.locator("main")).to_contain_text("Menunggu tinjauan")


def _approve(page: Page) -> None:
    page.goto("/tinjauan")
    page.get_by_role("link", name=re.compile(TITLE)).first.click()
    expect(page.locator("#naskah")).to_contain_text("digoreng setiap pagi")
    for passed in page.locator("input[type=radio][value=ok]").all():
        passed.check(force=True)
    page.get_by_role("button", name="Setujui").click()
    expect(page.locator("body")).to_contain_text("Disetujui")


def test_work_by_hand_from_taking_to_figures(door: Door) -> None:
    page = plain(door, "anggota")
    page.goto("/tugas")
    page.locator("main a.row").first.click()
    page.get_by_role("button", name="Saya yang mengerjakan").click()
    expect(page.locator("main")).to_contain_text("Anda yang mengerjakan")
    with page.expect_download() as photo:
        page.locator("a[download]").first.click()
    assert photo.value.path().read_bytes()[:3] == b"\xff\xd8\xff"
    page.fill("input[name=link]", "https://www.instagram.com/p/salah/")
    page.get_by_role("button", name="Selesai, sudah terbit").click()
    expect(page.locator(".err").first).to_be_visible()
    expect(page.locator("input[name=link]")).to_have_value("https://www.instagram.com/p/salah/")
    page.fill("input[name=link]", "https://www.snackvideo.com/@latihan.purwo.agung/video/5190000000000000001")
    page.get_by_role("button", name="Selesai, sudah terbit").click()
    expect(page.locator("main")).to_contain_text("Terbit")
    _figures(page)
    walker = Walker(door("anggota"))
    walker.visit(page.url, {320: False, 360: True, 1280: True})
    assert walker.wrong == []


def _figures(page: Page) -> None:
    page.get_by_role("link", name="Isi angka").click()
    page.fill("input[name=views]", "1.234")
    page.locator(".bar, main form").get_by_role("button", name="Simpan").first.click()
    page.wait_for_url(re.compile(r"/unggahan/[0-9a-f]{28}$"))
    expect(page.locator("main")).to_contain_text("1.234")


def test_filters_and_files_of_the_report(door: Door) -> None:
    page = plain(door, "peninjau", DESKTOP)
    page.goto("/laporan/jangkauan")
    whole = page.locator(".laporan table tbody tr").count()
    page.select_option("select[name=kecamatan]", label="Blimbing")
    page.locator("form.chips").get_by_role("button", name="Tampilkan").click()
    expect(page).to_have_url(re.compile("kecamatan=35.73.01"))
    assert 0 < page.locator(".laporan table tbody tr").count() < whole
    with page.expect_download() as table:
        page.get_by_role("link", name="Unduh CSV").first.click()
    text = table.value.path().read_text(encoding="utf-8-sig")
    assert "Purwantoro" in text
    assert "Dinoyo" not in text


def test_a_campaign_from_its_form_to_a_post_in_it_and_its_end(door: Door) -> None:
    reviewer, member = plain(door, "peninjau"), plain(door, "anggota")
    reviewer.goto("/kampanye")
    reviewer.get_by_role("link", name="Buat kampanye").click()
    for name, typed in (("name", "Pasar Rakyat"), ("about", "Apa yang dijual."), ("tag", "PasarRakyat")):
        reviewer.fill(f"[name={name}]", typed)
    for name, day in (("first_day", "2026-01-01"), ("last_day", "2099-12-31")):
        reviewer.fill(f"[name={name}]", day)
    reviewer.get_by_role("button", name="Simpan").click()
    expect(reviewer.locator("main")).to_contain_text("#PasarRakyat")
    address = reviewer.url
    member.goto(address)
    member.get_by_role("link", name="Tulis untuk kampanye ini").click()
    expect(member.locator("#campaign option:checked")).to_contain_text("Pasar Rakyat")
    member.fill("input[name=title]", "Sayur pagi")
    member.locator(".bar").get_by_role("button", name="Simpan draf").click()
    member.goto(address)
    expect(member.locator("main")).to_contain_text("Sayur pagi")
    reviewer.get_by_role("button", name="Akhiri sekarang").click()
    expect(reviewer.locator("main")).to_contain_text("Berakhir")
    member.goto(address)
    expect(member.locator("body")).not_to_contain_text("Tulis untuk kampanye ini")
