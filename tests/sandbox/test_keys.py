"""Keys for platforms that have no sign-in page, made by hand for practice."""

import re

import pytest
import requests

from contentdesk.channels import registry
from contentdesk.channels.abilities import ConnectableByKey
from contentdesk.lib.http import Http
from contentdesk.sandbox.pages import KEYS
from tests.servers import SandboxProcess


def test_every_channel_that_wants_a_key_can_be_practised() -> None:
    assert set(KEYS) == {kind for kind, one in registry.KINDS.items() if isinstance(one, ConnectableByKey)}


@pytest.mark.parametrize("kind", sorted(KEYS))
def test_what_the_page_shows_connects(kind: str, sandbox: SandboxProcess) -> None:
    page = requests.post(f"{sandbox.url}/kunci", data={"platform": kind, "username": "kimlatihan"}, timeout=10).text
    shown = re.findall(r"<dd>(.*?)</dd>", page)
    channel = registry.KINDS[kind]
    assert isinstance(channel, ConnectableByKey)
    answers = dict(zip([ask.name for ask in channel.asks], shown + [""] * 3, strict=False))
    [login] = channel.sign_in(Http(sandbox.url), answers)
    assert "latihan" in login.handle
    assert login.token


def test_a_name_that_is_none_is_told(sandbox: SandboxProcess) -> None:
    page = requests.post(f"{sandbox.url}/kunci", data={"platform": "telegram", "username": "a b"}, timeout=10).text
    assert "tidak bisa dipakai" in page
    assert "<dd>" not in page


def test_the_platform_that_was_asked_for_is_chosen(sandbox: SandboxProcess) -> None:
    page = requests.get(f"{sandbox.url}/kunci?platform=wordpress", timeout=10).text
    assert '<option value="wordpress" selected>WordPress</option>' in page


def test_what_is_public_says_on_which_platform(sandbox: SandboxProcess) -> None:
    for platform in ("tiktok", "mastodon"):
        account = sandbox.account("kimlatihan", platform=platform)
        sandbox.admin("posts", {"platform": platform, "account_id": account["id"], "caption": f"di {platform}"})
    page = requests.get(sandbox.url, timeout=10).text
    assert all(f'<span class="tag">{name}</span>' in page for name in ("TikTok", "Mastodon"))
