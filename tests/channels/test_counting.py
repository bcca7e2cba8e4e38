"""Letters are counted as each platform counts them: by its documents, and by the platform that is played."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from contentdesk.channels import registry
from contentdesk.channels.base import Login, Outgoing, Rejected, Sent
from contentdesk.channels.rules import format_of, option_problems
from contentdesk.lib.http import Http
from tests.channels.conftest import Later
from tests.channels.engine import Engine
from tests.channels.subjects import bluesky, mastodon, telegram, threads
from tests.servers import SandboxProcess

FAMILY, FLAG, HEART, KEY, ACCENT = "👨‍👩‍👧", "🇮🇩", "❤️", "1️⃣", "e\u0301"
LINK = "https://pasar.malang.id/keripik-tempe?dari=kim"


def count(kind: str, text: str, photos: int = 0) -> int:
    return format_of(registry.get(kind), {}, photos, False).rules.text.count(text)


@pytest.mark.parametrize(
    ("text", "letters", "utf16", "signs_or_tenths_of_bytes", "threads_bytes"),
    [
        ("Keripik\ntempe", 13, 13, 13, 13),
        ("😀", 1, 2, 1, 4),
        (FAMILY, 5, 8, 2, 18),
        (FLAG, 2, 4, 1, 8),
        (HEART, 2, 2, 1, 6),
        (KEY, 3, 3, 1, 7),
        ("▶ ↔", 3, 3, 3, 7),
        (ACCENT, 2, 2, 1, 2),
        ("é – “Sanan”", 11, 11, 11, 11),
        (LINK, len(LINK), len(LINK), len(LINK), len(LINK)),
    ],
)
def test_each_platform_counts_in_its_way(
    text: str, letters: int, utf16: int, signs_or_tenths_of_bytes: int, threads_bytes: int
) -> None:
    assert count("instagram", text, 1) == count("facebook", text) == letters
    assert count("telegram", text) == count("telegram", text, 1) == count("tiktok", text, 1) == utf16
    assert count("bluesky", text) == signs_or_tenths_of_bytes
    assert count("threads", text) == threads_bytes
    assert count("youtube", text) == len(text.encode())


@pytest.mark.parametrize(
    ("text", "length"),
    [
        (LINK, 23),
        (f"Lihat {LINK}.", 6 + 23 + 1),
        (f"({LINK}), ya", 1 + 23 + 2 + 3),
        ("Halo @kim@sosial.contoh.id dan @bu", 17),
        (FAMILY + FLAG + ACCENT, 3),
    ],
)
def test_mastodon_counts_links_alike_and_mentions_without_their_server(text: str, length: int) -> None:
    assert count("mastodon", text) == length


PIECES = {"emoji": "😀", "family": FAMILY, "flag": FLAG, "accent": ACCENT, "heart": HEART, "key": KEY, "arrow": "▶"}
Opened = Callable[[SandboxProcess], Login]
PLACES: dict[str, tuple[Opened, dict[str, Any]]] = {
    "bluesky": (bluesky.SUBJECT.open_account, {}),
    "mastodon": (mastodon.SUBJECT.open_account, {}),
    "telegram": (telegram.SUBJECT.open_account, {}),
    "threads": (threads.SUBJECT.open_account, {}),
}


@pytest.mark.parametrize("kind", PLACES)
def test_a_text_up_to_the_last_letter_is_taken_and_one_more_is_not(
    sandbox: SandboxProcess, later: Later, kind: str
) -> None:
    """All that counts oddly is in it, so that a difference of one between us and the platform shows."""
    opened, options = PLACES[kind]
    rule = format_of(registry.get(kind), {}, 0, False).rules.text
    start = "".join(f"{name} {piece} " for name, piece in PIECES.items()) + f"@kim@sosial.id {LINK}. "
    full = start + "a" * (rule.max_chars - rule.count(start))
    assert rule.count(full) == rule.max_chars
    outgoing = Outgoing("d1", opened(sandbox), full, (), options)
    assert isinstance(Engine(Http(sandbox.url), kind, outgoing, later).settle(), Sent)
    too_long = replace(outgoing, delivery_id="d2", text=full + "a")
    with pytest.raises(Rejected):
        Engine(Http(sandbox.url), kind, too_long, later).settle()


def test_a_content_warning_and_its_text_share_the_room(sandbox: SandboxProcess, later: Later) -> None:
    login = mastodon.open_account(sandbox)
    fits = Outgoing("d1", login, "a" * 495, (), {"spoiler": "Pedas"})
    assert isinstance(Engine(Http(sandbox.url), "mastodon", fits, later).settle(), Sent)
    with pytest.raises(Rejected):
        Engine(Http(sandbox.url), "mastodon", replace(fits, delivery_id="d2", text="a" * 496), later).settle()


@pytest.mark.parametrize(("kind", "most"), [("youtube", 100), ("tiktok", 90)])
def test_a_title_is_counted_as_the_platform_does(kind: str, most: int) -> None:
    """Otherwise what was approved would be cut on the way."""
    channel = registry.get(kind)
    form = channel.formats[0].key

    def codes(title: str) -> set[str]:
        return {one.code for one in option_problems(channel, {"title": title}, form) if one.option == "title"}

    assert codes("😀" * (most // 2)) == set()
    assert codes("😀" * (most // 2) + "a") == {"option_too_long"}
