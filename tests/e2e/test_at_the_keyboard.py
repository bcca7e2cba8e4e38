"""Without a mouse: the keyboard reaches everything, and it shows where one is."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import DESKTOP, PASSWORD, Door

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e-pages")]
MOST_TABS = 80
SHOWN = """() => {
  // Inside a date the browser itself marks the part one is at.
  if (document.activeElement.matches('[type=datetime-local]:not(:focus)')) return true
  for (let one = document.activeElement, up = 0; one && up < 3; one = one.parentElement, up++) {
    const style = getComputedStyle(one)
    if (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2) return true
  }
  return false
}"""


def tab_to(page: Page, query: str, key: str = "Tab") -> None:
    """Presses it until the wanted thing has the focus; on the way each stop can be seen."""
    for _ in range(MOST_TABS):
        page.keyboard.press(key)
        where = page.evaluate("document.activeElement.outerHTML.slice(0, 120)")
        assert page.evaluate(SHOWN), f"no visible focus on {where}"
        if page.evaluate("query => document.activeElement.matches(query)", query):
            return
    raise AssertionError(f"the keyboard never reached {query}")


def test_signing_in_and_saving_a_draft(door: Door) -> None:
    page = door(viewport=DESKTOP).new_page()
    page.goto("/masuk")
    tab_to(page, "input[name=login]")
    page.keyboard.type("anggota@latihan.test")
    tab_to(page, "input[name=password]")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/beranda")
    tab_to(page, "a[href='/unggahan/baru']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/unggahan/baru")
    tab_to(page, "textarea[name=text]")
    page.keyboard.type("Ditulis tanpa tetikus.")
    tab_to(page, "input[name=proposed_at]")
    tab_to(page, "button[name=action][value=save]", "Shift+Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/unggahan/[0-9a-f]{28}/ubah"))
    expect(page.locator("textarea[name=text]")).to_have_value("Ditulis tanpa tetikus.")


@pytest.mark.parametrize("path", ["/beranda", "/unggahan", "/kalender"])
def test_the_skip_link_leads_past_the_menu(door: Door, path: str) -> None:
    page = door("anggota", viewport=DESKTOP).new_page()
    page.goto(path)
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    expect(page.locator(".skip")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("Tab")
    assert page.evaluate("!document.activeElement.closest('.side, .skip')")


def test_one_key_sends_no_verdict(door: Door) -> None:
    page = door("peninjau", viewport=DESKTOP).new_page()
    page.goto("/tinjauan")
    page.locator("main a.row").first.click()
    page.wait_for_url(re.compile(r"/tinjauan/[0-9a-f]{28}"))
    address = page.url
    for key, value in (("t", "reject"), ("r", "ask_changes"), ("s", "approve")):
        page.keyboard.press(key)
        expect(page.locator(f"button[name=verdict][value={value}]")).to_be_focused()
    assert page.url == address
