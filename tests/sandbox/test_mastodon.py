"""The Mastodon server of the sandbox, spoken to without a connector."""

from typing import Any

import pytest
import requests

from tests.channels.videos import mp4_bytes
from tests.servers import SandboxProcess


class Home:
    def __init__(self, sandbox: SandboxProcess) -> None:
        self.account = sandbox.account("kim_latihan", platform="mastodon")
        self.url, self.token = f"{sandbox.url}/mastodon.latihan.test/api", self.account["access_token"]

    def ask(self, method: str, path: str, key: str = "", **more: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.token}"} | ({"Idempotency-Key": key} if key else {})
        return requests.request(method, f"{self.url}/{path}", headers=headers, timeout=10, **more)


@pytest.fixture
def home(sandbox: SandboxProcess) -> Home:
    return Home(sandbox)


def test_a_key_holds_for_an_hour(home: Home, sandbox: SandboxProcess) -> None:
    def post() -> Any:
        return home.ask("POST", "v1/statuses", key="k1", json={"status": "Pasar"}).json()["id"]

    first = post()
    assert post() == first
    sandbox.admin("clock", {"offset_s": 3700})
    assert post() != first


@pytest.mark.parametrize("sent", [{"status": "a" * 501}, {"status": " "}, {"status": "a", "media_ids": ["1"]}])
def test_a_status_against_the_rules_is_refused_in_the_servers_language(home: Home, sent: dict[str, Any]) -> None:
    reply = home.ask("POST", "v1/statuses", json=sent)
    assert (reply.status_code, reply.json()) == (422, {"error": "Validasi gagal"})


def test_a_video_takes_its_time_and_cannot_be_attached_before(home: Home, sandbox: SandboxProcess) -> None:
    sandbox.admin("settings", {"container_delay_s": 60.0})
    made = home.ask("POST", "v2/media", files={"file": ("v.mp4", mp4_bytes(2), "video/mp4")})
    media_id = made.json()["id"]
    assert (made.status_code, made.json()["url"]) == (202, None)
    assert home.ask("GET", f"v1/media/{media_id}").status_code == 206
    assert home.ask("POST", "v1/statuses", json={"status": "a", "media_ids": [media_id]}).status_code == 422
    sandbox.admin("clock", {"offset_s": 61})
    assert home.ask("POST", "v1/statuses", json={"status": "a", "media_ids": [media_id]}).status_code == 200
    assert home.ask("GET", f"v1/media/{media_id}").status_code == 404


def test_a_link_counts_as_twenty_three(home: Home) -> None:
    assert home.ask("POST", "v1/statuses", json={"status": "https://a.id/" + "a" * 600}).status_code == 200


def test_a_token_belongs_to_its_server(home: Home, sandbox: SandboxProcess) -> None:
    home.url = f"{sandbox.url}/sosial.latihan.test/api"
    assert home.ask("GET", "v1/accounts/verify_credentials").status_code == 401


def test_every_answer_says_how_many_calls_are_left(home: Home) -> None:
    assert "T" in home.ask("GET", "v2/instance").headers["X-RateLimit-Reset"]
