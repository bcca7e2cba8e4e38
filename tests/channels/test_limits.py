"""Rules of certain accounts, and what a channel is not even asked to take."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from contentdesk.channels import limits, registry
from contentdesk.channels.base import Channel, Login, Outgoing, Photo, Rules, Video, VideoRule
from contentdesk.channels.rules import Clip, check

OWN = {
    "chars": 1000,
    "link_chars": 30,
    "media": 6,
    "alt_chars": 100,
    "photo_bytes": 3_000_000,
    "video_bytes": 9_000_000,
}
LARGE = {"chars": 5000, "media": 16, "photo_bytes": 99_000_000, "video_bytes": 99_000_000}


def with_own(limits: dict[str, int]) -> Iterator[tuple[Channel, Rules]]:
    for kind, channel in registry.KINDS.items():
        if own := registry.with_own_limits(kind):
            yield channel, own.rules_of(channel.formats[-1].rules, limits)


SERVER = next(channel for channel, rules in with_own({"chars": 7}) if rules.text.max_chars == 7)
SHORT = next(
    channel for channel, rules in with_own({"video_seconds": 7}) if rules.video and rules.video.max_seconds == 7
)


def test_an_account_goes_by_the_limits_of_its_server() -> None:
    rules = limits.of_accounts(SERVER, SERVER.formats[0].rules, [OWN])
    assert rules.video
    assert (rules.text.max_chars, rules.photo.max_count, rules.alt_max_chars) == (1000, 6, 100)
    assert (rules.photo.max_bytes, rules.video.max_bytes) == (3_000_000, 9_000_000)
    assert rules.text.count("Lihat https://kim.id") == len("Lihat ") + 30


def test_a_server_that_says_absurd_things_costs_no_memory() -> None:
    """A link is not written out as long as it says."""
    rules = limits.of_accounts(SERVER, SERVER.formats[0].rules, [{"link_chars": 10**15}])
    assert [one.code for one in check(rules, "Lihat https://kim.id.", 0, ())] == ["text_too_long"]
    assert rules.text.count("Lihat https://kim.id.") == len("Lihat .") + 10**15


def test_of_several_accounts_the_narrowest_counts_for_what_goes_to_all() -> None:
    usual = SERVER.formats[0].rules
    both = limits.of_accounts(SERVER, usual, [LARGE, OWN])
    assert both.video
    assert (both.text.max_chars, both.photo.max_count, both.video.max_bytes) == (1000, 6, 9_000_000)
    assert limits.of_accounts(SERVER, usual, [LARGE]).text.max_chars == 5000
    # A larger photo than elsewhere is never made only because a server would take it.
    assert limits.of_accounts(SERVER, usual, [LARGE]).photo.max_bytes == usual.photo.max_bytes
    assert limits.of_accounts(SERVER, usual, []) == usual


def test_a_warning_before_the_text_takes_its_letters() -> None:
    rules = limits.with_choices(SERVER.formats[0].rules, {"spoiler": "Pedas", "visibility": "public"})
    assert rules.text.max_chars == 495
    assert [one.code for one in check(rules, "a" * 496, 0, ())] == ["text_too_long"]


def test_the_longest_video_of_an_account_is_a_rule() -> None:
    rules = limits.of_accounts(SHORT, SHORT.formats[-1].rules, [{"video_seconds": 60}])
    assert [one.code for one in check(rules, "Kopi", 0, (), Clip(61, 720, 1280))] == ["video_too_long"]
    assert check(rules, "Kopi", 0, (), Clip(60, 720, 1280)) == []


def outgoing(**changes: Any) -> Outgoing:
    photo = Photo("https://kim.test/1.jpg", "a", "Keripik", 1080, 1080, 500_000)
    return replace(Outgoing("d1", Login("1", "kim", limits={}), "Kopi", (photo,)), **changes)


FILM = Video("https://kim.test/1.mp4", "a", "Keripik", 720, 1280, 5_000_000, 20.0)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda post: post, None),
        (lambda post: replace(post, text="a" * 501), "text_too_long"),
        (lambda post: replace(post, login=replace(post.login, limits=OWN), text="a" * 501), None),
        (lambda post: replace(post, options={"spoiler": "Pedas"}, text="a" * 496), "text_too_long"),
        (lambda post: replace(post, photos=post.photos * 5), "too_many_photos"),
        (lambda post: replace(post, photos=(replace(post.photos[0], size=9_000_000),)), "photo_outgrown"),
        (lambda post: replace(post, photos=(replace(post.photos[0], width=2050, height=2050),)), "photo_outgrown"),
        (lambda post: replace(post, photos=(), video=FILM), None),
        (lambda post: replace(post, photos=(), video=replace(FILM, size=41_000_000)), "video_outgrown"),
        (lambda post: replace(post, photos=(), video=replace(FILM, fps=90.0)), "video_outgrown"),
        (lambda post: replace(post, photos=(), video=replace(FILM, seconds=700.0)), "video_too_long"),
        (lambda post: replace(post, photos=(), text=" "), "text_missing"),
    ],
)
def test_a_post_that_a_platform_would_refuse_is_known_before(
    change: Callable[[Outgoing], Outgoing], code: str | None
) -> None:
    assert [one.code for one in limits.refusals(SERVER, change(outgoing()))] == ([code] if code else [])


def test_a_file_that_is_too_large_for_an_account_is_told_with_both_sizes_and_with_what_helps() -> None:
    """Saving once more would make the same file."""
    login = Login("1", "kim", limits={"video_bytes": 1_000_000, "photo_bytes": 100_000})
    [video] = limits.refusals(SERVER, outgoing(login=login, photos=(), video=FILM))
    assert str(video).startswith("Video yang disetujui 5000 kB, padahal akun ini menerima paling banyak 1000 kB.")
    [photo] = limits.refusals(SERVER, outgoing(photos=(replace(outgoing().photos[0], size=9_000_001),)))
    assert (photo.values["size"], photo.code) == (9001, "photo_outgrown")
    for said in (str(video), str(photo)):
        assert "simpan sekali lagi" not in said
        assert "lepas akun ini" in said


def test_the_smallest_videos_are_those_of_the_documents() -> None:
    rules = {
        (kind, shape.key): shape.rules.video
        for kind, channel in registry.KINDS.items()
        for shape in channel.formats
        if shape.rules.video and shape.rules.video.min_width
    }
    sizes = {(rule.min_width, rule.min_height) for rule in rules.values() if isinstance(rule, VideoRule)}
    assert sizes == {(360, 360), (540, 960)}
