"""The composer on a phone: what is missing leads to its field."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import PHONE, Door
from tests.media import clips
from tests.posts.photos import jpeg

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e-pages")]


def test_steps_are_ticked_when_nothing_of_theirs_stops_sending(door: Door) -> None:
    page = door("anggota", viewport=PHONE).new_page()
    page.goto("/unggahan/baru")
    photos, texts, last = (page.locator(f"[data-step={step}]") for step in ("foto", "teks", "kirim"))
    done = re.compile(r"\bdone\b")
    page.set_input_files("input[name=photos]", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": jpeg()})
    expect(page.locator("#strip [data-chip]")).to_have_count(1)
    texts.click()
    page.fill("textarea[name=text]", "Keripik tempe Sanan.")
    last.click()
    expect(page.locator("#peninjau")).not_to_have_attribute("aria-busy", "true")
    expect(page.locator("#peninjau")).not_to_contain_text("Teks masih kosong")
    expect(texts).to_have_class(done)
    expect(photos).not_to_have_class(done)
    for name in ("faces", "children", "photo_source"):
        last.click()
        page.locator(f"#peninjau a[href='#{name}']").click()
        expect(page.locator(f"#{name} input").first).to_be_focused()
        page.locator(f"#{name} label").first.click()
    last.click()
    expect(photos).to_have_class(done)
    state = page.locator(".saved").bounding_box()
    assert state is not None
    assert state["x"] + state["width"] <= PHONE["width"]


def test_a_video_is_prepared_while_one_writes_on_and_plays_then(door: Door) -> None:
    page = door("anggota", viewport=PHONE).new_page()
    page.goto("/unggahan/baru")
    chosen = page.locator("input[name=photos]")
    chosen.set_input_files({"name": "a.mp4", "mimeType": "video/mp4", "buffer": clips.reel()})
    expect(page.locator("#strip [data-chip]")).to_have_count(1)
    chosen.set_input_files({"name": "b.jpg", "mimeType": "image/jpeg", "buffer": jpeg()})
    expect(page.locator("[data-refused]")).to_contain_text("b.jpg: Satu unggahan berisi foto saja")
    expect(page.locator("#strip [data-chip]")).to_have_count(1)
    expect(page.locator("#panels video")).to_be_visible(timeout=30_000)
    played = page.locator("#panels video").evaluate(
        "async (video) => { video.muted = true; await video.play(); return [video.videoWidth, video.videoHeight] }"
    )
    assert played == [180, 320]
    page.locator("#panels [data-drop]").click()
    expect(page.locator("#strip [data-chip]")).to_have_count(0)
    chosen.set_input_files({"name": "b.jpg", "mimeType": "image/jpeg", "buffer": jpeg()})
    expect(page.locator("#strip [data-chip]")).to_have_count(1)


def test_the_hashtag_of_the_chosen_campaign_is_offered(door: Door) -> None:
    page = door("anggota", viewport=PHONE).new_page()
    page.goto("/unggahan/baru")
    offered = page.locator("[data-tag-of]")
    expect(offered).to_be_hidden()
    running = page.locator("#campaign option[data-tag='#BelanjaKampung']").get_attribute("value")
    page.select_option("#campaign", running)
    page.locator("[data-step=teks]").click()
    offered.click()
    expect(page.locator("textarea[name=text]")).to_have_value("#BelanjaKampung")
