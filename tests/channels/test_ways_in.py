"""The ways to connect an account besides a plain sign-in: a server to name, a key to type, several accounts at once."""

import logging
import re
from dataclasses import replace
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from flask.testing import FlaskClient
from sqlalchemy import select

from contentdesk.channels import services, sign_in
from contentdesk.channels.base import Login
from contentdesk.channels.models import Account, AccountState
from contentdesk.cli import accounts_reseal
from contentdesk.config import Config
from contentdesk.kim.models import Kim
from contentdesk.lib import clock
from contentdesk.lib.db import db, transaction
from contentdesk.lib.desk import desk
from contentdesk.lib.http import Http
from contentdesk.users.models import User
from tests.channels import uji
from tests.channels.scripted import HTML, Answer, ScriptedPlatform
from tests.factories import Factory

TOKEN = {"access_token": "token-rahasia", "refresh_token": "segar-rahasia", "expires_in": 3600, "scope": "baca tulis"}


@pytest.fixture
def settings(scripted: ScriptedPlatform) -> dict[str, Any]:
    return {"platform_base_url": scripted.url, "apps": {"uji": ("aplikasi-kota", "rahasia-kota")}}


@pytest.fixture(autouse=True)
def channels(monkeypatch: pytest.MonkeyPatch) -> None:
    uji.add(monkeypatch)


def accounts() -> list[Account]:
    return list(db.session.scalars(select(Account).order_by(Account.external_id)))


def query_of(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def cookie(client: FlaskClient) -> str:
    """What the browser keeps, as anybody can read it there."""
    with client.session_transaction() as kept:
        return repr(dict(kept))


def left(client: FlaskClient, query: str = "") -> str:
    answer = client.get(f"/akun/sambung/uji{query}")
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


def back(client: FlaskClient, scripted: ScriptedPlatform, *pages: dict[str, str], **token: Any) -> Any:
    """Signs in to so many accounts; the page that the person then sees."""
    scripted.on("POST", "/token", Answer(TOKEN | token)).on("GET", "/akun$", Answer(list(pages)))
    return client.get(f"/akun/kembali/uji?state={query_of(left(client))['state']}&code=kode", follow_redirects=True)


PAGE = {"id": "1", "name": "kim_satu"}
OTHER = {"id": "2", "name": "kim_dua"}
LINKED = {"id": "9", "name": "kim_foto", "kind": "instagram"}


def test_leaving_shows_the_challenge_and_only_the_platform_gets_the_verifier(
    scripted: ScriptedPlatform, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[dict[str, str]] = []
    call = Http.call

    def noted(self: Http, method: str, url: str, **given: Any) -> Any:
        sent.append(dict(given.get("form") or {}))
        return call(self, method, url, **given)

    monkeypatch.setattr(Http, "call", noted)
    address = left(client)
    fields = query_of(address)
    shown = address + cookie(client)
    assert "connecting" in shown
    scripted.on("POST", "/token", Answer(TOKEN)).on("GET", "/akun$", Answer([PAGE]))
    client.get(f"/akun/kembali/uji?state={fields['state']}&code=kode")
    verifier = sent[0]["code_verifier"]
    assert 43 <= len(verifier) <= 128
    assert create_s256_code_challenge(verifier) == fields["code_challenge"]
    assert fields["code_challenge_method"] == "S256"
    assert verifier not in shown
    assert "disimpan-tersegel" not in shown


def test_who_signed_in_holds_the_account_and_both_tokens_are_sealed(
    scripted: ScriptedPlatform, chair: User, client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        page = back(client, scripted, PAGE).text
    [account] = accounts()
    login = services.login_of(account, desk().box)
    assert (login.token, login.refresh_token, account.scopes) == ("token-rahasia", "segar-rahasia", ["baca", "tulis"])
    assert "Tersambung: kim_satu" in page
    assert chair.name in page.split('id="pemegang"')[1]
    shown = page + caplog.text + cookie(client) + f"{account.token_sealed}{account.refresh_sealed}"
    assert not any(secret in shown for secret in ("token-rahasia", "segar-rahasia", "rahasia-kota"))


def test_too_little_granted_is_told_at_once_and_connects_nothing(
    scripted: ScriptedPlatform, client: FlaskClient
) -> None:
    page = back(client, scripted, PAGE, scope="tulis").text
    assert "Izin dari Uji kurang: membaca unggahan." in page
    assert accounts() == []


def test_what_was_not_granted_stands_on_the_accounts_page(scripted: ScriptedPlatform, client: FlaskClient) -> None:
    page = back(client, scripted, PAGE, scope="baca").text
    assert "Izin yang kurang" in page
    assert re.search(r"<dd[^>]*>menerbitkan unggahan</dd>", page)


@pytest.mark.parametrize("answer", [HTML, Answer("", 500)], ids=str)
def test_a_disturbed_platform_connects_nothing_and_says_so(
    scripted: ScriptedPlatform, client: FlaskClient, answer: Answer
) -> None:
    scripted.on("POST", "/token", answer)
    state = query_of(left(client))["state"]
    page = client.get(f"/akun/kembali/uji?state={state}&code=kode", follow_redirects=True).text
    assert "Uji sedang terganggu. Tidak ada yang berubah" in page
    assert accounts() == []


def test_one_sign_in_may_bring_accounts_of_two_platforms_to_choose_from(
    scripted: ScriptedPlatform, chair: User, client: FlaskClient
) -> None:
    page = back(client, scripted, PAGE, OTHER, LINKED).text
    assert [page.count(name) for name in ("kim_satu", "kim_dua", "kim_foto")] == [1, 1, 1]
    assert [page.count(f"<small>{name}</small>") for name in ("Uji", "Instagram")] == [2, 1]
    assert "token-rahasia" not in page
    client.post("/akun/kembali/uji", data={"sealed": sealed(page), "akun": ["0", "2"]})
    found = {account.handle: account for account in accounts()}
    assert {name: (one.kind, one.via) for name, one in found.items()} == {
        "kim_satu": ("uji", None),
        "kim_foto": ("instagram", "uji"),
    }
    login = services.login_of(found["kim_foto"], desk().box)
    assert (login.kind, login.refresh_token, login.scopes) == ("instagram", "segar-rahasia", ("baca", "tulis"))
    again = client.get(f"/akun/{found['kim_foto'].id}").text
    assert f"/akun/sambung/uji?akun={found['kim_foto'].id}" in again


def sealed(page: str) -> str:
    return page.split('name="sealed" value="')[1].split('"')[0]


def test_an_account_of_another_kim_can_be_seen_but_not_taken(
    make: Factory, scripted: ScriptedPlatform, client: FlaskClient
) -> None:
    theirs = make.account(make.kim(), kind="instagram", external_id="9", handle="kim_foto")
    page = back(client, scripted, PAGE, LINKED).text
    assert "Sudah dipakai KIM lain" in page
    assert page.count(" disabled>") == 1
    answer = client.post("/akun/kembali/uji", data={"sealed": sealed(page), "akun": ["0", "1"]}, follow_redirects=True)
    assert "sudah dipakai KIM lain" in answer.text
    assert [account.id for account in accounts()] == [theirs.id]
    db.session.refresh(theirs)
    assert theirs.token_sealed is None


def test_an_account_of_a_channel_we_do_not_know_is_left_out(scripted: ScriptedPlatform, client: FlaskClient) -> None:
    back(client, scripted, PAGE, {"id": "5", "name": "asing", "kind": "asing"})
    assert [account.handle for account in accounts()] == ["kim_satu"]


def test_a_linked_account_that_was_lost_comes_back_through_the_same_door(
    make: Factory, scripted: ScriptedPlatform, chair: User, client: FlaskClient
) -> None:
    kim = db.session.get_one(Kim, chair.kim_id)
    lost = make.account(kim, external_id="9", handle="kim_foto", via="uji", state=AccountState.EXPIRED)
    scripted.on("POST", "/token", Answer(TOKEN)).on("GET", "/akun$", Answer([{**PAGE, "id": "9"}, LINKED]))
    state = query_of(left(client, f"?akun={lost.id}"))["state"]
    client.get(f"/akun/kembali/uji?state={state}&code=kode")
    [account] = accounts()
    assert (account.id, account.state) == (lost.id, AccountState.CONNECTED)


def test_a_server_is_asked_for_before_leaving_and_the_page_leads_on_without_script(
    scripted: ScriptedPlatform, client: FlaskClient
) -> None:
    scripted.on("POST", "/apps", Answer({"client_id": "id-1", "client_secret": "rahasia-server"}))
    form = client.get("/akun/sambung/jauh")
    assert (form.status_code, "Alamat server" in form.text, "jauh.example" in form.text) == (200, True, True)
    page = client.post("/akun/sambung/jauh", data={"ask_data": "sana.example"})
    address = unescape(re.findall(r'http-equiv="refresh" content="0; url=([^"]+)"', page.text)[0])
    assert page.status_code == 200
    assert page.text.count(address.replace("&", "&amp;")) == 2
    assert address.startswith(f"{scripted.url}/sana.example/authorize?")
    assert "rahasia-server" not in page.text + cookie(client)
    scripted.on("POST", "/sana.example/token", Answer(TOKEN))
    client.get(f"/akun/kembali/jauh?state={query_of(address)['state']}&code=kode")
    [account] = accounts()
    assert (account.handle, account.details) == ("kim_jauh", {"data": "sana.example"})
    again = client.get(f"/akun/sambung/jauh?akun={account.id}").text
    assert 'value="sana.example"' in again


@pytest.mark.parametrize("typed", ["", "x" * 501])
def test_an_answer_that_cannot_be_is_told_at_its_field(
    scripted: ScriptedPlatform, client: FlaskClient, typed: str
) -> None:
    page = client.post("/akun/sambung/jauh", data={"ask_data": typed})
    assert (page.status_code, "ringkasan-galat" in page.text) == (422, True)
    assert scripted.asked == []


@pytest.mark.parametrize(("settings", "host"), [({}, "127.0.0.1:1"), ({}, "10.1.2.3"), ({}, "localhost")])
def test_a_server_in_a_private_network_is_not_asked_and_that_is_said(client: FlaskClient, host: str) -> None:
    page = client.post("/akun/sambung/jauh", data={"ask_data": host})
    assert page.status_code == 422
    assert "jaringan tertutup" in page.text
    assert accounts() == []


def test_a_server_that_does_not_answer_is_said_too(scripted: ScriptedPlatform, client: FlaskClient) -> None:
    scripted.stop()
    page = client.post("/akun/sambung/jauh", data={"ask_data": "sana.example"})
    assert page.status_code == 422
    assert "Server itu tidak menjawab" in page.text
    assert 'value="sana.example"' in page.text


def test_a_key_that_is_typed_connects_and_is_never_shown_again(
    scripted: ScriptedPlatform, client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    form = client.get("/akun/sambung/kunci").text
    assert re.search(r'<input[^>]*name="ask_sandi"[^>]*type="password"', form)
    scripted.on("POST", "/sesi", Answer({}, 401))
    with caplog.at_level(logging.DEBUG):
        wrong = client.post("/akun/sambung/kunci", data={"ask_nama": "kim_uji", "ask_sandi": "sandi-rahasia"})
        scripted.on("POST", "/sesi", Answer({"id": "3", "token": "token-rahasia", "segar": "segar-rahasia"}))
        right = client.post(
            "/akun/sambung/kunci", data={"ask_nama": "kim_uji", "ask_sandi": "sandi-rahasia"}, follow_redirects=True
        )
    assert wrong.status_code == 422
    assert "sandi aplikasi salah" in wrong.text
    assert 'value="kim_uji"' in wrong.text
    [account] = accounts()
    assert (account.kind, account.handle, services.login_of(account, desk().box).token) == (
        "kunci",
        "kim_uji",
        "token-rahasia",
    )
    shown = wrong.text + right.text + caplog.text + cookie(client) + "".join(scripted.asked)
    assert not any(secret in shown for secret in ("sandi-rahasia", "token-rahasia", "segar-rahasia"))


def test_an_answer_that_the_channel_refuses_is_told(scripted: ScriptedPlatform, client: FlaskClient) -> None:
    page = client.post("/akun/sambung/kunci", data={"ask_nama": "kim uji", "ask_sandi": "x"})
    assert "Nama akun tidak memakai spasi." in page.text
    assert scripted.asked == []


def test_every_way_in_is_offered_on_the_page_of_platforms(client: FlaskClient, chair: User) -> None:
    page = client.get("/akun/baru").text
    for kind in ("uji", "jauh", "kunci"):
        assert f"/akun/sambung/{kind}?milik={chair.kim_id}" in page


@pytest.mark.parametrize("practice", [True, False])
def test_only_in_practice_something_stands_in_for_an_app_that_nobody_registered(config: Config, practice: bool) -> None:
    """What stands in is known to all: rings that are signed with it could be anybody's."""
    config = replace(config, practice=practice, apps={})
    assert (sign_in.registered(config, "uji") is not None) is practice
    assert sign_in.is_open(config, "uji") is practice


@pytest.mark.parametrize("settings", [{}])
def test_what_needs_no_app_of_the_city_is_open_without_one(client: FlaskClient) -> None:
    page = client.get("/akun/baru").text
    assert "/akun/sambung/uji" not in page
    assert "/akun/sambung/jauh" in page
    assert "/akun/sambung/kunci" in page


def test_members_connect_nothing_by_any_way(make: Factory, chair: User) -> None:
    member = make.signed_in(make.user(kim=db.session.get_one(Kim, chair.kim_id)))
    for kind in ("uji", "jauh", "kunci"):
        assert member.get(f"/akun/sambung/{kind}").status_code == 403
        assert member.post(f"/akun/sambung/{kind}", data={"ask_data": "x"}).status_code == 403


def test_a_choice_is_over_after_half_an_hour(
    scripted: ScriptedPlatform, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = back(client, scripted, PAGE, OTHER).text
    end = clock.now() + timedelta(minutes=31)
    with monkeypatch.context() as patched:
        patched.setattr("contentdesk.channels.sign_in.clock.now", lambda: end)
        client.post("/akun/kembali/uji", data={"sealed": sealed(page), "akun": "0"})
    assert accounts() == []


def test_every_token_is_sealed_anew_with_the_newest_key(make: Factory, chair: User) -> None:
    with transaction():
        login = Login("1", "kim_satu", "token-rahasia", refresh_token="segar-rahasia")
        account = services.connect(chair, "uji", chair.kim_id, login, desk().box)
    make.account(token_sealed="dengan kunci yang hilang")
    before = (account.token_sealed, account.refresh_sealed)
    result = make.app.test_cli_runner().invoke(accounts_reseal)
    assert (result.exit_code, "key: 2;" in result.output, "are: 1" in result.output) == (0, True, True)
    db.session.refresh(account)
    assert (account.token_sealed, account.refresh_sealed) != before
    assert services.login_of(account, desk().box).refresh_token == "segar-rahasia"
    assert "rahasia" not in result.output


def test_a_question_that_says_so_may_be_left_empty(scripted: ScriptedPlatform, client: FlaskClient) -> None:
    answers = {"ask_user": "kim-uji.bsky.social", "ask_key": "abcd-efgh-ijkl-mnop", "ask_server": ""}
    page = client.post("/akun/sambung/bluesky", data=answers).text
    assert "Wajib diisi." not in page
    assert any("/bsky.social/" in asked for asked in scripted.asked)
    assert "Wajib diisi." in client.post("/akun/sambung/bluesky", data=answers | {"ask_key": ""}).text


def test_outside_practice_no_link_leads_to_pretend_keys(client: FlaskClient) -> None:
    assert "/kunci" not in client.get("/akun/sambung/telegram").text


@pytest.mark.parametrize("settings", [{"practice": True, "platform_base_url": "http://127.0.0.1:9"}])
def test_in_practice_a_link_leads_to_where_keys_are_made(client: FlaskClient) -> None:
    assert 'href="http://127.0.0.1:9/kunci?platform=telegram"' in client.get("/akun/sambung/telegram").text
    assert "/kunci" not in client.get("/akun/sambung/mastodon").text
