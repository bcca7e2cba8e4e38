"""Each post that its account will keep waiting is told while there is time: to all whom it concerns, once."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from contentdesk.access.permissions import Role
from contentdesk.channels import queries, renewing, services
from contentdesk.channels.base import Login, LoginExpired
from contentdesk.channels.models import Account
from contentdesk.kim.models import Kim
from contentdesk.lib import clock
from contentdesk.lib.db import db, transaction
from contentdesk.lib.desk import desk
from contentdesk.notices.models import Notice
from contentdesk.posts.queries import get_post
from contentdesk.posts.states import PostState
from contentdesk.publishing import services as planning
from contentdesk.publishing import warnings
from contentdesk.publishing.models import Delivery
from contentdesk.users.models import User
from tests.factories import Factory
from workers import publish

HOUR = timedelta(hours=1)
DAY = 24 * HOUR


@pytest.fixture
def chair(make: Factory) -> User:
    return make.user(Role.CHAIR)


def member(make: Factory, chair: User) -> User:
    return make.user(kim=db.session.get_one(Kim, chair.kim_id))


def signed_in(
    chair: User, ends: timedelta | None = None, refresh_ends: timedelta | None = None, kind: str = "tiktok"
) -> Account:
    now = clock.now()
    login = Login("1", "kim_uji", "x", ends and now + ends, "segar", refresh_ends and now + refresh_ends)
    with transaction():
        return services.connect(chair, kind, chair.kim_id, login, desk().box)


@pytest.fixture
def lost(chair: User) -> Account:
    return cut_off(signed_in(chair))


def cut_off(account: Account) -> Account:
    with transaction():
        renewing.lost(account, LoginExpired("Terputus."))
        db.session.query(Notice).delete()
    return account


def due(make: Factory, author: User, account: Account, ahead: timedelta) -> Delivery:
    post = make.post(author, state=PostState.SCHEDULED, accounts=(account,))
    return make.delivery(post, account, due_at=clock.now() + ahead)


def warned(later: timedelta = timedelta()) -> set[str]:
    """Who was told in this round; nobody twice."""
    before = set(db.session.scalars(select(Notice.id)))
    with transaction():
        warnings.warn(clock.now() + later)
    told = [one.user_id for one in db.session.scalars(select(Notice)) if one.id not in before]
    assert len(told) == len(set(told))
    return set(told)


def test_a_second_post_on_a_lost_account_is_told_to_its_author_and_the_holders(
    make: Factory, chair: User, lost: Account
) -> None:
    first, second = member(make, chair), member(make, chair)
    due(make, first, lost, 20 * HOUR)
    assert warned() == {chair.id, first.id}
    due(make, second, lost, 22 * HOUR)
    assert warned() == {chair.id, second.id}
    assert warned() == set()


def test_a_post_moved_to_another_week_is_told_again_and_one_moved_a_little_is_not(
    make: Factory, chair: User, lost: Account
) -> None:
    author = member(make, chair)
    delivery = due(make, author, lost, 2 * HOUR)
    assert warned()
    for ahead, told in ((3 * HOUR, set()), (5 * DAY, {chair.id, author.id})):
        with transaction():
            row = db.session.get_one(Delivery, delivery.id)
            row.due_at, row.expires_at = clock.now() + ahead, clock.now() + ahead + HOUR
        assert warned(ahead - 2 * HOUR) == told


def test_a_login_that_is_lost_anew_after_a_sign_in_is_told_anew(make: Factory, chair: User, lost: Account) -> None:
    author = member(make, chair)
    due(make, author, lost, 20 * HOUR)
    assert warned()
    account = signed_in(chair)
    assert warned() == set()
    with transaction():
        renewing.lost(account, LoginExpired("Terputus."))
    assert warned() == {chair.id, author.id}


def test_a_token_renewed_every_hour_repeats_no_warning(make: Factory, chair: User) -> None:
    """What ends is the right to renew it, and that stays as it is."""
    account = signed_in(chair, HOUR, refresh_ends=10 * HOUR)
    due(make, chair, account, 20 * HOUR)
    assert warned() == {chair.id}
    with transaction():
        begun = renewing.begin(queries.get_account(account.id), desk().box, clock.now())
        assert begun
        assert renewing.keep(begun, Login("1", "kim_uji", "baru", clock.now() + HOUR), desk().box)
    assert warned() == set()


def tried(delivery: Delivery) -> list[str]:
    """Who was told so far, after one more step of the engine."""
    with transaction():
        db.session.get_one(Delivery, delivery.id).next_at = clock.now()
    publish.step(delivery.id, desk())
    return list(db.session.scalars(select(Notice.user_id)))


def test_a_post_whose_time_comes_on_a_lost_account_is_told_to_its_author_at_the_first_step_and_once(
    make: Factory, chair: User, lost: Account
) -> None:
    """That it is lost anew after a sign-in is news."""
    author = member(make, chair)
    delivery = due(make, author, lost, timedelta())
    assert tried(delivery) == tried(delivery) == [author.id]
    assert warned() == set()
    cut_off(signed_in(chair))
    assert tried(delivery) == [author.id]
    [notice] = db.session.scalars(select(Notice))
    assert "belum terbit di TikTok: akun kim_uji terputus." in notice.message % notice.values
    assert notice.path == f"/unggahan/{delivery.post_id}"


def test_who_heard_of_it_in_the_last_hour_hears_no_more_when_the_time_comes(
    make: Factory, chair: User, lost: Account
) -> None:
    author = member(make, chair)
    delivery = due(make, author, lost, timedelta(minutes=1))
    assert warned() == {chair.id, author.id}
    with transaction():
        db.session.get_one(Delivery, delivery.id).due_at = clock.now()
    assert sorted(tried(delivery)) == sorted([chair.id, author.id])


def test_planning_for_soon_on_a_lost_account_is_told_at_once(make: Factory, chair: User) -> None:
    author, lost = member(make, chair), cut_off(signed_in(chair, kind="instagram"))
    posts = [make.post(author, state=PostState.APPROVED, accounts=(lost,)) for _ in range(2)]
    for post, ahead in zip(posts, (HOUR, 5 * DAY), strict=True):
        with transaction():
            planning.schedule(chair, get_post(post.id), clock.now() + ahead)
    told = list(db.session.scalars(select(Notice.user_id)))
    assert sorted(told) == sorted([chair.id, author.id])
    assert warned() == set()
