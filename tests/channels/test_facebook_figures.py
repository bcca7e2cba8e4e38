"""Figures and comments of pages: in batches, each metric by itself where one is refused."""

import json
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from contentdesk.channels.base import (
    Login,
    OutcomeUnknown,
    Outgoing,
    Sent,
    Stats,
    TryLater,
)
from contentdesk.channels.kinds.facebook import Facebook
from contentdesk.lib.http import Http
from tests.channels.conftest import Later
from tests.channels.engine import Engine
from tests.channels.scripted import Answer, ScriptedPlatform, refusal
from tests.channels.subjects import facebook as subject
from tests.servers import MediaServer, SandboxProcess


@pytest.fixture
def login(sandbox: SandboxProcess) -> Login:
    return subject.open_account(sandbox)


@pytest.fixture
def delivery(sandbox: SandboxProcess, media: MediaServer, login: Login, later: Later) -> Engine:
    return Engine(Http(sandbox.url), "facebook", subject.text(media, login), later)


def with_outgoing(engine: Engine, outgoing: Outgoing) -> Engine:
    engine.outgoing = outgoing
    return engine


def public(sandbox: SandboxProcess) -> list[str]:
    return [post["id"] for post in sandbox.published() if not post["by_hand"]]


def test_figures_of_many_posts_take_one_call(sandbox: SandboxProcess, delivery: Engine, login: Login) -> None:
    made = [sandbox.admin("posts", {"platform": "facebook", "account_id": login.external_id}) for _ in range(25)]
    for one in made:
        sandbox.admin(f"posts/{one['id']}/figures", {"views": 9, "reach": 8, "likes": 7, "comments": 6, "shares": 0})
    before = len(sandbox.calls(host="graph.facebook.com"))
    measured = Facebook().measure(delivery.http, login, [one["id"] for one in made])
    assert set(measured.values()) == {Stats(views=9, reach=8, likes=7, comments=6, shares=0)}
    assert (len(measured), len(sandbox.calls(host="graph.facebook.com")) - before) == (25, 1)


@pytest.mark.parametrize(
    "settings", [{"views_broken_down": True}, {"batch_null_every": 2}, {"batch_null_every": 1}], ids=str
)
def test_figures_survive_odd_batches(
    sandbox: SandboxProcess, delivery: Engine, login: Login, settings: dict[str, object]
) -> None:
    sandbox.admin("settings", settings)
    made = sandbox.admin("posts", {"platform": "facebook", "account_id": login.external_id})
    figures = {"views": 90, "reach": 80, "likes": 7, "comments": 6, "shares": 5}
    sandbox.admin(f"posts/{made['id']}/figures", figures)
    assert Facebook().measure(delivery.http, login, [made["id"]]) == {made["id"]: Stats(**figures)}


def test_a_reel_has_figures_of_its_own(
    sandbox: SandboxProcess, media: MediaServer, delivery: Engine, login: Login
) -> None:
    settled = with_outgoing(delivery, subject.reel(media, login)).settle()
    assert isinstance(settled, Sent)
    sandbox.admin(f"posts/{settled.external_id}/figures", {"views": 40, "reach": 30, "likes": 2, "comments": 1})
    measured = Facebook().measure(delivery.http, login, [settled.external_id])[settled.external_id]
    assert (measured.views, measured.reach, measured.likes, measured.comments) == (40, 30, 2, 1)


def counted(likes: int) -> dict[str, Any]:
    return {"code": 200, "body": json.dumps({"reactions": {"summary": {"total_count": likes}}})}


UNKNOWN = {"code": 400, "body": json.dumps({"error": {"code": 100, "message": "x"}})}


def told(name: str, value: int) -> dict[str, Any]:
    return {"code": 200, "body": json.dumps({"data": [{"name": name, "values": [{"value": value}]}]})}


def test_an_unknown_metric_loses_only_itself(scripted: ScriptedPlatform, login: Login) -> None:
    alone = [UNKNOWN, told("post_total_media_view_unique", 12), UNKNOWN]
    scripted.on("POST", "/v25.0/", Answer([counted(3), UNKNOWN]), Answer(alone))
    assert Facebook().measure(Http(scripted.url), login, ["1_2"]) == {"1_2": Stats(reach=12, likes=3, shares=0)}
    assert len(scripted.asked) == 2


def test_what_a_reel_does_not_have_is_still_asked_of_other_posts(scripted: ScriptedPlatform, login: Login) -> None:
    """A reel refuses the names of a post's insights; a text whose part took too long has them nevertheless."""
    film = {"code": 200, "body": json.dumps({"attachments": {"data": [{"media_type": "video"}]}})}
    scripted.on("POST", "/v25.0/", Answer([film, counted(3), UNKNOWN, None]), Answer([UNKNOWN] * 3 + [None] * 4))
    reach = {"data": [{"name": "post_total_media_view_unique", "values": [{"value": 12}]}]}
    scripted.on("GET", r"1_3/insights\?metric=post_media_view,", Answer(reach))
    scripted.on("GET", r"/2/video_insights\?metric=post_total_media_view_unique", Answer(reach))
    for name, plays in (("blue_reels_play_count", 29), ("fb_reels_total_plays", 30)):
        body = {"data": [{"name": name, "values": [{"value": plays}]}]}
        scripted.on("GET", rf"/2/video_insights\?metric={name}", Answer(body))
    measured = Facebook().measure(Http(scripted.url), login, ["1_2", "1_3"])
    assert measured == {"1_2": Stats(reach=12, views=30, shares=0), "1_3": Stats(reach=12, likes=3, shares=0)}


def test_a_limit_in_the_second_call_keeps_what_the_first_one_brought(scripted: ScriptedPlatform, login: Login) -> None:
    scripted.on("POST", "/v25.0/", Answer([counted(3), UNKNOWN]), refusal(32))
    assert Facebook().measure(Http(scripted.url), login, ["1_2"]) == {"1_2": Stats(likes=3, shares=0)}


def test_reels_cost_no_more_than_batches(
    sandbox: SandboxProcess, media: MediaServer, login: Login, later: Later
) -> None:
    """Each refuses the insights of a post, and is asked for its own together with the others."""
    made = [Engine(Http(sandbox.url), "facebook", subject.reel(media, login), later).settle() for _ in range(2)]
    keys = [one.external_id for one in made if isinstance(one, Sent)]
    before = len(sandbox.calls(host="graph.facebook.com"))
    measured = Facebook().measure(Http(sandbox.url), login, keys)
    assert len(sandbox.calls(host="graph.facebook.com")) - before == 2
    assert [None in (one.views, one.reach, one.likes) for one in measured.values()] == [False, False]


def test_without_the_right_to_insights_the_counters_are_still_told(scripted: ScriptedPlatform, login: Login) -> None:
    refused = {"code": 403, "body": json.dumps({"error": {"code": 200, "message": "x"}})}
    scripted.on("POST", "/v25.0/", Answer([counted(3), refused]))
    assert Facebook().measure(Http(scripted.url), login, ["1_2"]) == {"1_2": Stats(likes=3, shares=0)}


def test_a_page_tells_followers_and_its_last_day(sandbox: SandboxProcess, login: Login) -> None:
    page = Facebook().measure_account(Http(sandbox.url), login)
    assert page.followers
    assert page.followers >= 2400
    assert page.views
    assert page.reach
    assert len(sandbox.calls("/insights$")) == 1
    small = sandbox.account("kim.kecil", platform="facebook", followers=12)
    page = Facebook().measure_account(Http(sandbox.url), Login(small["id"], "KIM", small["access_token"]))
    assert (page.followers, page.views, page.reach) == (12, None, None)


def test_the_first_comment_is_written_once(sandbox: SandboxProcess, delivery: Engine) -> None:
    delivery.outgoing = replace(delivery.outgoing, options={"first_comment": "Pesan lewat bio"})
    settled = delivery.settle()
    assert isinstance(settled, Sent)
    write = partial(Facebook().first_comment, delivery.http, delivery.outgoing, settled.external_id)
    sandbox.admin("faults", {"fault": "commit_then_drop", "path_regex": "comments$", "method": "POST"})
    with pytest.raises(OutcomeUnknown):
        write()
    assert write() == write()
    ours = [
        one
        for one in Facebook().comments(delivery.http, delivery.outgoing.login, settled.external_id).newest
        if one.by_us
    ]
    assert [one.text for one in ours] == ["Pesan lewat bio"]


def test_a_short_page_of_comments_is_not_the_end(scripted: ScriptedPlatform, login: Login) -> None:
    """What is hidden from us leaves gaps; only an answer without `next` is the last."""

    def page(number: str, **paging: object) -> Answer:
        row = {"id": number, "message": "Halo", "created_time": "2026-11-20T01:02:03+0000"}
        return Answer({"data": [row], "paging": paging})

    scripted.on("GET", "/comments", page("1", cursors={"after": "x"}, next="https://graph.facebook.com/"), page("2"))
    found = Facebook().comments(Http(scripted.url), login, "1_2")
    assert ([one.external_id for one in found.newest], found.whole) == (["1", "2"], True)


def test_comments_come_newest_first(sandbox: SandboxProcess, delivery: Engine, login: Login) -> None:
    made = sandbox.admin("posts", {"platform": "facebook", "account_id": login.external_id, "age_s": 90_000})
    found = Facebook().comments(delivery.http, login, made["id"]).newest
    assert len(found) > 1
    assert [one.written_at for one in found] == sorted((one.written_at for one in found), reverse=True)
    assert all(one.author and one.permalink for one in found)


def test_a_post_that_always_disturbs_the_platform_keeps_no_other_from_its_figures(
    scripted: ScriptedPlatform, login: Login
) -> None:
    disturbed = {"code": 500, "body": json.dumps({"error": {"code": 2, "message": "x", "is_transient": True}})}
    reach = told("post_total_media_view_unique", 12)
    scripted.on("POST", "/v25.0/", Answer([disturbed, counted(3), counted(4), disturbed, disturbed, reach]))
    measured = Facebook().measure(Http(scripted.url), login, ["1_1", "1_2", "1_3"])
    assert measured == {"1_3": Stats(reach=12, likes=4, shares=0)}
    scripted.on("POST", "/v25.0/", Answer([disturbed, disturbed]))
    with pytest.raises(TryLater):
        Facebook().measure(Http(scripted.url), login, ["1_1"])
