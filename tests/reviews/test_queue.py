"""The queue: what is due first on top, risks seen from afar, no query for each row."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event

from contentdesk.access.permissions import Role
from contentdesk.kim.models import Kim
from contentdesk.lib import clock
from contentdesk.lib.db import db, transaction
from contentdesk.posts.models import Post
from contentdesk.posts.queries import get_post, newest_revision
from contentdesk.reviews import queries
from contentdesk.reviews.checklist import sheet
from contentdesk.reviews.models import Verdict
from contentdesk.reviews.risks import is_risky
from tests.factories import Factory
from tests.reviews.scenes import decided, reviewer, waiting

RISKY = "Jus ini menyembuhkan. Nomor 1 di Malang. Rp15.000."


def hours_from_now(hours: float) -> datetime:
    return clock.now() + timedelta(hours=hours)


@contextmanager
def counted() -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield seen
    event.remove(db.engine, "before_cursor_execute", note)


def test_what_is_due_first_stands_first_and_wishes_come_before_none(make: Factory) -> None:
    later = waiting(make, proposed_at=hours_from_now(50))
    never = waiting(make)
    first = waiting(make, proposed_at=hours_from_now(1))
    waiting(make, state="draft", proposed_at=hours_from_now(0.5))
    assert [row.post.id for row in queries.page().rows] == [first.id, later.id, never.id]
    assert queries.waiting_ids() == [first.id, later.id, never.id]


def test_findings_are_tags_and_red_ones_come_first(make: Factory) -> None:
    post = waiting(make, text=RISKY)
    row = queries.page().rows[0]
    assert row.post.id == post.id
    assert [(risk.word, risk.tone) for risk in row.risks] == [
        ("Klaim kesehatan", "red"),
        ("Klaim tanpa bukti", "amber"),
    ]


def handed_in_again(make: Factory, post: Post) -> None:
    """With other words."""
    fresh = get_post(post.id)
    targets, author = tuple(newest_revision(fresh).targets), fresh.author
    make.revision(post, author, number=2, text="Keripik tempe, Rp16.000.", accounts=targets)
    with transaction():
        fresh = get_post(post.id)
        fresh.state, fresh.newest_number = "in_review", 2


def test_a_post_sent_back_and_a_new_author_are_told_apart(make: Factory) -> None:
    author = make.user()
    post = waiting(make, author)
    decided(reviewer(make), post, Verdict.ASK_CHANGES, "Perbaiki.", {})
    handed_in_again(make, post)
    old_hand = make.user()
    make.post(old_hand, state="scheduled")
    other = waiting(make, old_hand)
    rows = {row.post.id: row for row in queries.page().rows}
    assert (rows[post.id].revised, rows[post.id].new_author) == (True, True)
    assert (rows[other.id].revised, rows[other.id].new_author) == (False, False)


def filled(make: Factory, count: int) -> None:
    author = make.user()
    kim = db.session.get_one(Kim, author.kim_id)
    for number in range(count):
        waiting(
            make,
            author if number % 2 else make.user(kim=kim),
            text=RISKY,
            accounts=(make.account(kim), make.account(kim, kind="snackvideo")),
            proposed_at=hours_from_now(number),
        )


def test_fifty_posts_cost_no_more_queries_than_five(make: Factory) -> None:
    browser = make.signed_in(reviewer(make))
    spent = []
    for count in (5, 45):
        filled(make, count)
        db.session.remove()
        with counted() as seen:
            page = browser.get("/tinjauan")
        assert page.status_code == 200
        spent.append(len(seen))
    assert page.text.count('class="due') == 50
    assert spent[0] == spent[1], spent


def test_more_than_fifty_are_turned_over_by_page(make: Factory) -> None:
    filled(make, 52)
    browser = make.signed_in(reviewer(make))
    assert browser.get("/tinjauan").text.count('class="due') == 50
    assert browser.get("/tinjauan?halaman=2").text.count('class="due') == 2
    assert browser.get("/tinjauan?halaman=x").status_code == 200


@pytest.mark.parametrize(("chosen", "shown"), [("semua", 3), ("berisiko", 1), ("hari-ini", 1), ("aneh", 3)])
def test_filters_say_how_many_and_show_them(make: Factory, chosen: str, shown: int) -> None:
    waiting(make, text=RISKY, proposed_at=hours_from_now(72))
    waiting(make, proposed_at=clock.now() - timedelta(minutes=1))
    waiting(make, proposed_at=hours_from_now(48))
    page = make.signed_in(reviewer(make)).get(f"/tinjauan?saring={chosen}").text
    assert page.count('class="due') == shown
    for word in ("Semua 3", "Berisiko 1", "Hari ini 1", "Sudah direvisi 0"):
        assert word in page


def test_filters_are_turned_over_by_page_and_keep_their_order(make: Factory) -> None:
    filled(make, 53)
    waiting(make, proposed_at=hours_from_now(-1))
    first, last = queries.page("berisiko"), queries.page("berisiko", 2)
    assert (len(first.rows), len(last.rows), first.total) == (50, 3, 53)
    wishes = [row.post.proposed_at for row in [*first.rows, *last.rows]]
    assert wishes == sorted(wishes)
    assert all(row.risks for row in [*first.rows, *last.rows])


def test_a_page_checks_and_loads_only_what_it_shows(make: Factory, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(make, 53)
    checked: list[object] = []
    real = queries.checks.problems
    monkeypatch.setattr(queries.checks, "problems", lambda subject: checked.append(1) or real(subject))
    assert len(queries.page("semua", 2).rows) == 3
    assert len(checked) == 3


def test_a_very_long_queue_is_searched_for_risks_only_where_it_goes_out_soonest(
    make: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "SEARCHED", 4)
    filled(make, 6)
    page = make.signed_in(reviewer(make)).get("/tinjauan?saring=berisiko").text
    assert page.count('class="due') == 4
    assert "Semua 6" in page
    assert "Berisiko 4+" in page
    assert "4 unggahan yang paling cepat terbit" in page


def test_today_ends_at_midnight_in_wib(make: Factory) -> None:
    midnight = clock.from_wib(datetime.combine(clock.today() + timedelta(days=1), datetime.min.time()))
    today = waiting(make, proposed_at=midnight - timedelta(seconds=1))
    waiting(make, proposed_at=midnight)
    rows = queries.page("hari-ini").rows
    assert [(row.post.id, row.is_today) for row in rows] == [(today.id, True)]


def test_what_was_sent_back_can_be_chosen(make: Factory) -> None:
    post = waiting(make)
    waiting(make)
    decided(reviewer(make), post, Verdict.ASK_CHANGES, "Perbaiki.", {})
    handed_in_again(make, post)
    assert [row.post.id for row in queries.page("direvisi").rows] == [post.id]


def test_an_empty_queue_says_so(make: Factory) -> None:
    assert "Semua sudah ditinjau" in make.signed_in(reviewer(make)).get("/tinjauan").text


@pytest.mark.parametrize("role", [Role.MEMBER, Role.CHAIR, Role.JUDGE])
def test_the_queue_is_for_reviewers(make: Factory, role: str) -> None:
    post = waiting(make)
    browser = make.signed_in(make.user(role))
    assert browser.get("/tinjauan").status_code == 403
    assert browser.get(f"/tinjauan/{post.id}").status_code == 403


def test_the_usual_wait_is_the_median_of_the_last_verdicts(make: Factory) -> None:
    assert queries.usual_wait_minutes() is None
    person = reviewer(make)
    for minutes in (10, 40, 600):
        post = waiting(make, submitted_at=clock.now() - timedelta(minutes=minutes))
        decided(person, post)
    handed_in_again = waiting(make, submitted_at=clock.now() - timedelta(minutes=5000))
    decided(person, handed_in_again, Verdict.ASK_CHANGES, "Perbaiki.", {})
    with transaction():
        get_post(handed_in_again.id).submitted_at = clock.now() + timedelta(seconds=1)
    assert queries.usual_wait_minutes() == 40


def test_the_queue_finds_what_the_review_finds(make: Factory) -> None:
    """Advice is no risk, yet it is something: a row with it does not say that nothing was found."""
    person = make.signed_in(reviewer(make))
    for values in ({}, {"text": RISKY}, {"proposed_at": hours_from_now(30)}, {"accounts": ()}):
        post = waiting(make, **values)
        fresh = get_post(post.id)
        found = sheet(fresh, newest_revision(fresh)).problems
        line = next(row for row in queries.page().rows if row.post.id == post.id)
        assert line.findings == len([one for one in found if not is_risky(one)])
    plain = next(row for row in queries.page().rows if not row.risks)
    assert plain.findings > 0
    assert "Tidak ada temuan" not in person.get("/tinjauan").text
