"""Answers that no documentation mentions: web pages, half an answer, unknown codes, nobody at home."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from contentdesk.channels.abilities import FollowsUp, ReadsComments
from contentdesk.channels.base import (
    CannotTell,
    Login,
    LoginExpired,
    NotAllowed,
    NotThere,
    OutcomeUnknown,
    Photo,
    Rejected,
    Sent,
    Stats,
    TryLater,
)
from contentdesk.channels.kinds.instagram_login import THROUGH_FACEBOOK
from contentdesk.channels.registry import KINDS
from contentdesk.lib import clock
from contentdesk.lib.http import Http
from tests.channels.conftest import Later
from tests.channels.line import TEXT, Line
from tests.channels.scripted import HTML, Answer, ScriptedPlatform, refusal
from tests.servers import free_port

READY = {"container": "42", "first_ready_at": "2026-11-21T00:00:00+00:00"}
PHOTO = Photo("https://foto.example/1.jpg", "0" * 64, "", 400, 500)


@pytest.fixture
def odd(scripted: ScriptedPlatform) -> Line:
    return Line(Http(scripted.url), Login("1784", "kim.latihan", "rahasia"), (PHOTO,))


def status(word: str) -> Answer:
    return Answer({"id": "42", "status_code": word})


def stamp(moved: timedelta = timedelta(0)) -> str:
    return (clock.now() + moved).strftime("%Y-%m-%dT%H:%M:%S+0000")


ODD = [
    HTML,
    Answer("", 200),
    Answer("[1, 2]", 200),
    Answer('{"id": "179', 200),
    Answer("{}", 200),
    Answer("Bad gateway", 502),
    Answer("", 302, {"Location": "http://lain.example/"}),
    Answer("<html>", 403),
    Answer({"error": "teks saja"}, 400),
    Answer({"error": {"code": "bukan angka"}}, 400),
    refusal(190, 463, 500),
    refusal(25, 2207001),
]


@pytest.mark.parametrize("answer", ODD, ids=str)
def test_an_odd_answer_to_publishing_leaves_the_outcome_open(
    scripted: ScriptedPlatform, odd: Line, answer: Answer
) -> None:
    scripted.on("POST", "/media_publish$", answer)
    odd.checkpoint = dict(READY)
    with pytest.raises(OutcomeUnknown):
        odd.publish()
    assert scripted.count("POST", "media_publish") == 1


@pytest.mark.parametrize("verb", ["prepare", "find", "measure"])
@pytest.mark.parametrize("answer", [HTML, Answer("Bad gateway", 502), Answer("[]", 200)], ids=str)
def test_a_web_page_instead_of_an_answer_is_asked_again(
    scripted: ScriptedPlatform, odd: Line, answer: Answer, verb: str
) -> None:
    scripted.on("GET", "", answer).on("POST", "", answer)
    odd.checkpoint = dict(READY)
    verbs: dict[str, Callable[[], object]] = {
        "prepare": odd.step,
        "find": odd.find,
        "measure": lambda: odd.channel.measure(odd.http, odd.login, ["1"]),
    }
    with pytest.raises(TryLater):
        verbs[verb]()


def test_nobody_at_home_means_nothing_arrived(odd: Line) -> None:
    odd.http = Http(f"http://127.0.0.1:{free_port()}")
    odd.checkpoint = dict(READY)
    with pytest.raises(TryLater):
        odd.publish()


def test_an_address_in_a_private_network_is_never_called(
    scripted: ScriptedPlatform, odd: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("socket.getaddrinfo", lambda *_a, **_k: [(2, 1, 6, "", ("10.0.0.7", 443))])
    odd.http = Http()
    odd.checkpoint = dict(READY)
    with pytest.raises(TryLater):
        odd.publish()


def test_a_lost_permalink_does_not_fail_a_post(scripted: ScriptedPlatform, odd: Line) -> None:
    scripted.on("POST", "/media_publish$", Answer({"id": "179"})).on("GET", r"/179\?", HTML)
    odd.checkpoint = dict(READY)
    assert odd.publish() == Sent("179", None)


def test_an_unknown_code_is_tried_a_few_times_and_then_shown_to_a_person(scripted: ScriptedPlatform, odd: Line) -> None:
    scripted.on("POST", "/media$", refusal(123456))
    assert not odd.step().ready
    assert not odd.step().ready
    with pytest.raises(Rejected):
        odd.step()
    assert scripted.count("POST", "/media$") == 3


def test_a_passing_disturbance_is_never_given_up_by_the_channel(scripted: ScriptedPlatform, odd: Line) -> None:
    scripted.on("POST", "/media$", refusal(123456, is_transient=True))
    for _ in range(6):
        with pytest.raises(TryLater):
            odd.step()


@pytest.mark.parametrize("code", [3, 10, 200, 299])
def test_a_missing_permission_is_for_a_person(scripted: ScriptedPlatform, odd: Line, code: int) -> None:
    scripted.on("POST", "", refusal(code, status=403))
    odd.checkpoint = {}
    with pytest.raises(NotAllowed):
        odd.step()
    odd.checkpoint = dict(READY)
    with pytest.raises(NotAllowed):
        odd.publish()


def test_a_bare_401_asks_for_a_new_sign_in(scripted: ScriptedPlatform, odd: Line) -> None:
    scripted.on("POST", "", Answer("nein", 401))
    odd.checkpoint = dict(READY)
    with pytest.raises(LoginExpired):
        odd.publish()


USAGE = '{"1784": [{"type": "instagram", "call_count": 100, "estimated_time_to_regain_access": 19}]}'


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({}, timedelta(hours=1)),
        ({"X-Business-Use-Case-Usage": USAGE}, timedelta(minutes=19)),
        ({"Retry-After": "120"}, timedelta(minutes=2)),
        ({"Retry-After": "999999999"}, timedelta(hours=24)),
        ({"X-Business-Use-Case-Usage": "{", "Retry-After": "bald"}, timedelta(hours=1)),
    ],
)
def test_a_limit_waits_as_long_as_the_platform_says(
    scripted: ScriptedPlatform, odd: Line, headers: dict[str, str], wait: timedelta
) -> None:
    scripted.on("POST", "/media$", Answer(refusal(80002).body, 400, headers))
    with pytest.raises(TryLater) as caught:
        odd.step()
    assert caught.value.after == wait


def test_a_container_that_is_not_found_three_times_is_made_anew(scripted: ScriptedPlatform, odd: Line) -> None:
    scripted.on("POST", "/media$", Answer({"id": "1"}), Answer({"id": "2"}))
    scripted.on("GET", r"/1\?", refusal(24, 2207006))
    for _ in range(3):
        odd.step()
        assert odd.checkpoint["container"] == "1"
    assert odd.step().again_in == timedelta(0)
    assert "container" not in odd.checkpoint
    odd.step()
    assert odd.checkpoint["container"] == "2"


def test_the_quota_being_unreadable_does_not_stop_a_post(scripted: ScriptedPlatform, odd: Line) -> None:
    scripted.on("GET", r"/42\?", status("FINISHED")).on("GET", "publishing_limit", refusal(2))
    odd.checkpoint = {"container": "42"}
    assert odd.step().ready


@pytest.mark.parametrize("word", ["EXPIRED", "ERROR"])
def test_a_broken_container_still_looks_for_the_post_first(scripted: ScriptedPlatform, odd: Line, word: str) -> None:
    post = {"id": "179", "caption": f"{TEXT}\n", "media_type": "IMAGE", "timestamp": stamp(), "permalink": "p"}
    scripted.on("GET", r"/42\?", status(word)).on("GET", "/media", Answer({"data": [post]}))
    odd.checkpoint = dict(READY)
    assert odd.find() == Sent("179", "p")
    scripted.on("GET", "/media", Answer({"data": []}))
    assert odd.find() == NotThere({})


def test_an_unreadable_container_proves_no_absence(scripted: ScriptedPlatform, odd: Line, later: Later) -> None:
    scripted.on("GET", "/media", Answer({"data": []}))
    odd.checkpoint = dict(READY)
    later(timedelta(minutes=2))
    assert odd.find() == CannotTell()


OTHERS = [
    {"caption": "Teks lain"},
    {"timestamp": "2026-11-01T00:00:00+0000"},
    {"timestamp": "kemarin"},
    {"media_type": "CAROUSEL_ALBUM"},
    {"id": ""},
]


@pytest.mark.parametrize("difference", OTHERS, ids=str)
def test_what_differs_in_one_thing_is_not_ours(
    scripted: ScriptedPlatform, odd: Line, later: Later, difference: dict[str, str]
) -> None:
    post = {"id": "179", "caption": TEXT, "media_type": "IMAGE", "timestamp": stamp()}
    scripted.on("GET", r"/42\?", status("FINISHED")).on("GET", "/media", Answer({"data": [post | difference]}))
    odd.checkpoint = dict(READY)
    later(timedelta(minutes=2))
    assert isinstance(odd.find(), NotThere)
    scripted.on("GET", "/media", Answer({"data": [post]}))
    assert odd.find() == Sent("179")


def test_a_list_without_end_proves_nothing(scripted: ScriptedPlatform, odd: Line, later: Later) -> None:
    post = {"id": "1", "caption": "x", "timestamp": stamp(timedelta(minutes=1))}
    paging = {"cursors": {"after": "a"}, "next": "https://graph.instagram.com/…"}
    scripted.on("GET", r"/42\?", status("FINISHED")).on("GET", "/media", Answer({"data": [post], "paging": paging}))
    odd.checkpoint = dict(READY)
    later(timedelta(minutes=2))
    assert odd.find() == CannotTell()
    assert scripted.count("GET", "/media") == 10


def test_without_a_container_nothing_of_ours_can_be_there(scripted: ScriptedPlatform, odd: Line) -> None:
    scripted.on("GET", "/media", Answer({"data": []}))
    assert odd.find() == NotThere({})
    post = {"id": "179", "caption": TEXT, "media_type": "IMAGE", "timestamp": stamp()}
    scripted.on("GET", "/media", Answer({"data": [post]}))
    assert odd.find() == CannotTell()


def test_no_failure_carries_the_token(scripted: ScriptedPlatform, odd: Line) -> None:
    scripted.on("POST", "", refusal(190, 463))
    with pytest.raises(LoginExpired) as caught:
        odd.step()
    told = f"{caught.value!r} {caught.value} {caught.value.sentence} {caught.value.values} {odd.login!r}"
    assert odd.login.token not in told
    assert (
        caught.value.sentence % caught.value.values
        == "Akun kim.latihan terputus. Tidak ada yang hilang. Sambungkan lagi."
    )


@pytest.mark.parametrize("kind", ["facebook", "instagram", "threads"])
@pytest.mark.parametrize("verb", ["comments", "first_comment"])
def test_a_list_of_comments_that_never_ends_is_left(
    scripted: ScriptedPlatform, odd: Line, kind: str, verb: str
) -> None:
    """Each page is empty and names a next one. That nothing came is then no sign that nothing is there."""
    paging = {"cursors": {"after": "x"}, "next": "https://graph.facebook.com/"}
    scripted.on("GET", "/(comments|replies)", *[Answer({"data": [], "paging": paging})] * 60, Answer({"data": []}))
    channel = KINDS[kind]
    if verb == "comments":
        assert isinstance(channel, ReadsComments)
        assert channel.comments(odd.http, odd.login, "1_2").whole is False
    elif isinstance(channel, FollowsUp):
        with pytest.raises(Rejected):
            channel.first_comment(odd.http, replace(odd.outgoing, options={"first_comment": "Halo"}), "1_2")
        assert scripted.count("POST", "comments") == 0
    assert len(scripted.asked) < 60


def test_a_post_that_always_disturbs_the_platform_keeps_no_other_from_its_figures(
    scripted: ScriptedPlatform, odd: Line
) -> None:
    disturbed = {"code": 500, "body": json.dumps({"error": {"code": 2, "message": "x"}})}
    told = {"code": 200, "body": json.dumps({"data": [{"name": "reach", "values": [{"value": 12}]}]})}
    scripted.on("GET", r"ids=", Answer({"1": {"like_count": 3}, "2": {"like_count": 4}}))
    scripted.on("POST", "", Answer([disturbed, told]))
    login = replace(odd.login, details=THROUGH_FACEBOOK)
    assert odd.channel.measure(odd.http, login, ["1", "2"]) == {"2": Stats(likes=4, reach=12)}
    scripted.on("POST", "", Answer([disturbed, disturbed]))
    with pytest.raises(TryLater):
        odd.channel.measure(odd.http, login, ["1", "2"])


@pytest.mark.parametrize("kind", ["tiktok", "youtube"])
def test_a_page_that_is_not_there_on_the_way_stops_no_account(scripted: ScriptedPlatform, kind: str) -> None:
    """The platform itself would say with a word that its interface is gone; a provider's page has none."""
    for method, path in (("POST", "video/query/"), ("GET", "videos")):
        scripted.on(method, path, Answer("<html>404</html>", 404))
    with pytest.raises(TryLater):
        KINDS[kind].measure(Http(scripted.url), Login("1", "kim", "rahasia"), ["1"])
