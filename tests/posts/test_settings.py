"""The settings of each channel on the composer's page, as a browser without JavaScript and as htmx asks for them."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from contentdesk.channels.abilities import Creator
from contentdesk.channels.base import LoginExpired, Option, OptionType
from contentdesk.channels.models import Account, AccountState
from contentdesk.kim.models import Kim
from contentdesk.lib.db import db, transaction
from contentdesk.posts import queries
from contentdesk.posts.models import Post, Revision
from contentdesk.posts.states import PostState
from contentdesk.users.models import User
from tests.counting import statements
from tests.factories import Factory
from tests.posts.photos import photo
from tests.posts.trial import KIND, Trial, install


@pytest.fixture
def channel(monkeypatch: pytest.MonkeyPatch) -> Trial:
    return install(monkeypatch)


@pytest.fixture
def account(make: Factory, kim: Kim, channel: Trial) -> Account:
    return make.account(kim, kind=KIND, handle="kim_coba")


def _sent(account: Account, **values: Any) -> dict[str, Any]:
    chosen = {f"opt_{KIND}_{name[4:]}": value for name, value in values.items() if name.startswith("opt_")}
    rest = {name: value for name, value in values.items() if not name.startswith("opt_")}
    return {"text": "Keripik.", "form_key": "k", "accounts": account.id, f"opts_{KIND}": "1"} | chosen | rest


def _answers(member: User) -> dict[str, str]:
    return {"photo": photo(member).id, "photo_source": "buatan_kim", "faces": "tidak_ada", "children": "tidak_ada"}


def _tag(page: str, id: str) -> str:
    """The opening tag of the element, or of the whole list of a select."""
    found = re.search(rf"<select id=\"{id}\".*?</select>|<[^>]*\bid=\"{id}\"[^>]*>", page, re.DOTALL)
    assert found, id
    return found.group()


def _newest() -> Revision:
    db.session.rollback()
    return queries.newest_revision(db.session.scalars(select(Post)).one())


def test_nothing_is_chosen_beforehand(account: Account, browser: FlaskClient) -> None:
    page = browser.get("/unggahan/baru").text
    assert "Pengaturan</span> Coba" in page
    privacy = _tag(page, f"opt_{KIND}_privacy")
    assert '<option value="">Pilih</option>' in privacy
    assert "selected" not in privacy
    for toggle in ("comments", "paid", "brand"):
        assert "checked" not in _tag(page, f"opt_{KIND}_{toggle}")


def test_choices_come_back_on_the_page(account: Account, browser: FlaskClient) -> None:
    sent = _sent(account, opt_privacy="teman", opt_comments="1", opt_partners="@satu dua", opt_comment="Mampir <rek>")
    page = browser.post("/unggahan/baru", data=sent, follow_redirects=True).text
    kept = {"privacy": "teman", "comments": True, "partners": ["satu", "dua"], "comment": "Mampir <rek>", "paid": False}
    assert _newest().options == {KIND: kept}
    assert '<option value="teman" selected>' in _tag(page, f"opt_{KIND}_privacy")
    assert "checked" in _tag(page, f"opt_{KIND}_comments")
    assert 'value="satu dua"' in _tag(page, f"opt_{KIND}_partners")
    assert "Mampir &lt;rek&gt;</textarea>" in page


def test_a_format_is_offered_only_where_the_media_leave_a_choice(
    member: User, account: Account, browser: FlaskClient
) -> None:
    assert "hidden" in _tag(browser.get("/unggahan/baru").text, f"opt_{KIND}_format")
    sent = _sent(account, photo=photo(member).id, opt_format="story")
    page = browser.post("/unggahan/baru", data=sent, follow_redirects=True).text
    assert "hidden" not in _tag(page, f"opt_{KIND}_format")
    assert re.search(r"<small data-usual>Kiriman</small>", page)
    assert re.search(r'value="story" checked', page)
    assert re.search(r'<label class="check-card" hidden><input[^>]*value="reel"', page)


def test_an_account_by_hand_shows_formats_and_nothing_else(
    make: Factory, kim: Kim, channel: Trial, browser: FlaskClient
) -> None:
    by_hand = make.account(kim, kind=KIND, by_hand=True)
    page = browser.get("/unggahan/baru").text
    assert f"opt_{KIND}_format" in page
    assert f"opt_{KIND}_privacy" not in page
    browser.post("/unggahan/baru", data=_sent(by_hand, opt_privacy="teman", opt_format="story"))
    assert _newest().options == {KIND: {"format": "story"}}
    assert channel.asked == []


def test_what_is_missing_leads_to_its_field(account: Account, browser: FlaskClient) -> None:
    page = browser.post("/unggahan/baru/kirim", data=_sent(account), follow_redirects=True).text
    assert f'<a href="#opt_{KIND}_privacy">Coba: Siapa yang melihat belum dipilih.</a>' in page
    assert db.session.scalars(select(Post)).one().state == PostState.DRAFT


def test_a_platform_is_asked_when_the_page_is_open_and_not_before(
    account: Account, channel: Trial, browser: FlaskClient
) -> None:
    page = browser.get("/unggahan/baru").text
    assert channel.asked == []
    assert f'hx-post="/unggahan/pilihan/{KIND}"' in page
    channel.told["kim_coba"] = Creator("KIM Coba", choices={"privacy": ("teman", "sendiri")}, off=frozenset({"duet"}))
    part = browser.post(f"/unggahan/pilihan/{KIND}", data=_sent(account, opt_privacy="teman")).text
    assert "Akan terbit di akun KIM Coba." in part
    privacy = _tag(part, f"opt_{KIND}_privacy")
    assert '<option value="semua" disabled>' in privacy
    assert '<option value="teman" selected>' in privacy
    assert "disabled" in _tag(part, f"opt_{KIND}_duet")
    assert 'hx-trigger="change from:#accounts"' in part
    browser.get("/unggahan/baru")
    assert channel.asked == ["kim_coba"]


def test_about_an_account_that_is_cut_off_nobody_is_asked_for_ever(
    account: Account, channel: Trial, browser: FlaskClient
) -> None:
    with transaction():
        db.session.get_one(Account, account.id).state = AccountState.EXPIRED
    part = browser.post(f"/unggahan/pilihan/{KIND}", data=_sent(account, opt_privacy="teman")).text
    assert channel.asked == []
    assert 'hx-trigger="change from:#accounts"' in part
    assert '<option value="teman" selected>' in _tag(part, f"opt_{KIND}_privacy")


def test_a_button_asks_the_platform_without_javascript(account: Account, channel: Trial, browser: FlaskClient) -> None:
    channel.told["kim_coba"] = Creator("KIM Coba")
    answer = browser.post("/unggahan/baru", data=_sent(account, ask=KIND))
    assert answer.status_code == 303
    assert "tanya=1" in answer.location
    assert "Akan terbit di akun KIM Coba." in browser.get(answer.location).text


def test_a_platform_that_does_not_answer_stops_nobody(
    member: User, account: Account, channel: Trial, browser: FlaskClient
) -> None:
    channel.told["kim_coba"] = LoginExpired("Akun perlu disambungkan lagi.")
    part = browser.post(f"/unggahan/pilihan/{KIND}", data=_sent(account)).text
    assert "Akun perlu disambungkan lagi." in part
    assert f'name="ask" value="{KIND}"' in part
    browser.post("/unggahan/baru/kirim", data=_sent(account, opt_privacy="semua", **_answers(member)))
    db.session.rollback()
    assert db.session.scalars(select(Post)).one().state == PostState.IN_REVIEW


@pytest.mark.parametrize(
    ("creator", "sentence"),
    [
        (
            Creator("K", may_post=False, sentence="Batas unggahan hari ini tercapai."),
            "Batas unggahan hari ini tercapai.",
        ),
        (Creator("K", choices={"privacy": ("teman",)}), "pilihan ini tidak tersedia untuk akun kim_coba"),
        (Creator("K", off=frozenset({"comments"})), "dimatikan di aplikasi untuk akun kim_coba"),
    ],
)
def test_what_the_platform_will_not_take_is_not_handed_in(
    account: Account, channel: Trial, browser: FlaskClient, creator: Creator, sentence: str
) -> None:
    channel.told["kim_coba"] = creator
    sent = _sent(account, opt_privacy="semua", opt_comments="1")
    page = browser.post("/unggahan/baru/kirim", data=sent, follow_redirects=True).text
    assert sentence in page
    db.session.rollback()
    assert db.session.scalars(select(Post)).one().state == PostState.DRAFT
    assert _newest().options[KIND]["privacy"] == "semua"


def test_the_one_way_that_is_left_stands_there_and_the_page_says_what_happens(
    member: User, account: Account, channel: Trial, browser: FlaskClient
) -> None:
    """A preset only: what has none beforehand is never chosen for a person."""
    ways = (("langsung", "Langsung"), ("kotak", "Kotak masuk"))
    channel.options = (*channel.options, Option("way", "Cara", OptionType.CHOICE, ways, default="langsung"))
    channel.told["kim_coba"] = Creator(
        "K", choices={"way": ("kotak",), "privacy": ("teman",)}, note="Anggota yang selesai."
    )
    part = browser.post(f"/unggahan/pilihan/{KIND}", data=_sent(account, opt_way="langsung")).text
    assert "Anggota yang selesai." in part
    assert '<option value="kotak" selected>' in _tag(part, f"opt_{KIND}_way")
    assert '<option value="langsung" disabled>' in _tag(part, f"opt_{KIND}_way")
    assert "selected" not in _tag(part, f"opt_{KIND}_privacy")
    assert "tidak tersedia" not in part
    hints = browser.post("/unggahan/periksa", data=_sent(account, opt_way="kotak")).text
    assert re.search(r'<li class="tip">(?:(?!</li>).)*Coba: Anggota yang selesai\.', hints, re.DOTALL)
    browser.post("/unggahan/baru/kirim", data=_sent(account, opt_way="kotak", opt_privacy="teman", **_answers(member)))
    assert db.session.scalars(select(Post)).one().state == PostState.IN_REVIEW


def test_a_saved_draft_is_not_handed_in_either(account: Account, channel: Trial, browser: FlaskClient) -> None:
    browser.post("/unggahan/baru", data=_sent(account, opt_privacy="semua"))
    channel.told["kim_coba"] = Creator("K", may_post=False)
    post = db.session.scalars(select(Post)).one()
    page = browser.post(f"/unggahan/{post.id}/kirim", follow_redirects=True).text
    assert "Akun kim_coba belum bisa dipakai mengunggah sekarang." in page
    db.session.rollback()
    assert db.session.scalars(select(Post)).one().state == PostState.DRAFT


def test_the_declaration_stands_above_the_button_and_follows_the_choices(
    account: Account, browser: FlaskClient
) -> None:
    page = browser.post("/unggahan/baru", data=_sent(account), follow_redirects=True).text
    music = '<a href="https://coba.test/musik" target="_blank" rel="noopener noreferrer">Konfirmasi Musik</a>'
    assert f"Dengan mengirim, Anda menyetujui {music}." in page
    sent = _sent(account, opt_paid="1", opt_brand="1")
    hints = browser.post("/unggahan/periksa", data=sent).text
    assert "Aturan Merek</a> dan " + music in hints


def test_what_a_choice_rules_out_is_grey(account: Account, browser: FlaskClient) -> None:
    sent = _sent(account, opt_paid="1", opt_brand="1", opt_privacy="teman")
    page = browser.post("/unggahan/baru", data=sent, follow_redirects=True).text
    assert '<option value="sendiri" disabled>' in _tag(page, f"opt_{KIND}_privacy")
    assert f'data-forbids="opt_{KIND}_privacy=sendiri"' in _tag(page, f"opt_{KIND}_brand")


def test_the_open_disclosure_holds_the_button(account: Account, browser: FlaskClient) -> None:
    sent = _sent(account, opt_paid="1", opt_privacy="semua")
    page = browser.post("/unggahan/baru", data=sent, follow_redirects=True).text
    assert 'data-stop="Coba: Katakan dulu ini mempromosikan siapa."' in page


def test_letters_are_counted_as_the_platform_does_and_by_the_chosen_format(
    member: User, account: Account, browser: FlaskClient
) -> None:
    sent = _sent(account, text="ab", photo=photo(member).id, opt_format="story")
    page = browser.post("/unggahan/baru", data=sent, follow_redirects=True).text
    assert re.search(r'id="hitung-text"[^>]*><span data-max="10".*?<b>2/10</b>', page)


def test_hashtags_are_counted_where_a_platform_limits_them(
    make: Factory, kim: Kim, account: Account, browser: FlaskClient
) -> None:
    limited = make.account(kim, "instagram")
    for text, shown in (("Keripik", ""), ("#satu#dua #tiga", "3/30"), ("#a " * 31, "31/30")):
        sent = {"text": text, "accounts": [account.id, limited.id]}
        counter = re.search(r'id="hitung-text".*?</p>', browser.post("/unggahan/periksa", data=sent).text, re.DOTALL)
        assert counter
        assert re.findall(r"#<b>(.*?)</b>", counter.group()) == ([shown] if shown else [])
        assert ("over" in counter.group()) is (shown == "31/30")


def test_more_channels_ask_the_database_nothing_more(
    make: Factory, kim: Kim, account: Account, browser: FlaskClient
) -> None:
    browser.get("/unggahan/baru")
    one = statements(lambda: browser.get("/unggahan/baru"))
    for kind in (KIND, "instagram", "snackvideo"):
        make.account(kim, kind=kind)
    assert len(statements(lambda: browser.get("/unggahan/baru"))) == len(one)
