"""Every page of every role in a real browser: narrow, phone and desk, light and dark, with the rules of WCAG 2.2 AA."""

import re
from functools import cache
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, expect

from contentdesk.access.guards import PUBLIC, access_of
from contentdesk.access.permissions import Permission, Role, somewhere
from contentdesk.app import create_app
from contentdesk.config import from_env
from contentdesk.users.models import User
from tests.e2e.conftest import DESKTOP, Door, Service
from tests.e2e.walk import Finder, Walker

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e-pages")]
SIZES = {320: False, 360: True, 1280: True}
FEWER_SIZES = {320: False, 360: True, 1280: False}
"""For one more thing of the same page."""
LOOK_CLOSER = {Role.MEMBER, Role.REVIEWER}
"""They see several things of each kind; the others see the same templates again."""
NO_PAGES = {
    "root": "leads on to the first page",
    "media.thumb": "a picture",
    "media.preview": "a picture",
    "publishing.task_file": "a picture",
    "publishing.task_video": "a video",
    "media.play": "a video",
    "media.video_state": "a piece of the composer's page",
    "reports.reach_csv": "a file",
    "reports.reach_xlsx": "a file",
    "channels.connect": "leads to the platform",
    "channels.callback": "where the platform sends back to; leads on",
    "users.invitation_link": "shows a new link once; looked at below",
    "metrics.enter": "the practice has no finished work by hand; test_without_script finishes one and looks at it",
}
DARK = ("/beranda", "/unggahan/baru", "/kalender", "/umkm", "/laporan/jangkauan")


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """Only for its list of addresses."""
    return create_app(from_env({"DATA_DIR": str(Path(tmp_path_factory.mktemp("list"))), "PRACTICE": "1"}))


@cache
def pages_of(app: Flask, role: Role) -> dict[str, list[str]]:
    """Endpoints that the role may open, with those of their addresses that need nothing more."""
    person = User(id="x", role=role, kim_id="y" if role in {Role.MEMBER, Role.CHAIR} else None)
    found: dict[str, list[str]] = {}
    for rule in app.url_map.iter_rules():
        access = access_of(app, rule.endpoint)
        if (
            "GET" in (rule.methods or ())
            and access not in {PUBLIC, None}
            and somewhere(person, Permission(str(access)))
        ):
            found.setdefault(rule.endpoint, []).extend([] if rule.arguments else [rule.rule])
    return found


def is_first_to_see(app: Flask, role: Role, endpoint: str) -> bool:
    """Of the roles that see the same page one checks the rules at a desk, too."""
    in_order = sorted(Role, key=lambda one: one not in LOOK_CLOSER)
    return next((one for one in in_order if endpoint in pages_of(app, one)), role) == role


@pytest.mark.parametrize("role", list(Role))
def test_every_page_of_a_role(app: Flask, shared_service: Service, door: Door, role: Role) -> None:
    context = door(role.value)
    wanted = pages_of(app, role)
    starts = [path for paths in wanted.values() for path in paths]
    kept = {cookie["name"]: cookie["value"] for cookie in context.cookies()}
    finder = Finder(app, shared_service.url, kept).follow(starts)
    assert finder.broken == []
    assert finder.guess(set(wanted)) <= set(NO_PAGES)
    walker = Walker(context)
    for endpoint, paths in finder.found.items():
        seen_by_others = not is_first_to_see(app, role, endpoint)
        for number, path in enumerate(paths if role in LOOK_CLOSER else paths[:1]):
            walker.visit(path, FEWER_SIZES if number or seen_by_others else SIZES)
    assert walker.wrong == []


def test_an_invitation_from_its_link_to_its_page(door: Door) -> None:
    chair = Walker(door("ketua"))
    chair.page.goto("/anggota/undang")
    chair.page.get_by_role("button", name="Buat tautan").click()
    chair.page.wait_for_url(re.compile(r"/anggota/undang/\w+"))
    chair.look(SIZES)
    (link,) = re.findall(r"/undangan/[\w-]+", chair.page.locator("#teks").inner_text())
    stranger = Walker(door())
    stranger.visit(link, SIZES)
    assert chair.wrong + stranger.wrong == []


def test_pages_for_strangers(door: Door) -> None:
    walker = Walker(door())
    for path in ("/masuk", "/masuk/lupa"):
        walker.visit(path, SIZES)
    walker.visit("/undangan/tidak-ada", SIZES, expected=404)
    assert walker.wrong == []


def test_errors_say_what_to_do_and_lead_back(door: Door) -> None:
    walker = Walker(door("anggota"))
    for path, status in (("/tinjauan", 403), ("/tidak-ada", 404), ("/unggahan/" + "0" * 28, 404)):
        walker.visit(path, SIZES, expected=status)
        walker.page.get_by_role("link", name=re.compile("Beranda")).locator("visible=true").first.click()
        walker.page.wait_for_url("**/beranda")
    assert walker.wrong == []


def test_an_old_form_is_refused_with_words(door: Door) -> None:
    walker = Walker(door("anggota"))
    walker.visit("/unggahan/baru", FEWER_SIZES)
    walker.page.evaluate("document.querySelectorAll('[name=csrf_token]').forEach((one) => one.remove())")
    walker.page.get_by_role("button", name="Simpan draf").locator("visible=true").first.click()
    walker.page.get_by_text("isiannya belum terkirim. Periksa, lalu kirim lagi.").wait_for()


def test_menu_and_verdict_are_in_sight_on_a_desk(door: Door) -> None:
    """The practice band takes room at the top; nothing may slide out at the bottom for it."""
    page = door("peninjau", viewport=DESKTOP).new_page()
    page.goto("/tinjauan")
    expect(page.locator(".side").get_by_role("button", name="Keluar")).to_be_in_viewport(ratio=1)
    page.locator("main a.row").first.click()
    expect(page.get_by_role("button", name="Tolak")).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")


def test_dark_pages(door: Door) -> None:
    context = door("ketua")
    choose_theme(context, "dark")
    try:
        walker = Walker(context)
        for path in DARK:
            walker.visit(path, FEWER_SIZES)
            assert walker.page.locator("html[data-theme=dark]").count() == 1
        assert walker.wrong == []
    finally:
        choose_theme(context, "light")


def choose_theme(context: BrowserContext, theme: str) -> None:
    page = context.new_page()
    page.goto("/lainnya")
    page.locator(f"[name=theme][value={theme}]").check(force=True)
    page.locator("form:has([name=theme]) button").click()
    page.wait_for_load_state()
    page.close()
