"""Connecting an account through the sandbox's sign-in page, as a browser does it."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from contentdesk.channels import registry
from contentdesk.channels.abilities import Connectable, Renewable
from contentdesk.channels.base import AppKeys, Login, LoginExpired, NotAllowed, TryLater
from contentdesk.lib import clock
from contentdesk.lib.http import Http
from tests.channels.line import Line, login_of
from tests.channels.scripted import HTML, Answer, ScriptedPlatform, refusal
from tests.servers import SandboxProcess

BACK = "https://desk.example/akun/kembali"
APP = AppKeys("app-1", "geheim")


def channel() -> Connectable:
    found = registry.connectable("instagram")
    assert found
    return found


def renew(http: Http, login: Login) -> Login:
    found = channel()
    assert isinstance(found, Renewable)
    return found.renew(http, APP, login)


def sign_in(sandbox: SandboxProcess, http: Http, **changes: str) -> str:
    """Presses the button on the platform's page and brings the code back, with the platform's odd ending."""
    address = channel().leave(http, APP, BACK, "state-1", "", {}).url
    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()} | changes
    page = http.address(address.partition("?")[0])
    assert requests.get(page, params=asked, timeout=5).ok
    answer = requests.post(page, data=asked | {"username": "kim.latihan"}, allow_redirects=False, timeout=5)
    location = answer.headers["Location"]
    assert location.startswith(BACK)
    assert parse_qs(urlsplit(location).query)["state"] == ["state-1"]
    return parse_qs(urlsplit(location).query)["code"][0] + "#_"


def exchange(http: Http, code: str) -> Login:
    [login] = channel().exchange(http, APP, BACK, code, "", {})
    return login


@pytest.mark.parametrize("wrapped", [False, True])
def test_signing_in_brings_an_account_for_sixty_days(sandbox: SandboxProcess, wrapped: bool) -> None:
    sandbox.admin("settings", {"oauth_wrapped": wrapped})
    http = Http(sandbox.url)
    login = exchange(http, sign_in(sandbox, http))
    [account] = sandbox.admin("accounts")["accounts"]
    assert (login.external_id, login.handle) == (account["id"], "kim.latihan")
    assert login.expires_at
    assert timedelta(days=59) < login.expires_at - clock.now() <= timedelta(days=60)


def test_a_fresh_login_can_publish(sandbox: SandboxProcess, line: Line) -> None:
    http = Http(sandbox.url)
    login = exchange(http, sign_in(sandbox, http))
    Line(http, login, line.outgoing.photos).prepare().publish()
    assert len(sandbox.published()) == 1


def test_a_code_works_once(sandbox: SandboxProcess) -> None:
    http = Http(sandbox.url)
    code = sign_in(sandbox, http)
    exchange(http, code)
    with pytest.raises(LoginExpired):
        exchange(http, code)


def test_a_login_without_the_right_to_publish_is_not_taken(sandbox: SandboxProcess) -> None:
    http = Http(sandbox.url)
    code = sign_in(sandbox, http, scope="instagram_business_basic")
    with pytest.raises(NotAllowed):
        exchange(http, code)


def test_a_token_of_a_day_is_renewed_and_works(sandbox: SandboxProcess, line: Line) -> None:
    day = timedelta(days=1, minutes=5).total_seconds()
    login = login_of(sandbox.account(token_age_s=day))
    fresh = renew(Http(sandbox.url), login)
    assert fresh.external_id == login.external_id
    assert fresh.handle == login.handle
    assert fresh.token != login.token
    assert fresh.expires_at
    assert login.expires_at
    assert fresh.expires_at > login.expires_at


def test_a_younger_token_is_left_alone(sandbox: SandboxProcess) -> None:
    login = login_of(sandbox.account())
    assert renew(Http(sandbox.url), login) == login
    assert sandbox.calls("refresh_access_token") == []


def test_a_dead_token_asks_for_a_new_sign_in(sandbox: SandboxProcess) -> None:
    account = sandbox.account(token_age_s=90_000)
    sandbox.admin("tokens/revoke", {"account_id": account["id"], "subcode": 460})
    with pytest.raises(LoginExpired):
        renew(Http(sandbox.url), login_of(account))


@pytest.mark.parametrize("answer", [HTML, Answer("", 503), refusal(100), refusal(2)], ids=str)
def test_a_failed_renewal_keeps_the_living_token(scripted: ScriptedPlatform, answer: Answer) -> None:
    scripted.on("GET", "refresh_access_token", answer)
    with pytest.raises(TryLater):
        renew(Http(scripted.url), Login("1784", "kim", "t"))


def test_no_secret_of_signing_in_reaches_an_exception(scripted: ScriptedPlatform) -> None:
    scripted.on("POST", "/oauth/access_token", Answer({"access_token": "kurzes", "user_id": 1}))
    scripted.on("GET", "/access_token", HTML)
    with pytest.raises(TryLater) as caught:
        channel().exchange(Http(scripted.url), APP, BACK, "kode", "", {})
    chain = f"{caught.value!r} {caught.value.values} {caught.value.__cause__!r} {caught.value.__context__!r}"
    assert not any(secret in chain for secret in ("geheim", "kurzes", "kode"))
