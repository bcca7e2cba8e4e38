"""What happens when two things happen at once, or in an order nobody planned."""

from collections.abc import Callable
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import select, update

from contentdesk.access.permissions import Role
from contentdesk.channels.models import Account
from contentdesk.lib import clock, jobs
from contentdesk.lib.db import db, transaction
from contentdesk.lib.errors import Conflict
from contentdesk.notices.models import Notice
from contentdesk.posts.models import Post
from contentdesk.posts.queries import get_post
from contentdesk.posts.states import PostState
from contentdesk.publishing import claims, consents, handwork, holding, outcomes, persons, services, sweeps
from contentdesk.publishing.claims import Held
from contentdesk.publishing.holds import Scope
from contentdesk.publishing.models import Delivery
from contentdesk.publishing.queries import get_delivery, of_post
from contentdesk.publishing.states import DeliveryState, HoldReason, HoldScope
from contentdesk.reviews.models import Verdict
from contentdesk.umkm.models import Purpose
from contentdesk.umkm.queries import get_business
from contentdesk.users.models import User
from tests.publishing.conftest import Scene
from workers import publish

D = DeliveryState
LINK = "https://www.snackvideo.com/@kim.latihan/video/5199512345678901234"
HEAD_START_S = 0.7


def meanwhile(scene: Scene, act: Callable[[], object]) -> Thread:
    """Runs `act` in a transaction of its own; it may have to wait for ours."""

    def run() -> None:
        with scene.app.app_context():
            with transaction():
                act()
            db.session.remove()

    thread = Thread(target=run)
    thread.start()
    thread.join(HEAD_START_S)
    return thread


def in_hand(delivery: Delivery) -> str:
    with transaction():
        lease = claims.claim([delivery.id], clock.now()).get(delivery.id)
    assert lease
    return lease


@pytest.mark.parametrize("act", ["schedule", "withdraw"])
def test_an_intent_that_comes_while_planning_is_not_overwritten(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    business = scene.make.business(scene.kim)
    delivery = scene.scheduled(businesses=(business,))
    delivery_id, post_id, business_id = delivery.id, delivery.post_id, business.id
    lease, intended, threads = in_hand(delivery), [], []

    def intend() -> None:
        intended.append(claims.intend([Held(delivery_id, lease)], clock.now()))

    real = services.cancel_all

    def cancelling(*args: Any) -> None:
        threads.append(meanwhile(scene, intend))
        real(*args)

    monkeypatch.setattr(services, "cancel_all", cancelling)
    monkeypatch.setattr(consents, "cancel_all", cancelling)
    with transaction():
        if act == "schedule":
            services.schedule(scene.member, get_post(post_id), clock.now() + timedelta(hours=1))
        else:
            consents.withdraw(scene.member, get_business(business_id), [Purpose.PHOTO])
    threads[0].join(30)
    after = D.PUBLISHING if intended == [True] else (D.WAITING if act == "schedule" else D.CANCELLED)
    assert scene.state(delivery) == after


def test_an_edit_waits_for_an_intent_or_stops_it(scene: Scene) -> None:
    delivery = scene.scheduled()
    lease, post_id, done = in_hand(delivery), delivery.post_id, []

    def edit() -> None:
        db.session.execute(update(Post).where(Post.id == post_id).values(newest_number=2))
        done.append(clock.now())

    with transaction():
        assert claims.intend([Held(delivery.id, lease)], clock.now())
        editing = meanwhile(scene, edit)
        assert done == []  # it is not confirmed to the person before the intent is kept
    editing.join(30)
    assert done


def test_a_business_whose_post_may_be_public_is_told_to_those_who_take_it_down(scene: Scene) -> None:
    business = scene.make.business(scene.kim)
    unknown = scene.scheduled(businesses=(business,))
    scene.change(unknown, state=D.UNKNOWN, intent_at=clock.now())
    with transaction():
        outcome = consents.withdraw(scene.member, get_business(business.id), [Purpose.PROFILE])
        live = [one.id for one in outcome.live]
    assert live == [unknown.id]
    told = set(db.session.scalars(select(Notice.user_id).where(Notice.path == f"/umkm/{business.id}/dihapus")))
    assert {scene.chair.id, scene.reviewer.id} <= told


def test_a_task_whose_text_was_edited_cannot_be_taken(scene: Scene) -> None:
    task = _task(scene)
    with transaction():
        db.session.execute(update(Post).where(Post.id == task.post_id).values(state=PostState.DRAFT))
    with pytest.raises(Conflict, match="diubah"), transaction():
        handwork.take(scene.member, get_delivery(task.id))
    page = scene.make.signed_in(scene.member).get(f"/tugas/{task.id}").text
    assert "Jangan diunggah dulu" in page
    assert f"/tugas/{task.id}/foto/" not in page


def test_a_link_is_kept_although_the_task_was_planned_anew(scene: Scene) -> None:
    task = _task(scene)
    scene.change(task, state=D.EXPIRED)
    with transaction():
        services.schedule(scene.chair, get_post(task.post_id), clock.now() + timedelta(hours=2))
    with transaction():
        handwork.finish(scene.member, get_delivery(task.id), LINK)
    assert [one.permalink for one in of_post(task.post_id) if one.state == D.SENT] == [LINK]
    assert not [one for one in of_post(task.post_id) if one.state == D.WAITING]


def test_a_task_in_a_members_hand_is_neither_moved_nor_cancelled(scene: Scene) -> None:
    task = _task(scene)
    with transaction():
        handwork.take(scene.member, get_delivery(task.id))
    with pytest.raises(Conflict), transaction():
        services.schedule(scene.chair, get_post(task.post_id), clock.now() + timedelta(hours=2))
    with pytest.raises(Conflict), transaction():
        services.cancel(scene.chair, get_delivery(task.id))
    assert scene.state(task) == D.HANDED_OVER


def test_members_get_a_task_half_an_hour_before_its_time(scene: Scene) -> None:
    account = scene.make.account(scene.kim, kind="snackvideo")
    delivery = scene.scheduled(account=account, due_at=clock.now() + timedelta(minutes=25))
    scene.go(delivery, rounds=1)
    assert scene.state(delivery) == D.HANDED_OVER


def test_a_person_who_is_too_quick_does_not_send_it_twice(scene: Scene) -> None:
    delivery = scene.scheduled()
    scene.change(delivery, state=D.UNKNOWN, intent_at=clock.now())
    with pytest.raises(Conflict), transaction():
        persons.is_not_there(scene.chair, get_delivery(delivery.id), timedelta(hours=3))
    assert scene.state(delivery) == D.UNKNOWN


def test_while_a_worker_is_looking_nobody_says_it_is_not_there(scene: Scene) -> None:
    delivery = scene.scheduled()
    long_ago = clock.now() - timedelta(minutes=10)
    scene.change(delivery, state=D.UNKNOWN, intent_at=long_ago)
    with transaction():
        assert claims.claim_look([delivery.id], clock.now())
    with pytest.raises(Conflict), transaction():
        persons.is_not_there(scene.chair, get_delivery(delivery.id), timedelta(hours=3))


@pytest.mark.parametrize("state", [D.WAITING, D.CANCELLED, D.EXPIRED])
def test_what_is_proven_public_is_written_down_whatever_became_of_the_row(scene: Scene, state: D) -> None:
    delivery = scene.scheduled()
    scene.change(delivery, state=state)
    with transaction():
        assert claims.settle_sent(delivery.id, external_id="17", sent_at=clock.now())
    assert scene.state(delivery) == D.SENT


def test_an_account_that_moved_to_another_kim_is_not_used(scene: Scene) -> None:
    delivery, other = scene.scheduled(), scene.make.kim()
    with transaction():
        db.session.execute(update(Account).where(Account.id == scene.account.id).values(kim_id=other.id))
    scene.go(delivery, rounds=3)
    assert scene.sandbox.published() == []


def test_a_fault_of_our_own_is_put_off_and_shown(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(publish, "app", lambda: scene.app)
    monkeypatch.setattr(publish, "step", broken)
    delivery = scene.scheduled()
    publish.run(delivery.id)
    after = scene.fresh(delivery)
    assert (after.state, after.problem) == (D.WAITING, outcomes.CRASHED)
    assert after.next_at > clock.now()


def test_a_full_queue_is_not_filled_further(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "LONGEST_QUEUE", 2)
    monkeypatch.setattr(sweeps, "TOGETHER", 1)
    for number in range(5):
        scene.scheduled(account=scene.make.account(scene.kim, handle=f"kim.{number}"))
    scene.tick()
    assert scene.at.bell.queue("publish").count == 2
    scene.at.bell.queue("publish").empty()
    scene.tick()
    assert scene.at.bell.queue("publish").count == 2, "those that were left out are rung for when there is room"


def test_a_verdict_stands_although_its_plan_cannot(scene: Scene) -> None:
    far = clock.now() + timedelta(days=400)
    post = scene.make.post(scene.member, state=PostState.IN_REVIEW, accounts=(scene.account,), proposed_at=far)
    reviewer = scene.make.user(Role.REVIEWER)
    with transaction():
        found = get_post(post.id)
        marks = {f"C{number:02}": "ok" for number in range(1, 13)}
        _review, planned = services.decide_and_plan(
            reviewer, found, found.revisions[-1].id, Verdict.APPROVE, marks, "", timedelta(hours=3)
        )
        assert planned == []
    assert db.session.get_one(Post, post.id).state == PostState.APPROVED


def _task(scene: Scene) -> Delivery:
    delivery = scene.scheduled(account=scene.make.account(scene.kim, kind="snackvideo"))
    scene.go(delivery, rounds=1)
    assert scene.state(delivery) == D.HANDED_OVER
    return delivery


def test_a_hold_waits_for_an_intent_that_is_being_written_or_stops_it(scene: Scene) -> None:
    """It is not confirmed to the person before what was in hand is out, and from then on nothing is."""
    first, second = scene.scheduled(), scene.scheduled("Berikutnya")
    leases, placed = (in_hand(first), in_hand(second)), []

    def place() -> None:
        reviewer = db.session.get_one(User, reviewer_id)
        holding.place(reviewer, Scope(HoldScope.CITY), HoldReason.DISASTER, "")
        placed.append(clock.now())

    reviewer_id, first_id, second_id = scene.reviewer.id, first.id, second.id
    with transaction():
        assert claims.intend([Held(first_id, leases[0])], clock.now())
        placing = meanwhile(scene, place)
        assert placed == []
    placing.join(30)
    assert placed
    with transaction():
        assert not claims.intend([Held(second_id, leases[1])], clock.now())


def test_an_intent_waits_for_a_hold_that_is_being_placed(scene: Scene) -> None:
    delivery = scene.scheduled()
    lease, delivery_id, intended = in_hand(delivery), delivery.id, []

    def intend() -> None:
        intended.append(claims.intend([Held(delivery_id, lease)], clock.now()))

    with transaction():
        holding.place(scene.reviewer, Scope(HoldScope.CITY), HoldReason.DISASTER, "")
        intending = meanwhile(scene, intend)
        assert intended == []
    intending.join(30)
    assert intended == [set()]
    assert scene.state(delivery) == D.PREPARING
