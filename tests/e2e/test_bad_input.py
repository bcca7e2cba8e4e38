"""Bad input and bad moments in the browser: a clear sentence, and what was typed is still there."""

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import DESKTOP, PASSWORD, Door
from tests.posts.photos import jpeg

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e-pages")]
POST_PAGE = re.compile(r"/unggahan/[0-9a-f]{28}$")
EDIT_PAGE = re.compile(r"/unggahan/[0-9a-f]{28}/ubah")
TYPED = "Tulisan yang tidak boleh hilang."


def save(page: Page) -> None:
    page.get_by_role("button", name="Simpan draf").locator("visible=true").first.click()


def draft(page: Page, text: str, title: str = "") -> str:
    page.goto("/unggahan/baru")
    page.fill("input[name=title]", title)
    page.fill("textarea[name=text]", text)
    save(page)
    page.wait_for_url(EDIT_PAGE)
    return page.url


def test_what_was_typed_survives_a_server_that_did_not_answer(door: Door) -> None:
    page = door("anggota", viewport=DESKTOP).new_page()
    page.goto("/unggahan/baru")
    page.fill("textarea[name=text]", TYPED)
    expect(page.locator(".saved span")).to_have_text(re.compile(r"^Tersimpan di ponsel ini, \d\d\.\d\d$"))
    page.route("**/*", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    save(page)
    page.wait_for_url("chrome-error://**")
    page.unroute("**/*")
    page.goto("/beranda")
    page.goto("/unggahan/baru")
    expect(page.locator("textarea[name=text]")).to_have_value(TYPED)
    save(page)
    page.wait_for_url(EDIT_PAGE)
    page.goto("/unggahan/baru")
    expect(page.locator("textarea[name=text]")).to_have_value("")


def test_what_was_typed_survives_the_end_of_being_signed_in(door: Door) -> None:
    context = door("anggota", viewport=DESKTOP)
    page = context.new_page()
    page.goto("/unggahan/baru")
    context.clear_cookies()
    page.fill("textarea[name=text]", TYPED)
    save(page)
    expect(page.locator(".note")).to_have_text(re.compile("Tulisan Anda tetap ada.*muncul lagi.*Masuk lagi"))
    page.fill("input[name=login]", "anggota@latihan.test")
    page.fill("input[name=password]", PASSWORD)
    page.click("form button.primary")
    expect(page.locator("textarea[name=text]")).to_have_value(TYPED)


def test_a_phone_in_another_zone_names_both_hours(door: Door) -> None:
    page = door("anggota", viewport=DESKTOP, timezone_id="Asia/Jayapura").new_page()
    page.goto("/unggahan/baru")
    page.fill("textarea[name=text]", TYPED)
    expect(page.locator(".saved span")).to_have_text(re.compile(r", \d\d\.\d\d WIB \(jam ponsel ini \d\d\.\d\d\)$"))


def test_without_a_line_nothing_is_sent_and_the_page_says_so(door: Door) -> None:
    context = door("anggota", viewport=DESKTOP)
    page = context.new_page()
    page.goto("/unggahan/baru")
    page.fill("textarea[name=text]", TYPED)
    context.set_offline(True)
    save(page)
    expect(page.locator(".toast")).to_contain_text("Luring, jadi belum dikirim")
    expect(page.locator("textarea[name=text]")).to_have_value(TYPED)


def test_two_people_edit_one_post(door: Door) -> None:
    first = door("anggota", viewport=DESKTOP).new_page()
    second = door("anggota2", viewport=DESKTOP).new_page()
    address = draft(first, "Kalimat pertama.")
    second.goto(address)
    first.fill("textarea[name=text]", "Kalimat dari yang pertama.")
    save(first)
    expect(first.locator(".toast")).to_contain_text("Tersimpan")
    second.fill("textarea[name=text]", TYPED)
    save(second)
    expect(second.locator(".clash")).to_contain_text("Tidak ada yang ditimpa")
    expect(second.locator("textarea[name=text]")).to_have_value(TYPED)
    first.reload()
    expect(first.locator("textarea[name=text]")).to_have_value("Kalimat dari yang pertama.")
    save(second)  # on purpose, after comparing
    expect(second.locator(".toast")).to_contain_text("Tersimpan")
    first.reload()
    expect(first.locator("textarea[name=text]")).to_have_value(TYPED)


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_a_double_click_hands_in_once(door: Door, tmp_path: Path, script: bool) -> None:
    title = f"Klik dua kali {script}"
    page = door("anggota", viewport=DESKTOP, java_script_enabled=script).new_page()
    photo = tmp_path / "keripik.jpg"
    photo.write_bytes(jpeg(1200, 900))
    page.goto("/unggahan/baru")
    page.locator("#businesses .check-card", has_text="Kriuk Sanan Renyah").locator("input").check()
    page.set_input_files("input[name=photos]", photo)
    for name, answer in (("faces", "tidak_ada"), ("children", "tidak_ada"), ("photo_source", "buatan_kim")):
        page.locator(f"#{name} label:has(input[value={answer}])").click()
    page.fill("input[name=title]", title)
    page.fill("textarea[name=text]", "Keripik tempe Rp15.000. Konten KIM bersama pelaku UMKM, tidak berbayar.")
    if not script:
        save(page)
        page.wait_for_url(EDIT_PAGE)
    page.locator("textarea[name^=alt_]").first.fill("Keripik tempe")
    page.get_by_role("button", name="Kirim untuk ditinjau").locator("visible=true").first.dblclick()
    page.wait_for_url(POST_PAGE)
    expect(page.locator("main")).to_contain_text("Menunggu tinjauan")
    assert page.locator(".timeline b", has_text="Dikirim").count() == 1
    page.goto("/unggahan")
    assert page.get_by_role("link", name=re.compile(title)).count() == 1


def bad_file(kind: str, folder: Path) -> Path:
    path = folder / ("besar.jpg" if kind == "40 MB" else "catatan.jpg")
    path.write_bytes(b"\xff\xd8\xff" + os.urandom(40_000_000) if kind == "40 MB" else b"Ini hanya teks.\n" * 50)
    return path


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
@pytest.mark.parametrize(("kind", "sentence"), [("40 MB", "20 MB"), ("text", "bukan")])
def test_a_bad_photo_is_refused_and_the_text_stays(
    door: Door, tmp_path: Path, kind: str, sentence: str, script: bool
) -> None:
    page = door("anggota", viewport=DESKTOP, java_script_enabled=script).new_page()
    page.goto("/unggahan/baru")
    page.fill("textarea[name=text]", TYPED)
    page.set_input_files("input[name=photos]", bad_file(kind, tmp_path))
    if script:
        expect(page.locator("[data-refused] li")).to_contain_text(sentence, timeout=20_000)
    save(page)
    page.wait_for_url(EDIT_PAGE)
    if not script:
        expect(page.locator("[role=alert]").first).to_contain_text(sentence)
    expect(page.locator("textarea[name=text]")).to_have_value(TYPED)
    expect(page.locator("#panels img")).to_have_count(0)


def test_each_file_that_is_not_taken_is_named_in_a_line_of_its_own(door: Door, tmp_path: Path) -> None:
    page = door("anggota", viewport=DESKTOP).new_page()
    page.goto("/unggahan/baru")
    twice = {"name": "toko.jpg", "mimeType": "image/jpeg", "buffer": jpeg(400, 400, color="#123456")}
    page.set_input_files("input[name=photos]", [twice, twice | {"name": "lagi.jpg"}])
    lines = page.locator("[data-refused] .err")
    expect(lines).to_have_text(["lagi.jpg: Foto ini sudah ada di unggahan, jadi tidak ditambahkan lagi."])
    page.set_input_files("input[name=photos]", [bad_file("text", tmp_path), bad_file("40 MB", tmp_path)])
    expect(lines).to_have_text([re.compile("^catatan.jpg: "), re.compile("^besar.jpg: ")], timeout=20_000)


def test_a_text_that_is_too_long_is_kept_and_cannot_be_sent(door: Door) -> None:
    page = door("anggota").new_page()
    long = ("Keripik tempe Sanan. " * 110)[:2300]
    page.goto("/unggahan/baru")
    page.locator("[data-next]").click()
    page.fill("textarea[name=text]", long)
    expect(page.locator("[data-count-for=text] .over").first).to_contain_text("2.300/2.200")
    save(page)
    page.wait_for_url(EDIT_PAGE)
    expect(page.locator("textarea[name=text]")).to_have_value(long)
    page.locator("[data-next]").locator("visible=true").click()
    expect(page.locator("#peninjau .stop").first).to_be_visible()
    page.locator("[data-final]").click()
    page.wait_for_url(EDIT_PAGE)
    expect(page.locator("[role=alert]").locator("visible=true").first).to_contain_text("batasnya 2.200")
    expect(page.locator("textarea[name=text]")).to_have_value(long)
