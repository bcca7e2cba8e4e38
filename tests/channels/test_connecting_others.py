"""Connecting by Google's sign-in page, and by the key of a bot, through the pages of ContentDesk."""

from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from flask.testing import FlaskClient
from sqlalchemy import select

from contentdesk.access.permissions import Role
from contentdesk.channels.models import Account
from contentdesk.channels.services import login_of
from contentdesk.lib.db import db
from contentdesk.lib.desk import desk
from tests.factories import Factory
from tests.servers import SandboxProcess


@pytest.fixture
def settings(sandbox: SandboxProcess) -> dict[str, Any]:
    return {
        "platform_base_url": sandbox.url,
        "apps": dict.fromkeys(("youtube", "facebook"), ("aplikasi-kota", "rahasia-kota")),
    }


@pytest.fixture
def client(make: Factory) -> FlaskClient:
    return make.signed_in(make.user(Role.CHAIR))


def one_account() -> Account:
    return db.session.scalars(select(Account)).one()


def test_a_channel_is_connected_through_google(sandbox: SandboxProcess, client: FlaskClient) -> None:
    known = sandbox.account("kim.uji", platform="youtube")
    left = client.get("/akun/sambung/youtube").headers["Location"]
    pressed = {"account_id": known["id"], "grant_0": "1", "grant_1": "1", "grant_2": "1"}
    answer = requests.post(left, data=pressed, allow_redirects=False, timeout=10)
    came_back = urlsplit(answer.headers["Location"])
    page = client.get(f"{came_back.path}?{came_back.query}", follow_redirects=True).text
    assert "kim.uji" in page
    account = one_account()
    assert (account.kind, account.external_id, account.state) == ("youtube", known["id"], "connected")
    login = login_of(account, desk().box)
    assert login.refresh_token
    assert login.refresh_token not in page


def test_a_page_where_one_may_only_read_the_figures_is_shown_with_the_reason_and_cannot_be_taken(
    sandbox: SandboxProcess, client: FlaskClient
) -> None:
    """With one page beside it, too: nobody is left to guess where the other one is."""
    person = {"platform": "facebook", "user": "Pengelola 1"}
    sandbox.account("kim.analis", name="Halaman Angka", tasks=["ANALYZE"], **person)
    good = sandbox.account("kim.baik", name="Halaman Baik", **person)
    left = client.get("/akun/sambung/facebook").headers["Location"]
    asked = {name: values[0] for name, values in parse_qs(urlsplit(left).query).items()}
    pressed = asked | {"user_id": good["user_id"]}
    answer = requests.post(left.partition("?")[0], data=pressed, allow_redirects=False, timeout=10)
    came_back = urlsplit(answer.headers["Location"])
    page = unescape(client.get(f"{came_back.path}?{came_back.query}").text)
    assert "Sekali masuk membawa 1 akun" in page
    [barred] = [label for label in page.split("<label") if "Halaman Angka" in label]
    assert " disabled>" in barred
    assert "belum boleh membuat konten di halaman ini" in barred
    sealed = page.split('name="sealed" value="')[1].split('"')[0]
    client.post("/akun/kembali/facebook", data={"sealed": sealed, "akun": ["0", "1"]})
    assert one_account().handle == "Halaman Baik"


def test_a_bot_is_connected_by_its_key(sandbox: SandboxProcess, client: FlaskClient) -> None:
    known = sandbox.account("kim_uji", platform="telegram")
    assert "BotFather" in client.get("/akun/sambung/telegram").text
    answers = {"ask_token": known["access_token"], "ask_channel": "t.me/kim_uji"}
    page = client.post("/akun/sambung/telegram", data=answers, follow_redirects=True).text
    assert "kim_uji" in page
    assert known["access_token"] not in page
    login = login_of(one_account(), desk().box)
    assert (login.external_id, login.details["username"]) == (known["id"], "kim_uji")


def test_a_bot_that_may_not_post_is_told_at_once_and_its_key_is_not_shown_again(
    sandbox: SandboxProcess, client: FlaskClient
) -> None:
    known = sandbox.account("kim_uji", platform="telegram", can_post=False)
    answers = {"ask_token": known["access_token"], "ask_channel": "@kim_uji"}
    refused = client.post("/akun/sambung/telegram", data=answers)
    assert refused.status_code == 422
    assert "Jadikan admin" in refused.text
    assert known["access_token"] not in refused.text
    assert db.session.scalars(select(Account)).all() == []
