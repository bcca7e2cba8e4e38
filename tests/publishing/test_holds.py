"""The stop button: what is held never goes out, whoever had it in hand; after the release it does, once."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from contentdesk.access.permissions import Role
from contentdesk.audit.models import AuditEntry
from contentdesk.channels.abilities import FIRST_COMMENT
from contentdesk.lib import clock
from contentdesk.lib.db import db, transaction
from contentdesk.lib.errors import Conflict, NotFound, NotPermitted
from contentdesk.notices.models import Notice
from contentdesk.posts.models import Post, Revision
from contentdesk.posts.queries import get_post
from contentdesk.posts.states import PostState
from contentdesk.publishing import claims, first_comments, handwork, held_posts, hold_lists, holding, holds, services
from contentdesk.publishing.claims import Held
from contentdesk.publishing.holds import Scope
from contentdesk.publishing.models import Delivery, DeliveryEvent, FirstComment, Hold
from contentdesk.publishing.queries import get_delivery
from contentdesk.publishing.states import DeliveryState, HoldReason, HoldScope
from contentdesk.users.models import User
from tests.publishing.conftest import Scene
from workers import comments_of_ours

D = DeliveryState
CITY = Scope(HoldScope.CITY)
OTHER_KECAMATAN = "35.73.05.1001"


def of_kim(kim_id: str) -> Scope:
    return Scope(HoldScope.KIM, kim_id)


def hold(actor: User, scope: Scope = CITY, reason: HoldReason = HoldReason.MOURNING, words: str = "") -> Hold:
    with transaction():
        return hold_lists.get(holding.place(actor, scope, reason, words).id)


def release(actor: User, held: Hold, part: Scope | None = None) -> holding.Freed | None:
    with transaction():
        return holding.release(actor, hold_lists.get(held.id), part)


def in_hand(delivery: Delivery) -> str:
    with transaction():
        lease = claims.claim([delivery.id], clock.now()).get(delivery.id)
    assert lease
    return lease


def notices(user: User) -> Sequence[str]:
    return db.session.scalars(select(Notice.message).where(Notice.user_id == user.id)).all()


@pytest.mark.parametrize("kind", [HoldScope.CITY, HoldScope.KECAMATAN, HoldScope.KIM])
def test_what_is_held_is_never_published_and_after_the_release_it_is_once(scene: Scene, kind: HoldScope) -> None:
    code = {HoldScope.KECAMATAN: scene.kim.kelurahan_code[:8], HoldScope.KIM: scene.kim.id}.get(kind, "")
    delivery = scene.scheduled()
    held = hold(scene.reviewer, Scope(kind, code))
    for _ in range(3):
        scene.look(delivery)
    assert (scene.state(delivery), scene.sandbox.published()) == (D.WAITING, [])
    scene.change(delivery, due_at=clock.now() + timedelta(minutes=5))
    release(scene.reviewer, held)
    scene.change(delivery, due_at=clock.now())
    assert scene.go(delivery).state == D.SENT
    scene.look(delivery)
    assert scene.committed_publishes() == 1


def test_a_hold_of_one_place_leaves_the_others_alone(scene: Scene) -> None:
    other = scene.make.kim(kelurahan=scene.make.kelurahan(OTHER_KECAMATAN, "Lowokwaru"))
    delivery = scene.scheduled()
    hold(scene.reviewer, of_kim(other.id))
    hold(scene.reviewer, Scope(HoldScope.KECAMATAN, OTHER_KECAMATAN[:8]))
    assert scene.go(delivery).state == D.SENT


def test_what_was_prepared_ahead_is_held_all_the_same(scene: Scene) -> None:
    scene.sandbox.admin("settings", {"container_delay_s": 0})
    delivery = scene.scheduled(due_at=clock.now() + timedelta(minutes=20))
    for _ in range(2):
        scene.look(delivery)
    assert scene.fresh(delivery).ready_at
    held = hold(scene.reviewer)
    scene.change(delivery, due_at=clock.now())
    scene.look(delivery)
    assert (scene.state(delivery), scene.committed_publishes()) == (D.WAITING, 0)
    scene.change(delivery, due_at=clock.now() + timedelta(minutes=5))
    release(scene.reviewer, held)
    scene.change(delivery, due_at=clock.now())
    assert scene.go(delivery).state == D.SENT
    assert scene.committed_publishes() == 1


def test_a_worker_that_had_it_in_hand_is_refused(scene: Scene) -> None:
    delivery = scene.scheduled()
    lease = in_hand(delivery)
    hold(scene.reviewer)
    with transaction():
        assert not claims.intend([Held(delivery.id, lease)], clock.now())


def test_what_is_planned_under_a_hold_is_held_and_says_why(scene: Scene) -> None:
    hold(scene.reviewer)
    delivery = scene.scheduled()
    scene.look(delivery)
    row = scene.fresh(delivery)
    assert (row.state, row.problem) == (D.WAITING, holds.HELD)
    assert row.next_at > clock.now() + timedelta(minutes=4)


def test_an_edited_post_under_a_hold_says_that_it_has_to_be_approved(scene: Scene) -> None:
    delivery = scene.scheduled()
    hold(scene.reviewer)
    with transaction():
        db.session.execute(update(Post).where(Post.id == delivery.post_id).values(state=PostState.DRAFT))
    assert scene.look(delivery).problem == claims.NOT_APPROVED


def test_what_passed_its_time_while_held_is_not_fired_at_the_release(scene: Scene) -> None:
    late, ahead = scene.scheduled(), scene.scheduled("Nanti", due_at=clock.now() + timedelta(hours=2))
    held = hold(scene.reviewer)
    scene.look(late)
    assert release(scene.reviewer, held) == holding.Freed(1, 1)
    scene.look(late)
    assert (scene.state(late), scene.fresh(late).problem) == (D.EXPIRED, holds.MISSED)
    assert (scene.state(ahead), scene.sandbox.published()) == (D.WAITING, [])
    assert [one.id for one in held_posts.missed(hold_lists.get(held.id))] == [late.id]


def test_a_worker_that_prepared_it_through_hold_and_release_does_not_send_it_late(scene: Scene) -> None:
    delivery = scene.scheduled()
    lease = in_hand(delivery)
    held = hold(scene.reviewer)
    release(scene.reviewer, held)
    with transaction():
        assert not claims.intend([Held(delivery.id, lease)], clock.now())
    assert scene.state(delivery) == D.EXPIRED


def test_what_expires_under_a_hold_is_listed_when_it_is_released_and_told_once(scene: Scene) -> None:
    delivery = scene.scheduled()
    held = hold(scene.reviewer)
    scene.change(delivery, expires_at=clock.now())
    scene.tick()
    row = scene.fresh(delivery)
    assert (row.state, row.problem) == (D.EXPIRED, holds.MISSED)
    assert notices(scene.member) == [holding.PLACED]
    assert held_posts.missed(held) == []
    release(scene.reviewer, held)
    assert [one.id for one in held_posts.missed(hold_lists.get(held.id))] == [delivery.id]
    assert notices(scene.member) == [holding.PLACED, holding.RELEASED]


def test_a_missed_post_goes_out_at_the_new_time_a_person_gave_it(scene: Scene) -> None:
    delivery = scene.scheduled()
    held = hold(scene.reviewer)
    release(scene.reviewer, held)
    with transaction():
        (anew,) = services.schedule(scene.chair, get_post(delivery.post_id), clock.now() + timedelta(hours=1))
    assert held_posts.missed(hold_lists.get(held.id)) == []
    scene.change(anew, due_at=clock.now())
    assert scene.go(anew).state == D.SENT
    assert scene.committed_publishes() == 1


def test_one_kim_is_released_while_the_rest_stays_held(scene: Scene) -> None:
    other = scene.make.kim()
    author = scene.make.user(kim=other)
    mine = scene.scheduled(due_at=clock.now() + timedelta(minutes=5))
    post = scene.make.post(author, state=PostState.SCHEDULED, accounts=(scene.make.account(other),))
    theirs = scene.make.delivery(post, scene.make.account(other), due_at=clock.now() + timedelta(minutes=5))
    held = hold(scene.reviewer)
    release(scene.reviewer, held, of_kim(scene.kim.id))
    assert (holds.is_held(mine.id), holds.is_held(theirs.id)) == (False, True)
    scene.change(mine, due_at=clock.now())
    assert scene.go(mine).state == D.SENT
    assert notices(scene.member) == [holding.PLACED, holding.RELEASED]
    assert notices(author) == [holding.PLACED]


def test_the_rest_is_released_later_without_touching_what_was_free_already(scene: Scene) -> None:
    delivery = scene.scheduled(due_at=clock.now() + timedelta(minutes=5))
    held = hold(scene.reviewer)
    release(scene.reviewer, held, Scope(HoldScope.KECAMATAN, scene.kim.kelurahan_code[:8]))
    scene.change(delivery, due_at=clock.now())
    assert release(scene.reviewer, held) == holding.Freed(0, 0)
    assert scene.state(delivery) == D.WAITING
    assert scene.go(delivery).state == D.SENT


def test_only_a_smaller_place_within_it_is_a_part(scene: Scene) -> None:
    far = scene.make.kim(kelurahan=scene.make.kelurahan(OTHER_KECAMATAN, "Lowokwaru"))
    kecamatan = Scope(HoldScope.KECAMATAN, scene.kim.kelurahan_code[:8])
    wide, narrow = hold(scene.reviewer, kecamatan), hold(scene.reviewer, of_kim(scene.kim.id))
    for held, part in ((wide, of_kim(far.id)), (wide, kecamatan), (wide, CITY), (narrow, of_kim(scene.kim.id))):
        with pytest.raises(NotFound):
            release(scene.reviewer, held, part)
    assert release(scene.reviewer, wide, of_kim(scene.kim.id)) == holding.Freed(0, 0)
    assert release(scene.reviewer, wide, of_kim(scene.kim.id)) is None


def test_of_two_holds_the_last_one_frees(scene: Scene) -> None:
    delivery = scene.scheduled()
    first, second = hold(scene.reviewer), hold(scene.chair, of_kim(scene.kim.id))
    assert release(scene.reviewer, first) == holding.Freed(0, 0)
    assert (scene.state(delivery), holds.is_held(delivery.id)) == (D.WAITING, True)
    assert release(scene.chair, second) == holding.Freed(0, 1)
    assert scene.state(delivery) == D.EXPIRED


def test_a_second_click_places_and_releases_nothing_more(scene: Scene) -> None:
    scene.scheduled(due_at=clock.now() + timedelta(hours=1))
    first, second = hold(scene.reviewer), hold(scene.reviewer)
    assert first.id == second.id
    assert notices(scene.member) == [holding.PLACED]
    release(scene.reviewer, first)
    assert release(scene.reviewer, first) is None
    assert notices(scene.member) == [holding.PLACED, holding.RELEASED]
    assert hold(scene.reviewer).id != first.id


def test_authors_and_chairs_hear_once_however_many_posts_and_others_do_not(scene: Scene) -> None:
    for number in range(3):
        scene.scheduled(f"Unggahan {number}", due_at=clock.now() + timedelta(hours=1))
    idle, stranger = scene.make.user(kim=scene.kim), scene.make.user(Role.CHAIR)
    hold(scene.reviewer)
    assert (notices(scene.member), notices(scene.chair)) == ([holding.PLACED], [holding.PLACED])
    assert (notices(idle), notices(stranger)) == ([], [])


def test_all_of_it_stands_in_the_log_and_in_the_timeline_without_the_free_words(scene: Scene) -> None:
    delivery = scene.scheduled(due_at=clock.now() + timedelta(hours=1))
    held = hold(scene.reviewer, words="Banjir di Jalan Sanan")
    release(scene.reviewer, held)
    entries = db.session.scalars(select(AuditEntry).where(AuditEntry.subject_id == held.id)).all()
    assert [(one.action, one.actor_id) for one in entries] == [
        ("hold.place", scene.reviewer.id),
        ("hold.release", scene.reviewer.id),
    ]
    assert "Sanan" not in str([one.detail for one in entries])
    events = db.session.scalars(select(DeliveryEvent.what).where(DeliveryEvent.delivery_id == delivery.id)).all()
    assert events == ["held", "released"]


def test_a_chair_holds_and_releases_the_own_kim_only(scene: Scene) -> None:
    other = scene.make.kim()
    held = hold(scene.chair, of_kim(scene.kim.id))
    for scope in (CITY, of_kim(other.id), Scope(HoldScope.KECAMATAN, scene.kim.kelurahan_code[:8])):
        with pytest.raises(NotFound):
            hold(scene.chair, scope)
    release(scene.chair, held)
    with pytest.raises(NotFound):
        release(scene.chair, hold(scene.make.user(Role.CHAIR, other), of_kim(other.id)))


def test_a_chair_cannot_lift_a_hold_from_above(scene: Scene) -> None:
    for scope in (CITY, of_kim(scene.kim.id)):
        held = hold(scene.reviewer, scope)
        for part in (None, of_kim(scene.kim.id)):
            with pytest.raises(NotPermitted, match="kota"):
                release(scene.chair, held, part)


@pytest.mark.parametrize("role", [Role.MEMBER, Role.JUDGE])
def test_others_neither_place_nor_release(scene: Scene, role: str) -> None:
    person = scene.make.user(role, scene.kim if role == Role.MEMBER else None)
    with pytest.raises(NotPermitted):
        hold(person, of_kim(scene.kim.id))
    with pytest.raises(NotPermitted):
        release(person, hold(scene.chair, of_kim(scene.kim.id)))


def _task(scene: Scene, **values: Any) -> Delivery:
    account = scene.make.account(scene.kim, kind="snackvideo")
    delivery = scene.scheduled(account=account, **values)
    scene.go(delivery, rounds=1)
    return delivery


def test_a_held_task_cannot_be_taken_and_who_has_it_in_hand_is_told(scene: Scene) -> None:
    task = _task(scene)
    with transaction():
        handwork.take(scene.member, get_delivery(task.id))
    held = hold(scene.reviewer)
    assert notices(scene.member)[-1] == holding.IN_HAND
    assert holding.PLACED not in notices(scene.member)
    with pytest.raises(Conflict, match="ditahan"), transaction():
        handwork.take(scene.member, get_delivery(task.id))
    release(scene.reviewer, held)
    assert scene.state(task) == D.HANDED_OVER
    with transaction():
        handwork.take(scene.member, get_delivery(task.id))


def test_a_post_by_hand_whose_time_passed_while_held_becomes_a_task(scene: Scene) -> None:
    held = hold(scene.reviewer)
    task = _task(scene)
    assert scene.state(task) == D.WAITING
    assert release(scene.reviewer, held) == holding.Freed(1, 0)
    scene.go(task, rounds=1)
    assert scene.state(task) == D.HANDED_OVER


def test_the_first_comment_of_a_post_that_is_out_waits_as_well(scene: Scene) -> None:
    delivery = scene.scheduled()
    with transaction():
        revision = db.session.get_one(Revision, delivery.revision_id)
        revision.options = {"instagram": {FIRST_COMMENT: "Pesan di 0341-555123"}}
    assert scene.go(delivery).state == D.SENT
    held = hold(scene.reviewer)
    comments_of_ours.step(delivery.id, scene.at)
    assert _comment(delivery).state == "due"
    release(scene.reviewer, held)
    with transaction():
        _comment(delivery).next_at = clock.now()
    comments_of_ours.step(delivery.id, scene.at)
    assert _comment(delivery).state == "done"


def _comment(delivery: Delivery) -> FirstComment:
    found = first_comments.of(delivery.id)
    assert found
    return found


def test_the_preview_names_who_is_hit_and_what_can_no_longer_be_stopped(scene: Scene) -> None:
    for number in range(2):
        scene.scheduled(f"Unggahan {number}", due_at=clock.now() + timedelta(hours=1))
    going = scene.scheduled("Sedang terbit", state=D.PUBLISHING)
    scene.scheduled("Sudah terbit", state=D.SENT)
    reach = held_posts.reach(CITY)
    assert [(one.kim.id, one.count) for one in reach.kims] == [(scene.kim.id, 2)]
    assert [one.id for one in reach.beyond] == [going.id]
    assert held_posts.reach(of_kim(scene.make.kim().id)).count == 0
