"""Handing in: what is missing stops it, and nothing is lost."""

import pytest

from contentdesk.access.permissions import Role
from contentdesk.audit.models import AuditEntry
from contentdesk.kim.models import Kim
from contentdesk.lib import clock
from contentdesk.lib.db import db, transaction
from contentdesk.lib.errors import Conflict, DomainError, NotFound, NotPermitted
from contentdesk.notices.models import Notice
from contentdesk.posts.models import Post
from contentdesk.posts.queries import get_post, newest_revision
from contentdesk.reviews.services import NotReady, submit
from contentdesk.users.models import User
from tests.factories import Factory
from tests.reviews.scenes import reviewer, waiting


def handed_in(actor: User, post: Post) -> Post:
    with transaction():
        return submit(actor, get_post(post.id))


def test_a_complete_draft_waits_for_reviewers_and_they_are_told(make: Factory) -> None:
    author = make.user()
    post, people = waiting(make, author, state="draft"), [reviewer(make), reviewer(make)]
    make.user(Role.REVIEWER, disabled_at=clock.now())
    handed_in(author, post)
    now = get_post(post.id)
    assert now.state == "in_review"
    assert now.submitted_at is not None
    told = list(db.session.scalars(db.select(Notice)))
    assert {notice.user_id for notice in told} == {person.id for person in people}
    assert {notice.path for notice in told} == {f"/tinjauan/{post.id}"}
    assert db.session.scalar(db.select(AuditEntry.actor_id).where(AuditEntry.action == "posts.submit")) == author.id


def test_without_consent_it_is_not_handed_in_and_nothing_is_lost(make: Factory) -> None:
    author = make.user()
    business = make.business(db.session.get_one(Kim, author.kim_id), consent=False, name="Bakso Gang Wetan")
    post = waiting(make, author, state="draft", businesses=(business,))
    reviewer(make)
    with pytest.raises(NotReady, match="Bakso Gang Wetan") as refused:
        handed_in(author, post)
    assert "C02" in {one.item for one in refused.value.found}
    now = get_post(post.id)
    assert (now.state, newest_revision(now).text) == ("draft", "Keripik tempe Sanan, Rp15.000.")
    assert db.session.scalars(db.select(Notice)).all() == []


def test_every_missing_point_is_named_at_once(make: Factory) -> None:
    author = make.user()
    post = waiting(make, author, state="draft", accounts=(), text=" ")
    with pytest.raises(NotReady) as refused:
        handed_in(author, post)
    assert len([one for one in refused.value.found if one.blocks]) >= 2


def test_handing_in_twice_is_told(make: Factory) -> None:
    author = make.user()
    post = waiting(make, author, state="draft")
    handed_in(author, post)
    with pytest.raises(Conflict):
        handed_in(author, post)


@pytest.mark.parametrize(("role", "error"), [(Role.MEMBER, NotFound), (Role.REVIEWER, NotPermitted)])
def test_strangers_do_not_hand_in(make: Factory, role: str, error: type[DomainError]) -> None:
    post = waiting(make, state="draft")
    with pytest.raises(error):
        handed_in(make.user(role), post)
    assert get_post(post.id).state == "draft"
