"""What is special to Telegram: a key in the address, answers that are only numbers, nothing to read again."""

import logging
from datetime import timedelta
from typing import Any

import pytest

from contentdesk.channels.base import (
    ChannelError,
    Login,
    LoginExpired,
    NotAllowed,
    OutcomeUnknown,
    Outgoing,
    Rejected,
    Sent,
    TryLater,
)
from contentdesk.channels.kinds.telegram import Telegram
from contentdesk.channels.kinds.telegram_login import chat_of
from contentdesk.channels.rules import check, format_of
from contentdesk.lib.http import Http
from tests.channels.line import TEXT
from tests.channels.scripted import Answer, ScriptedPlatform
from tests.channels.subjects.telegram import login_of, photo
from tests.servers import MediaServer, SandboxProcess

CHANNEL = Telegram()
SEND = "sendMessage$"


def opened(sandbox: SandboxProcess, **wishes: object) -> dict[str, Any]:
    return sandbox.account("kim_latihan", platform="telegram", **wishes)


def message(login: Login, text: str = TEXT) -> Outgoing:
    return Outgoing("d1", login, text, ())


def answers(account: dict[str, Any], channel: str = "@kim_latihan") -> dict[str, str]:
    return {"token": account["access_token"], "channel": channel}


def test_a_key_and_a_channel_become_an_account(sandbox: SandboxProcess) -> None:
    account = opened(sandbox)
    http = Http(sandbox.url)
    [login] = CHANNEL.sign_in(http, answers(account, " https://t.me/kim_latihan "))
    assert (login.external_id, login.handle, login.token) == (account["id"], "kim_latihan", account["access_token"])
    assert account["access_token"] not in str(login.details)
    CHANNEL.check(http, login)
    assert isinstance(CHANNEL.publish(http, message(login), {}), Sent)


def test_a_private_channel_is_known_by_its_number_and_its_posts_have_no_address(sandbox: SandboxProcess) -> None:
    account = opened(sandbox, public=False, name="Rapat KIM")
    http = Http(sandbox.url)
    [login] = CHANNEL.sign_in(http, answers(account, account["id"]))
    assert login.handle == "Rapat KIM"
    sent = CHANNEL.publish(http, message(login), {})
    assert isinstance(sent, Sent)
    assert sent.permalink is None


@pytest.mark.parametrize(
    ("wishes", "changed", "raises"),
    [
        ({}, {"token": "bukan kunci"}, Rejected),
        ({}, {"token": "123456789:AAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}, LoginExpired),
        ({}, {"channel": "https://example.org/x"}, Rejected),
        ({}, {"channel": "@kanal_lain"}, Rejected),
        ({"type": "supergroup"}, {}, Rejected),
        ({"status": "member"}, {}, NotAllowed),
        ({"status": "kicked"}, {}, NotAllowed),
        ({"can_post": False}, {}, NotAllowed),
    ],
)
def test_what_cannot_work_is_told_at_once(
    sandbox: SandboxProcess, wishes: dict[str, object], changed: dict[str, str], raises: type[ChannelError]
) -> None:
    account = opened(sandbox, **wishes)
    with pytest.raises(raises) as caught:
        CHANNEL.sign_in(Http(sandbox.url), answers(account) | changed)
    assert caught.value.sentence % caught.value.values
    assert account["access_token"] not in f"{caught.value!r} {caught.value.sentence % caught.value.values}"


@pytest.mark.parametrize(
    ("typed", "chat"),
    [
        ("@kim_dinoyo", "@kim_dinoyo"),
        ("kim_dinoyo", "@kim_dinoyo"),
        ("t.me/kim_dinoyo/", "@kim_dinoyo"),
        ("-1001234567890", "-1001234567890"),
        ("https://t.me/+AbCdEf", ""),
        ("../getMe", ""),
        ("", ""),
    ],
)
def test_a_channel_may_be_typed_in_several_ways(typed: str, chat: str) -> None:
    assert chat_of(typed) == chat


@pytest.mark.parametrize("wishes", [{"status": "kicked"}, {"status": "none"}, {"can_post": False}])
def test_a_bot_that_lost_its_place_later_is_told(sandbox: SandboxProcess, wishes: dict[str, object]) -> None:
    """A right that is gone and a text that is not taken have the same number; asking for the place tells which."""
    login = login_of(opened(sandbox))
    opened(sandbox, **wishes)
    with pytest.raises(NotAllowed):
        CHANNEL.publish(Http(sandbox.url), message(login), {})
    assert sandbox.published() == []


def test_too_many_posts_wait_as_long_as_the_platform_says(sandbox: SandboxProcess) -> None:
    login, http = login_of(opened(sandbox)), Http(sandbox.url)
    sandbox.admin("settings", {"telegram_per_minute": 1})
    CHANNEL.publish(http, message(login), {})
    with pytest.raises(TryLater) as caught:
        CHANNEL.publish(http, message(login), {})
    assert timedelta(seconds=30) < caught.value.after <= timedelta(seconds=61)


@pytest.mark.parametrize(
    "answer",
    [
        Answer({"ok": False, "error_code": 400, "description": "x"}, 200),
        Answer({"ok": False, "error_code": 429}, 400),
        Answer({"ok": False}, 400),
        Answer({"ok": True, "result": {}}),
        Answer({"ok": True, "result": True}),
        Answer({"ok": True, "result": []}),
        Answer([], 200),
        Answer("<html>403</html>", 403),
        Answer({"ok": False, "error_code": 418}, 418),
    ],
    ids=lambda answer: str(answer.body),
)
def test_an_odd_answer_to_the_irreversible_call_leaves_it_open(scripted: ScriptedPlatform, answer: Answer) -> None:
    scripted.on("POST", SEND, answer)
    login = Login("-1001", "kim", "123456789:" + "A" * 30)
    with pytest.raises(OutcomeUnknown):
        CHANNEL.publish(Http(scripted.url), message(login), {})


def test_the_key_is_in_no_exception_and_no_log(
    sandbox: SandboxProcess, media: MediaServer, caplog: pytest.LogCaptureFixture
) -> None:
    login, http = login_of(opened(sandbox)), Http(sandbox.url)
    caplog.set_level(logging.DEBUG)
    told = []
    for fault in ("drop_before", "5xx", "not_json", "error"):
        sandbox.admin("faults", {"fault": fault, "path_regex": "sendPhoto$"})
        with pytest.raises(ChannelError) as caught:
            CHANNEL.publish(http, photo(media, login), {})
        told.append(f"{caught.value!r} {caught.value.code} {caught.value.values}")
    nowhere = Http("http://127.0.0.1:9")
    with pytest.raises(TryLater) as caught:
        CHANNEL.publish(nowhere, message(login), {})
    told.append(repr(caught.value))
    assert login.token not in "".join(told)
    assert login.token not in caplog.text


def test_followers_are_counted_and_posts_are_not(sandbox: SandboxProcess) -> None:
    login, http = login_of(opened(sandbox, followers=321)), Http(sandbox.url)
    assert CHANNEL.measure_account(http, login).followers == 321
    assert CHANNEL.measure(http, login, ["-1001_2"]) == {}


def test_a_text_may_be_longer_where_there_is_no_picture() -> None:
    alone, with_photo = format_of(CHANNEL, {}, 0, False), format_of(CHANNEL, {}, 2, False)
    assert (alone.key, with_photo.key, format_of(CHANNEL, {}, 0, True).key) == ("message", "media", "media")
    text = "a" * 3000
    assert check(alone.rules, text, 0, []) == []
    assert [problem.code for problem in check(with_photo.rules, text, 2, ["", ""])] == ["text_too_long"]
    assert [problem.code for problem in check(with_photo.rules, "🌶" * 513, 1, [""])] == ["text_too_long"]


@pytest.mark.parametrize("status", [302, 400, 401, 403, 404, 413])
def test_a_page_of_something_in_between_disconnects_nobody(scripted: ScriptedPlatform, status: int) -> None:
    """A provider that blocks the platform answers in its place."""
    scripted.on("POST", "", Answer("<title>Internet Positif</title>", status))
    login = Login("-1001", "kim_latihan", "7000000001:" + "a" * 35, details={"bot_id": "7"})
    for verb in (CHANNEL.check, CHANNEL.measure_account):
        with pytest.raises(TryLater):
            verb(Http(scripted.url), login)
