"""Signing in as a person does, and tokens that end."""

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from tests.sandbox.conftest import Graph, code_of
from tests.servers import SandboxProcess

DAY = 86_400
SCOPES = "instagram_business_basic,instagram_business_content_publish"
ASKED = {
    "client_id": "4711",
    "redirect_uri": "http://127.0.0.1:9/akun/kembali",
    "response_type": "code",
    "scope": SCOPES,
    "state": "s-1",
}


def allow(sandbox: SandboxProcess, **choice: str) -> dict[str, list[str]]:
    url = f"{sandbox.url}/www.instagram.com/oauth/authorize"
    reply = requests.post(url, data=ASKED | choice, allow_redirects=False, timeout=5)
    assert reply.status_code == 302, reply.text
    location = reply.headers["Location"]
    assert location.startswith(ASKED["redirect_uri"] + "?")
    assert location.endswith("#_")
    return parse_qs(urlsplit(location).query)


def swap(sandbox: SandboxProcess, code: str, **other: str) -> requests.Response:
    form = {"client_id": "4711", "client_secret": "x", "grant_type": "authorization_code", "code": code}
    form |= {"redirect_uri": ASKED["redirect_uri"]} | other
    return requests.post(f"{sandbox.url}/api.instagram.com/oauth/access_token", data=form, timeout=5)


def unversioned(sandbox: SandboxProcess, path: str, **args: str) -> Any:
    return requests.get(f"{sandbox.url}/graph.instagram.com/{path}", params=args, timeout=5).json()


def test_the_whole_way_from_the_page_to_a_long_token(sandbox: SandboxProcess) -> None:
    account = sandbox.account("kim.sawojajar")
    page = requests.get(f"{sandbox.url}/www.instagram.com/oauth/authorize", params=ASKED, timeout=5).text
    assert "Platform latihan" in page
    [offered] = re.findall(r'name="account_id" value="(\d+)"', page)
    back = allow(sandbox, account_id=offered)
    assert back["state"] == ["s-1"]
    short = swap(sandbox, back["code"][0]).json()
    assert str(short["user_id"]) == account["id"]
    assert short["permissions"] == SCOPES.split(",")
    args = {"grant_type": "ig_exchange_token", "client_secret": "x", "access_token": short["access_token"]}
    long = unversioned(sandbox, "access_token", **args)
    assert long["expires_in"] == 60 * DAY
    me = unversioned(sandbox, "me", fields="user_id,username", access_token=long["access_token"])
    assert (me["user_id"], me["username"]) == (account["id"], "kim.sawojajar")


def test_a_new_account_can_be_made_on_the_page(sandbox: SandboxProcess) -> None:
    token = swap(sandbox, allow(sandbox, username="kim.baru")["code"][0]).json()["access_token"]
    assert unversioned(sandbox, "me", fields="username", access_token=token)["username"] == "kim.baru"
    wrong = ASKED | {"username": "Bukan Nama!"}
    reply = requests.post(f"{sandbox.url}/www.instagram.com/oauth/authorize", data=wrong, timeout=5)
    assert (reply.status_code, 'role="alert"' in reply.text) == (400, True)


def test_a_refusal_comes_back_as_such(sandbox: SandboxProcess) -> None:
    back = allow(sandbox, deny="1")
    assert (back["error"], back["state"]) == (["access_denied"], ["s-1"])


def test_a_code_is_good_once(sandbox: SandboxProcess) -> None:
    code = allow(sandbox, username="sekali")["code"][0]
    assert swap(sandbox, code).status_code == 200
    assert swap(sandbox, code).status_code == 400


@pytest.mark.parametrize("other", [{"redirect_uri": "http://elsewhere/"}, {"client_id": "1"}, {"client_secret": ""}])
def test_a_code_is_bound_to_who_asked(sandbox: SandboxProcess, other: dict[str, str]) -> None:
    code = allow(sandbox, username="terikat")["code"][0]
    reply = swap(sandbox, code, **other)
    assert (reply.status_code, reply.json()["error_type"]) == (400, "OAuthException")
    assert swap(sandbox, code).status_code == 200


def test_a_code_ends_after_an_hour(sandbox: SandboxProcess) -> None:
    code = allow(sandbox, username="telat")["code"][0]
    sandbox.admin("clock", {"offset_s": 3700})
    assert swap(sandbox, code).status_code == 400


@pytest.mark.parametrize("wrong", [{"redirect_uri": "javascript:alert(1)"}, {"client_id": ""}, {"response_type": "x"}])
def test_a_wrong_request_never_redirects(sandbox: SandboxProcess, wrong: dict[str, str]) -> None:
    url = f"{sandbox.url}/www.instagram.com/oauth/authorize"
    assert requests.get(url, params=ASKED | wrong, timeout=5).status_code == 400
    reply = requests.post(url, data=ASKED | wrong | {"username": "a"}, allow_redirects=False, timeout=5)
    assert reply.status_code == 400


def test_a_long_token_ends_after_sixty_days_unless_refreshed(sandbox: SandboxProcess) -> None:
    token = sandbox.account()["access_token"]
    args = {"grant_type": "ig_refresh_token"}
    assert "error" in unversioned(sandbox, "refresh_access_token", access_token=token, **args)
    sandbox.admin("clock", {"offset_s": 59 * DAY})
    fresh = unversioned(sandbox, "refresh_access_token", access_token=token, **args)
    sandbox.admin("clock", {"offset_s": 61 * DAY})
    assert code_of(unversioned(sandbox, "me", access_token=token)) == (190, 463)
    assert code_of(unversioned(sandbox, "refresh_access_token", access_token=token, **args)) == (190, 463)
    assert "id" in unversioned(sandbox, "me", access_token=fresh["access_token"])


def test_a_revoked_token_says_why_and_a_new_one_works(sandbox: SandboxProcess, graph: Graph) -> None:
    sandbox.admin("tokens/revoke", {"account_id": graph.id, "subcode": 460})
    assert code_of(graph.get("me")) == (190, 460)
    again = sandbox.account()
    assert again["id"] == graph.id
    assert "id" in Graph(sandbox, again).get("me")


def test_a_missing_scope_is_no_permission(sandbox: SandboxProcess) -> None:
    reader = Graph(sandbox, sandbox.account(scopes=["instagram_business_basic"]))
    assert "id" in reader.get("me")
    assert code_of(reader.post("me/media_publish", creation_id="1")) == (10, None)


def test_each_host_takes_only_its_own_tokens(sandbox: SandboxProcess, graph: Graph) -> None:
    page = Graph(sandbox, sandbox.account("lewat.fb", login="facebook"))
    assert code_of(page.get("me")) == (190, None)
    graph.host = page.host = "graph.facebook.com"
    assert code_of(graph.get("me")) == (190, None)
    assert "id" in page.get(page.id)


def test_no_token_and_a_wrong_token_are_refused(sandbox: SandboxProcess) -> None:
    assert code_of(unversioned(sandbox, "me"))[0] == 2500
    assert code_of(unversioned(sandbox, "me", access_token="IGAAwrong")) == (190, None)
