"""The guide's example of a new channel is taken from the guide and works, with nothing added anywhere else."""

import re
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from contentdesk.access.permissions import Role
from contentdesk.channels import registry
from contentdesk.channels.base import (
    Login,
    LoginExpired,
    NotThere,
    OutcomeUnknown,
    Outgoing,
    Prepared,
    Rejected,
    Sent,
    Stats,
)
from contentdesk.lib import clock
from contentdesk.lib.http import Http
from tests.channels.scripted import HTML, Answer, ScriptedPlatform
from tests.factories import Factory

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "channels.md"
NOTES = r"/v1/notes$"
PUBLISH = r"/notes/7/publish$"


@pytest.fixture(scope="module")
def papan() -> Any:
    """The class, from the text of the guide."""
    blocks = re.findall(r"```python\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    text = next(block for block in blocks if "class Papan" in block)
    module = types.ModuleType("papan")
    exec(compile(text, "docs/channels.md", "exec"), module.__dict__)  # noqa: S102 - the example is ours
    return module.Papan


@pytest.fixture
def board() -> Iterator[ScriptedPlatform]:
    platform = ScriptedPlatform()
    platform.on("POST", NOTES, Answer({"id": 7, "draft": True}))
    platform.on("POST", PUBLISH, Answer({"id": 7, "url": "https://papan.example/n/7"}))
    yield platform
    platform.stop()


def outgoing() -> Outgoing:
    return Outgoing("d1", Login("1", "kim", "kunci"), "Keripik tempe", ())


def test_it_publishes(papan: Any, board: ScriptedPlatform) -> None:
    channel, http = papan(), Http(board.url)
    prepared = channel.prepare(http, outgoing(), {})
    assert prepared == Prepared({"draft": "7"}, ready=True)
    assert channel.prepare(http, outgoing(), prepared.checkpoint) == prepared
    assert channel.publish(http, outgoing(), prepared.checkpoint) == Sent("7", "https://papan.example/n/7")
    assert board.count("POST", NOTES) == board.count("POST", PUBLISH) == 1


@pytest.mark.parametrize(
    ("answer", "raises"),
    [
        (Answer({}, 500), OutcomeUnknown),
        (HTML, OutcomeUnknown),
        (Answer({}, 401), LoginExpired),
        (Answer({}, 422), Rejected),
    ],
)
def test_it_tells_what_was_refused_and_what_is_open(
    papan: Any, board: ScriptedPlatform, answer: Answer, raises: type[Exception]
) -> None:
    board.on("POST", PUBLISH, answer)
    with pytest.raises(raises):
        papan().publish(Http(board.url), outgoing(), {"draft": "7"})


def test_it_finds_what_is_public_and_measures_it(papan: Any, board: ScriptedPlatform) -> None:
    channel, http = papan(), Http(board.url)
    board.on("GET", r"/notes/7$", Answer({"id": 7, "draft": True}), Answer({"id": 7}))
    assert channel.find(http, outgoing(), {"draft": "7"}, clock.now()) == NotThere({"draft": "7"})
    assert channel.find(http, outgoing(), {"draft": "7"}, clock.now()) == Sent("7", None)
    board.on("GET", r"/notes\?ids=7", Answer({"notes": [{"id": 7, "likes": 12}]}))
    assert channel.measure(http, outgoing().login, ["7", "8"]) == {"7": Stats(likes=12)}


def test_one_line_in_the_registry_puts_it_on_every_page(
    papan: Any, app: Flask, make: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "KINDS", {**registry.KINDS, "papan": papan()})
    kim = make.kim()
    account = make.account(kim, "papan", handle="kim_papan")
    chair = make.signed_in(make.user(Role.CHAIR, kim))
    assert "Papan" in chair.get("/akun/baru").text
    assert "kim_papan" in chair.get("/akun").text
    composer = chair.get("/unggahan/baru").text
    assert account.id in composer
    assert 'data-max="800"' in composer
