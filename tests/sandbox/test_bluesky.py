"""The Bluesky server of the sandbox, spoken to without a connector."""

from typing import Any

import pytest
import requests

from tests.servers import SandboxProcess

POST = "app.bsky.feed.post"
KEY = "3lbgq4xkv2s2k"


class Pds:
    def __init__(self, sandbox: SandboxProcess) -> None:
        self.account = sandbox.account("kim.latihan.test", platform="bluesky")
        self.url, self.token = f"{sandbox.url}/pds.latihan.test/xrpc", self.account["access_token"]

    def ask(self, name: str, body: Any = None, **params: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.token}"}
        if body is None and params:
            return requests.get(f"{self.url}/{name}", params=params, headers=headers, timeout=10)
        return requests.post(f"{self.url}/{name}", json=body, headers=headers, timeout=10)

    def write(self, how: str = "put", key: str = KEY, **record: Any) -> requests.Response:
        record = {"$type": POST, "text": "Pasar", "createdAt": "2026-11-21T12:00:00Z"} | record
        place = {"repo": self.account["id"], "collection": POST, "rkey": key}
        return self.ask(f"com.atproto.repo.{how}Record", place | {"record": record})


@pytest.fixture
def pds(sandbox: SandboxProcess) -> Pds:
    return Pds(sandbox)


def test_a_record_written_again_is_the_same_and_a_key_made_twice_breaks(pds: Pds, sandbox: SandboxProcess) -> None:
    first, second = pds.write(), pds.write()
    assert first.json()["cid"] == second.json()["cid"]
    again = pds.write("create")
    assert (again.status_code, again.json()["error"]) == (500, "InternalServerError")
    assert len(sandbox.published()) == 1


def test_a_record_with_other_content_changes_the_post(pds: Pds, sandbox: SandboxProcess) -> None:
    pds.write()
    pds.write(text="Pasar malam")
    assert [post["caption"] for post in sandbox.published()] == ["Pasar malam"]


@pytest.mark.parametrize(
    "record",
    [
        {"text": "a" * 301},
        {"text": "👨‍👩‍👧‍👦" * 121},
        {"$type": "x"},
        {"createdAt": ""},
        {"embed": {"images": [{}] * 5}},
    ],
)
def test_records_against_the_rules_are_refused(pds: Pds, sandbox: SandboxProcess, record: dict[str, Any]) -> None:
    reply = pds.write(**record)
    assert (reply.status_code, reply.json()["error"]) == (400, "InvalidRequest")
    assert sandbox.published() == []


def test_a_key_that_is_no_time_is_refused(pds: Pds) -> None:
    assert pds.write(key="kunci").status_code == 400


def test_more_than_twenty_five_posts_at_once_are_refused(pds: Pds) -> None:
    assert pds.ask("app.bsky.feed.getPosts", uris=["at://a/b/c"] * 26).status_code == 400
    assert pds.ask("app.bsky.feed.getPosts", uris=["at://a/b/c"] * 25).json() == {"posts": []}


def test_a_session_ends_and_its_key_to_the_next_works_once(pds: Pds, sandbox: SandboxProcess) -> None:
    sandbox.admin("clock", {"offset_s": 2 * 3600 + 60})
    assert pds.write().json()["error"] == "ExpiredToken"
    pds.token = pds.account["refresh_token"]
    name = "com.atproto.server.refreshSession"
    assert [pds.ask(name).status_code for _ in range(2)] == [200, 400]


def test_nobody_is_told_to_sign_in(pds: Pds) -> None:
    pds.token = ""
    assert (pds.write().status_code, pds.write().json()["error"]) == (401, "AuthMissing")


def test_an_upload_that_no_record_names_goes_away(pds: Pds, sandbox: SandboxProcess) -> None:
    headers = {"Authorization": f"Bearer {pds.token}", "Content-Type": "image/jpeg"}
    url = f"{pds.url}/com.atproto.repo.uploadBlob"
    blob = requests.post(url, data=b"\xff\xd8\xff", headers=headers, timeout=10).json()["blob"]
    sandbox.admin("settings", {"bluesky_blob_s": 0.0})
    embed = {"$type": "app.bsky.embed.images", "images": [{"image": blob, "alt": ""}]}
    assert pds.write(embed=embed).json()["error"] == "BlobNotFound"
