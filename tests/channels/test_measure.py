"""Figures over real HTTP. What the platform does not say is None, never zero."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest

from contentdesk.channels import registry
from contentdesk.channels.base import Login, NotAllowed, PartOf, Sent, Stats, TryLater
from contentdesk.channels.kinds import instagram_measure
from contentdesk.lib.http import Http
from tests.channels.conftest import Later
from tests.channels.line import Line
from tests.channels.scripted import Answer, ScriptedPlatform, refusal
from tests.servers import SandboxProcess

FIGURES = {"reach": 120, "views": 200, "likes": 12, "comments": 3, "saved": 4, "shares": 5}
WANTED = Stats(reach=120, views=200, likes=12, comments=3, saves=4, shares=5)
INSIGHTS = "/insights$"


def hand_made(sandbox: SandboxProcess, line: Line, **figures: int) -> str:
    """A post with known figures."""
    wishes = {"account_id": line.login.external_id, "caption": "x", "figures": figures or FIGURES}
    return str(sandbox.admin("posts", wishes)["id"])


def measure(line: Line, *keys: str) -> dict[str, Stats]:
    return dict(line.channel.measure(line.http, line.login, keys))


def test_all_figures_of_several_posts_are_read(sandbox: SandboxProcess, line: Line) -> None:
    keys = [hand_made(sandbox, line) for _ in range(3)]
    assert measure(line, *keys) == dict.fromkeys(keys, WANTED)
    assert len(sandbox.calls(INSIGHTS)) == 3


def test_figures_that_are_zero_are_zero(sandbox: SandboxProcess, line: Line) -> None:
    key = hand_made(sandbox, line, **dict.fromkeys(FIGURES, 0))
    assert measure(line, key) == {key: Stats(0, 0, 0, 0, 0, 0)}


def test_late_insights_are_unknown_and_the_counters_fill_in(sandbox: SandboxProcess, line: Line) -> None:
    sandbox.admin("settings", {"insights_delay_s": 48 * 3600})
    keys = [hand_made(sandbox, line) for _ in range(2)]
    assert measure(line, *keys) == dict.fromkeys(keys, Stats(likes=12, comments=3))
    sandbox.admin("clock", {"offset_s": 49 * 3600})
    assert measure(line, *keys) == dict.fromkeys(keys, WANTED)


def test_one_refused_metric_costs_only_itself(sandbox: SandboxProcess, line: Line) -> None:
    """The platform refuses the whole call, then the first metric asked alone, and it is not asked again."""
    keys = [hand_made(sandbox, line) for _ in range(2)]
    sandbox.admin("faults", {"path_regex": INSIGHTS, "fault": "error", "code": 100, "times": 2})
    without_views = Stats(reach=120, likes=12, comments=3, saves=4, shares=5)
    assert measure(line, *keys) == dict.fromkeys(keys, without_views)
    assert len(sandbox.calls(INSIGHTS)) == 1 + 6 + 1


def test_a_post_that_is_gone_is_left_out_and_hurts_no_other(sandbox: SandboxProcess, line: Line) -> None:
    sandbox.admin("settings", {"insights_delay_s": 3600})
    there = hand_made(sandbox, line)
    assert measure(line, "17999999999999999", there) == {there: Stats(likes=12, comments=3)}


def test_a_limit_met_halfway_keeps_what_was_read(sandbox: SandboxProcess, line: Line) -> None:
    keys = [hand_made(sandbox, line) for _ in range(3)]
    sandbox.admin("faults", {"path_regex": INSIGHTS, "fault": "error", "code": 80002, "skip": 1, "times": 9})
    assert measure(line, *keys) == {keys[0]: WANTED}
    with pytest.raises(TryLater):
        measure(line, *keys)


def test_a_post_of_ours_can_be_measured_by_the_id_it_was_sent_with(sandbox: SandboxProcess, line: Line) -> None:
    sent = line.prepare().publish()
    assert isinstance(sent, Sent)
    sandbox.admin("clock", {"offset_s": 24 * 3600})
    stats = measure(line, sent.external_id)[sent.external_id]
    assert None not in (stats.reach, stats.views, stats.likes, stats.comments, stats.saves, stats.shares)


def test_counters_are_asked_fifty_at_a_time(line: Line, scripted: ScriptedPlatform) -> None:
    keys = [str(n) for n in range(120)]
    scripted.on("GET", "/insights", Answer({"data": []}))
    scripted.on("GET", r"/\?ids=", Answer({key: {"id": key, "like_count": 1} for key in keys}))
    line.http = type(line.http)(scripted.url)
    assert measure(line, *keys) == dict.fromkeys(keys, Stats(likes=1))
    assert scripted.count("GET", r"/\?ids=") == 3


@pytest.mark.parametrize(("code", "subcode"), [(10, None), (100, 2108006)])
def test_a_post_the_platform_has_no_insights_for_is_not_asked_metric_by_metric(
    line: Line, scripted: ScriptedPlatform, code: int, subcode: int | None
) -> None:
    scripted.on("GET", "/insights", refusal(code, subcode))
    scripted.on("GET", r"/\?ids=", Answer({"1": {"like_count": 7, "comments_count": 0}}))
    line.http = type(line.http)(scripted.url)
    assert measure(line, "1") == {"1": Stats(likes=7, comments=0)}
    assert scripted.count("GET", "/insights") == 1


def test_a_post_whose_insights_are_not_ours_to_see_loses_no_other(line: Line, scripted: ScriptedPlatform) -> None:
    """Nor the counters that stand on the post itself."""
    seen = Answer({"data": [{"name": "reach", "values": [{"value": 9}]}]})
    scripted.on("GET", "/insights", seen).on("GET", "/1/insights", refusal(200))
    scripted.on("GET", r"/\?ids=", Answer({"1": {"like_count": 7}, "2": {"like_count": 8}}))
    line.http = type(line.http)(scripted.url)
    assert measure(line, "1", "2") == {"1": Stats(likes=7), "2": Stats(likes=8, reach=9)}
    scripted.on("GET", r"/\?ids=", refusal(100, 33)).on("GET", r"/[12]\?", refusal(100, 33))
    scripted.on("GET", "/insights", refusal(200))
    with pytest.raises(NotAllowed):
        measure(line, "1", "2")


def test_a_slow_host_is_left_with_what_it_told_so_far(
    line: Line, later: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slowly(_graph: object, _keys: object, _batches: bool) -> dict[str, dict[str, int]]:
        return {key: {"like_count": 1} for key in ("1", "2", "3")}

    def insights(*_asked: object) -> dict[str, int]:
        later(timedelta(seconds=40))
        return {}

    replaced: dict[str, Callable[..., object]] = {"_nodes": slowly, "_insights": insights}
    for name, stand_in in replaced.items():
        monkeypatch.setattr(instagram_measure, name, stand_in)
    measured = line.channel.measure(line.http, line.login, ["1", "2", "3"])
    assert list(measured) == ["1", "2"]
    assert isinstance(measured, PartOf)
    assert not isinstance(line.channel.measure(line.http, line.login, ["1"]), PartOf)


OK = Answer({"data": [{"name": "likes", "values": [{"value": 1}]}]})
POST = json.dumps({"id": "1_1", "reactions": {"summary": {"total_count": 1}}})
FULL = json.dumps({"error": {"code": 32, "message": ""}})
READ_IN_PARTS: dict[str, tuple[tuple[str, str, Answer], ...]] = {
    "instagram": (("GET", r"/\?ids=", Answer({})), ("GET", "/1_1/insights", OK), ("GET", "/2_2/", refusal(4))),
    "threads": (("GET", "/1_1/insights", OK), ("GET", "/2_2/insights", refusal(4))),
    "facebook": (
        (
            "POST",
            "/v",
            Answer([{"code": code, "body": body} for code, body in ((200, POST), (400, FULL)) * 2]),
        ),
    ),
    "wordpress": (
        ("GET", "/posts", Answer([{"id": "1_1"}, {"id": "2_2"}])),
        ("GET", "post=1_1", Answer([], headers={"X-WP-Total": "3"})),
        ("GET", "post=2_2", Answer({}, 429)),
    ),
}


@pytest.mark.parametrize("kind", READ_IN_PARTS)
def test_a_round_that_ended_early_says_so(kind: str, scripted: ScriptedPlatform) -> None:
    """So that a post it did not reach is not taken for one that is gone."""
    for rule in READ_IN_PARTS[kind]:
        scripted.on(*rule)
    login = Login("1", "kim", "rahasia", details={"site": "https://blog.example", "user": "kim"})
    measured = registry.get(kind).measure(Http(scripted.url), login, ["1_1", "2_2"])
    assert (list(measured), type(measured)) == (["1_1"], PartOf)
