import pytest

from contentdesk.channels.base import PhotoRule, Rules, TextRule, VideoRule
from contentdesk.channels.registry import KINDS
from contentdesk.channels.rules import Clip, check, format_of, hashtags, mentions

RULES = Rules(
    text=TextRule(max_chars=20, max_hashtags=2, max_mentions=1, required=True),
    photo=PhotoRule(min_count=1, max_count=2),
    alt_max_chars=5,
)


def codes(text: str = "Kopi", photo_count: int = 1, alt_texts: tuple[str, ...] = ("Kopi",)) -> list[str]:
    return [problem.code for problem in check(RULES, text, photo_count, alt_texts)]


@pytest.mark.parametrize(
    ("text", "photo_count", "alt_texts", "expected"),
    [
        ("Kopi", 1, ("Kopi",), []),
        ("a" * 20, 2, ("", "Lima."), []),
        ("a" * 21, 1, (), ["text_too_long"]),
        ("  \n", 1, (), ["text_missing"]),
        ("#a #b", 1, (), []),
        ("#a #b #c", 1, (), ["too_many_hashtags"]),
        ("@a", 1, (), []),
        ("@a @b", 1, (), ["too_many_mentions"]),
        ("Kopi", 0, (), ["too_few_photos"]),
        ("Kopi", 3, (), ["too_many_photos"]),
        ("Kopi", 2, ("Baik", "Enam.."), ["alt_too_long"]),
        (
            "#a #b #c @d @e @f @g",
            0,
            ("Enam..",),
            ["too_many_hashtags", "too_many_mentions", "too_few_photos", "alt_too_long"],
        ),
    ],
)
def test_each_limit_is_named_and_its_edge_is_allowed(
    text: str, photo_count: int, alt_texts: tuple[str, ...], expected: list[str]
) -> None:
    assert codes(text, photo_count, alt_texts) == expected


def test_a_problem_says_what_to_change() -> None:
    [problem] = check(RULES, "a" * 25, 1, ())
    assert str(problem) == "Teks 25 huruf, batasnya 20. Kurangi 5 huruf."
    [alt] = check(RULES, "Kopi", 2, ("", "Terlalu panjang"))
    assert str(alt) == "Teks alternatif foto 2 15 huruf, batasnya 5. Ringkas dulu."


def test_what_has_no_limit_is_never_too_much() -> None:
    free = Rules(text=TextRule(max_hashtags=None, max_mentions=None))
    assert check(free, "#a @b " * 100, 1, ()) == []


def test_the_text_is_counted_as_the_platform_counts_it() -> None:
    in_bytes = Rules(text=TextRule(max_chars=4, count=lambda text: len(text.encode())))
    assert check(in_bytes, "kopi", 1, ()) == []
    assert [p.code for p in check(in_bytes, "kopí", 1, ())] == ["text_too_long"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("#kopi#malang", ["kopi", "malang"]),
        ("Ada #Kopi, #teh_tarik. #kopi", ["Kopi", "teh_tarik", "kopi"]),
        ("＃kopi", ["kopi"]),
        ("# kopi", []),
    ],
)
def test_hashtags_are_found(text: str, expected: list[str]) -> None:
    assert hashtags(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("@kim_dinoyo dan @umkm.malang.", ["kim_dinoyo", "umkm.malang"]),
        ("(@kim)", ["kim"]),
        ("tulis ke warung@contoh.id", []),
        ("@ kim", []),
    ],
)
def test_mentions_are_found_and_mail_addresses_are_not(text: str, expected: list[str]) -> None:
    assert mentions(text) == expected


@pytest.mark.parametrize("kind", KINDS)
def test_every_channel_takes_an_ordinary_post(kind: str) -> None:
    """Three photos; a minute of upright video where photos are not taken; a text where neither is."""
    channel, text = KINDS[kind], "Keripik tempe #malang"
    photos, film = format_of(channel, {}, 3, False).rules, format_of(channel, {}, 0, True).rules
    if photos.photo.max_count:
        assert check(photos, text, 3, ("Keripik", "", "Warung")) == []
    elif film.video:
        assert check(film, text, 0, (), Clip(60, 1080, 1920)) == []
    else:
        assert check(format_of(channel, {}, 0, False).rules, text, 0, ()) == []


def test_a_channel_for_videos_says_so() -> None:
    rules = Rules(photo=PhotoRule(max_count=0), video=VideoRule())
    assert [problem.code for problem in check(rules, "Kopi", 0, ())] == ["video_missing"]
    assert [problem.code for problem in check(rules, "Kopi", 2, ())] == ["photo_not_taken"]


def test_a_sign_that_the_platform_refuses_is_named() -> None:
    rules = Rules(text=TextRule(forbidden="<>"), photo=PhotoRule(min_count=0))
    [problem] = check(rules, "Harga < 5000 > 4000", 0, ())
    assert (problem.code, str(problem)) == ("forbidden_signs", "Tanda <> tidak diterima di sini. Hapus dulu.")


@pytest.mark.parametrize(
    ("width", "height", "expected"),
    [(540, 960, []), (538, 960, ["video_too_small"]), (540, 958, ["video_too_small"]), (2160, 3840, [])],
)
def test_a_video_that_is_too_small_is_named_and_its_edge_is_allowed(
    width: int, height: int, expected: list[str]
) -> None:
    rules = Rules(photo=PhotoRule(max_count=0), video=VideoRule(min_width=540, min_height=960))
    found = check(rules, "Kopi", 0, (), Clip(10, width, height))
    assert [problem.code for problem in found] == expected
    assert all("540 × 960" in str(problem) and "berkas asli" in str(problem) for problem in found)


def test_a_post_with_neither_words_nor_media_is_no_post() -> None:
    free = Rules(photo=PhotoRule(min_count=0), video=VideoRule())
    assert [problem.code for problem in check(free, " ", 0, ())] == ["text_missing"]
    assert check(free, "", 1, ()) == check(free, "", 0, (), Clip(10, 720, 1280)) == []
