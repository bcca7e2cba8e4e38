"""The comment that follows a post: exactly one, however it is lost, and never to the post's harm."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from contentdesk.channels.models import Account, AccountState
from contentdesk.lib import clock
from contentdesk.lib.db import db, transaction
from contentdesk.notices.models import Notice
from contentdesk.posts.models import Revision
from contentdesk.publishing import first_comments
from contentdesk.publishing.models import Delivery, FirstComment
from contentdesk.publishing.queries import get_delivery
from contentdesk.publishing.states import CommentState, DeliveryState
from tests import gates
from tests.publishing.conftest import Scene
from workers import comments_of_ours

C = CommentState
TEXT = "Pesan lewat WhatsApp, antar gratis di Dinoyo."
COMMENTS = r"/\d+/comments$"


def out(scene: Scene, comment: str = TEXT) -> Delivery:
    """A post that is public and is to have a comment."""
    delivery = scene.scheduled()
    with transaction():
        options = {scene.account.kind: {"first_comment": comment}}
        db.session.execute(update(Revision).where(Revision.id == delivery.revision_id).values(options=options))
    delivery = scene.go(delivery)
    assert delivery.state == DeliveryState.SENT
    return delivery


def comment_of(delivery: Delivery) -> FirstComment:
    db.session.rollback()
    found = first_comments.of(delivery.id)
    assert found
    return found


def change(delivery: Delivery, **values: Any) -> None:
    with transaction():
        where = FirstComment.delivery_id == delivery.id
        db.session.execute(update(FirstComment).where(where).values(**values))


def see_to(scene: Scene, delivery: Delivery) -> FirstComment:
    """As a worker does when it is due; a lease that somebody died with has ended."""
    change(delivery, next_at=clock.now(), lease=None, lease_until=None)
    gates.open_all(scene.at.bell.connection)
    comments_of_ours.step(delivery.id, scene.at)
    return comment_of(delivery)


def written(scene: Scene) -> int:
    return sum(call["committed"] for call in scene.sandbox.calls(COMMENTS, "POST"))


def test_a_comment_that_was_approved_follows_its_post(scene: Scene) -> None:
    delivery = out(scene)
    assert comment_of(delivery).state == C.DUE
    comment = see_to(scene, delivery)
    [call] = scene.sandbox.calls(COMMENTS, "POST")
    assert call["form"]["message"] == TEXT
    assert (comment.state, bool(comment.external_id), comment.problem) == (C.DONE, True, None)
    assert "comment_done" in [event.what for event in get_delivery(delivery.id).events]


@pytest.mark.parametrize("comment", ["", "   "])
def test_no_comment_follows_where_none_was_wanted(scene: Scene, comment: str) -> None:
    delivery = out(scene, comment)
    assert first_comments.of(delivery.id) is None
    comments_of_ours.step(delivery.id, scene.at)
    assert scene.sandbox.calls(COMMENTS) == []


def test_a_second_ring_writes_no_second_comment(scene: Scene) -> None:
    delivery = out(scene)
    for _ in range(3):
        see_to(scene, delivery)
    assert written(scene) == 1


@pytest.mark.parametrize("fault", ["commit_then_drop", "commit_then_5xx", "drop_before", "5xx"])
def test_a_lost_answer_leads_to_one_comment_after_looking(scene: Scene, fault: str) -> None:
    delivery = out(scene)
    scene.sandbox.admin("faults", {"path_regex": COMMENTS, "method": "POST", "fault": fault})
    comment = see_to(scene, delivery)
    assert comment.state == C.INTENDED
    assert comment.problem == first_comments.UNSURE
    assert comment.next_at - clock.now() > timedelta(seconds=60)
    comment = see_to(scene, delivery)
    assert (comment.state, comment.problem) == (C.DONE, None)
    assert written(scene) == 1


class Killed(BaseException):
    """The process is gone."""


def test_a_worker_killed_between_the_call_and_the_settling_writes_no_second_one(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivery = out(scene)

    def die(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as dying:
        dying.setattr(first_comments, "done", die)
        with pytest.raises(Killed):
            comments_of_ours.step(delivery.id, scene.at)
    assert comment_of(delivery).state == C.INTENDED
    assert comment_of(delivery).intent_at
    comments_of_ours.step(delivery.id, scene.at)
    assert comment_of(delivery).state == C.INTENDED  # still the dead one's
    assert see_to(scene, delivery).state == C.DONE
    assert written(scene) == 1


def test_the_intent_is_there_before_the_platform_is_spoken_to(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    delivery = out(scene)
    seen: list[str] = []
    real: Callable[..., Any] = comments_of_ours._write

    def watched(*args: Any) -> Any:
        seen.append(comment_of(delivery).state)
        return real(*args)

    monkeypatch.setattr(comments_of_ours, "_write", watched)
    see_to(scene, delivery)
    assert seen == [C.INTENDED]


def test_a_refused_comment_is_told_and_leaves_the_post_alone(scene: Scene) -> None:
    delivery = out(scene)
    scene.sandbox.admin("faults", {"path_regex": COMMENTS, "method": "POST", "fault": "error", "code": 100})
    comment = see_to(scene, delivery)
    assert comment.state == C.FAILED
    delivery = scene.fresh(delivery)
    assert (delivery.state, delivery.problem) == (DeliveryState.SENT, None)
    page = scene.make.signed_in(scene.member).get(f"/terbitan/{delivery.id}").text
    assert "menolak komentar pertama" in page
    assert TEXT in page
    assert "Komentar pertama tidak jadi ditulis" in page
    [told] = db.session.scalars(select(Notice))
    assert (told.user_id, told.path) == (scene.member.id, f"/terbitan/{delivery.id}")


def test_a_missing_right_to_comment_does_not_stop_the_account(scene: Scene) -> None:
    delivery = out(scene)
    scene.sandbox.admin("faults", {"path_regex": COMMENTS, "fault": "error", "code": 10, "http": 403})
    assert see_to(scene, delivery).state == C.FAILED
    assert db.session.get_one(Account, scene.account.id).state == AccountState.CONNECTED


def test_a_busy_platform_is_asked_again(scene: Scene) -> None:
    delivery = out(scene)
    scene.sandbox.admin("faults", {"path_regex": COMMENTS, "fault": "error", "code": 80002})
    comment = see_to(scene, delivery)
    assert (comment.state, comment.tries) == (C.INTENDED, 1)
    assert comment.next_at > clock.now()
    assert see_to(scene, delivery).state == C.DONE


def test_a_dead_login_lets_the_comment_wait_for_the_account(scene: Scene) -> None:
    delivery = out(scene)
    scene.sandbox.admin("tokens/revoke", {"account_id": scene.account.external_id})
    assert see_to(scene, delivery).state == C.INTENDED
    assert db.session.get_one(Account, scene.account.id).state == AccountState.EXPIRED
    calls = len(scene.sandbox.calls())
    assert see_to(scene, delivery).state == C.INTENDED
    assert len(scene.sandbox.calls()) == calls
    fresh = scene.sandbox.account("kim.latihan")["access_token"]
    with transaction():
        account = db.session.get_one(Account, scene.account.id)
        account.state, account.token_sealed = AccountState.CONNECTED, scene.at.box.seal(fresh)
    assert see_to(scene, delivery).state == C.DONE


def test_a_comment_that_would_come_a_day_late_is_given_up(scene: Scene) -> None:
    delivery = out(scene)
    change(delivery, created_at=clock.now() - timedelta(hours=25))
    with transaction():
        db.session.execute(update(Account).values(state=AccountState.EXPIRED))
    comment = see_to(scene, delivery)
    assert (comment.state, comment.problem) == (C.FAILED, first_comments.TOO_LATE)
    assert written(scene) == 0


def test_a_fault_of_our_own_does_not_come_again_for_ever(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    delivery = out(scene)
    monkeypatch.setattr(comments_of_ours, "app", lambda: scene.app)
    monkeypatch.delattr(comments_of_ours, "usable_login")
    comments_of_ours.run(delivery.id)
    assert comment_of(delivery).state == C.INTENDED, "its lease runs, then another looks"
    change(delivery, created_at=clock.now() - timedelta(hours=25), lease=None, lease_until=None, next_at=clock.now())
    comments_of_ours.run(delivery.id)
    assert (comment_of(delivery).state, comment_of(delivery).problem) == (C.FAILED, first_comments.TOO_LATE)


def test_the_beat_rings_for_what_is_due(scene: Scene) -> None:
    delivery = out(scene)
    assert first_comments.due(clock.now()) == [delivery.id]
    scene.tick()
    jobs = [job.func_name for job in scene.at.bell.queue("comments").jobs]
    assert jobs.count(comments_of_ours.JOB) == 1
    see_to(scene, delivery)
    assert first_comments.due(clock.now() + timedelta(days=1)) == []
