"""TikTok: what the account no longer allows, what is refused or dropped, what a member finishes."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from contentdesk.channels.base import (
    CannotTell,
    ChannelError,
    ForMember,
    Login,
    LoginExpired,
    NotAllowed,
    OutcomeUnknown,
    Outgoing,
    Rejected,
    Sent,
    TryLater,
)
from contentdesk.channels.kinds.tiktok_errors import REASONS, WORDS, Means, settles
from contentdesk.lib.http import Http
from tests.channels.conftest import Later
from tests.channels.engine import Engine
from tests.channels.line import TEXT, photos_on
from tests.channels.scripted import Answer, ScriptedPlatform
from tests.channels.subjects.tiktok import PUBLIC, film, open_account
from tests.channels.tiktok_stage import INIT, Stage, found, large
from tests.servers import MediaServer, SandboxProcess


@pytest.fixture
def stage(sandbox: SandboxProcess, later: Later) -> Stage:
    return Stage(sandbox, later)


def test_a_post_that_only_the_account_sees_is_kept_under_its_upload(stage: Stage) -> None:
    settled = stage.delivery(privacy="SELF_ONLY").settle()
    assert isinstance(settled, Sent)
    assert settled.external_id.startswith("v_pub_file~")
    assert settled.permalink is None
    assert "tidak untuk semua orang" in settled.note
    assert stage.delivery().channel.measure(stage.http, stage.login, [settled.external_id]) == {}


SWITCHED: tuple[tuple[str, Mapping[str, Any], str], ...] = (
    ("privacy", {"private": True}, "privacy_level_option_mismatch"),
    ("comments", {"comment_off": True}, "switched_off"),
    ("length", {"max_seconds": 4}, "too_long"),
)


@pytest.mark.parametrize(("switches", "code"), [line[1:] for line in SWITCHED], ids=[line[0] for line in SWITCHED])
def test_choices_that_the_account_no_longer_allows_are_for_a_person(
    stage: Stage, switches: dict[str, Any], code: str
) -> None:
    stage.switch(**switches)
    with pytest.raises(Rejected) as told:
        stage.delivery().settle()
    assert told.value.code == code
    assert told.value.sentence % told.value.values
    assert stage.count(INIT) == 0


def test_photos_are_checked_in_the_same_way_just_before(stage: Stage, media: MediaServer) -> None:
    delivery = stage.photos(media)
    delivery.prepare()
    stage.switch(private=True)
    with pytest.raises(Rejected):
        delivery.prepare()
    assert stage.count(INIT) == 0


def test_an_account_that_may_not_post_now_waits(stage: Stage) -> None:
    stage.set(tiktok_posts_per_day=0)
    with pytest.raises(TryLater) as told:
        stage.delivery().prepare_once()
    assert told.value.after == timedelta(hours=24)
    stage.switch(banned=True)
    with pytest.raises(NotAllowed):
        stage.delivery().prepare_once()
    assert stage.count(INIT) == 0


def test_an_unaudited_app_is_told_of_the_inbox(stage: Stage) -> None:
    stage.set(tiktok_audited=False)
    with pytest.raises(Rejected) as told:
        stage.delivery().settle()
    assert "kotak masuk" in told.value.sentence
    assert isinstance(stage.delivery(mode="inbox").settle(), ForMember)


def test_a_scope_that_was_not_granted_stops_the_direct_way_only(stage: Stage) -> None:
    stage.login = replace(stage.login, scopes=("user.info.basic", "video.upload"))
    with pytest.raises(NotAllowed):
        stage.delivery().settle()
    assert isinstance(stage.delivery(mode="inbox").settle(), ForMember)
    assert stage.count("creator_info") == 0


def test_for_the_inbox_the_file_alone_is_sent_and_the_rest_is_for_a_member(stage: Stage) -> None:
    outcome = stage.delivery(large(), mode="inbox").settle()
    assert isinstance(outcome, ForMember)
    assert "kotak masuk" in outcome.sentence % outcome.values
    [init] = stage.sandbox.calls(INIT)
    assert set(init["form"]) == {"source_info"}
    assert stage.sandbox.published() == []
    publish_id = outcome.checkpoint["publish_id"]
    stage.sandbox.admin("platforms/tiktok/finish_in_app", {"publish_id": publish_id, "caption": "Dari ponsel"})
    assert stage.the_one()["caption"] == "Dari ponsel"


def test_photos_for_the_inbox_whose_answer_is_lost_are_for_a_member_too(stage: Stage, media: MediaServer) -> None:
    stage.fault("drop_before", INIT)
    outcome = stage.photos(media, mode="inbox").settle()
    assert isinstance(outcome, ForMember)
    assert "Mungkin" in outcome.sentence


@pytest.mark.parametrize("listed", [True, False])
def test_photos_whose_answer_is_lost_are_found_in_a_list_that_shows_them(
    stage: Stage, media: MediaServer, listed: bool
) -> None:
    """One of the same words that is older, or a video, is another one."""
    stage.set(tiktok_photos_listed=listed, tiktok_moderation_s=0.0)
    stage.by_hand(kind="photo", age_s=3600)
    stage.by_hand(kind="video")
    stage.fault("commit_then_drop", INIT)
    settled = stage.photos(media).settle()
    [ours] = [post for post in stage.sandbox.published() if not post["by_hand"]]
    assert settled == (Sent(ours["id"], ours["permalink"]) if listed else CannotTell())


def test_two_posts_with_the_same_words_are_for_a_person(stage: Stage, media: MediaServer) -> None:
    stage.set(tiktok_photos_listed=True, tiktok_moderation_s=0.0)
    stage.fault("commit_then_drop", INIT)
    delivery = stage.photos(media)
    stage.by_hand(kind="photo")
    assert delivery.settle() == CannotTell()


@pytest.mark.parametrize(
    "reason",
    ["file_format_check_failed", "duration_check_failed", "frame_rate_check_failed", "spam_risk_text", "spam_risk"],
)
def test_a_post_that_the_platform_drops_for_good_is_told_with_its_reason(stage: Stage, reason: str) -> None:
    stage.set(tiktok_fail_reason=reason)
    with pytest.raises(Rejected) as told:
        stage.delivery().settle()
    assert told.value.code == reason
    assert told.value.sentence == REASONS[reason].sentence
    assert stage.count("video/init/$") == 1
    assert stage.sandbox.published() == []


@pytest.mark.parametrize("reason", ["internal", "a_reason_nobody_documented"])
def test_a_post_that_the_platform_drops_by_itself_is_begun_again_a_few_times(stage: Stage, reason: str) -> None:
    stage.set(tiktok_fail_reason=reason)
    with pytest.raises(Rejected):
        stage.delivery().settle()
    assert stage.count("video/init/$") == 3
    stage.set(tiktok_fail_reason="")
    assert isinstance(stage.delivery().settle(), Sent)


def test_photos_that_could_not_be_fetched_are_tried_again(stage: Stage, media: MediaServer) -> None:
    delivery = stage.photos(media)
    gone = media.files.pop("/2.jpg")
    delivery.prepare()
    delivery.keep(delivery.publish().checkpoint)  # type: ignore[union-attr]  # it is Accepted
    assert delivery.look() is None
    assert stage.sandbox.published() == []
    media.files["/2.jpg"] = gone
    assert isinstance(delivery.settle(), Sent)


def test_too_many_posts_waits_for_tomorrow_and_then_begins_again(stage: Stage) -> None:
    stage.set(tiktok_fail_reason="spam_risk_too_many_posts")
    delivery = stage.delivery()
    delivery.prepare()
    assert delivery.publish_or_look() is None
    with pytest.raises(TryLater) as told:
        delivery.prepare_once()
    assert told.value.after > timedelta(hours=23)
    stage.set(tiktok_fail_reason="")
    stage.clocks(timedelta(hours=25))
    stage.login = open_account(stage.sandbox)
    delivery.outgoing = replace(delivery.outgoing, login=stage.login)
    assert isinstance(delivery.settle(), Sent)


def test_refusals_count_whatever_the_http_status(stage: Stage, media: MediaServer) -> None:
    stage.set(tiktok_errors_as_200=True)
    stage.sandbox.admin("tokens/revoke", {"account_id": stage.login.external_id})
    with pytest.raises(LoginExpired):
        stage.delivery().prepare_once()
    with pytest.raises(LoginExpired):
        stage.delivery().channel.check(stage.http, stage.login)  # type: ignore[attr-defined]  # an ability


def test_more_than_six_uploads_in_a_minute_wait(stage: Stage) -> None:
    for _ in range(6):
        stage.delivery(mode="direct").prepare_once()
    with pytest.raises(TryLater) as told:
        stage.delivery().prepare_once()
    assert told.value.after >= timedelta(minutes=1)


def test_what_was_chosen_is_told_as_it_was_chosen(stage: Stage) -> None:
    stage.delivery(
        allow_duet=True, allow_stitch=False, allow_comment=False, disclosure=True, branded=True, your_brand=False
    ).settle()
    [init] = stage.sandbox.calls(INIT)
    info = init["form"]["post_info"]
    for line in (
        "'disable_comment': True",
        "'disable_duet': False",
        "'disable_stitch': True",
        "'brand_content_toggle': True",
        "'brand_organic_toggle': False",
        "'privacy_level': 'PUBLIC_TO_EVERYONE'",
    ):
        assert line in info


def test_a_promotion_that_was_switched_off_again_is_not_told(stage: Stage) -> None:
    stage.delivery(disclosure=False, branded=True, your_brand=True).settle()
    [init] = stage.sandbox.calls(INIT)
    assert "True" not in re.findall(r"'brand_\w+': (\w+)", init["form"]["post_info"])


@pytest.mark.parametrize("word", WORDS)
def test_every_word_has_a_way_to_fail_and_only_certain_ones_settle_the_irreversible_call(
    word: str, scripted: ScriptedPlatform, later: Later, media: MediaServer
) -> None:
    answer = Answer({"data": {}, "error": {"code": word, "message": "…", "log_id": "1"}}, 400)
    outgoing = Outgoing("d1", Login("o", "kim", "rahasia"), TEXT, photos_on(media, 1), PUBLIC)
    delivery = Engine(Http(scripted.on("POST", "init", answer).url), "tiktok", outgoing, later)
    with pytest.raises(ChannelError) as told:
        delivery.publish()
    assert isinstance(told.value, OutcomeUnknown) == (WORDS[word].means is Means.TRANSIENT)
    assert told.value.sentence % told.value.values
    assert "rahasia" not in repr(told.value)


def test_an_unknown_word_or_a_disturbance_settles_nothing() -> None:
    assert not settles("a_word_nobody_documented", 400)
    assert not settles("", 404)
    assert not settles("invalid_params", 500)
    assert settles("", 401)


def test_a_word_nobody_documented_is_tried_a_few_times_before_anything_is_public(
    scripted: ScriptedPlatform, later: Later
) -> None:
    answer = Answer({"data": {}, "error": {"code": "new_rule", "message": "", "log_id": "1"}}, 400)
    outgoing = Outgoing("d1", Login("o", "kim", "t"), TEXT, (), PUBLIC, film())
    delivery = Engine(Http(scripted.on("POST", "creator_info", answer).url), "tiktok", outgoing, later)
    with pytest.raises(Rejected):
        delivery.prepare()
    assert scripted.count("POST", "creator_info") == 3


def test_an_upload_the_platform_no_longer_knows_is_for_a_person(stage: Stage) -> None:
    delivery = stage.delivery()
    delivery.prepare()
    delivery.checkpoint["publish_id"] = "v_pub_file~v2-1.404"
    assert found(delivery) == CannotTell()
    assert delivery.prepare_once()
    with pytest.raises(OutcomeUnknown):
        delivery.publish()
    assert stage.sandbox.published() == []
