"""TikTok beyond the contract: pieces of a large file, an address that ends, a post that is looked at."""

from datetime import timedelta

import pytest

from contentdesk.channels.base import (
    Accepted,
    Login,
    NotThere,
    OutcomeUnknown,
    Outgoing,
    Sent,
    TryLater,
)
from contentdesk.channels.kinds.tiktok_post import CHUNK
from contentdesk.lib.http import Http
from tests.channels.conftest import Later
from tests.channels.engine import Engine
from tests.channels.line import TEXT
from tests.channels.scripted import Answer, ScriptedPlatform
from tests.channels.subjects.tiktok import PUBLIC, film
from tests.channels.tiktok_stage import PIECES, Stage, found, large, told
from tests.servers import SandboxProcess


@pytest.fixture
def stage(sandbox: SandboxProcess, later: Later) -> Stage:
    return Stage(sandbox, later)


def test_a_large_file_goes_in_pieces_and_arrives_byte_for_byte(stage: Stage) -> None:
    delivery = stage.delivery(large())
    steps = [delivery.prepare_once(), delivery.prepare_once(), delivery.prepare_once()]
    assert steps == [False, False, True]
    assert stage.sandbox.published() == []
    assert isinstance(delivery.publish_or_look(), Sent)
    assert stage.statuses() == [206, 206, 201]
    assert stage.the_one()["images"][0]["sha256"] == delivery.outgoing.video.sha256  # type: ignore[union-attr]  # it has one


@pytest.mark.parametrize("fault", ["commit_then_drop", "drop_before", "commit_then_5xx", "5xx"])
def test_a_lost_answer_to_a_piece_costs_at_most_that_piece(stage: Stage, fault: str) -> None:
    delivery = stage.delivery(large())
    stage.fault(fault)
    assert isinstance(delivery.settle(), Sent)
    assert stage.count("video/init/$") == 1
    assert stage.the_one()["caption"] == TEXT


def test_a_piece_that_arrived_before_a_crash_is_not_sent_from_the_beginning(stage: Stage) -> None:
    delivery = stage.delivery(large())
    delivery.prepare_once()
    before = delivery.checkpoint
    delivery.prepare_once()
    delivery.keep(before)
    assert isinstance(delivery.settle(), Sent)
    assert stage.statuses() == [206, 416, 206, 201]


def test_without_a_header_the_status_says_how_far_it_got(scripted: ScriptedPlatform, later: Later) -> None:
    outgoing = Outgoing("d1", Login("o", "kim", "t"), TEXT, (), PUBLIC, film(large()))
    delivery = Engine(Http(scripted.url), "tiktok", outgoing, later)
    delivery.keep({"publish_id": "v", "upload_url": "https://open-upload.tiktokapis.com/video/?x=1", "sent": 0})
    delivery.checkpoint["made_at"] = delivery.since.isoformat()
    scripted.on("PUT", "/video/", Answer({}, 416))
    scripted.on("POST", "status/fetch", told(status="PROCESSING_UPLOAD", uploaded_bytes=CHUNK))
    delivery.prepare_once()
    assert delivery.checkpoint["sent"] == CHUNK


def test_when_the_last_piece_did_not_arrive_the_same_upload_goes_on(stage: Stage) -> None:
    delivery = stage.delivery(large())
    delivery.prepare()
    stage.fault("drop_before")
    with pytest.raises(OutcomeUnknown):
        delivery.publish()
    with pytest.raises(TryLater):
        found(delivery)
    stage.later(timedelta(seconds=90))
    assert isinstance(found(delivery), NotThere)
    assert isinstance(delivery.settle(), Sent)
    assert stage.count("video/init/$") == 1
    assert len(stage.sandbox.published()) == 1


@pytest.mark.parametrize("pieces", [0, 1])
def test_an_address_that_is_over_is_replaced_by_a_new_upload(stage: Stage, pieces: int) -> None:
    delivery = stage.delivery(large())
    for _ in range(1 + pieces):
        delivery.prepare_once()
    stage.clocks(timedelta(hours=1, minutes=1))
    assert isinstance(delivery.settle(), Sent)
    assert stage.count("video/init/$") == 2
    assert len(stage.sandbox.published()) == 1


def test_an_address_that_the_platform_ends_early_is_replaced_too(stage: Stage) -> None:
    delivery = stage.delivery(large())
    delivery.prepare_once()
    stage.fault("error", code="gone", http=403)
    assert isinstance(delivery.settle(), Sent)
    assert stage.count("video/init/$") == 2


def test_what_was_ready_and_waited_too_long_is_looked_at_and_begun_again(stage: Stage) -> None:
    delivery = stage.delivery()
    delivery.prepare()
    stage.clocks(timedelta(hours=2))
    assert isinstance(delivery.settle(), Sent)
    assert stage.count("video/init/$") == 2
    assert len(stage.sandbox.published()) == 1


def test_what_was_posted_after_all_is_not_prepared_again(stage: Stage) -> None:
    """A refusal that was a lie."""
    delivery = stage.delivery()
    delivery.prepare()
    stage.fault("error", code="gone", http=403, after_commit=True)
    with pytest.raises(TryLater):
        delivery.publish()
    assert isinstance(delivery.settle(), Sent)
    assert len(stage.sandbox.published()) == 1


def test_a_post_that_is_being_processed_is_waited_for(stage: Stage) -> None:
    stage.set(tiktok_processing_s=3600.0)
    delivery = stage.delivery()
    delivery.prepare()
    first = delivery.publish()
    assert isinstance(first, Accepted)
    delivery.keep(first.checkpoint)
    stage.later(timedelta(minutes=10))
    again = found(delivery)
    assert isinstance(again, Accepted)
    assert again.again_in > first.again_in


def test_a_status_that_lags_behind_the_last_answer_is_not_believed(scripted: ScriptedPlatform, later: Later) -> None:
    """The platform has said already that the file is whole."""
    outgoing = Outgoing("d1", Login("o", "kim", "t"), TEXT, (), PUBLIC, film())
    delivery = Engine(Http(scripted.url), "tiktok", outgoing, later)
    scripted.on("POST", "creator_info", told(privacy_level_options=["PUBLIC_TO_EVERYONE"]))
    scripted.on("POST", "init", told(publish_id="v", upload_url="https://open-upload.tiktokapis.com/video/?x=1"))
    scripted.on("PUT", "/video/", Answer({}, 201))
    scripted.on("POST", "status/fetch", told(status="PROCESSING_UPLOAD", uploaded_bytes=0))
    delivery.prepare()
    delivery.keep(delivery.publish().checkpoint)  # type: ignore[union-attr]  # it is Accepted
    later(timedelta(minutes=10))
    assert isinstance(found(delivery), Accepted)


def test_a_public_post_has_an_id_only_after_it_was_looked_at(stage: Stage) -> None:
    """The id is a whole number beyond 2^53, and comes as one."""
    stage.set(tiktok_moderation_s=3600.0)
    delivery = stage.delivery()
    delivery.prepare()
    delivery.keep(delivery.publish().checkpoint)  # type: ignore[union-attr]  # it is Accepted
    assert isinstance(found(delivery), Accepted)
    stage.later(timedelta(hours=25))
    late = found(delivery)
    assert isinstance(late, Sent)
    assert (late.external_id, late.permalink) == (delivery.checkpoint["publish_id"], None)
    assert late.note
    stage.clocks(timedelta(hours=2))
    sent = found(delivery)
    assert isinstance(sent, Sent)
    post = stage.the_one()
    assert sent.external_id == post["id"]
    assert int(sent.external_id) > 2**53
    assert sent.permalink == post["permalink"]


def test_the_address_of_the_upload_is_masked_in_the_book(stage: Stage) -> None:
    stage.delivery().settle()
    [call] = stage.sandbox.calls(PIECES)
    assert call["query"]["upload_token"].startswith("…")
    assert len(call["query"]["upload_token"]) == 5
