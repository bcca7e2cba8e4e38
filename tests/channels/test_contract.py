"""The four verbs over real HTTP against the sandbox platform, with everything that goes wrong on the way."""

from datetime import timedelta

import pytest
import requests

from contentdesk.channels.base import (
    CannotTell,
    LoginExpired,
    NotThere,
    OutcomeUnknown,
    Rejected,
    Sent,
    TryLater,
)
from tests.channels.conftest import Later
from tests.channels.line import TEXT, Line, jpeg
from tests.servers import MediaServer, SandboxProcess, wait_until

PUBLISH = "media_publish$"
CREATE = "/media$"
A_WHILE = timedelta(minutes=2)


def created(sandbox: SandboxProcess) -> int:
    return len(sandbox.calls(CREATE, "POST"))


def published(sandbox: SandboxProcess) -> list[str]:
    return [post["id"] for post in sandbox.published() if not post["by_hand"]]


def publish_calls(sandbox: SandboxProcess) -> int:
    return len(sandbox.calls(PUBLISH, "POST"))


def test_a_photo_goes_out_with_its_text_alt_text_and_bytes(sandbox: SandboxProcess, line: Line) -> None:
    sent = line.prepare().publish()
    [post] = sandbox.published()
    assert isinstance(sent, Sent)
    assert (post["id"], post["permalink"]) == (sent.external_id, sent.permalink)
    assert post["caption"] == TEXT
    [image] = post["images"]
    assert (image["sha256"], image["alt_text"]) == (line.outgoing.photos[0].sha256, "Foto ke-1")
    assert (created(sandbox), publish_calls(sandbox)) == (1, 1)


def test_several_photos_go_out_as_one_post_in_their_order(sandbox: SandboxProcess, carousel: Line) -> None:
    carousel.prepare().publish()
    [post] = sandbox.published()
    assert post["caption"] == TEXT
    assert [i["sha256"] for i in post["images"]] == [p.sha256 for p in carousel.outgoing.photos]
    assert [i["alt_text"] for i in post["images"]] == ["Foto ke-1", "Foto ke-2", "Foto ke-3"]
    assert (created(sandbox), publish_calls(sandbox)) == (4, 1)


def test_the_token_never_stands_in_an_address(sandbox: SandboxProcess, line: Line) -> None:
    sent = line.prepare().publish()
    assert isinstance(sent, Sent)
    line.find()
    line.channel.measure(line.http, line.login, [sent.external_id])
    calls = sandbox.calls()
    assert len(calls) > 6
    assert all("access_token" not in call["query"] | call["form"] for call in calls)


def test_after_a_crash_at_any_step_nothing_is_made_twice(sandbox: SandboxProcess, carousel: Line) -> None:
    """Every step is repeated with the checkpoint that was stored before the crash."""
    sandbox.admin("settings", {"container_delay_s": 600})
    assert not any(carousel.step().ready for _ in range(6))
    assert created(sandbox) == 3
    sandbox.admin("clock", {"offset_s": 1000})
    wait_until(lambda: (carousel.step(), "container" in carousel.checkpoint)[1])
    assert not any(carousel.step().ready for _ in range(3))
    assert created(sandbox) == 4
    sandbox.admin("clock", {"offset_s": 2000})
    assert all(carousel.step().ready for _ in range(3))
    assert created(sandbox) == 4
    carousel.publish()
    assert len(published(sandbox)) == 1


def test_a_ready_post_stays_ready_without_a_second_container(sandbox: SandboxProcess, line: Line) -> None:
    line.prepare()
    assert all(line.step().ready for _ in range(3))
    assert created(sandbox) == 1


def test_a_photo_that_the_platform_does_not_take_is_rejected_with_words(
    sandbox: SandboxProcess, media: MediaServer, line: Line
) -> None:
    media.add("1.jpg", jpeg(kind="PNG"), content_type="image/png")
    with pytest.raises(Rejected) as caught:
        line.prepare()
    assert "JPEG" in caught.value.sentence
    assert caught.value.sentence % caught.value.values
    assert created(sandbox) == 1


def test_a_photo_that_cannot_be_fetched_gets_a_bounded_number_of_containers(
    sandbox: SandboxProcess, media: MediaServer, line: Line
) -> None:
    media.files.clear()
    with pytest.raises(Rejected):
        line.prepare()
    assert created(sandbox) == 3


def test_a_photo_that_was_missing_for_a_moment_goes_out_once(
    sandbox: SandboxProcess, media: MediaServer, carousel: Line
) -> None:
    served = media.files.pop("/2.jpg")
    wait_until(lambda: (carousel.step(), carousel.checkpoint.get("remade"))[1])
    media.files["/2.jpg"] = served
    carousel.prepare().publish()
    [post] = sandbox.published()
    assert [i["alt_text"] for i in post["images"]] == ["Foto ke-1", "Foto ke-2", "Foto ke-3"]


def test_a_text_that_the_platform_refuses_is_for_a_person(sandbox: SandboxProcess, line: Line) -> None:
    with pytest.raises(Rejected) as caught:
        line.with_text("a" * 2201).prepare()
    assert caught.value.code == "36004/2207010"


def test_publishing_before_the_photo_is_ready_comes_back_later(sandbox: SandboxProcess, line: Line) -> None:
    sandbox.admin("settings", {"container_delay_s": 600})
    assert not line.step().ready
    assert not line.step().ready
    with pytest.raises(TryLater) as caught:
        line.publish()
    assert caught.value.code == "9007/2207027"
    assert published(sandbox) == []


def test_a_container_that_never_gets_ready_is_replaced(sandbox: SandboxProcess, line: Line, later: Later) -> None:
    sandbox.admin("settings", {"container_delay_s": 6000})
    line.step()
    sandbox.admin("settings", {"container_delay_s": 0})
    later(timedelta(minutes=16))
    line.prepare().publish()
    assert (created(sandbox), len(published(sandbox))) == (2, 1)


def test_a_full_quota_waits_and_keeps_what_is_ready(sandbox: SandboxProcess, line: Line) -> None:
    sandbox.admin("settings", {"quota_total": 0})
    with pytest.raises(TryLater) as caught:
        line.prepare()
    assert (caught.value.code, publish_calls(sandbox)) == ("quota", 0)
    sandbox.admin("settings", {"quota_total": 1})
    line.prepare().publish()
    assert (created(sandbox), len(published(sandbox))) == (1, 1)


def test_a_quota_that_fills_up_in_the_last_moment_waits_as_well(sandbox: SandboxProcess, line: Line) -> None:
    line.prepare()
    sandbox.admin("settings", {"quota_total": 0})
    with pytest.raises(TryLater) as caught:
        line.publish()
    assert caught.value.code == "9/2207042"


@pytest.mark.parametrize("subcode", [458, 460, 463, 467])
def test_a_dead_token_stops_every_verb_as_login_expired(sandbox: SandboxProcess, line: Line, subcode: int) -> None:
    line.prepare()
    sandbox.admin("tokens/revoke", {"account_id": line.login.external_id, "subcode": subcode})
    for verb in (line.step, line.publish, line.find):
        with pytest.raises(LoginExpired) as caught:
            verb()
        assert caught.value.code == f"190/{subcode}"
    with pytest.raises(LoginExpired):
        line.channel.measure(line.http, line.login, ["17900000000000001"])
    assert published(sandbox) == []


LOST_AFTER_COMMIT = [
    {"fault": "commit_then_drop"},
    {"fault": "commit_then_5xx"},
    {"fault": "error", "code": 4, "subcode": 2207051, "http": 403, "after_commit": True},
    {"fault": "error", "code": -1, "subcode": 2207085, "after_commit": True},
    {"fault": "error", "code": 1, "after_commit": True},
    {"fault": "error", "code": 2, "http": 503, "after_commit": True},
    {"fault": "error", "code": 777777, "after_commit": True},
    {"fault": "error", "code": 100, "subcode": 999999, "after_commit": True},
    {"fault": "error", "code": 190, "http": 500, "after_commit": True},
]


@pytest.mark.parametrize("fault", LOST_AFTER_COMMIT, ids=str)
def test_a_post_that_went_out_in_spite_of_the_answer_is_found(
    sandbox: SandboxProcess, line: Line, fault: dict[str, object]
) -> None:
    line.prepare()
    sandbox.admin("faults", {"path_regex": PUBLISH} | fault)
    with pytest.raises(OutcomeUnknown):
        line.publish()
    assert [line.find_id()] == published(sandbox)
    assert publish_calls(sandbox) == 1


def test_a_carousel_that_went_out_in_spite_of_the_answer_is_found(sandbox: SandboxProcess, carousel: Line) -> None:
    carousel.prepare()
    sandbox.admin("faults", {"path_regex": PUBLISH, "fault": "commit_then_drop"})
    with pytest.raises(OutcomeUnknown):
        carousel.publish()
    assert [carousel.find_id()] == published(sandbox)


NEVER_ARRIVED = [
    {"fault": "drop_before"},
    {"fault": "5xx"},
    {"fault": "error", "code": 4, "subcode": 2207051, "http": 403},
]


@pytest.mark.parametrize("fault", NEVER_ARRIVED, ids=str)
def test_a_call_that_got_lost_goes_out_once_after_looking(
    sandbox: SandboxProcess, line: Line, later: Later, fault: dict[str, object]
) -> None:
    line.prepare()
    sandbox.admin("faults", {"path_regex": PUBLISH} | fault)
    with pytest.raises(OutcomeUnknown):
        line.publish()
    with pytest.raises(TryLater):  # too early to tell
        line.find()
    later(A_WHILE)
    found = line.find()
    assert isinstance(found, NotThere)
    line.checkpoint = found.checkpoint
    line.prepare().publish()
    assert (created(sandbox), len(published(sandbox))) == (1, 1)


def test_a_call_whose_effect_comes_late_is_not_declared_absent(sandbox: SandboxProcess, line: Line) -> None:
    """The caller gave up, the platform went on: an early look must not clear the way for a second call."""
    line.prepare()
    late = {"fault": "slow", "after_commit": False, "delay_s": 1.0}
    sandbox.admin("faults", {"path_regex": PUBLISH} | late)
    address = f"{sandbox.url}/graph.instagram.com/v25.0/{line.login.external_id}/media_publish"
    headers = {"Authorization": f"Bearer {line.login.token}"}
    form = {"creation_id": line.checkpoint["container"]}
    with pytest.raises(requests.Timeout):
        requests.post(address, data=form, headers=headers, timeout=0.2)
    with pytest.raises(TryLater):
        line.find()
    wait_until(lambda: published(sandbox))
    assert [line.find_id()] == published(sandbox)


def test_a_generous_since_does_not_shorten_the_wait(sandbox: SandboxProcess, line: Line) -> None:
    line.prepare()
    line.since -= timedelta(hours=1)
    with pytest.raises(TryLater):
        line.find()


def test_a_second_attempt_on_a_published_container_makes_no_call_and_finds_it(
    sandbox: SandboxProcess, line: Line
) -> None:
    """The state after a crash between the call and the settling, had the intent been overlooked."""
    line.prepare()
    sent = line.publish()
    assert isinstance(sent, Sent)
    assert line.step().ready
    with pytest.raises(OutcomeUnknown):
        line.publish()
    assert line.find_id() == sent.external_id
    assert (created(sandbox), publish_calls(sandbox)) == (1, 1)


@pytest.mark.parametrize(("code", "subcode"), [(9007, 2207027), (24, 2207006), (80002, None), (4, None), (9, 2207042)])
def test_a_certain_refusal_comes_back_later(
    sandbox: SandboxProcess, line: Line, code: int, subcode: int | None
) -> None:
    line.prepare()
    refusal = {"fault": "error", "code": code, "subcode": subcode}
    sandbox.admin("faults", {"path_regex": PUBLISH} | refusal)
    with pytest.raises(TryLater):
        line.publish()
    line.prepare().publish()
    assert (created(sandbox), len(published(sandbox))) == (1, 1)


def test_a_refusal_that_was_no_refusal_still_leads_to_one_post(
    sandbox: SandboxProcess, line: Line, later: Later
) -> None:
    """An hour passes before the second attempt, so that its intent is much newer than the post."""
    line.prepare()
    lie = {"fault": "error", "code": 4, "after_commit": True}
    sandbox.admin("faults", {"path_regex": PUBLISH} | lie)
    with pytest.raises(TryLater):
        line.publish()
    later(timedelta(hours=1))
    line.prepare()
    with pytest.raises(OutcomeUnknown):
        line.publish()
    assert [line.find_id()] == published(sandbox)
    assert publish_calls(sandbox) == 1


def test_posts_made_by_hand_are_not_taken_for_ours(sandbox: SandboxProcess, line: Line) -> None:
    account = line.login.external_id
    sandbox.admin("posts", {"account_id": account, "caption": TEXT, "age_s": 3600})
    line.prepare()
    sandbox.admin("faults", {"path_regex": PUBLISH, "fault": "commit_then_drop"})
    with pytest.raises(OutcomeUnknown):
        line.publish()
    for number in range(60):  # more than a page, all newer than ours
        sandbox.admin("posts", {"account_id": account, "caption": f"Dari ponsel {number}"})
    assert [line.find_id()] == published(sandbox)


def test_two_posts_with_the_same_text_are_for_a_person(sandbox: SandboxProcess, line: Line) -> None:
    line.prepare()
    sandbox.admin("faults", {"path_regex": PUBLISH, "fault": "commit_then_drop"})
    with pytest.raises(OutcomeUnknown):
        line.publish()
    sandbox.admin("posts", {"account_id": line.login.external_id, "caption": TEXT})
    assert line.find() == CannotTell()


def test_a_post_without_text_cannot_be_told_from_others(sandbox: SandboxProcess, line: Line) -> None:
    line.with_text("").prepare()
    sandbox.admin("faults", {"path_regex": PUBLISH, "fault": "commit_then_drop"})
    with pytest.raises(OutcomeUnknown):
        line.publish()
    assert line.find() == CannotTell()


def test_a_published_post_that_is_not_in_the_list_is_for_a_person(
    sandbox: SandboxProcess, line: Line, later: Later
) -> None:
    line.prepare().publish()
    line.with_text("Teks lain")
    with pytest.raises(TryLater):  # the list may be late
        line.find()
    later(A_WHILE)
    assert line.find() == CannotTell()


def test_a_container_that_expired_after_it_was_ready_is_looked_for_and_then_made_anew(
    sandbox: SandboxProcess, line: Line
) -> None:
    line.prepare()
    sandbox.admin("clock", {"offset_s": 25 * 3600})
    line.prepare()
    with pytest.raises(OutcomeUnknown):
        line.publish()
    assert publish_calls(sandbox) == 0
    assert line.find() == NotThere({})
    line.checkpoint = {}
    line.prepare().publish()
    assert (created(sandbox), len(published(sandbox))) == (2, 1)


def test_a_container_that_expired_before_it_was_ready_is_made_anew(sandbox: SandboxProcess, line: Line) -> None:
    line.step()
    sandbox.admin("clock", {"offset_s": 25 * 3600})
    line.prepare().publish()
    assert (created(sandbox), len(published(sandbox))) == (2, 1)


def test_a_disturbed_platform_loses_nothing_while_preparing(sandbox: SandboxProcess, carousel: Line) -> None:
    """The second of three photos fails; the first one is kept."""
    sandbox.admin("faults", {"path_regex": CREATE, "method": "POST", "fault": "5xx", "skip": 1})
    carousel.step()
    with pytest.raises(TryLater):
        carousel.step()
    carousel.prepare().publish()
    assert len(sandbox.published()[0]["images"]) == 3
    committed = [call for call in sandbox.calls(CREATE, "POST") if call["committed"]]
    assert len(committed) == 4
