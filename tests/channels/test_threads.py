"""What is special about Threads, over real HTTP against the sandbox and a platform that answers as told."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from contentdesk.channels import registry
from contentdesk.channels.abilities import Checkable, Connectable, MeasuresAccounts, ReadsComments, Renewable
from contentdesk.channels.base import AppKeys, Login, LoginExpired, NotAllowed, Rejected, Sent, Stats, TryLater
from contentdesk.channels.kinds.instagram_account import last_full_day
from contentdesk.channels.kinds.threads_formats import length
from contentdesk.channels.rules import check, option_problems
from contentdesk.lib import clock
from contentdesk.lib.http import Http
from tests.channels.line import Line, login_of, photos_on
from tests.channels.scripted import Answer, ScriptedPlatform, refusal
from tests.channels.subjects.threads import open_account, video
from tests.channels.videos import mp4_bytes
from tests.servers import MediaServer, SandboxProcess

KIND = "threads"
CHANNEL = registry.KINDS[KIND]
PUBLISH = "threads_publish$"
APP = AppKeys("app-1", "geheim")
BACK = "https://desk.example/akun/kembali"


@pytest.fixture
def words(sandbox: SandboxProcess) -> Line:
    """A text alone."""
    return Line(Http(sandbox.url), open_account(sandbox), (), KIND)


def with_options(line: Line, **options: object) -> Line:
    line.outgoing = replace(line.outgoing, options=options)
    return line


@pytest.mark.parametrize(
    ("text", "counted"),
    [("Halo", 4), ("Kopi ☕", 8), ("🌶️", 7), ("é ñ 日本", 6), ("👨‍👩‍👧", 18), ("🇮🇩", 8)],
)
def test_an_emoji_counts_as_many_as_it_has_bytes(text: str, counted: int) -> None:
    assert length(text) == counted


def test_a_text_is_measured_as_the_platform_measures_it(words: Line) -> None:
    rules = CHANNEL.formats[0].rules
    assert check(rules, "a" * 492 + "👍👍", 0, []) == []
    assert [problem.code for problem in check(rules, "a" * 493 + "👍👍", 0, [])] == ["text_too_long"]
    with pytest.raises(Rejected):
        words.with_text("a" * 493 + "👍👍").prepare()
    assert words.with_text("a" * 492 + "👍👍").step()


def test_a_topic_and_who_may_reply_are_sent_as_chosen(sandbox: SandboxProcess, words: Line) -> None:
    with_options(words, topic_tag="#kuliner malang", reply_control="followers_only").prepare()
    [made] = sandbox.calls("/threads$", "POST")
    assert (made["form"]["topic_tag"], made["form"]["reply_control"]) == ("kuliner malang", "followers_only")


def test_a_topic_that_is_not_taken_is_told_with_what_to_change(words: Line) -> None:
    assert [problem.option for problem in option_problems(CHANNEL, {"topic_tag": "a.b"}, "post")] == ["topic_tag"]
    with pytest.raises(Rejected) as told:
        with_options(words, topic_tag="a.b").prepare()
    assert told.value.code == "100/4279071"
    assert "topik" in told.value.sentence


def test_a_container_that_is_not_found_for_a_moment_is_asked_again(sandbox: SandboxProcess, words: Line) -> None:
    """The platform answers "does not exist" for what it made a moment ago."""
    sandbox.admin("settings", {"threads_appear_s": 0.15})
    words.step()
    assert not words.step().ready
    assert words.checkpoint["missing"] == 1
    sandbox.admin("settings", {"threads_appear_s": 0.0})
    words.prepare().publish()
    assert len(sandbox.calls("/threads$", "POST")) == len(sandbox.published()) == 1


def test_publishing_too_early_comes_back_later(sandbox: SandboxProcess, words: Line) -> None:
    sandbox.admin("settings", {"container_delay_s": 600})
    words.step()
    with pytest.raises(TryLater) as told:
        words.publish()
    assert told.value.code == "24/4279009"
    assert sandbox.published() == []


def test_a_video_that_is_too_long_is_for_a_person(sandbox: SandboxProcess, media: MediaServer) -> None:
    login = open_account(sandbox)
    line = Line(Http(sandbox.url), login, (), KIND)
    line.outgoing = video(media, login)
    media.add("film.mp4", mp4_bytes(301, 320, 320), content_type="video/mp4")
    with pytest.raises(Rejected) as told:
        line.prepare()
    assert told.value.code == "error/INVALID_DURATION"
    assert "5 menit" in told.value.sentence


def test_a_video_that_could_not_be_fetched_gets_another_container(sandbox: SandboxProcess, media: MediaServer) -> None:
    login = open_account(sandbox)
    line = Line(Http(sandbox.url), login, (), KIND)
    line.outgoing = video(media, login)
    media.files.clear()
    with pytest.raises(Rejected) as told:
        line.prepare()
    assert told.value.code == "error/FAILED_DOWNLOADING_VIDEO"
    assert len(sandbox.calls("/threads$", "POST")) == 3


def test_more_than_ten_photos_are_one_post_and_the_quota_is_read(sandbox: SandboxProcess, media: MediaServer) -> None:
    line = Line(Http(sandbox.url), open_account(sandbox), photos_on(media, 9) + photos_on(media, 9)[:2], KIND)
    line.prepare()
    sandbox.admin("settings", {"threads_quota_total": 0})
    with pytest.raises(TryLater) as told:
        line.step()
    assert told.value.code == "quota"
    sandbox.admin("settings", {"threads_quota_total": 250})
    line.prepare().publish()
    [post] = sandbox.published()
    assert len(post["images"]) == 11


def test_the_permalink_leads_to_the_post(sandbox: SandboxProcess, words: Line) -> None:
    sent = words.prepare().publish()
    assert isinstance(sent, Sent)
    assert sent.permalink
    assert CHANNEL.owns_link(sent.permalink)
    assert words.outgoing.text in requests.get(words.http.address(sent.permalink), timeout=5).text


def test_figures_are_read_and_late_ones_are_unknown(sandbox: SandboxProcess, words: Line) -> None:
    wishes = {"platform": KIND, "account_id": words.login.external_id, "caption": "x"}
    figures = {"views": 70, "likes": 5, "comments": 2, "shares": 1}
    post = sandbox.admin("posts", wishes | {"figures": figures})["id"]
    measured = CHANNEL.measure(words.http, words.login, [post, "18999999999999999"])
    assert measured == {post: Stats(views=70, likes=5, comments=2, shares=1)}
    sandbox.admin("settings", {"insights_delay_s": 3600.0})
    assert CHANNEL.measure(words.http, words.login, [post]) == {post: Stats()}


def test_one_refused_metric_costs_only_itself(sandbox: SandboxProcess, words: Line) -> None:
    wishes = {"platform": KIND, "account_id": words.login.external_id, "caption": "x"}
    post = sandbox.admin("posts", wishes | {"figures": {"views": 7, "likes": 5, "comments": 2, "shares": 1}})["id"]
    sandbox.admin("faults", {"path_regex": "/insights$", "fault": "error", "code": 100, "times": 2})
    assert CHANNEL.measure(words.http, words.login, [post]) == {post: Stats(likes=5, comments=2, shares=1)}


def test_a_post_that_is_not_ours_to_measure_loses_no_other(scripted: ScriptedPlatform) -> None:
    told = Answer({"data": [{"name": "views", "values": [{"value": 7}]}]})
    scripted.on("GET", "/2/insights", told).on("GET", "/1/insights", refusal(10))
    ask = partial(CHANNEL.measure, Http(scripted.url), Login("1", "kim", "t"))
    assert ask(["1", "2"]) == {"2": Stats(views=7)}
    with pytest.raises(NotAllowed):
        ask(["1"])


def test_the_account_is_measured_for_the_last_full_day_here(sandbox: SandboxProcess, words: Line) -> None:
    assert isinstance(CHANNEL, MeasuresAccounts)
    stats = CHANNEL.measure_account(words.http, words.login)
    assert stats.followers
    assert stats.views
    asked = [call["query"] for call in sandbox.calls("threads_insights") if "since" in call["query"]]
    since, until = last_full_day(clock.now())
    assert asked == [{"metric": "views", "since": str(int(since.timestamp())), "until": str(int(until.timestamp()))}]


def test_replies_are_read_newest_first(sandbox: SandboxProcess, words: Line) -> None:
    assert isinstance(CHANNEL, ReadsComments)
    sandbox.admin("settings", {"growth_half_s": 1.0})
    sent = words.prepare().publish()
    assert isinstance(sent, Sent)
    sandbox.admin("clock", {"offset_s": 3600})
    found = CHANNEL.comments(words.http, words.login, sent.external_id).newest
    assert found
    assert [one.written_at for one in found] == sorted((one.written_at for one in found), reverse=True)
    assert all(one.text and one.author and one.permalink and not one.by_us for one in found)


def test_our_own_replies_are_known_as_ours(scripted: ScriptedPlatform) -> None:
    assert isinstance(CHANNEL, ReadsComments)
    row = {"id": "1", "text": "Terima kasih", "username": "kim", "timestamp": "2026-11-21T04:05:06+0000"}
    odd = [row | {"is_reply_owned_by_me": True}, {"id": "2"}, "kein Wort"]
    scripted.on("GET", "/replies", Answer({"data": odd}))
    [comment] = CHANNEL.comments(Http(scripted.url), Login("1", "kim", "t"), "9").newest
    assert comment.by_us


def signed_in(sandbox: SandboxProcess, http: Http) -> Login:
    """Presses the button on the platform's page and brings the code back."""
    assert isinstance(CHANNEL, Connectable)
    leaving = CHANNEL.leave(http, APP, BACK, "state-1", "", {})
    asked = {name: values[0] for name, values in parse_qs(urlsplit(leaving.url).query).items()}
    page = http.address(leaving.url.partition("?")[0])
    assert requests.get(page, params=asked, timeout=5).ok
    answer = requests.post(page, data=asked | {"username": "kim.latihan"}, allow_redirects=False, timeout=5)
    code = parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0] + "#_"
    [login] = CHANNEL.exchange(http, APP, BACK, code, "", {})
    return login


def test_signing_in_brings_an_account_for_sixty_days_that_publishes(sandbox: SandboxProcess) -> None:
    http = Http(sandbox.url)
    login = signed_in(sandbox, http)
    assert login.handle == "kim.latihan"
    assert login.expires_at
    assert timedelta(days=59) < login.expires_at - clock.now() <= timedelta(days=60)
    Line(http, login, (), KIND).prepare().publish()
    assert len(sandbox.published()) == 1


def test_a_token_of_a_day_is_renewed_and_a_younger_one_is_left_alone(sandbox: SandboxProcess) -> None:
    assert isinstance(CHANNEL, Renewable)
    http = Http(sandbox.url)
    young = open_account(sandbox)
    assert CHANNEL.renew(http, APP, young) == young
    old = login_of(sandbox.account(platform=KIND, token_age_s=90_000))
    fresh = CHANNEL.renew(http, APP, old)
    assert (fresh.external_id, fresh.handle) == (old.external_id, old.handle)
    assert fresh.token != old.token
    sandbox.admin("tokens/revoke", {"account_id": old.external_id})
    with pytest.raises(LoginExpired):
        CHANNEL.renew(http, APP, old)


def test_a_login_is_checked_without_any_effect(sandbox: SandboxProcess, words: Line) -> None:
    assert isinstance(CHANNEL, Checkable)
    CHANNEL.check(words.http, words.login)
    sandbox.admin("tokens/revoke", {"account_id": words.login.external_id})
    with pytest.raises(LoginExpired):
        CHANNEL.check(words.http, words.login)
    assert not any(call["committed"] for call in sandbox.calls("/me$"))


def test_a_restricted_account_is_told_whatever_code_it_comes_with(scripted: ScriptedPlatform) -> None:
    scripted.on("POST", "/threads$", refusal(25, 4279013))
    line = Line(Http(scripted.url), Login("1", "kim.latihan", "t"), (), KIND)
    with pytest.raises(NotAllowed, match="25/4279013"):
        line.step()
