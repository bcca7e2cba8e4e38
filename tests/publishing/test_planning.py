"""Planning, moving, cancelling; verdict and plan in one act; consent withdrawn."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from contentdesk.access.permissions import Role
from contentdesk.audit.models import AuditEntry
from contentdesk.kim.models import Kim
from contentdesk.lib import clock
from contentdesk.lib.db import db, transaction
from contentdesk.lib.errors import Conflict, DomainError, NotFound, NotPermitted
from contentdesk.notices.models import Notice
from contentdesk.posts.models import Post
from contentdesk.posts.queries import get_post
from contentdesk.posts.states import PostState
from contentdesk.publishing import consents, services
from contentdesk.publishing.models import Delivery
from contentdesk.publishing.queries import get_delivery, of_post
from contentdesk.publishing.states import DeliveryState
from contentdesk.umkm.models import Consent, Purpose
from contentdesk.umkm.queries import get_business
from contentdesk.users.models import User
from tests.factories import Factory

D = DeliveryState
TOMORROW = timedelta(days=1)


@pytest.fixture
def member(make: Factory) -> User:
    return make.user()


def _kim(member: User) -> Kim:
    return db.session.get_one(Kim, member.kim_id)


def approved(make: Factory, member: User, kinds: tuple[str, ...] = ("instagram", "snackvideo")) -> Post:
    accounts = tuple(make.account(_kim(member), kind=kind) for kind in kinds)
    return make.post(member, state=PostState.APPROVED, accounts=accounts)


def test_each_account_gets_its_delivery_and_the_post_is_scheduled(make: Factory, member: User) -> None:
    post, due = approved(make, member), clock.now() + TOMORROW
    with transaction():
        services.schedule(member, get_post(post.id), due)
    deliveries = of_post(post.id)
    assert {delivery.account.kind for delivery in deliveries} == {"instagram", "snackvideo"}
    assert {delivery.due_at for delivery in deliveries} == {due}
    assert db.session.get_one(Post, post.id).state == PostState.SCHEDULED


def test_planning_again_moves_and_does_not_double(make: Factory, member: User) -> None:
    post, later = approved(make, member), clock.now() + 2 * TOMORROW
    for due in (clock.now() + TOMORROW, later):
        with transaction():
            services.schedule(member, get_post(post.id), due)
    assert [delivery.due_at for delivery in of_post(post.id)] == [later, later]


def test_two_people_planning_at_once_leave_one_delivery_each(make: Factory, member: User) -> None:
    post_id, actor_id = approved(make, member).id, member.id
    due, together, troubles = clock.now() + TOMORROW, Barrier(4), []

    def plan() -> None:
        with make.app.app_context():
            together.wait(10)
            try:
                with transaction():
                    services.schedule(db.session.get_one(User, actor_id), get_post(post_id), due)
            except Conflict:
                pass
            except SQLAlchemyError as error:
                troubles.append(error)
            db.session.remove()

    threads = [Thread(target=plan) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert troubles == []
    db.session.rollback()  # a fresh look
    assert len(of_post(post_id)) == 2


def test_the_database_itself_refuses_a_second_delivery_on_an_account(make: Factory, member: User) -> None:
    post = approved(make, member, ("instagram",))
    with transaction():
        (first,) = services.schedule(member, get_post(post.id), clock.now() + TOMORROW)
    account = get_delivery(first.id).account
    with pytest.raises(IntegrityError):
        make.delivery(post, account)


@pytest.mark.parametrize("ago", [timedelta(minutes=5), timedelta(days=400)])
def test_a_time_in_the_past_is_refused(make: Factory, member: User, ago: timedelta) -> None:
    post = approved(make, member)
    with pytest.raises(DomainError), transaction():
        services.schedule(member, get_post(post.id), clock.now() - ago)
    assert of_post(post.id) == []


def test_an_unapproved_newer_revision_cannot_be_planned(make: Factory, member: User) -> None:
    post = approved(make, member)
    make.revision(post, member, number=2, text="Lebih baru")
    with transaction():
        db.session.execute(update(Post).where(Post.id == post.id).values(newest_number=2))
    with pytest.raises(DomainError), transaction():
        services.schedule(member, get_post(post.id), clock.now() + TOMORROW)


def test_what_is_out_stays_and_the_person_is_told(make: Factory, member: User) -> None:
    post = approved(make, member, ("instagram",))
    with transaction():
        (delivery,) = services.schedule(member, get_post(post.id), clock.now() + TOMORROW)
    _set(delivery, state=D.SENT)
    with pytest.raises(Conflict), transaction():
        services.schedule(member, get_post(post.id), clock.now() + 2 * TOMORROW)
    assert [one.state for one in of_post(post.id)] == [D.SENT]


def test_a_cancelled_delivery_leaves_an_approved_post(make: Factory, member: User) -> None:
    post = approved(make, member, ("instagram",))
    with transaction():
        (delivery,) = services.schedule(member, get_post(post.id), clock.now() + TOMORROW)
    with transaction():
        services.cancel(member, get_delivery(delivery.id))
    assert get_delivery(delivery.id).state == D.CANCELLED
    assert db.session.get_one(Post, post.id).state == PostState.APPROVED


@pytest.mark.parametrize("state", [D.PUBLISHING, D.UNKNOWN, D.SENT])
def test_what_may_be_public_cannot_be_cancelled(make: Factory, member: User, state: DeliveryState) -> None:
    post = approved(make, member, ("instagram",))
    with transaction():
        (delivery,) = services.schedule(member, get_post(post.id), clock.now() + TOMORROW)
    _set(delivery, state=state)
    with pytest.raises(Conflict), transaction():
        services.cancel(member, get_delivery(delivery.id))
    assert get_delivery(delivery.id).state == state


def test_other_kim_and_judges_plan_nothing(make: Factory, member: User) -> None:
    post = approved(make, member)
    with pytest.raises(NotFound), transaction():
        services.schedule(make.user(), get_post(post.id), clock.now() + TOMORROW)
    judge = make.user(Role.JUDGE)
    with pytest.raises(NotPermitted), transaction():
        services.schedule(judge, get_post(post.id), clock.now() + TOMORROW)


def test_withdrawn_consent_cancels_what_is_planned_and_lists_what_is_live(make: Factory, member: User) -> None:
    business = make.business(_kim(member))
    account = make.account(_kim(member))
    planned, live = (
        make.post(member, state=PostState.APPROVED, accounts=(account,), businesses=(business,)) for _ in range(2)
    )
    for post in (planned, live):
        with transaction():
            services.schedule(member, get_post(post.id), clock.now() + TOMORROW)
    _set(of_post(live.id)[0], state=D.SENT, permalink="https://contoh.test/p/1")
    with transaction():
        outcome = consents.withdraw(member, get_business(business.id), [Purpose.PHOTO])
        shown = [delivery.permalink for delivery in outcome.live]
    assert (outcome.cancelled, shown) == (1, ["https://contoh.test/p/1"])
    assert of_post(planned.id)[0].state == D.CANCELLED
    assert db.session.get_one(Post, planned.id).state == PostState.APPROVED
    withdrawn = db.session.scalars(select(Consent).where(Consent.purpose == Purpose.PHOTO)).one()
    assert withdrawn.take_down_by is not None
    assert withdrawn.take_down_by - withdrawn.withdrawn_at == timedelta(hours=72)


def test_consent_for_another_purpose_cancels_nothing(make: Factory, member: User) -> None:
    business = make.business(_kim(member))
    post = make.post(member, state=PostState.APPROVED, accounts=(make.account(_kim(member)),), businesses=(business,))
    with transaction():
        services.schedule(member, get_post(post.id), clock.now() + TOMORROW)
        consents.withdraw(member, get_business(business.id), [Purpose.SCREENING])
    assert of_post(post.id)[0].state == D.WAITING


def test_planning_is_in_the_log(make: Factory, member: User) -> None:
    post = approved(make, member)
    with transaction():
        services.schedule(member, get_post(post.id), clock.now() + TOMORROW)
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "post.schedule")).one()
    assert (entry.actor_id, entry.subject_id) == (member.id, post.id)


def _set(delivery: Delivery, **values: object) -> None:
    with transaction():
        db.session.execute(update(Delivery).where(Delivery.id == delivery.id).values(**values))


def test_a_post_without_consent_cannot_be_planned_and_the_business_is_named(make: Factory, member: User) -> None:
    business = make.business(_kim(member), name="Kriuk Sanan", consent=False)
    post = make.post(member, state=PostState.APPROVED, accounts=(make.account(_kim(member)),), businesses=(business,))
    with pytest.raises(DomainError) as refused, transaction():
        services.schedule(member, get_post(post.id), clock.now() + TOMORROW)
    assert "Kriuk Sanan" in str(refused.value)
    assert of_post(post.id) == []


def test_what_withdrawn_consent_cancelled_says_so(make: Factory, member: User) -> None:
    business = make.business(_kim(member))
    post = make.post(member, state=PostState.APPROVED, accounts=(make.account(_kim(member)),), businesses=(business,))
    with transaction():
        services.schedule(member, get_post(post.id), clock.now() + TOMORROW)
    with transaction():
        consents.withdraw(member, get_business(business.id), [Purpose.PHOTO])
    assert of_post(post.id)[0].problem == consents.CANCELLED
    told = db.session.scalars(select(Notice).where(Notice.path == f"/unggahan/{post.id}")).one()
    assert told.user_id == member.id
