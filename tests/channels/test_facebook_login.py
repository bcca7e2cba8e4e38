"""Signing in on Facebook brings pages, and the professional accounts that are linked to them."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from contentdesk.channels.base import (
    AppKeys,
    Login,
    LoginExpired,
    NotAllowed,
    Outgoing,
    Sent,
    TryLater,
)
from contentdesk.channels.kinds import facebook_login
from contentdesk.channels.kinds.facebook import Facebook
from contentdesk.channels.kinds.instagram import Instagram
from contentdesk.lib import clock
from contentdesk.lib.http import Http
from tests.channels.conftest import Later
from tests.channels.engine import Engine
from tests.channels.line import TEXT, photos_on
from tests.channels.scripted import Answer, ScriptedPlatform, refusal
from tests.servers import MediaServer, SandboxProcess

BACK = "https://desk.example/akun/kembali"
APP = AppKeys("app-1", "geheim")


def sign_in(sandbox: SandboxProcess, http: Http, **choice: str) -> str:
    """Presses the button on the platform's page and brings the code back, with the platform's odd ending."""
    address = Facebook().leave(http, APP, BACK, "state-1", "v", {}).url
    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    page = http.address(address.partition("?")[0])
    answer = requests.post(page, data=asked | choice, allow_redirects=False, timeout=5)
    return parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0] + "#_=_"


def exchange(sandbox: SandboxProcess, **choice: str) -> list[Login]:
    http = Http(sandbox.url)
    return list(Facebook().exchange(http, APP, BACK, sign_in(sandbox, http, **choice), "v", {}))


def test_one_sign_in_brings_every_page_and_the_linked_accounts(sandbox: SandboxProcess) -> None:
    sandbox.admin("settings", {"accounts_per_page": 1})
    first = sandbox.account("kim.a", platform="facebook", name="KIM A", user="Pengelola 1", instagram="kim.a.ig")
    second = sandbox.account("kim.b", platform="facebook", name="KIM B", user="Pengelola 1")
    barred = sandbox.account("kim.c", platform="facebook", user="Pengelola 1", tasks=["ANALYZE"])
    logins = exchange(sandbox, user_id=first["user_id"])
    assert [(one.kind, one.external_id, one.handle) for one in logins] == [
        ("", first["id"], "KIM A"),
        ("instagram", first["instagram_id"], "kim.a.ig"),
        ("", second["id"], "KIM B"),
        ("", barred["id"], "kim.c"),
    ]
    page, linked, other, refused = logins
    assert (page.refused, linked.refused, other.refused, refused.token) == ("", "", "", "")
    assert "belum boleh membuat konten di halaman ini" in refused.refused
    assert page.expires_at is None
    assert set(page.scopes) >= set(facebook_login.WANTED)
    assert (page.details["page"], linked.details["host"]) == ("KIM A", "graph.facebook.com")
    for one in (page, linked):
        assert one.access_ends_at
        assert timedelta(days=89) < one.access_ends_at - clock.now() <= timedelta(days=90)
    Facebook().check(Http(sandbox.url), page)
    Instagram().check(Http(sandbox.url), linked)


def test_pages_that_come_through_a_business_are_there_too_and_once(sandbox: SandboxProcess) -> None:
    sandbox.admin("settings", {"accounts_per_page": 1})
    person = {"platform": "facebook", "user": "Pengelola 1"}
    own = sandbox.account("kim.a", **person)
    owned = [sandbox.account(f"kim.b{n}", business="Dinas", instagram=f"kim.b{n}.ig", **person) for n in range(2)]
    client = sandbox.account("kim.c", business="Mitra", business_edge="client_pages", **person)
    sandbox.account("kim.d", business="Dinas", **(person | {"tasks": []}))
    logins = exchange(sandbox, user_id=own["user_id"])
    pages = [own["id"], client["id"], *(one["id"] for one in owned)]
    linked = [one["instagram_id"] for one in owned]
    assert sorted(one.external_id for one in logins) == sorted(pages + linked)
    for login in logins:
        (Instagram() if login.kind else Facebook()).check(Http(sandbox.url), login)


@pytest.mark.parametrize(
    ("path", "fault", "found"),
    [
        ("me/businesses$", {"fault": "error", "code": 200, "http": 403}, ["kim.a"]),
        ("me/businesses$", {"fault": "drop_before"}, ["kim.a"]),
        ("owned_pages$", {"fault": "error", "code": 10, "http": 403}, ["kim.a", "kim.c"]),
        ("client_pages$", {"fault": "5xx"}, ["kim.a", "kim.b"]),
    ],
)
def test_a_refusal_of_the_businesses_breaks_no_sign_in(
    sandbox: SandboxProcess, path: str, fault: dict[str, Any], found: list[str]
) -> None:
    person = {"platform": "facebook", "user": "Pengelola 1"}
    own = sandbox.account("kim.a", **person)
    sandbox.account("kim.b", business="Dinas", **person)
    sandbox.account("kim.c", business="Dinas", business_edge="client_pages", **person)
    sandbox.admin("faults", {"path_regex": path, "times": None, **fault})
    assert sorted(one.handle for one in exchange(sandbox, user_id=own["user_id"])) == found


def test_without_the_right_nobody_asks_for_businesses(sandbox: SandboxProcess) -> None:
    page = sandbox.account("kim.a", platform="facebook", user="Pengelola 1")
    assert len(exchange(sandbox, user_id=page["user_id"], no_business_management="1")) == 1
    assert sandbox.calls("businesses") == []
    assert "business_management" not in Facebook().scopes


def test_an_account_that_came_with_a_page_can_publish(
    sandbox: SandboxProcess, media: MediaServer, later: Later
) -> None:
    page = sandbox.account("kim.a", platform="facebook", user="Pengelola 1", instagram="kim.a.ig")
    linked = exchange(sandbox, user_id=page["user_id"])[1]
    settled = Engine(Http(sandbox.url), "instagram", Outgoing("d1", linked, TEXT, photos_on(media, 1)), later).settle()
    assert isinstance(settled, Sent)
    assert [post["account"]["username"] for post in sandbox.published()] == ["kim.a.ig"]


def test_a_page_one_may_not_post_on_is_named(sandbox: SandboxProcess) -> None:
    page = sandbox.account("kim.a", platform="facebook", name="KIM A", user="Analis 1", tasks=["ANALYZE"])
    with pytest.raises(NotAllowed) as told:
        exchange(sandbox, user_id=page["user_id"])
    assert "KIM A" in told.value.sentence % told.value.values


def test_a_scope_that_was_unticked_is_named(sandbox: SandboxProcess) -> None:
    with pytest.raises(NotAllowed) as told:
        exchange(sandbox, username="kim.a", no_pages_manage_posts="1")
    assert told.value.values["missing"] == ["menerbitkan di halaman"]


def test_without_the_rights_for_it_the_linked_account_is_left_out(sandbox: SandboxProcess) -> None:
    page = sandbox.account("kim.a", platform="facebook", user="Pengelola 1", instagram="kim.a.ig")
    assert len(exchange(sandbox, user_id=page["user_id"], no_instagram_content_publish="1")) == 1


def test_a_code_works_once(sandbox: SandboxProcess) -> None:
    http = Http(sandbox.url)
    code = sign_in(sandbox, http, username="kim.a")
    Facebook().exchange(http, APP, BACK, code, "v", {})
    with pytest.raises(LoginExpired):
        Facebook().exchange(http, APP, BACK, code, "v", {})


def test_no_secret_stands_in_an_address_but_the_one_that_is_asked_about(sandbox: SandboxProcess) -> None:
    exchange(sandbox, username="kim.a")
    named = {name for call in sandbox.calls(host="graph.facebook.com") for name in call["query"]}
    assert not named & {"access_token", "client_secret", "fb_exchange_token", "code"}


@pytest.mark.parametrize("step", ["oauth/access_token", "me/permissions", "me/accounts"])
def test_no_secret_of_signing_in_reaches_an_exception(scripted: ScriptedPlatform, step: str) -> None:
    scripted.on("POST", "oauth/access_token", Answer({"access_token": "kurzes", "expires_in": 60}))
    granted = [{"permission": scope, "status": "granted"} for scope in facebook_login.WANTED]
    scripted.on("GET", "me/permissions", Answer({"data": granted}))
    for method in ("GET", "POST"):
        scripted.on(method, step, refusal(2, status=503))
    with pytest.raises(TryLater) as caught:
        Facebook().exchange(Http(scripted.url), APP, BACK, "kode", "v", {})
    chain = f"{caught.value!r} {caught.value.values} {caught.value.__cause__!r} {caught.value.__context__!r}"
    assert not any(secret in chain for secret in ("geheim", "kurzes", "kode"))
