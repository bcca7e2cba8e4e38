"""Many deliveries in one process: accounts side by side, each in its order, leases renewed, nothing left behind."""

import logging
import sqlite3
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from contentdesk.channels import registry
from contentdesk.channels.models import Account
from contentdesk.lib import clock, pulse
from contentdesk.lib.db import db, transaction
from contentdesk.notices.models import Notice
from contentdesk.publishing import claims, outcomes, sweeps, timeline
from contentdesk.publishing.claims import Held
from contentdesk.publishing.models import Delivery, DeliveryEvent
from contentdesk.publishing.states import DeliveryState
from tests.publishing.conftest import Scene, wait_until
from workers import commits as commits_module
from workers import lanes as lanes_module
from workers.commits import Commits
from workers.lanes import Lanes

D = DeliveryState


@pytest.fixture
def lanes(scene: Scene) -> Iterator[Lanes]:
    opened = Lanes(scene.app, width=16)
    yield opened
    opened.close()


def accounts(scene: Scene, number: int) -> list[Account]:
    made = []
    for _ in range(number):
        opened = scene.sandbox.account(f"kim.{len(made)}")
        token = scene.at.box.seal(opened["access_token"])
        made.append(
            scene.make.account(scene.kim, external_id=str(opened["id"]), handle=opened["username"], token_sealed=token)
        )
    return made


def until_out(scene: Scene, lanes: Lanes, deliveries: Sequence[Delivery]) -> None:
    """As the beat rings, without its pauses."""
    ids = [delivery.id for delivery in deliveries]

    def all_out() -> bool:
        lanes.take(ids)
        lanes.wait()
        for delivery in deliveries:
            if scene.state(delivery) == D.PREPARING:
                scene.come_due(delivery)
        return all(scene.state(delivery) == D.SENT for delivery in deliveries)

    wait_until(all_out, 60)


def test_all_go_out_once_and_those_of_an_account_in_their_order(scene: Scene, lanes: Lanes) -> None:
    scene.sandbox.admin("settings", {"container_delay_s": 0})  # who waits for the platform lets others pass
    on, now = accounts(scene, 4), clock.now()
    planned = [
        scene.scheduled(f"Nomor {number:02d}", on[number % 4], due_at=now - timedelta(seconds=60 - number))
        for number in range(16)
    ]
    until_out(scene, lanes, planned[::-1])
    public = scene.sandbox.published()
    assert len(public) == len({post["caption"] for post in public}) == 16
    for account in on:
        own = [post for post in public if post["account"]["id"] == account.external_id]
        captions = [post["caption"] for post in sorted(own, key=lambda post: int(post["id"]))]
        assert len(captions) == 4
        assert captions == sorted(captions)
    assert {scene.fresh(one).permalink for one in planned} == {post["permalink"] for post in public}
    told = db.session.execute(select(DeliveryEvent.delivery_id).where(DeliveryEvent.what == "intent")).all()
    assert len(told) == 16


def test_a_publisher_says_at_once_that_it_is_there(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse, "_signed", {})
    opened = Lanes(scene.app, width=1)
    try:
        wait_until(lambda: pulse.PUBLISHER in {one.who for one in pulse.seen(scene.at.bell.connection)}, 3)
    finally:
        opened.close()


def test_two_processes_share_what_is_due(scene: Scene, lanes: Lanes) -> None:
    planned = [scene.scheduled(f"Nomor {number}", account) for number, account in enumerate(accounts(scene, 8))]
    other = Lanes(scene.app, width=4)
    try:
        for both in (lanes, other):
            both.take([delivery.id for delivery in planned])
        until_out(scene, other, planned)
    finally:
        other.close()
    assert len(scene.sandbox.published()) == 8


def test_an_edit_that_comes_while_others_go_out_stops_its_own_post_only(
    scene: Scene, lanes: Lanes, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned = [scene.scheduled(f"Nomor {number}", account) for number, account in enumerate(accounts(scene, 3))]
    real, edited_id = claims.intend, planned[1].id

    def edited_meanwhile(leases: Sequence[Held], *args: Any) -> set[str]:
        post = db.session.get_one(Delivery, edited_id).post_id
        db.session.connection().exec_driver_sql(f"update posts set newest_number = 2 where id = '{post}'")
        return real(leases, *args)

    monkeypatch.setattr(claims, "intend", edited_meanwhile)
    until_out(scene, lanes, [planned[0], planned[2]])
    lanes.take([planned[1].id])
    lanes.wait()
    assert {post["caption"] for post in scene.sandbox.published()} == {"Nomor 0", "Nomor 2"}


def test_a_lease_is_renewed_as_long_as_its_worker_is_at_it(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    delivery, go_on, began = scene.scheduled(), Event(), Event()
    monkeypatch.setattr(lanes_module, "RENEW_EVERY_S", 0.05)
    real = lanes_module.Steps.prepare

    def slowly(steps: Any, item: Any) -> Any:
        began.set()
        go_on.wait(30)
        return real(steps, item)

    monkeypatch.setattr(lanes_module.Steps, "prepare", slowly)
    quick = Lanes(scene.app, width=2)
    try:
        quick.take([delivery.id])
        assert began.wait(30)
        scene.change(delivery, lease_until=clock.now() + timedelta(seconds=1))
        wait_until(lambda: (scene.fresh(delivery).lease_until or clock.now()) > clock.now() + timedelta(seconds=15))
    finally:
        go_on.set()
        quick.close()


def test_what_takes_longer_than_anything_may_is_renewed_no_more(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    delivery, go_on, began = scene.scheduled(), Event(), Event()
    monkeypatch.setattr(lanes_module, "RENEW_EVERY_S", 0.02)
    monkeypatch.setattr(claims, "PREPARING_LASTS", timedelta(0))
    monkeypatch.setattr(claims, "SLOWEST_LINE", 1e12)

    def hangs(*_: Any) -> None:
        began.set()
        go_on.wait(30)

    monkeypatch.setattr(lanes_module.Steps, "prepare", hangs)
    hung = Lanes(scene.app, width=2)
    try:
        hung.take([delivery.id])
        assert began.wait(30)
        scene.change(delivery, lease_until=clock.now() - timedelta(seconds=1))
        with transaction():
            assert sweeps.recover_lost(clock.now()) == 1
    finally:
        go_on.set()
        hung.close()


def test_a_fault_of_our_own_stops_neither_its_lane_nor_the_others(
    scene: Scene, lanes: Lanes, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    now = clock.now()
    first = scene.scheduled("Yang rusak", due_at=now - timedelta(seconds=2))
    second = scene.scheduled("Yang baik", due_at=now - timedelta(seconds=1))
    real, first_id = lanes_module.Steps.prepare, first.id

    def broken(steps: Any, item: Any) -> Any:
        if item.delivery_id == first_id:
            raise ZeroDivisionError
        return real(steps, item)

    monkeypatch.setattr(lanes_module.Steps, "prepare", broken)
    with caplog.at_level(logging.CRITICAL):
        lanes.take([first.id])
        until_out(scene, lanes, [second])
    assert (scene.state(first), scene.fresh(first).problem) == (D.WAITING, outcomes.CRASHED)


def test_what_is_prepared_ahead_holds_up_nothing_that_is_due(
    scene: Scene, lanes: Lanes, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, began, go_on = clock.now(), Event(), Event()
    later = scene.scheduled("Nanti", due_at=now + timedelta(minutes=20), next_at=now)
    due = scene.scheduled("Sekarang", due_at=now - timedelta(seconds=1))
    real, later_id = lanes_module.Steps.prepare, later.id

    def slowly(steps: Any, item: Any) -> Any:
        if item.delivery_id == later_id:
            began.set()
            go_on.wait(30)
        return real(steps, item)

    monkeypatch.setattr(lanes_module.Steps, "prepare", slowly)
    lanes.take([later.id])
    assert began.wait(30)

    def is_out() -> bool:
        lanes.take([due.id])
        if scene.state(due) == D.PREPARING and scene.fresh(due).lease is None:
            scene.come_due(due)
        return scene.state(due) == D.SENT

    try:
        wait_until(is_out, 30)
    finally:
        go_on.set()


def test_what_had_not_begun_is_given_back_at_the_end(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    began, go_on = Event(), Event()
    real = lanes_module.Steps.prepare

    def slowly(steps: Any, item: Any) -> Any:
        began.set()
        go_on.wait(30)
        return real(steps, item)

    monkeypatch.setattr(lanes_module.Steps, "prepare", slowly)
    on = accounts(scene, 2)
    at_it, behind = scene.scheduled("Satu", on[0]), scene.scheduled("Dua", on[1])
    narrow = Lanes(scene.app, width=1)
    narrow.take([at_it.id, behind.id])
    assert began.wait(30)
    narrow._closing.set()
    go_on.set()
    narrow.close()
    rows = [scene.fresh(one) for one in (at_it, behind)]
    assert sum(row.lease is None for row in rows) == 2
    assert D.WAITING in {row.state for row in rows}


@pytest.mark.parametrize("state", [D.UNKNOWN, D.ACCEPTED])
@pytest.mark.parametrize("jumped", [True, False])
def test_after_a_jump_of_the_clock_no_single_look_is_believed(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, jumped: bool, state: DeliveryState
) -> None:
    """What the platform shows with delay would be taken for absent, and be sent again."""
    delivery, before = scene.scheduled(), clock.now() - timedelta(minutes=30)
    scene.change(delivery, state=state, intent_at=before, next_at=clock.now())
    monkeypatch.setattr(clock, "has_jumped", lambda: jumped)
    scene.look(delivery)
    assert scene.state(delivery) == (D.UNKNOWN if jumped else D.WAITING)
    assert timeline.has(delivery.id, "not_seen", None) == jumped
    if jumped:
        scene.look(delivery)
        assert scene.state(delivery) == D.WAITING


def test_a_call_that_may_yet_arrive_is_looked_for_twice(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker taken for dead may only have been slow: that it is not there yet is not believed at once."""
    delivery, channel = scene.scheduled(), registry.get(scene.account.kind)

    class Killed(BaseException):
        pass

    def killed(*_: Any) -> Any:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(channel, "publish", killed, raising=False)
        with pytest.raises(Killed):
            scene.go(delivery)
    db.session.rollback()
    assert scene.state(delivery) == D.PUBLISHING
    scene.change(delivery, lease_until=clock.now() - timedelta(seconds=1))
    scene.tick()
    assert scene.state(delivery) == D.UNKNOWN
    for _ in range(8):  # the platform's list is trusted only after a while
        scene.minutes_pass(delivery, 5)
        scene.look(delivery)
        if timeline.has(delivery.id, "not_seen", None):
            break
    seen = scene.fresh(delivery)
    assert seen.state == D.UNKNOWN
    assert seen.next_at > clock.now() + claims.PUBLISHING_LASTS - timedelta(seconds=10)
    scene.look(delivery)
    assert scene.state(delivery) == D.WAITING
    assert scene.go(delivery).state == D.SENT
    assert len(scene.sandbox.published()) == 1


def test_an_outcome_is_kept_until_the_database_is_back(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says what is public, and is known nowhere else. What somebody waits for is told at once."""
    monkeypatch.setattr(commits_module, "AWAY_S", 0.0)
    commits, tries, told = Commits(scene.app.app_context), [0], Event()

    def away_twice(items: Sequence[str]) -> list[None]:
        tries[0] += 1
        if tries[0] < 3:
            raise OperationalError("UPDATE", {}, sqlite3.OperationalError("database is locked"))
        assert list(items) == ["sent"]
        return [None]

    try:
        with pytest.raises(OperationalError):
            commits.write(away_twice, "wanted now")
        commits.write_later(away_twice, "sent", lambda error: told.set() if error is None else None)
        assert told.wait(20)
    finally:
        commits.close()
    assert tries == [3]


def test_a_write_that_fails_takes_no_other_with_it(scene: Scene) -> None:
    commits, hold, held, user_id = Commits(scene.app.app_context), Event(), Event(), scene.member.id

    def wait(_: Sequence[None]) -> list[None]:
        held.set()
        hold.wait(30)
        return [None]

    def add(words: Sequence[str]) -> list[int]:
        for word in words:
            if not word:
                raise ValueError("nothing to say")
            db.session.add(Notice(user_id=user_id, message=word, path="/"))
        return [len(words)] * len(words)

    with ThreadPoolExecutor(4) as pool:
        pool.submit(commits.write, wait, None)
        wait_until(held.is_set)
        bad, good, other = (pool.submit(commits.write, add, word) for word in ("", "satu", "dua"))
        wait_until(lambda: len(commits._urgent.get(add, [])) == 3)
        hold.set()
        assert (good.result(), other.result()) == (1, 1), "tried alone after they had failed together"
        with pytest.raises(ValueError, match="nothing to say"):
            bad.result()
    db.session.rollback()
    assert set(db.session.scalars(select(Notice.message))) == {"satu", "dua"}
    commits.close()
    with pytest.raises(RuntimeError):
        commits.write(add, "tiga")


def test_writes_that_come_together_are_one_transaction(scene: Scene) -> None:
    commits, hold, held = Commits(scene.app.app_context), Event(), Event()

    def wait(_: Sequence[None]) -> list[None]:
        held.set()
        hold.wait(30)
        return [None]

    def count(items: Sequence[int]) -> list[int]:
        return [len(items)] * len(items)

    with ThreadPoolExecutor(8) as pool:
        pool.submit(commits.write, wait, None)
        wait_until(held.is_set)
        asked = [pool.submit(commits.write, count, number) for number in range(6)]
        wait_until(lambda: len(commits._urgent.get(count, [])) == 6)
        hold.set()
        assert [one.result() for one in asked] == [6] * 6
    commits.close()
