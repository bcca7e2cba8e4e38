"""The WordPress site of the sandbox, spoken to without a connector."""

from typing import Any

import pytest
import requests

from tests.servers import SandboxProcess

Site = tuple[str, tuple[str, str]]


@pytest.fixture
def site(sandbox: SandboxProcess) -> Site:
    account = sandbox.account("penulis", platform="wordpress")
    return f"{sandbox.url}/blog.latihan.test/wp-json/wp/v2", (account["username"], account["access_token"])


def post(site: Site, route: str, **body: object) -> Any:
    return requests.post(f"{site[0]}/{route}", json=body, auth=site[1], timeout=10).json()


def test_a_draft_is_not_public_and_a_slug_twice_gets_a_number(site: Site, sandbox: SandboxProcess) -> None:
    made = [post(site, "posts", title="Pasar", slug="pasar") for _ in range(2)]
    assert [one["slug"] for one in made] == ["pasar", "pasar"]
    assert sandbox.published() == []
    assert [post(site, f"posts/{one['id']}", status="publish")["slug"] for one in made] == ["pasar", "pasar-2"]


def test_publishing_the_same_twice_changes_nothing(site: Site, sandbox: SandboxProcess) -> None:
    number = post(site, "posts", title="Pasar")["id"]
    first, second = (post(site, f"posts/{number}", status="publish") for _ in range(2))
    assert first == second
    assert [call["committed"] for call in sandbox.calls(f"posts/{number}$")] == [True, False]


def test_a_public_post_has_a_page(site: Site, sandbox: SandboxProcess) -> None:
    number = post(site, "posts", title="Pasar", content="<p>Satu<br>dua</p>")["id"]
    link = post(site, f"posts/{number}", status="publish")["link"]
    page = requests.get(f"{sandbox.url}/{link.removeprefix('https://')}", timeout=10)
    assert "Satu\ndua" in page.text


@pytest.mark.parametrize(
    ("route", "status", "word"),
    [
        ("users/me", 401, "rest_not_logged_in"),
        ("posts?per_page=101", 400, "rest_invalid_param"),
        ("posts/1", 404, "rest_post_invalid_id"),
        ("apa", 404, "rest_no_route"),
    ],
)
def test_refusals_come_in_the_sites_envelope(site: Site, route: str, status: int, word: str) -> None:
    reply = requests.get(f"{site[0]}/{route}", timeout=10)
    assert (reply.status_code, reply.json()["code"], reply.json()["data"]["status"]) == (status, word, status)


def test_a_type_that_is_not_taken_says_500_for_good(site: Site) -> None:
    headers = {"Content-Type": "application/x-php", "Content-Disposition": 'attachment; filename="a.php"'}
    reply = requests.post(f"{site[0]}/media", data=b"<?php", auth=site[1], headers=headers, timeout=10)
    assert (reply.status_code, reply.json()["code"]) == (500, "rest_upload_sideload_error")


def test_who_may_not_publish_may_still_write(sandbox: SandboxProcess) -> None:
    account = sandbox.account("magang", platform="wordpress", role="contributor")
    site = f"{sandbox.url}/blog.latihan.test/wp-json/wp/v2", (account["username"], account["access_token"])
    number = post(site, "posts", title="Pasar")["id"]
    assert post(site, f"posts/{number}", status="publish")["code"] == "rest_cannot_publish"
    assert sandbox.published() == []
