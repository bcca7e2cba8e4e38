"""Holding a campaign: what is in it never goes out, whenever it came in; what is taken out of it does."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import select

from contentdesk.access.permissions import Role
from contentdesk.campaigns.models import Campaign
from contentdesk.lib import clock
from contentdesk.lib.db import db, transaction
from contentdesk.lib.errors import Conflict, NotFound, NotPermitted
from contentdesk.notices.models import Notice
from contentdesk.posts.queries import get_post
from contentdesk.publishing import campaigning, claims, handwork, held_posts, hold_lists, holding, holds
from contentdesk.publishing.claims import Held
from contentdesk.publishing.holds import Scope
from contentdesk.publishing.models import Delivery, DeliveryEvent, Hold
from contentdesk.publishing.queries import get_delivery
from contentdesk.publishing.states import DeliveryState, HoldReason, HoldScope
from contentdesk.users.models import User
from tests.counting import explained
from tests.publishing.conftest import Scene
from tests.publishing.test_races import in_hand, meanwhile

D = DeliveryState
CITY = Scope(HoldScope.CITY)
SOON = timedelta(minutes=5)


def of_campaign(campaign: Campaign) -> Scope:
    return Scope(HoldScope.CAMPAIGN, campaign.id)


def of_kim(kim_id: str) -> Scope:
    return Scope(HoldScope.KIM, kim_id)


def hold(scene: Scene, scope: Scope) -> Hold:
    with transaction():
        return hold_lists.get(holding.place(scene.reviewer, scope, HoldReason.MOURNING, "").id)


def release(scene: Scene, held: Hold, part: Scope | None = None) -> holding.Freed | None:
    with transaction():
        return holding.release(scene.reviewer, hold_lists.get(held.id), part)


def move(actor: User, delivery: Delivery, campaign: Campaign | None) -> campaigning.Moved:
    with transaction():
        post = get_post(delivery.post_id)
        return campaigning.move(actor, post, campaign.id if campaign else None, post.campaign_id)


def notices(user: User) -> Sequence[str]:
    mine = select(Notice.message).where(Notice.user_id == user.id)
    return db.session.scalars(mine.order_by(Notice.created_at, Notice.id)).all()


def events(delivery: Delivery) -> Sequence[str]:
    mine = select(DeliveryEvent.what).where(DeliveryEvent.delivery_id == delivery.id)
    return db.session.scalars(mine.order_by(DeliveryEvent.number)).all()


@pytest.fixture
def campaign(scene: Scene) -> Campaign:
    return scene.make.campaign(name="Belanja Dekat")


def test_what_is_in_a_held_campaign_waits_and_the_rest_goes_out(scene: Scene, campaign: Campaign) -> None:
    inside, outside, elsewhere = scene.scheduled(), scene.scheduled("Lepas"), scene.scheduled("Lain")
    move(scene.member, inside, campaign)
    move(scene.member, elsewhere, scene.make.campaign())
    held = hold(scene, of_campaign(campaign))
    for delivery in (outside, elsewhere):
        assert scene.go(delivery).state == D.SENT
    row = scene.look(inside)
    assert (row.state, row.problem) == (D.WAITING, holds.HELD)
    scene.change(inside, due_at=clock.now() + SOON)
    assert release(scene, held) == holding.Freed(1, 0)
    scene.change(inside, due_at=clock.now())
    assert scene.go(inside).state == D.SENT
    assert scene.committed_publishes() == 3


def test_asking_whether_something_is_held_reads_no_table_from_end_to_end(scene: Scene, campaign: Campaign) -> None:
    delivery_id = scene.scheduled().id
    hold(scene, of_campaign(campaign))
    how = explained(lambda: holds.is_held(delivery_id))[-1]
    assert "deliveries" in how
    assert "SCAN" not in how


def test_moving_in_holds_what_a_worker_had_in_hand(scene: Scene, campaign: Campaign) -> None:
    delivery = scene.scheduled()
    lease = in_hand(delivery)
    hold(scene, of_campaign(campaign))
    assert move(scene.member, delivery, campaign).held
    with transaction():
        assert not claims.intend([Held(delivery.id, lease)], clock.now())
    assert events(delivery)[-1] == "held"


def test_moving_out_lets_go_what_lies_ahead_at_its_time(scene: Scene, campaign: Campaign) -> None:
    delivery = scene.scheduled(due_at=clock.now() + timedelta(minutes=20))
    move(scene.member, delivery, campaign)
    hold(scene, of_campaign(campaign))
    scene.look(delivery)
    assert move(scene.reviewer, delivery, None) == campaigning.Moved(False, holding.Freed(1, 0))
    row = scene.fresh(delivery)
    assert row.problem is None
    assert row.next_at <= clock.now()
    scene.change(delivery, due_at=clock.now())
    assert scene.go(delivery).state == D.SENT
    assert "released" in events(delivery)


def test_who_may_not_release_takes_nothing_out_of_a_held_campaign(scene: Scene, campaign: Campaign) -> None:
    delivery = scene.scheduled()
    move(scene.member, delivery, campaign)
    hold(scene, of_campaign(campaign))
    with pytest.raises(NotPermitted, match="ditahan oleh kota"):
        move(scene.member, delivery, None)
    assert get_post(delivery.post_id).campaign_id == campaign.id
    assert scene.go(delivery).state == D.WAITING
    assert scene.sandbox.published() == []


def test_a_hold_of_ones_own_is_no_way_around_that_of_the_city(scene: Scene, campaign: Campaign) -> None:
    delivery = scene.scheduled()
    move(scene.member, delivery, campaign)
    hold(scene, of_campaign(campaign))
    with transaction():
        holding.place(scene.chair, of_kim(scene.kim.id), HoldReason.OTHER, "")
    with pytest.raises(NotPermitted, match="ditahan oleh kota"):
        move(scene.chair, delivery, None)
    assert get_post(delivery.post_id).campaign_id == campaign.id


def test_what_passed_its_time_while_held_is_not_fired_by_moving_it_out(scene: Scene, campaign: Campaign) -> None:
    delivery = scene.scheduled()
    move(scene.member, delivery, campaign)
    hold(scene, of_campaign(campaign))
    lease = _prepared_elsewhere(scene, delivery)
    assert move(scene.reviewer, delivery, None).freed == holding.Freed(0, 1)
    with transaction():
        assert not claims.intend([Held(delivery.id, lease)], clock.now())
    row = scene.fresh(delivery)
    assert (row.state, row.problem, scene.sandbox.published()) == (D.EXPIRED, holds.MISSED, [])
    assert campaigning.FREE in notices(scene.member)


def _prepared_elsewhere(scene: Scene, delivery: Delivery) -> str:
    """A worker has it in hand since before the hold."""
    scene.change(delivery, state=D.PREPARING, lease="lama", lease_until=clock.now() + SOON)
    return "lama"


def test_moving_within_a_hold_of_all_changes_nothing(scene: Scene, campaign: Campaign) -> None:
    delivery = scene.scheduled()
    hold(scene, CITY)
    assert move(scene.member, delivery, campaign) == campaigning.Moved()
    assert move(scene.member, delivery, None) == campaigning.Moved()
    assert (scene.state(delivery), holds.is_held(delivery.id)) == (D.WAITING, True)


def test_one_kim_of_a_campaign_is_released_while_the_rest_stays_held(scene: Scene, campaign: Campaign) -> None:
    mine, theirs = scene.scheduled(due_at=clock.now() + SOON), _of_another_kim(scene, campaign)
    move(scene.member, mine, campaign)
    held = hold(scene, of_campaign(campaign))
    assert release(scene, held, of_kim(scene.kim.id)) == holding.Freed(1, 0)
    assert (holds.is_held(mine.id), holds.is_held(theirs.id)) == (False, True)


def _of_another_kim(scene: Scene, campaign: Campaign) -> Delivery:
    kim = scene.make.kim()
    account = scene.make.account(kim)
    post = scene.make.post(scene.make.user(kim=kim), state="scheduled", accounts=(account,), campaign_id=campaign.id)
    return scene.make.delivery(post, account, due_at=clock.now() + SOON)


def test_a_campaign_is_released_out_of_a_hold_of_the_city(scene: Scene, campaign: Campaign) -> None:
    """In a flood its own campaign may be the one thing that goes on."""
    inside, outside = (scene.scheduled(text, due_at=clock.now() + SOON) for text in ("Posko", "Promo"))
    move(scene.member, inside, campaign)
    held = hold(scene, CITY)
    assert release(scene, held, of_campaign(campaign)) == holding.Freed(1, 0)
    assert release(scene, held, of_campaign(campaign)) is None
    assert (holds.is_held(inside.id), holds.is_held(outside.id)) == (False, True)
    with pytest.raises(NotPermitted, match="ditahan oleh kota"):
        move(scene.member, outside, campaign)
    assert move(scene.reviewer, outside, campaign).freed == holding.Freed(1, 0)
    assert move(scene.member, inside, None).held


def test_a_campaign_is_no_part_of_a_campaign_and_none_of_a_kim(scene: Scene, campaign: Campaign) -> None:
    for whole in (of_campaign(campaign), of_kim(scene.kim.id)):
        for part in (of_campaign(campaign), of_campaign(scene.make.campaign()), CITY):
            with pytest.raises(NotFound):
                release(scene, hold(scene, whole), part)
    with pytest.raises(NotFound):
        hold(scene, Scope(HoldScope.CAMPAIGN, "tidak-ada"))


def test_the_same_campaign_is_held_once_and_another_one_beside_it(scene: Scene, campaign: Campaign) -> None:
    first, second = hold(scene, of_campaign(campaign)), hold(scene, of_campaign(campaign))
    assert first.id == second.id
    assert hold(scene, of_campaign(scene.make.campaign())).id != first.id


def test_only_the_city_holds_a_campaign(scene: Scene, campaign: Campaign) -> None:
    with pytest.raises(NotFound), transaction():
        holding.place(scene.chair, of_campaign(campaign), HoldReason.OTHER, "")


def test_the_preview_counts_the_campaign_alone(scene: Scene, campaign: Campaign) -> None:
    inside = scene.scheduled(due_at=clock.now() + SOON)
    scene.scheduled("Lepas", due_at=clock.now() + SOON)
    move(scene.member, inside, campaign)
    assert held_posts.reach(of_campaign(campaign)).count == 1
    assert held_posts.reach(of_campaign(scene.make.campaign())).count == 0


def test_people_hear_of_it_and_who_has_the_post_in_hand_is_told_not_to_post(scene: Scene, campaign: Campaign) -> None:
    task = scene.scheduled(account=scene.make.account(scene.kim, kind="snackvideo"))
    scene.go(task, rounds=1)
    with transaction():
        handwork.take(scene.member, get_delivery(task.id))
    hold(scene, of_campaign(campaign))
    move(scene.reviewer, task, campaign)
    assert notices(scene.member)[-1] == holding.IN_HAND
    with pytest.raises(Conflict, match="ditahan"), transaction():
        handwork.take(scene.member, get_delivery(task.id))
    move(scene.reviewer, task, None)
    assert scene.state(task) == D.HANDED_OVER
    assert notices(scene.member)[-1] == campaigning.FREE


def test_who_takes_part_sees_the_band_and_every_kim_may_read_about_it(scene: Scene, campaign: Campaign) -> None:
    delivery = scene.scheduled()
    move(scene.member, delivery, campaign)
    held = hold(scene, of_campaign(campaign))
    stranger = scene.make.user(Role.CHAIR, scene.make.kim())
    assert [one.id for one in hold_lists.active(scene.kim.id)] == [held.id]
    assert hold_lists.active(stranger.kim_id) == []
    assert hold_lists.get(held.id, stranger.kim_id).id == held.id
    release(scene, held, of_kim(scene.kim.id))
    assert hold_lists.active(scene.kim.id) == []


def test_moving_in_waits_for_an_intent_that_is_being_written(scene: Scene, campaign: Campaign) -> None:
    """It is not confirmed before what was in hand is out."""
    first, moved = scene.scheduled(), []
    lease, first_id, post_id = in_hand(first), first.id, first.post_id
    hold(scene, of_campaign(campaign))
    member_id, campaign_id = scene.member.id, campaign.id

    def move_in() -> None:
        campaigning.move(db.session.get_one(User, member_id), get_post(post_id), campaign_id, None)
        moved.append(clock.now())

    with transaction():
        assert claims.intend([Held(first_id, lease)], clock.now())
        moving = meanwhile(scene, move_in)
        assert moved == []
    moving.join(30)
    assert moved
    assert scene.state(first) == D.PUBLISHING


def test_an_intent_waits_for_a_move_and_then_finds_the_post_held(scene: Scene, campaign: Campaign) -> None:
    delivery = scene.scheduled()
    lease, delivery_id, intended = in_hand(delivery), delivery.id, []
    hold(scene, of_campaign(campaign))

    def intend() -> None:
        intended.append(claims.intend([Held(delivery_id, lease)], clock.now()))

    with transaction():
        post = get_post(delivery.post_id)
        campaigning.move(scene.member, post, campaign.id, None)
        intending = meanwhile(scene, intend)
        assert intended == []
    intending.join(30)
    assert intended == [set()]
