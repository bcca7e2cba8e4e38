"""Telling people, and the page where they read it."""

from contentdesk.lib.db import db, transaction
from contentdesk.notices import services
from contentdesk.notices.models import Notice
from tests.factories import Factory

SENTENCE = "Perlu revisi: %(count)s catatan."


def test_each_person_is_told_once_and_reads_the_sentence_with_its_values(make: Factory) -> None:
    user = make.user()
    with transaction():
        services.tell([user.id, user.id], SENTENCE, "/unggahan/1", count=2)
    page = make.signed_in(user).get("/kabar").text
    assert page.count("Perlu revisi: 2 catatan.") == 1


def test_nobody_reads_the_notices_of_others(make: Factory) -> None:
    user, other = make.user(), make.user()
    with transaction():
        services.tell([user.id], SENTENCE, "/unggahan/1", count=2)
    notice = db.session.scalars(db.select(Notice)).one()
    client = make.signed_in(other)
    assert "Perlu revisi" not in client.get("/kabar").text
    assert client.post(f"/kabar/{notice.id}").status_code == 404
    assert db.session.get(Notice, notice.id).read_at is None


def test_opening_a_notice_marks_it_and_leads_to_its_page(make: Factory) -> None:
    user = make.user()
    with transaction():
        services.tell([user.id], SENTENCE, "/unggahan/1", count=2)
    notice = db.session.scalars(db.select(Notice)).one()
    answer = make.signed_in(user).post(f"/kabar/{notice.id}")
    assert (answer.status_code, answer.location) == (303, "/unggahan/1")
    assert db.session.get(Notice, notice.id).read_at is not None


def test_the_bell_counts_what_is_unread_until_all_is_marked(make: Factory) -> None:
    user, other = make.user(), make.user()
    with transaction():
        services.tell([user.id, other.id], SENTENCE, "/a", count=1)
        services.tell([user.id], SENTENCE, "/b", count=2)
    client = make.signed_in(user)
    assert "2 belum dibaca" in client.get("/kabar").text
    client.post("/kabar/semua")
    assert "Semua sudah dibaca" in client.get("/kabar").text
    assert "1 belum dibaca" in make.signed_in(other).get("/kabar").text


def test_a_message_that_failed_leaves_nothing(make: Factory) -> None:
    user = make.user()
    try:
        with transaction():
            services.tell([user.id], SENTENCE, "/a", count=1)
            raise ValueError
    except ValueError:
        pass
    assert db.session.scalars(db.select(Notice)).all() == []
