"""What is special to pages: ambiguous refusals, posts that look alike, uploads that break off."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from io import BytesIO
from typing import Any

import pytest
import requests

from contentdesk.channels import rules
from contentdesk.channels.base import (
    Accepted,
    CannotTell,
    ChannelError,
    Login,
    LoginExpired,
    NotAllowed,
    NotThere,
    OutcomeUnknown,
    Outgoing,
    Rejected,
    Sent,
    TryLater,
)
from contentdesk.channels.kinds.facebook import Facebook
from contentdesk.lib import clock
from contentdesk.lib.http import Http
from tests.channels.conftest import Later
from tests.channels.engine import Engine
from tests.channels.line import TEXT
from tests.channels.scripted import Answer, ScriptedPlatform
from tests.channels.subjects import facebook as subject
from tests.servers import MediaServer, SandboxProcess

FEED = "/feed$"


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


def test_the_words_of_the_newest_post_are_not_sent_again(
    sandbox: SandboxProcess, delivery: Engine, login: Login
) -> None:
    sandbox.admin("posts", {"platform": "facebook", "account_id": login.external_id, "caption": TEXT})
    with pytest.raises(Rejected) as told:
        delivery.settle()
    assert (told.value.code, public(sandbox)) == ("same_again", [])


@pytest.mark.parametrize(
    "code", [{"code": 506, "subcode": 1455006}, {"code": 100, "subcode": 1366051}, {"code": 1}, {"code": 77777}]
)
@pytest.mark.parametrize("post", ["text", "photos"])
def test_a_refusal_that_may_mean_yes_is_looked_up(
    sandbox: SandboxProcess, media: MediaServer, delivery: Engine, login: Login, code: dict[str, int], post: str
) -> None:
    with_outgoing(delivery, subject.SUBJECT.posts[post](media, login))
    delivery.prepare()
    sandbox.admin("faults", {"fault": "error", "path_regex": FEED, "method": "POST", "after_commit": True} | code)
    with pytest.raises(OutcomeUnknown):
        delivery.publish()
    found = delivery.look()
    assert isinstance(found, Sent)
    assert [found.external_id] == public(sandbox)


@pytest.mark.parametrize("post", ["text", "photos"])
def test_a_limit_that_was_a_lie_still_leads_to_one_post(
    sandbox: SandboxProcess, media: MediaServer, delivery: Engine, login: Login, later: Later, post: str
) -> None:
    """The words of the newest post, or photos that are used up, say that it is there."""
    with_outgoing(delivery, subject.SUBJECT.posts[post](media, login))
    sandbox.admin("faults", {"fault": "error", "path_regex": FEED, "method": "POST", "after_commit": True, "code": 32})
    settled = delivery.settle()
    assert isinstance(settled, Sent)
    assert [settled.external_id] == public(sandbox)
    assert len(sandbox.calls(FEED, "POST")) == {"text": 1, "photos": 2}[post]


def test_our_photos_prove_our_post_among_posts_with_the_same_words(
    sandbox: SandboxProcess, media: MediaServer, delivery: Engine, login: Login
) -> None:
    with_outgoing(delivery, subject.photos(media, login)).prepare()
    sandbox.admin("faults", {"fault": "commit_then_drop", "path_regex": FEED, "method": "POST"})
    with pytest.raises(OutcomeUnknown):
        delivery.publish()
    other = Engine(delivery.http, "facebook", delivery.outgoing, lambda step: None)
    other.prepare()
    other.publish()
    found = delivery.look()
    assert isinstance(found, Sent)
    assert found.external_id == public(sandbox)[-1]


def test_the_same_words_with_other_photos_are_for_a_person(
    sandbox: SandboxProcess, media: MediaServer, delivery: Engine, login: Login
) -> None:
    with_outgoing(delivery, subject.photo(media, login)).prepare()
    sandbox.admin("faults", {"fault": "drop_before", "path_regex": FEED, "method": "POST"})
    with pytest.raises(OutcomeUnknown):
        delivery.publish()
    other = Engine(delivery.http, "facebook", delivery.outgoing, lambda step: None)
    other.prepare()
    other.publish()
    assert delivery.look() == CannotTell()


def test_two_posts_with_the_same_words_are_for_a_person(
    sandbox: SandboxProcess, delivery: Engine, login: Login
) -> None:
    delivery.prepare()
    sandbox.admin("faults", {"fault": "commit_then_drop", "path_regex": FEED, "method": "POST"})
    with pytest.raises(OutcomeUnknown):
        delivery.publish()
    sandbox.admin("posts", {"platform": "facebook", "account_id": login.external_id, "caption": TEXT})
    assert delivery.look() == CannotTell()


@pytest.mark.parametrize("post", ["text", "photos", "video", "reel"])
def test_an_absence_proves_nothing_for_a_minute(
    sandbox: SandboxProcess, media: MediaServer, delivery: Engine, login: Login, later: Later, post: str
) -> None:
    with_outgoing(delivery, subject.SUBJECT.posts[post](media, login)).prepare()
    sandbox.admin("faults", {"fault": "drop_before", "path_regex": subject.SUBJECT.call_of(post), "method": "POST"})
    with pytest.raises(OutcomeUnknown):
        delivery.publish()
    find = partial(delivery.channel.find, delivery.http, delivery.outgoing, delivery.checkpoint, delivery.since)
    with pytest.raises(TryLater):
        find()
    later(timedelta(minutes=2))
    assert isinstance(find(), NotThere)


def test_an_older_post_is_not_ours_even_where_the_platform_lists_it(
    scripted: ScriptedPlatform, media: MediaServer, login: Login
) -> None:
    old = {"id": "1_2", "message": TEXT, "created_time": "2026-01-01T00:00:00+0000"}
    scripted.on("GET", "published_posts", Answer({"data": [old]}))
    since = clock.now() - timedelta(hours=1)
    found = Facebook().find(Http(scripted.url), subject.text(media, login), {}, since)
    assert isinstance(found, NotThere)


@pytest.mark.parametrize("answer", [{"success": False}, {}, {"id": "1"}], ids=str)
@pytest.mark.parametrize("post", ["video", "reel"])
def test_only_a_plain_yes_means_that_a_video_was_taken(
    scripted: ScriptedPlatform, media: MediaServer, login: Login, post: str, answer: dict[str, Any]
) -> None:
    scripted.on("POST", "videos|video_reels", Answer(answer))
    uploaded = {"video": "1", "session": "2", "uploaded": True}
    with pytest.raises(OutcomeUnknown):
        Facebook().publish(Http(scripted.url), subject.SUBJECT.posts[post](media, login), uploaded)


def test_after_three_attempts_without_a_trace_a_person_is_asked(sandbox: SandboxProcess, delivery: Engine) -> None:
    sandbox.admin("faults", {"fault": "5xx", "path_regex": FEED, "method": "POST", "times": None})
    assert delivery.settle() == CannotTell()
    assert public(sandbox) == []


def test_an_upload_goes_on_where_it_broke_off(
    sandbox: SandboxProcess, media: MediaServer, delivery: Engine, login: Login
) -> None:
    """Half a reel arrived before the line broke: the rest alone is sent."""
    with_outgoing(delivery, subject.reel(media, login)).prepare_once()
    film = delivery.outgoing.video
    assert film
    url = delivery.http.address(delivery.checkpoint["upload_url"])
    headers = {"Authorization": f"OAuth {login.token}", "offset": "0", "file_size": str(film.size)}
    requests.post(url, data=film.open().read(4000), headers=headers, timeout=5)
    delivery.prepare_once()
    assert delivery.checkpoint["uploaded"] is True
    assert isinstance(delivery.settle(), Sent)
    assert [one["sha256"] for one in sandbox.published()[0]["images"]] == [film.sha256]


def test_a_piece_that_arrived_is_not_sent_again(
    sandbox: SandboxProcess, media: MediaServer, delivery: Engine, login: Login
) -> None:
    sandbox.admin("settings", {"video_chunk_bytes": 2500})
    with_outgoing(delivery, subject.video(media, login))
    sandbox.admin("faults", {"fault": "commit_then_drop", "path_regex": "videos#transfer$"})
    settled = delivery.settle()
    assert isinstance(settled, Sent)
    assert len([call for call in sandbox.calls("videos#transfer$") if call["committed"]]) == 3


def test_an_upload_that_is_over_begins_again(
    sandbox: SandboxProcess, media: MediaServer, delivery: Engine, login: Login
) -> None:
    with_outgoing(delivery, subject.video(media, login)).prepare_once()
    sandbox.admin("clock", {"offset_s": 25 * 3600})
    delivery.prepare()
    assert len(sandbox.calls("videos#start$")) == 2


@pytest.mark.parametrize(("post", "call"), [("video", "videos#transfer$"), ("reel", r"^/v[\d.]+/\d+$")])
def test_an_upload_that_is_over_again_and_again_is_for_a_person(
    sandbox: SandboxProcess, delivery: Engine, media: MediaServer, login: Login, post: str, call: str
) -> None:
    """It began anew for as long as the post had, without a pause. (The page itself is gone as well for the reel.)"""
    over = {"fault": "error", "code": 100, "subcode": 33, "path_regex": call, "times": None}
    sandbox.admin("faults", over)
    with_outgoing(delivery, subject.SUBJECT.posts[post](media, login))
    with pytest.raises((Rejected, NotAllowed)):
        delivery.settle()
    assert len(sandbox.calls(r"#start$", "POST")) < 10


def test_an_upload_without_a_place_to_go_on_is_not_sent_byte_by_byte(
    scripted: ScriptedPlatform, media: MediaServer, login: Login, later: Later
) -> None:
    scripted.on("POST", "videos", Answer({"video_id": "1", "upload_session_id": "2", "success": True}))
    engine = Engine(Http(scripted.url), "facebook", subject.video(media, login), later)
    with pytest.raises(Rejected):
        engine.prepare()
    assert scripted.count("POST", "videos") < 9


@pytest.mark.parametrize("post", ["video", "reel"])
def test_a_video_that_cannot_be_processed_is_tried_twice_then_a_person_is_asked(
    sandbox: SandboxProcess, media: MediaServer, delivery: Engine, login: Login, post: str
) -> None:
    outgoing = subject.SUBJECT.posts[post](media, login)
    assert outgoing.video
    broken = b"bukan video"
    film = replace(outgoing.video, size=len(broken), open=lambda: BytesIO(broken))
    with pytest.raises(Rejected) as told:
        with_outgoing(delivery, replace(outgoing, video=film)).settle()
    assert (told.value.code, public(sandbox)) == ("video_failed", [])


def test_a_video_in_the_works_is_waited_for_and_then_a_person_is_asked(
    sandbox: SandboxProcess, media: MediaServer, delivery: Engine, login: Login, later: Later
) -> None:
    sandbox.admin("settings", {"container_delay_s": 36_000})
    with_outgoing(delivery, subject.reel(media, login)).prepare()
    taken = delivery.publish()
    assert isinstance(taken, Accepted)
    delivery.keep(taken.checkpoint)
    find = partial(delivery.channel.find, delivery.http, delivery.outgoing, delivery.checkpoint, delivery.since)
    assert isinstance(find(), Accepted)
    later(timedelta(hours=3))
    assert find() == CannotTell()


def test_the_token_goes_to_no_other_upload_host(scripted: ScriptedPlatform, media: MediaServer, login: Login) -> None:
    """Whatever stands in the answer: the address of the upload is the platform's own."""
    scripted.on("POST", "video_reels", Answer({"video_id": "1", "upload_url": "https://jahat.example/video-upload/1"}))
    prepared = Facebook().prepare(Http(scripted.url), subject.reel(media, login), {})
    assert "upload_url" not in prepared.checkpoint
    assert scripted.count("POST", "jahat") == 0


def test_a_link_and_photos_do_not_go_together(
    sandbox: SandboxProcess, media: MediaServer, delivery: Engine, login: Login
) -> None:
    outgoing = replace(subject.photo(media, login), options={"link": "https://malangkota.go.id"})
    with pytest.raises(Rejected):
        with_outgoing(delivery, outgoing).settle()
    assert sandbox.calls(method="POST") == []


@pytest.mark.parametrize(("link", "good"), [("https://malangkota.go.id/a", True), ("malangkota.go.id", False)])
def test_a_link_must_be_an_address(link: str, good: bool) -> None:
    assert (rules.option_problems(Facebook(), {"link": link}, "post") == []) is good


def test_find_without_anything_made_says_so(sandbox: SandboxProcess, media: MediaServer, login: Login) -> None:
    found = Facebook().find(Http(sandbox.url), subject.reel(media, login), {}, datetime.now(UTC))
    assert found == NotThere({})


def test_a_dead_login_stops_every_verb(sandbox: SandboxProcess, delivery: Engine, login: Login) -> None:
    sandbox.admin("tokens/revoke", {"account_id": login.external_id})
    http, channel = delivery.http, Facebook()
    for verb in (
        lambda: channel.check(http, login),
        lambda: channel.measure(http, login, ["1_2"]),
        lambda: channel.measure_account(http, login),
        lambda: channel.comments(http, login, "1_2"),
        lambda: channel.find(http, delivery.outgoing, {}, clock.now()),
    ):
        with pytest.raises(ChannelError) as caught:
            verb()
        assert isinstance(caught.value, LoginExpired)
