"""Formats, choices, comments and the account on Instagram, over real HTTP against the sandbox."""

import hmac
import json
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest

from contentdesk.channels import registry
from contentdesk.channels.abilities import (
    Checkable,
    Event,
    FollowsUp,
    MeasuresAccounts,
    ReadsComments,
    Renewable,
    Rings,
    Scoped,
)
from contentdesk.channels.base import (
    FORMAT,
    Login,
    LoginExpired,
    NotAllowed,
    OutcomeUnknown,
    Outgoing,
    Rejected,
    Sent,
    Stats,
)
from contentdesk.channels.kinds.instagram_account import last_full_day
from contentdesk.channels.kinds.instagram_login import FACEBOOK_HOST, THROUGH_FACEBOOK
from contentdesk.channels.rules import Clip, check, format_of, option_problems, options_for
from contentdesk.lib import clock
from contentdesk.lib.http import Http
from tests.channels.conftest import Later
from tests.channels.line import TEXT, Line, login_of
from tests.channels.scripted import Answer, ScriptedPlatform, refusal
from tests.channels.subjects.instagram import film_on, reel, story_photo
from tests.servers import MediaServer, SandboxProcess

CHANNEL = registry.KINDS["instagram"]
COMMENTS = r"/\d+/comments$"


def sent_id(line: Line) -> str:
    sent = line.prepare().publish()
    assert isinstance(sent, Sent)
    return sent.external_id


def choose(line: Line, **options: object) -> Line:
    line.outgoing = replace(line.outgoing, options=options)
    return line


def as_built(line: Line, outgoing: Outgoing) -> Line:
    line.outgoing = outgoing
    return line


# --- formats and choices


def test_a_video_becomes_a_reel_and_a_story_is_only_made_when_chosen() -> None:
    assert [each.key for each in CHANNEL.formats if each.chosen_only] == ["story"]
    assert format_of(CHANNEL, {}, 2, has_video=False).key == "feed"
    assert format_of(CHANNEL, {}, 0, has_video=True).key == "reel"
    assert format_of(CHANNEL, {FORMAT: "story"}, 1, has_video=False).key == "story"


@pytest.mark.parametrize(
    ("key", "seconds", "codes"),
    [("reel", 2, ["video_too_short"]), ("reel", 900, []), ("story", 61, ["video_too_long"]), ("feed", 10, None)],
)
def test_a_film_is_measured_by_its_format(key: str, seconds: float, codes: list[str] | None) -> None:
    rules = next(each.rules for each in CHANNEL.formats if each.key == key)
    found = [problem.code for problem in check(rules, "x", 0, [], Clip(seconds, 720, 1280))]
    assert found == (["video_not_taken"] if codes is None else codes)


def test_each_format_offers_what_it_has() -> None:
    def offered(key: str) -> set[str]:
        return {option.name for option in options_for(CHANNEL, key)}

    assert offered("story") == {"ai_generated"}
    assert offered("feed") == {"ai_generated", "collaborators", "first_comment"}
    assert offered("reel") == offered("feed") | {"share_to_feed"}


def test_too_many_collaborators_and_too_long_a_comment_are_told_before() -> None:
    wrong = {"collaborators": ["a", "b", "c", "d"], "first_comment": "a" * 2201}
    assert {problem.option for problem in option_problems(CHANNEL, wrong, "feed")} == set(wrong)


def test_the_choices_are_sent_as_they_were_approved(sandbox: SandboxProcess, media: MediaServer, line: Line) -> None:
    as_built(line, reel(media, line.login))
    choose(line, share_to_feed=False, collaborators=["@kim.lain", "kim.tiga"], ai_generated=True).prepare()
    [made] = sandbox.calls("/media$", "POST")
    form = made["form"]
    assert (form["media_type"], form["share_to_feed"], form["is_ai_generated"]) == ("REELS", "false", "true")
    assert form["collaborators"] == '["kim.lain", "kim.tiga"]'


def test_the_parts_of_a_carousel_carry_no_choice_of_the_whole(sandbox: SandboxProcess, carousel: Line) -> None:
    sent_id(choose(carousel, collaborators=["kim.lain"], ai_generated=True))
    *children, parent = [call["form"] for call in sandbox.calls("/media$", "POST")]
    assert (parent["is_ai_generated"], parent["collaborators"]) == ("true", '["kim.lain"]')
    assert not any({"is_ai_generated", "collaborators", "caption"} & set(child) for child in children)


def test_collaborators_that_are_not_taken_are_told_with_what_to_change(sandbox: SandboxProcess, carousel: Line) -> None:
    sandbox.admin("settings", {"carousel_collaborators": False})
    with pytest.raises(Rejected) as told:
        choose(carousel, collaborators=["kim.lain"]).prepare()
    assert "kolaborator" in told.value.sentence
    assert told.value.code == "100/0"
    sent_id(choose(carousel))
    assert len(sandbox.published()) == 1


def test_a_refusal_of_something_else_does_not_blame_the_collaborators(line: Line) -> None:
    with pytest.raises(Rejected) as told:
        choose(line.with_text("a" * 2201), collaborators=["kim.lain"]).prepare()
    assert "kolaborator" not in told.value.sentence


def test_a_film_that_cannot_be_read_is_for_a_person(sandbox: SandboxProcess, media: MediaServer, line: Line) -> None:
    as_built(line, reel(media, line.login))
    media.add("film.mp4", b"kein Film", content_type="video/mp4")
    with pytest.raises(Rejected) as told:
        line.prepare()
    assert told.value.code == "error/2207026"
    assert "video" in told.value.sentence
    assert len(sandbox.calls("/media$", "POST")) == 1


def test_a_film_may_take_longer_than_a_photo(
    sandbox: SandboxProcess, media: MediaServer, line: Line, later: Later
) -> None:
    sandbox.admin("settings", {"container_delay_s": 6000})
    as_built(line, reel(media, line.login)).step()
    later(timedelta(minutes=50))
    line.step()
    assert "container" in line.checkpoint
    later(timedelta(minutes=20))
    line.step()
    assert "container" not in line.checkpoint


def test_a_reel_without_a_film_and_a_post_without_anything_are_refused(line: Line) -> None:
    line.outgoing = replace(line.outgoing, photos=())
    for options in ({}, {FORMAT: "reel"}):
        with pytest.raises(Rejected):
            choose(line, **options).step()


# --- the first comment


def commented(line: Line, external_id: str) -> str | None:
    assert isinstance(CHANNEL, FollowsUp)
    return CHANNEL.first_comment(line.http, line.outgoing, external_id)


def written(sandbox: SandboxProcess) -> int:
    return sum(call["committed"] for call in sandbox.calls(COMMENTS, "POST"))


def test_a_first_comment_is_written_once_however_often_it_is_asked_for(sandbox: SandboxProcess, line: Line) -> None:
    post = sent_id(choose(line, first_comment="Pesan lewat WhatsApp. #malang"))
    first = commented(line, post)
    assert first
    assert commented(line, post) == first
    assert written(sandbox) == 1


def test_a_first_comment_whose_answer_was_lost_is_not_repeated(sandbox: SandboxProcess, line: Line) -> None:
    post = sent_id(choose(line, first_comment="Halo"))
    sandbox.admin("faults", {"path_regex": COMMENTS, "method": "POST", "fault": "commit_then_drop"})
    with pytest.raises(OutcomeUnknown):
        commented(line, post)
    assert commented(line, post)
    assert written(sandbox) == 1


def test_the_same_words_by_somebody_else_are_not_ours(line: Line, scripted: ScriptedPlatform) -> None:
    rows = [{"id": "5", "text": "Halo", "username": "orang.lain", "timestamp": "2026-11-21T04:05:06+0000"}]
    scripted.on("GET", "/comments", Answer({"data": rows})).on("POST", "/comments", Answer({"id": "6"}))
    line.http = Http(scripted.url)
    assert commented(choose(line, first_comment="Halo"), "9") == "6"


def test_ours_is_found_below_many_others(line: Line, scripted: ScriptedPlatform) -> None:
    def page(start: int, mine: bool, more: bool) -> Answer:
        rows = [{"id": str(start + n), "text": "x", "username": "orang.lain"} for n in range(50)]
        rows += [{"id": "777", "text": "Halo ", "username": line.login.handle}] if mine else []
        paging = {"cursors": {"after": "c"}} | ({"next": "https://…"} if more else {})
        return Answer({"data": rows, "paging": paging})

    scripted.on("GET", "/comments", page(0, mine=False, more=True), page(50, mine=True, more=False))
    line.http = Http(scripted.url)
    assert commented(choose(line, first_comment="Halo"), "9") == "777"
    assert scripted.count("POST", "/comments") == 0
    scripted.on("GET", "/comments", page(0, mine=False, more=True))
    with pytest.raises(Rejected):
        commented(line, "9")


@pytest.mark.parametrize("options", [{}, {"first_comment": "  "}, {"first_comment": "Halo", FORMAT: "story"}])
def test_no_comment_is_written_where_none_was_asked_for(
    sandbox: SandboxProcess, line: Line, options: dict[str, str]
) -> None:
    assert commented(choose(line, **options), "9") is None
    assert sandbox.calls() == []


def test_a_missing_right_to_comment_stops_the_comment_alone(sandbox: SandboxProcess, line: Line) -> None:
    scopes = ("instagram_business_basic", "instagram_business_content_publish")
    account = sandbox.account("kim.tanpa", scopes=list(scopes))
    line.outgoing = replace(line.outgoing, login=login_of(account))
    post = sent_id(choose(line, first_comment="Halo"))
    with pytest.raises(NotAllowed):  # the platform says so
        commented(line, post)
    line.outgoing = replace(line.outgoing, login=replace(line.login, scopes=scopes))
    calls = len(sandbox.calls())
    with pytest.raises(NotAllowed) as told:  # known without asking
        commented(line, post)
    assert len(sandbox.calls()) == calls
    assert "komentar" in told.value.sentence


def test_what_was_asked_for_is_shown_with_what_is_missing() -> None:
    assert isinstance(CHANNEL, Scoped)
    assert "instagram_business_manage_comments" in CHANNEL.scopes


# --- reading


def test_comments_are_read_newest_first_and_ours_are_known(sandbox: SandboxProcess, line: Line) -> None:
    assert isinstance(CHANNEL, ReadsComments)
    sandbox.admin("settings", {"growth_half_s": 1.0})
    post = sent_id(choose(line, first_comment="Halo"))
    ours = commented(line, post)
    sandbox.admin("clock", {"offset_s": 3600})
    found = CHANNEL.comments(line.http, line.login, post).newest
    assert len(found) > 1
    assert [one.written_at for one in found] == sorted((one.written_at for one in found), reverse=True)
    assert [one.external_id for one in found if one.by_us] == [ours]
    assert {one.permalink for one in found} == {sandbox.published()[0]["permalink"]}


def test_no_more_than_a_hundred_comments_are_read(scripted: ScriptedPlatform, line: Line) -> None:
    assert isinstance(CHANNEL, ReadsComments)
    rows = [{"id": str(n), "text": "x", "timestamp": "2026-11-21T04:05:06+0000"} for n in range(50)]
    paging = {"cursors": {"after": "c"}, "next": "https://…"}
    scripted.on("GET", "/comments", Answer({"data": rows, "paging": paging}))
    found = CHANNEL.comments(Http(scripted.url), line.login, "9")
    assert (len(found.newest), found.whole) == (100, False)
    assert scripted.count("GET", "/comments") == 2


def test_the_account_is_measured_for_the_last_full_day_here(sandbox: SandboxProcess, line: Line) -> None:
    assert isinstance(CHANNEL, MeasuresAccounts)
    sent_id(line)
    stats = CHANNEL.measure_account(line.http, line.login)
    assert (stats.followers, stats.posts) == (2400, 1)
    assert stats.reach
    assert stats.views
    [asked] = [call["query"] for call in sandbox.calls(r"/\d+/insights$")]
    since, until = last_full_day(clock.now())
    assert until - since == timedelta(days=1)
    assert (until.hour, until.utcoffset()) == (0, timedelta(hours=7))
    assert (asked["since"], asked["until"]) == (str(int(since.timestamp())), str(int(until.timestamp())))


def test_figures_of_the_account_that_are_refused_are_unknown(scripted: ScriptedPlatform, line: Line) -> None:
    assert isinstance(CHANNEL, MeasuresAccounts)
    one = Answer({"data": [{"name": "reach", "total_value": {"value": 7}}]})
    scripted.on("GET", "", Answer({"followers_count": 12})).on("GET", "/insights", refusal(100), refusal(100), one)
    stats = CHANNEL.measure_account(Http(scripted.url), line.login)
    assert (stats.followers, stats.posts, stats.reach, stats.views) == (12, None, 7, None)


def test_each_kind_of_post_is_asked_for_its_own_figures(
    sandbox: SandboxProcess, media: MediaServer, line: Line
) -> None:
    feed = sent_id(line)
    film = sent_id(as_built(Line(line.http, line.login, ()), reel(media, line.login)))
    gone = sent_id(as_built(Line(line.http, line.login, ()), story_photo(media, line.login)))
    known = {"reach": 50, "views": 60, "likes": 7, "comments": 3, "saved": 4, "shares": 5}
    for post in (feed, film, gone):
        sandbox.admin(f"posts/{post}/figures", known)
    full = Stats(reach=50, views=60, likes=7, comments=3, saves=4, shares=5)
    assert CHANNEL.measure(line.http, line.login, [feed, film, gone]) == {
        feed: full,
        film: full,
        gone: Stats(reach=50, views=60, shares=5),
    }
    assert len(sandbox.calls("/insights$")) == 3  # nothing was refused
    sandbox.admin(f"posts/{gone}/figures", known | {"reach": 4})
    assert CHANNEL.measure(line.http, line.login, [gone, feed]) == {gone: Stats(), feed: full}


# --- webhooks only ring


def test_a_signed_webhook_rings_for_the_account_and_the_post() -> None:
    assert isinstance(CHANNEL, Rings)
    change = {"field": "comments", "value": {"id": "1", "media": {"id": "179"}}}
    entry = {"id": "1784", "time": int(clock.now().timestamp()), "changes": [change]}
    raw = json.dumps({"object": "instagram", "entry": [entry]}).encode()
    signed = {"X-Hub-Signature-256": "sha256=" + hmac.new(b"geheim", raw, sha256).hexdigest()}
    assert CHANNEL.events("geheim", signed, raw, clock.now()) == (Event("1784", "179"),)
    assert CHANNEL.events("geheim", signed, raw + b" ", clock.now()) is None
    assert CHANNEL.handshake("geheim", {"hub.mode": "subscribe", "hub.challenge": "1", "hub.verify_token": "x"}) is None


# --- signed in with Facebook


@pytest.fixture
def linked(sandbox: SandboxProcess) -> Login:
    """As the sign-in on Facebook brings it: the token has no end."""
    account = sandbox.account("kim.halaman", login="facebook")
    return replace(login_of(account), expires_at=None, details=THROUGH_FACEBOOK)


def test_an_account_of_a_page_is_spoken_for_on_the_other_host(
    sandbox: SandboxProcess, media: MediaServer, linked: Login, line: Line
) -> None:
    line.outgoing = replace(line.outgoing, login=linked, options={"first_comment": "Halo"})
    post = sent_id(line)
    assert commented(line, post)
    assert line.find_id() == post
    assert post in CHANNEL.measure(line.http, linked, [post])
    assert isinstance(CHANNEL, Checkable)
    CHANNEL.check(line.http, linked)
    assert {call["host"] for call in sandbox.calls() if "_media" not in call["path"]} == {FACEBOOK_HOST}


def test_the_token_of_a_page_is_not_renewed(sandbox: SandboxProcess, linked: Login) -> None:
    assert isinstance(CHANNEL, Renewable)
    assert CHANNEL.renew(Http(sandbox.url), None, linked) == linked
    assert sandbox.calls() == []


def test_a_login_is_checked_without_any_effect(sandbox: SandboxProcess, line: Line) -> None:
    assert isinstance(CHANNEL, Checkable)
    CHANNEL.check(line.http, line.login)
    sandbox.admin("tokens/revoke", {"account_id": line.login.external_id})
    with pytest.raises(LoginExpired):
        CHANNEL.check(line.http, line.login)


def test_an_unknown_host_in_the_details_is_not_believed(
    sandbox: SandboxProcess, line: Line, media: MediaServer
) -> None:
    """What stands in the row must not lead the token elsewhere."""
    login = replace(line.login, details={"host": "jahat.example"})
    line.outgoing = replace(line.outgoing, login=login, video=film_on(media), photos=(), text=TEXT)
    line.step()
    assert {call["host"] for call in sandbox.calls()} == {"graph.instagram.com"}
