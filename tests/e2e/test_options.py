"""The settings of a channel follow what is chosen on a phone, and are there again after saving."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import PHONE, Door
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
