"""Addresses that a person typed and that lead into a private network: refused, whenever they do so."""

import socket
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from contentdesk.access.permissions import Role
from contentdesk.channels.models import Account, AccountState
from contentdesk.lib import http
from contentdesk.lib.db import db
from contentdesk.lib.http import Http
from contentdesk.publishing.states import DeliveryState
from tests.channels.scripted import Answer, ScriptedPlatform
from tests.factories import Factory
from tests.publishing.conftest import Scene
from tests.publishing.places import Bad

D = DeliveryState
CLOSED = "jaringan tertutup"
INSIDE = "10.0.0.7"
REAL = socket.getaddrinfo
TYPED = {
    "wordpress": {"ask_user": "penulis", "ask_key": "abcd efgh ijkl mnop"},
    "mastodon": {},
}
FIELD = {"wordpress": "ask_site", "mastodon": "ask_server"}


@pytest.fixture
def browser(make: Factory) -> FlaskClient:
    return make.signed_in(make.user(Role.CHAIR))


@pytest.fixture
def site() -> Iterator[ScriptedPlatform]:
    server = ScriptedPlatform()
    yield server
    server.stop()


def names_lead_inside(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """As the owner of a domain can set it, at any time."""

    def look_up(host: Any, port: Any, *args: Any, **more: Any) -> Any:
        if host in names:
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (INSIDE, port))]
        return REAL(host, port, *args, **more)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


def this_machine_is_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a server of the test can stand for one on the internet."""
    refuse = http._refuse_private_place
    monkeypatch.setattr(http, "_refuse_private_place", lambda place: place == "127.0.0.1" or refuse(place))


def typed(browser: FlaskClient, kind: str, address: str) -> Any:
    return browser.post(f"/akun/sambung/{kind}", data=TYPED[kind] | {FIELD[kind]: address})


def refused(answer: Any, address: str, *words: str) -> None:
    """Said at once, with what was typed still there; nothing is connected."""
    assert answer.status_code == 422
    assert [word for word in (*words, f'value="{address}"') if word not in answer.text] == []
    assert "abcd efgh" not in answer.text
    assert db.session.scalar(select(func.count()).select_from(Account)) == 0


@pytest.mark.parametrize("settings", [{}])
@pytest.mark.parametrize("kind", TYPED)
@pytest.mark.parametrize(
    "address", ["https://127.0.0.1:1", "localhost", "10.1.2.3", "https://[fd00::7]", "dalam.example"]
)
def test_an_address_inside_is_refused_where_it_is_typed(
    browser: FlaskClient, monkeypatch: pytest.MonkeyPatch, kind: str, address: str
) -> None:
    names_lead_inside(monkeypatch, "dalam.example")
    refused(typed(browser, kind, address), address, CLOSED)


@pytest.mark.parametrize("settings", [{}])
@pytest.mark.parametrize("kind", TYPED)
def test_a_redirect_to_an_address_inside_is_told_and_not_followed(
    browser: FlaskClient, site: ScriptedPlatform, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    this_machine_is_outside(monkeypatch)
    site.on("GET", "", Answer("", 302, {"Location": f"http://{INSIDE}/wp-json/"}))
    refused(typed(browser, kind, site.url), site.url, "mengalihkan ke 10.0.0.7")
    assert {line.split()[0] for line in site.asked} == {"GET"}
    refused(typed(browser, kind, f"https://{INSIDE}"), f"https://{INSIDE}", CLOSED)


@pytest.mark.parametrize("settings", [{}])
@pytest.mark.parametrize("kind", TYPED)
def test_a_redirect_within_the_site_is_looked_at_again(
    browser: FlaskClient, site: ScriptedPlatform, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    this_machine_is_outside(monkeypatch)
    names_lead_inside(monkeypatch, "www.localhost")
    address = site.url.replace("127.0.0.1", "localhost")
    site.on("GET", "", Answer("", 301, {"Location": "https://www.localhost/wp-json/"}))
    refused(typed(browser, kind, address), address, CLOSED)


def test_a_site_that_moves_inside_later_gets_no_key_and_the_post_waits(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = Bad(scene, "wordpress")
    stand_in = bad.at
    bad.at = replace(stand_in, http=Http())
    names_lead_inside(monkeypatch, "blog.latihan.test")
    bad.step()
    assert (bad.standing(), bad.state(bad.delivery)) == (AccountState.NOT_ALLOWED, D.WAITING)
    assert CLOSED in bad.account_page()
    assert (bad.kept(), bad.sent_calls(), len(bad.told())) == (bad.approved, 0, 1)
    bad.at = stand_in
    bad.connected()
    assert (bad.goes(), bad.sent_calls(), bad.public()) == (D.SENT, 1, 1)


@pytest.mark.parametrize("last", [False, True])
def test_a_site_that_sends_us_elsewhere_is_not_followed_with_the_key(scene: Scene, last: bool) -> None:
    """In answer to the first call, or to the last one."""
    bad = Bad(scene, "wordpress")
    path = bad.place.call[1] if last else bad.place.early
    bad.sandbox.admin("faults", {"fault": "not_json", "http": 302, "method": "POST", "path_regex": path})
    bad.goes()
    if last:
        assert bad.state(bad.delivery) == D.UNKNOWN
        bad.look(bad.delivery)
    else:
        assert bad.standing() == AccountState.NOT_ALLOWED
        assert "tidak menjawab seperti biasanya" in bad.account_page()
        assert bad.kept() == bad.approved
        bad.connected()
    assert (bad.goes(), bad.sent_calls(), bad.public()) == (D.SENT, 1, 1)
