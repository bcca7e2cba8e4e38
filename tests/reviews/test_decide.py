"""The verdict: on one revision, by somebody else, once."""

import threading
from typing import Any

import pytest
from flask import Flask

from contentdesk.access.permissions import Role
from contentdesk.audit.models import AuditEntry
from contentdesk.lib import clock
from contentdesk.lib.db import db, transaction
from contentdesk.lib.errors import Conflict, DomainError, NotPermitted
from contentdesk.notices.models import Notice
from contentdesk.posts.models import Post
from contentdesk.posts.queries import get_post, newest_revision
from contentdesk.reviews.models import Review, Verdict
from contentdesk.reviews.services import OwnWork, decide
from contentdesk.umkm.models import Consent
from contentdesk.users.models import User
from tests.factories import Factory
from tests.reviews.scenes import ALL_OK, decided, reviewer, waiting


def reviews() -> list[Review]:
    return list(db.session.scalars(db.select(Review)))


def fresh(post: Post) -> Post:
    db.session.rollback()
    return get_post(post.id)


def rewritten(make: Factory, post: Post, author: Any, number: int, **values: Any) -> None:
    make.revision(post, author, number, "Keripik tempe, naskah baru.")
    with transaction():
        changed = get_post(post.id)
        changed.newest_number = number
        for name, value in values.items():
            setattr(changed, name, value)


def test_an_approval_is_kept_for_the_revision_and_told_to_the_author(make: Factory) -> None:
    post, person = waiting(make), reviewer(make)
    review = decided(person, post)
    now = fresh(post)
    assert (now.state, now.approved_number) == ("approved", 1)
    assert (review.revision_id, review.reviewer_id, review.verdict) == (newest_revision(now).id, person.id, "approve")
    told = db.session.scalars(db.select(Notice)).one()
    assert (told.user_id, told.path) == (post.author_id, f"/unggahan/{post.id}")
    assert told.message % told.values == f"{post.title} disetujui."


def test_a_verdict_is_on_record_with_the_digest_of_what_was_seen(make: Factory) -> None:
    post, person = waiting(make), reviewer(make)
    decided(person, post, Verdict.REJECT, "Bukan untuk kanal ini.", ALL_OK | {"C11": "fail"})
    entry = db.session.scalars(db.select(AuditEntry).where(AuditEntry.action == "reviews.decide")).one()
    assert entry.actor_id == person.id
    assert entry.detail["digest"] == newest_revision(post).digest
    assert (entry.detail["verdict"], entry.detail["failed"]) == ("reject", ["C11"])


@pytest.mark.parametrize(("verdict", "state"), [("ask_changes", "changes_asked"), ("reject", "rejected")])
def test_other_verdicts_carry_their_note(make: Factory, verdict: str, state: str) -> None:
    post = waiting(make)
    review = decided(reviewer(make), post, Verdict(verdict), " Hapus klaim izin. ", {"C06": "fail"})
    assert (fresh(post).state, review.note, review.checklist) == (state, "Hapus klaim izin.", {"C06": "fail"})
    assert fresh(post).approved_number is None


@pytest.mark.parametrize("verdict", ["ask_changes", "reject"])
def test_without_a_note_nobody_is_sent_back(make: Factory, verdict: str) -> None:
    post = waiting(make)
    with pytest.raises(DomainError, match="Tulis catatan dulu"):
        decided(reviewer(make), post, Verdict(verdict), "  ")
    assert fresh(post).state == "in_review"
    assert reviews() == []


@pytest.mark.parametrize("marks", [ALL_OK | {"C06": "fail"}, {k: v for k, v in ALL_OK.items() if k != "C02"}, {}])
def test_a_required_point_that_is_not_confirmed_stops_the_approval(make: Factory, marks: dict[str, str]) -> None:
    post = waiting(make)
    with pytest.raises(DomainError, match="butir wajib"):
        decided(reviewer(make), post, marks=marks)
    assert fresh(post).state == "in_review"
    assert reviews() == []


def test_what_does_not_apply_and_what_is_only_advice_stop_nothing(make: Factory) -> None:
    author = make.user()
    kim = db.session.get_one(type(make.kim()), author.kim_id)
    craft = make.business(kim, category="kriya")
    post = waiting(make, author, businesses=(craft,))
    na = dict.fromkeys(("C03", "C04", "C06", "C07"), "na")
    decided(reviewer(make), post, marks=ALL_OK | na | {"C12": "fail"})
    assert fresh(post).state == "approved"


def test_food_needs_its_permits_looked_at(make: Factory) -> None:
    post = waiting(make)
    with pytest.raises(DomainError, match="C06"):
        decided(reviewer(make), post, marks=ALL_OK | {"C06": "na"})


def test_a_point_that_does_not_apply_still_stops_when_the_reviewer_sees_otherwise(make: Factory) -> None:
    post = waiting(make)
    with pytest.raises(DomainError, match="C03"):
        decided(reviewer(make), post, marks=ALL_OK | {"C03": "fail"})


def test_who_wrote_the_revision_does_not_decide_it(make: Factory) -> None:
    """A member who became a reviewer: the role alone would allow it."""
    author = make.user()
    post = waiting(make, author)
    with transaction():
        author.role = Role.REVIEWER
    for verdict in Verdict:
        with pytest.raises(OwnWork, match="peninjau lain yang memutus"):
            decided(author, post, verdict, "Catatan.")
    assert fresh(post).state == "in_review"
    decided(reviewer(make), post)
    assert fresh(post).state == "approved"


def test_who_wrote_an_earlier_revision_that_nobody_approved_does_not_decide_either(make: Factory) -> None:
    first = make.user()
    post = waiting(make, first)
    rewritten(make, post, make.user(kim=None), 2)
    with transaction():
        first.role = Role.REVIEWER
    with pytest.raises(OwnWork):
        decided(first, post)


def test_who_wrote_only_what_was_approved_long_ago_may_decide(make: Factory) -> None:
    first = make.user()
    post = waiting(make, first)
    rewritten(make, post, make.user(), 2, approved_number=1)
    with transaction():
        first.role = Role.REVIEWER
    decided(first, post)
    assert fresh(post).approved_number == 2


def test_an_edit_between_looking_and_deciding_takes_the_verdict_back(make: Factory) -> None:
    post, person = waiting(make), reviewer(make)
    seen = newest_revision(post).id
    rewritten(make, post, make.user(), 2)
    with pytest.raises(Conflict, match=r"Putusan belum disimpan\. Lihat revisi 2\."):
        decided(person, post, revision_id=seen)
    assert (fresh(post).state, fresh(post).approved_number, reviews()) == ("in_review", None, [])


def test_the_second_click_changes_nothing_and_says_so(make: Factory) -> None:
    post, person = waiting(make), reviewer(make)
    decided(person, post)
    with pytest.raises(Conflict, match="Klik kedua tidak mengubah apa pun"):
        decided(person, post)
    assert len(reviews()) == 1


def test_a_post_that_nobody_handed_in_is_not_decided(make: Factory) -> None:
    post = waiting(make, state="draft")
    with pytest.raises(Conflict, match="tidak sedang menunggu"):
        decided(reviewer(make), post)
    assert fresh(post).state == "draft"


def test_consent_withdrawn_after_handing_in_stops_the_approval(make: Factory) -> None:
    author = make.user()
    kim = db.session.get_one(type(make.kim()), author.kim_id)
    business = make.business(kim)
    post = waiting(make, author, businesses=(business,))
    with transaction() as session:
        for consent in session.scalars(db.select(Consent).where(Consent.business_id == business.id)):
            consent.withdrawn_at = clock.now()
    with pytest.raises(DomainError, match=f"Persetujuan {business.name}"):
        decided(reviewer(make), post)
    assert fresh(post).state == "in_review"


@pytest.mark.parametrize("role", [Role.MEMBER, Role.CHAIR, Role.JUDGE])
def test_only_reviewers_decide(make: Factory, role: str) -> None:
    author = make.user()
    post = waiting(make, author)
    person = make.user(role, kim=db.session.get(type(make.kim()), author.kim_id))
    with pytest.raises(NotPermitted):
        decided(person, post)
    assert fresh(post).state == "in_review"


def test_who_may_not_decide_does_not_even_learn_that_it_is_decided(make: Factory) -> None:
    post = waiting(make)
    decided(reviewer(make), post)
    with pytest.raises(NotPermitted):
        decided(make.user(Role.JUDGE), post)


def test_a_second_reviewer_waits_for_the_first_one_and_then_is_told(app: Flask, make: Factory) -> None:
    """The first verdict is given but not yet kept when the second one comes."""
    post, first, second = waiting(make), reviewer(make), reviewer(make)
    db.session.rollback()
    ids = {"post": post.id, "second": second.id, "seen": newest_revision(post).id}
    db.session.rollback()
    given, told = threading.Event(), list[str]()

    def come_second() -> None:
        with app.app_context():
            given.wait(10)
            try:
                with transaction():
                    person = db.session.get_one(User, ids["second"])
                    decide(person, get_post(ids["post"]), ids["seen"], Verdict.REJECT, ALL_OK, "Catatan.")
            except Conflict as error:
                told.append(str(error))
            finally:
                db.session.remove()

    other = threading.Thread(target=come_second)
    other.start()
    with transaction():
        decide(first, get_post(ids["post"]), ids["seen"], Verdict.APPROVE, ALL_OK, "")
        given.set()
        other.join(0.5)  # it has to wait for us; where nothing holds it, it is through by now
    other.join(30)
    assert told == ["Peninjau lain baru saja memutus revisi ini. Putusan Anda tidak disimpan."]
    assert [review.verdict for review in reviews()] == ["approve"]


def test_of_two_reviewers_at_the_same_moment_one_wins(app: Flask, make: Factory) -> None:
    post = waiting(make)
    people = [reviewer(make).id, reviewer(make).id]
    verdicts = [Verdict.APPROVE, Verdict.REJECT]
    revision_id, post_id = newest_revision(post).id, post.id
    db.session.rollback()
    start, outcomes = threading.Barrier(2), list[str]()

    def act(person_id: str, verdict: Verdict) -> None:
        with app.app_context():
            try:
                seen = get_post(post_id)
                start.wait(10)
                with transaction():
                    person = db.session.get_one(User, person_id)
                    decide(person, seen, revision_id, verdict, ALL_OK, "Catatan.")
                outcomes.append(verdict)
            except Conflict as error:
                outcomes.append(str(error))
            finally:
                db.session.remove()

    threads = [threading.Thread(target=act, args=pair) for pair in zip(people, verdicts, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    won = [verdict for verdict in verdicts if verdict in outcomes]
    assert len(won) == 1, outcomes
    assert [text for text in outcomes if "Peninjau lain baru saja memutus" in text], outcomes
    assert [review.verdict for review in reviews()] == won
    assert fresh(post).state == {"approve": "approved", "reject": "rejected"}[won[0]]
