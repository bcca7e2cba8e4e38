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
from contentdesk.posts.services import take_back
from contentdesk.reviews import queries
from contentdesk.reviews.models import Verdict
from contentdesk.reviews.services import NotReady, submit
from contentdesk.users.models import User
from tests.factories import Factory
from tests.reviews.scenes import decided, reviewer, waiting


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


def sent_back(make: Factory, author: User) -> Post:
    post = waiting(make, author)
    decided(reviewer(make), post, Verdict.ASK_CHANGES, "Catat dulu persetujuannya.")
    return post


def test_what_was_sent_back_is_not_taken_again_unchanged(make: Factory) -> None:
    author = make.user()
    post = sent_back(make, author)
    with pytest.raises(Conflict, match="revisi 1 inilah yang diminta diubah"):
        handed_in(author, post)
    assert get_post(post.id).state == "changes_asked"
    browser = make.signed_in(author)
    answer = browser.post(f"/unggahan/{post.id}/kirim", follow_redirects=True)
    assert "Belum dikirim: revisi 1 inilah yang diminta diubah." in answer.text
    assert "Kirim lagi tanpa perubahan, karena" in answer.text


def test_taken_back_and_handed_in_it_is_still_the_same(make: Factory) -> None:
    author = make.user()
    post = sent_back(make, author)
    with transaction():
        submit(author, get_post(post.id), "Sudah dicatat.")
    with transaction():
        take_back(author, get_post(post.id))
    with pytest.raises(Conflict):
        handed_in(author, post)


def test_another_revision_needs_no_reason(make: Factory) -> None:
    author = make.user()
    post = sent_back(make, author)
    make.revision(
        post, author, number=2, text="Keripik tempe, Rp16.000.", accounts=tuple(newest_revision(post).targets)
    )
    with transaction():
        get_post(post.id).newest_number = 2
    assert handed_in(author, post).state == "in_review"
    (line,) = queries.page("direvisi").rows
    assert (line.revised, line.unchanged) == (True, False)


def test_with_a_reason_the_reviewer_reads_it_and_it_is_not_called_revised(make: Factory) -> None:
    author, person = make.user(), reviewer(make)
    post = sent_back(make, author)
    browser = make.signed_in(author)
    browser.post(f"/unggahan/{post.id}/kirim", data={"answer": " Persetujuannya sudah dicatat kemarin. "})
    assert get_post(post.id).state == "in_review"
    queue = make.signed_in(person).get("/tinjauan").text
    assert "Dikirim lagi tanpa perubahan" in queue
    assert queue.count("Sudah direvisi") == 1, "the filter alone"
    assert queries.counts().numbers["direvisi"] == 0
    assert "Persetujuannya sudah dicatat kemarin." in make.signed_in(person).get(f"/tinjauan/{post.id}").text
    assert "Persetujuannya sudah dicatat kemarin." in browser.get(f"/unggahan/{post.id}").text
