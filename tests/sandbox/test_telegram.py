"""Telegram's Bot API as it is played: everything public at once, nothing to list, a key in the path."""

import hashlib
import json
from typing import Any

import pytest
import requests

from tests.channels.videos import mp4_bytes
from tests.sandbox.conftest import jpeg
from tests.servers import SandboxProcess


class Bot:
    """A bot that is administrator of one channel."""

    def __init__(self, sandbox: SandboxProcess, **wishes: object) -> None:
        self.sandbox = sandbox
        self.account = sandbox.account("kim_latihan", platform="telegram", **wishes)
        self.chat, self.token = self.account["id"], self.account["access_token"]

    def call(self, method: str, files: dict[str, bytes] | None = None, **form: object) -> dict[str, Any]:
        url = f"{self.sandbox.url}/api.telegram.org/bot{self.token}/{method}"
        reply = requests.post(url, data={"chat_id": self.chat} | form, files=files, timeout=10)
        body = dict(reply.json())
        assert body["ok"] == (reply.status_code == 200)
        assert body["ok"] or body["error_code"] == reply.status_code
        return body


@pytest.fixture
def bot(sandbox: SandboxProcess) -> Bot:
    return Bot(sandbox)


def test_a_message_is_public_at_once_under_the_address_of_the_channel(sandbox: SandboxProcess, bot: Bot) -> None:
    sent = bot.call("sendMessage", text="Pasar pagi di Dinoyo 🌶️")["result"]
    [public] = sandbox.published()
    assert public["caption"] == "Pasar pagi di Dinoyo 🌶️"
    assert public["permalink"] == f"https://t.me/kim_latihan/{sent['message_id']}"
    page = requests.get(f"{sandbox.url}/t.me/kim_latihan/{sent['message_id']}", timeout=5)
    assert "Pasar pagi" in page.text


def test_a_private_channel_has_no_username(sandbox: SandboxProcess) -> None:
    bot = Bot(sandbox, public=False)
    assert "username" not in bot.call("getChat")["result"]
    assert bot.call("getChat", chat_id="@kim_latihan")["error_code"] == 400


def test_several_photos_become_one_post_with_their_very_bytes(sandbox: SandboxProcess, bot: Bot) -> None:
    bodies = [jpeg(colour="#111111"), jpeg(colour="#222222")]
    media = [{"type": "photo", "media": "attach://a", "caption": "Dua"}, {"type": "photo", "media": "attach://b"}]
    sent = bot.call("sendMediaGroup", {"a": bodies[0], "b": bodies[1]}, media=json.dumps(media))["result"]
    [public] = sandbox.published()
    assert len(sent) == 2
    assert [one["sha256"] for one in public["images"]] == [hashlib.sha256(body).hexdigest() for body in bodies]
    assert public["caption"] == "Dua"


def test_a_video_arrives(sandbox: SandboxProcess, bot: Bot) -> None:
    body = mp4_bytes(1)
    assert bot.call("sendVideo", {"video": body}, caption="Kirab")["ok"]
    [public] = sandbox.published()
    assert public["images"][0]["sha256"] == hashlib.sha256(body).hexdigest()


@pytest.mark.parametrize(
    ("method", "files", "form", "code"),
    [
        ("sendMessage", None, {"text": "a" * 4097}, 400),
        ("sendMessage", None, {"text": " "}, 400),
        ("sendMessage", None, {"text": "a", "chat_id": "@tidak_ada"}, 400),
        ("sendPhoto", {"photo": b"bukan gambar"}, {}, 400),
        ("sendPhoto", {"photo": jpeg()}, {"caption": "🌶" * 513}, 400),
        ("sendMediaGroup", {"a": jpeg()}, {"media": '[{"type": "photo", "media": "attach://a"}]'}, 400),
        ("sendVideo", {"video": b"bukan video"}, {}, 400),
        ("getUpdates", None, {}, 404),
        ("getHistory", None, {}, 404),
    ],
)
def test_what_is_not_taken(
    sandbox: SandboxProcess, bot: Bot, method: str, files: dict[str, bytes] | None, form: dict[str, str], code: int
) -> None:
    assert bot.call(method, files, **form)["error_code"] == code
    assert sandbox.published() == []


def test_too_many_posts_have_to_wait(sandbox: SandboxProcess, bot: Bot) -> None:
    sandbox.admin("settings", {"telegram_per_minute": 1})
    bot.call("sendMessage", text="satu")
    refused = bot.call("sendMessage", text="dua")
    assert refused["error_code"] == 429
    assert 1 <= refused["parameters"]["retry_after"] <= 61
    sandbox.admin("clock", {"offset_s": 61})
    assert bot.call("sendMessage", text="dua")["ok"]


@pytest.mark.parametrize(
    ("wishes", "code"),
    [({"status": "kicked"}, 403), ({"status": "left"}, 403), ({"status": "none"}, 400), ({"can_post": False}, 400)],
)
def test_a_bot_without_its_place_cannot_post(sandbox: SandboxProcess, wishes: dict[str, object], code: int) -> None:
    assert Bot(sandbox, **wishes).call("sendMessage", text="a")["error_code"] == code


def test_the_place_of_a_bot_is_told(sandbox: SandboxProcess) -> None:
    bot = Bot(sandbox, can_post=False)
    me = bot.call("getMe")["result"]
    member = bot.call("getChatMember", user_id=me["id"])["result"]
    assert (member["status"], member["can_post_messages"]) == ("administrator", False)
    assert bot.call("getChatMemberCount")["result"] == 1000


def test_a_withdrawn_key_is_refused_and_the_next_one_works(sandbox: SandboxProcess, bot: Bot) -> None:
    sandbox.admin("tokens/revoke", {"account_id": bot.chat})
    assert bot.call("getMe")["error_code"] == 401
    assert Bot(sandbox).call("getMe")["ok"]


def test_the_book_shows_only_the_end_of_the_key(sandbox: SandboxProcess, bot: Bot) -> None:
    bot.call("getMe")
    [call] = sandbox.calls("getMe$")
    assert bot.token not in json.dumps(call)
    assert call["path"] == f"/bot…{bot.token[-4:]}/getMe"


def test_an_ordered_fault_comes_in_its_envelope(sandbox: SandboxProcess, bot: Bot) -> None:
    sandbox.admin("faults", {"fault": "error", "code": 429, "http": 429, "path_regex": "sendMessage$"})
    assert bot.call("sendMessage", text="a")["parameters"] == {"retry_after": 5}
    sandbox.admin("faults", {"fault": "5xx", "path_regex": "sendMessage$"})
    assert bot.call("sendMessage", text="a")["error_code"] == 500
