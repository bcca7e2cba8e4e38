"""The settings of a channel follow what is chosen on a phone, and are there again after saving."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import PHONE, Door
from tests.media import clips
from tests.posts.photos import jpeg

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e-pages")]


@pytest.fixture
def page(door: Door) -> Page:
    page = door("anggota", viewport=PHONE).new_page()
    page.goto("/unggahan/baru")
    return page


def test_settings_follow_media_format_and_accounts(page: Page) -> None:
    settings = page.locator("[data-settings=instagram]")
    shapes = settings.locator(".shapes label:visible")
    page.locator("[data-step=kirim]").click()
    settings.locator("summary").click()
    expect(shapes).to_have_count(0)
    page.set_input_files("input[name=photos]", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": jpeg()})
    expect(shapes).to_have_count(2)
    partners = page.locator("#opt_instagram_collaborators")
    expect(partners).to_be_visible()
    shapes.nth(1).click()
    expect(partners).to_be_hidden()
    shapes.nth(0).click()
    expect(partners).to_be_visible()
    account = page.locator("[name=accounts][data-kind=instagram]").first
    account.uncheck()
    expect(settings).to_be_hidden()
    account.check()
    expect(settings).to_be_visible()


def test_settings_follow_a_video_just_added_opened_again_and_removed(page: Page) -> None:
    settings = page.locator("[data-settings=instagram]")
    usual, only_of_a_reel = settings.locator("[data-usual]"), page.locator("#opt_instagram_share_to_feed")

    def look(usually: str) -> None:
        page.locator("[data-step=kirim]").click()
        settings.evaluate("(box) => { box.open = true }")
        expect(usual).to_have_text(usually)
        expect(only_of_a_reel).to_be_visible(visible=usually == "Reel")

    page.set_input_files("input[name=photos]", {"name": "a.mp4", "mimeType": "video/mp4", "buffer": clips.reel()})
    expect(page.locator("#strip [data-chip]")).to_have_count(1)
    look("Reel")
    page.get_by_role("button", name="Simpan draf").click()
    page.wait_for_url("**/ubah*")
    look("Reel")
    page.locator("[data-step=foto]").click()
    page.locator("[data-drop]:visible").click()
    page.set_input_files("input[name=photos]", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": jpeg()})
    expect(page.locator("#strip [data-chip]")).to_have_count(1)
    look("Unggahan")


def test_choices_are_there_again_after_saving(page: Page) -> None:
    page.locator("[data-step=kirim]").click()
    page.locator("[data-settings=instagram] summary").click()
    page.fill("#opt_instagram_collaborators", "@kim_bareng")
    page.get_by_role("button", name="Simpan draf").click()
    page.wait_for_url("**/ubah*")
    page.locator("[data-step=kirim]").click()
    page.locator("[data-settings=instagram] summary").click()
    expect(page.locator("#opt_instagram_collaborators")).to_have_value("kim_bareng")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.fixture
def with_films(door: Door) -> Iterator[Page]:
    """The composer of a chair whose KIM also has a channel for videos alone, as long as the test runs."""
    page = door("ketua", viewport=PHONE).new_page()
    page.goto("/akun/manual?kanal=youtube")
    page.fill("#handle", "kim_film")
    page.get_by_role("button", name="Simpan akun").click()
    page.wait_for_url("**/akun")
    page.goto("/unggahan/baru")
    yield page
    page.goto("/akun")
    page.get_by_role("link", name="kim_film").first.click()
    page.get_by_text("Tutup akun ini").click()
    page.get_by_role("button", name="Tutup akun", exact=True).click()
    page.wait_for_url("**/akun")


def test_an_account_follows_the_media_until_a_person_moves_its_switch(with_films: Page) -> None:
    page = with_films
    films = page.locator("[data-account]", has=page.locator("[name=accounts][data-kind=youtube]")).first
    switch, why = films.locator(".switch"), films.locator("[data-left-out=photos]")
    photo = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": jpeg()}
    page.locator("[data-step=kirim]").click()
    expect(switch).to_be_checked()
    page.set_input_files("input[name=photos]", photo)
    expect(switch).not_to_be_checked()
    expect(why).to_be_visible()
    page.locator("[data-step=foto]").click()
    page.locator("[data-drop]:visible").click()
    page.locator("[data-step=kirim]").click()
    expect(switch).to_be_checked()
    expect(why).to_be_hidden()
    page.set_input_files("input[name=photos]", photo)
    expect(why).to_be_visible()
    switch.check()
    page.locator("[data-step=foto]").click()
    page.set_input_files("input[name=photos]", photo | {"buffer": jpeg(color="#2c6aa6")})
    expect(page.locator("#strip [data-chip]")).to_have_count(2)
    page.locator("[data-step=kirim]").click()
    expect(switch).to_be_checked()
    page.get_by_role("button", name="Simpan draf").click()
    page.wait_for_url("**/ubah*")
    page.locator("[data-step=kirim]").click()
    expect(switch).to_be_checked()
    expect(page.get_by_text("YouTube: Foto tidak bisa dipakai di sini.").first).to_be_visible()


def test_the_counter_counts_what_the_server_keeps(page: Page) -> None:
    page.locator("[data-step=teks]").click()
    page.fill("#text", "  Keripik 😀\n\n")
    counter = page.locator("#hitung-text [data-max]:not([data-own])").first
    expect(counter).to_have_text("9/2.200")
    page.get_by_role("button", name="Simpan draf").click()
    page.wait_for_url("**/ubah*")
    page.locator("[data-step=teks]").click()
    expect(counter).to_have_text("9/2.200")
