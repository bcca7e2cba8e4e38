"""Title, tags and rules of a Short."""

import pytest

from contentdesk.channels.base import Login, Outgoing, Rejected
from contentdesk.channels.kinds.youtube import YouTube
from contentdesk.channels.kinds.youtube_text import tags, title
from contentdesk.channels.rules import Clip, check, option_problems
from tests.channels.subjects.youtube import CHOSEN

CHANNEL = YouTube()


def titled(text: str, title_of_post: str = "", **options: str) -> str:
    return title(Outgoing("d1", Login("1", "kim"), text, (), options, title=title_of_post))


def test_the_title_is_what_was_typed_or_what_there_is() -> None:
    assert titled("Teks", "Judul unggahan", title="Judul sendiri") == "Judul sendiri"
    assert titled("Teks", "Judul <b>unggahan</b>") == "Judul bunggahan/b"
    assert titled("\n  Baris  satu \nBaris dua") == "Baris satu"
    with pytest.raises(Rejected):
        titled("  ", "<>")


def test_a_long_title_ends_with_a_whole_word() -> None:
    cut = titled("kerupuk " * 30)
    assert cut == "kerupuk " * 11 + "kerupuk…"
    assert len(titled("a" * 300)) == 100
    assert len(titled("🌶" * 300).encode("utf-16-le")) // 2 <= 100


def test_hashtags_become_tags_as_long_as_there_is_room() -> None:
    assert tags("#malang enak #keripik #malang") == ["malang", "keripik"]
    many = tags(" ".join(f"#{'a' * 30}{n}" for n in range(40)))
    assert sum(len(tag) + 1 for tag in many) <= 500 < sum(len(tag) + 1 for tag in many) + 34


@pytest.mark.parametrize(
    ("text", "clip", "codes"),
    [
        ("Teks", Clip(60, 1080, 1920), []),
        ("Teks", Clip(180, 1080, 1080), []),
        ("Teks", Clip(181, 1080, 1920), ["video_too_long"]),
        ("Teks", Clip(60, 1920, 1080), ["video_ratio"]),
        ("Harga < 5000", Clip(60, 1080, 1920), ["forbidden_signs"]),
        ("ä" * 2501, Clip(60, 1080, 1920), ["text_too_long"]),
        ("Teks", None, ["video_missing"]),
    ],
)
def test_the_rules_are_those_of_a_short(text: str, clip: Clip | None, codes: list[str]) -> None:
    assert [problem.code for problem in check(CHANNEL.formats[0].rules, text, 0, [], clip)] == codes


def test_photos_alone_are_not_taken() -> None:
    assert [problem.code for problem in check(CHANNEL.formats[0].rules, "Teks", 2, ["", ""])] == ["photo_not_taken"]


def test_a_typed_title_is_checked_while_it_can_be_mended() -> None:
    found = option_problems(CHANNEL, CHOSEN | {"title": "1 < 2"}, "short")
    assert [(problem.code, problem.option) for problem in found] == [("forbidden_signs", "title")]
