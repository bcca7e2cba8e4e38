"""Forged forms, and what each page tells the browser to refuse."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from contentdesk.access.permissions import Role
from contentdesk.lib.db import db
from contentdesk.users.models import UserSession
from tests.factories import PASSWORD, Factory

TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
INLINE = re.compile(r"<[^>]+\s(style|on[a-z]+)\s*=|<script(?![^>]*\ssrc=)|<style|javascript:", re.IGNORECASE)
PAGES = ("/lainnya", "/lainnya/perangkat", "/lainnya/kata-sandi", "/anggota", "/anggota/undang", "/kim", "/kim/baru")


def test_a_form_sent_from_elsewhere_is_refused(app: Flask, make: Factory) -> None:
    client = make.signed_in(make.user())
    app.config["WTF_CSRF_ENABLED"] = True
    forged = client.post("/keluar-semua")
    assert forged.status_code == 400
    assert db.session.scalars(db.select(UserSession)).one().ended_at is None
    token = TOKEN.search(client.get("/lainnya/perangkat").text).group(1)
    assert client.post("/keluar-semua", data={"csrf_token": token}).status_code == 303
    assert db.session.scalars(db.select(UserSession)).one().ended_at is not None


def test_an_old_form_leads_back_to_its_page_where_it_is_told(app: Flask, make: Factory) -> None:
    client = make.signed_in(make.user())
    app.config["WTF_CSRF_ENABLED"] = True
    sent = client.post("/keluar-semua", headers={"Referer": "http://localhost/lainnya/perangkat"})
    assert (sent.status_code, sent.location) == (303, "http://localhost/lainnya/perangkat")
    assert client.get(sent.location).text.count("terlalu lama terbuka") == 1


def test_signing_in_needs_the_page_of_the_form_too(app: Flask, make: Factory, client: FlaskClient) -> None:
    user = make.user()
    app.config["WTF_CSRF_ENABLED"] = True
    data = {"login": user.login, "password": PASSWORD}
    assert client.post("/masuk", data=data).status_code == 400
    token = TOKEN.search(client.get("/masuk").text).group(1)
    assert client.post("/masuk", data=data | {"csrf_token": token}).status_code == 303


@pytest.mark.parametrize("path", [*PAGES, "/kabar"])
def test_pages_carry_no_inline_script_or_style_and_say_so(make: Factory, path: str) -> None:
    answer = make.signed_in(make.user(Role.ADMIN)).get(path)
    assert answer.status_code == 200
    check_headers(answer.headers)
    assert not INLINE.search(answer.text)


@pytest.mark.parametrize("path", ["/masuk", "/masuk/lupa", "/undangan/x", "/tidak-ada"])
def test_open_pages_and_errors_are_as_strict(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    check_headers(answer.headers)
    assert not INLINE.search(answer.text)


def check_headers(headers: object) -> None:
    policy = headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"


def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(make: Factory, client: FlaskClient) -> None:
    answer = client.post("/masuk", data={"login": make.user().login, "password": PASSWORD})
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


@pytest.mark.parametrize("settings", [{"public_url": "https://desk.contoh.test"}])
def test_behind_https_the_cookie_stays_on_https(make: Factory, client: FlaskClient) -> None:
    answer = client.post("/masuk", data={"login": make.user().login, "password": PASSWORD})
    assert "Secure" in answer.headers["Set-Cookie"]
