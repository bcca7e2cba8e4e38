"""From a citizen's words on the platform to the tick that somebody answered."""

from datetime import timedelta

import pytest
from flask import Flask

from contentdesk.access.permissions import Role
from contentdesk.channels.abilities import Comment
from contentdesk.comments import queries, services
from contentdesk.comments.models import CitizenComment
from contentdesk.comments.questions import is_question
from contentdesk.lib import clock
from contentdesk.lib.db import db, transaction
from contentdesk.publishing.models import Delivery
from tests.comments.talking import Talking, poll, say
from tests.counting import statements
from tests.factories import Factory
from workers import metrics


def test_what_a_citizen_wrote_waits_for_an_answer(channel: Talking, delivery: Delivery) -> None:
    say(channel, "Berapa harganya?")
    [comment] = poll(delivery)
    assert (comment.text, comment.author, comment.is_question, comment.answered_at) == (
        "Berapa harganya?",
        "warga_1",
        True,
        None,
    )
    assert queries.open_count(delivery.post.kim_id) == 1


def test_a_comment_is_kept_once_and_read_only_when_there_is_a_new_one(channel: Talking, delivery: Delivery) -> None:
    say(channel, "Enak")
    poll(delivery)
    assert len(poll(delivery)) == 1
    assert channel.read == 1
    say(channel, "Buka jam berapa", 2)
    assert len(poll(delivery)) == 2
    assert channel.read == 2


def test_our_own_answers_are_not_shown(channel: Talking, delivery: Delivery) -> None:
    say(channel, "Terima kasih", by_us=True)
    assert poll(delivery) == []
    poll(delivery)
    assert channel.read == 1


def test_a_disturbed_platform_takes_no_figures_away(channel: Talking, delivery: Delivery) -> None:
    channel.disturbed = True
    say(channel, "Halo")
    assert poll(delivery) == []
    row = metrics.queries.latest(delivery.id)
    assert row is not None
    assert row.comments == 1
    channel.disturbed = False
    assert len(poll(delivery)) == 1


def test_answered_stays_answered_and_can_be_taken_back(channel: Talking, delivery: Delivery, make: Factory) -> None:
    say(channel, "Di mana?")
    [comment] = poll(delivery)
    member = make.user(kim=delivery.post.kim)
    client = make.signed_in(member)
    assert client.post(f"/komentar/{comment.id}/dijawab").status_code == 303
    say(channel, "Kapan buka?", 2)
    poll(delivery)
    assert queries.open_count(None) == 1
    assert "Di mana?" not in client.get("/komentar").text
    assert "Di mana?" in client.get("/komentar?tampil=semua").text
    client.post(f"/komentar/{comment.id}/belum")
    assert queries.open_count(None) == 2


def test_another_kim_neither_sees_nor_ticks_it(channel: Talking, delivery: Delivery, make: Factory) -> None:
    say(channel, "Rahasia dapur")
    [comment] = poll(delivery)
    stranger = make.signed_in(make.user())
    assert "Rahasia dapur" not in stranger.get("/komentar?tampil=semua").text
    assert stranger.post(f"/komentar/{comment.id}/dijawab").status_code == 404
    assert "Rahasia dapur" in make.signed_in(make.user(Role.REVIEWER)).get("/komentar").text


def test_questions_come_first_and_the_newest_before_the_older(channel: Talking, delivery: Delivery) -> None:
    say(channel, "Bagus", 1, age=timedelta(minutes=1))
    say(channel, "Alamatnya mana", 2, age=timedelta(hours=2))
    say(channel, "Bisa COD?", 3, age=timedelta(hours=1))
    poll(delivery)
    rows = queries.page_of_comments(None, True, 1).rows
    assert [row.external_id for row in rows] == ["c3", "c2", "c1"]


def test_words_are_forgotten_after_three_months(channel: Talking, delivery: Delivery) -> None:
    say(channel, "Lama", 1, age=services.KEPT - timedelta(minutes=1))
    say(channel, "Terlalu lama", 2, age=services.KEPT + timedelta(minutes=1))
    assert [row.text for row in poll(delivery)] == ["Lama"]
    with transaction():
        assert services.forget_old(clock.now() + timedelta(minutes=2)) == 1
    assert db.session.query(CitizenComment).count() == 0


def test_the_list_asks_the_same_number_of_queries_however_long(
    app: Flask, channel: Talking, delivery: Delivery, make: Factory
) -> None:
    client = make.signed_in(make.user(Role.REVIEWER))
    for number in range(5):
        say(channel, f"Halo {number}", number)
    poll(delivery)
    few = len(statements(lambda: client.get("/komentar")))
    for number in range(5, 45):
        say(channel, f"Halo {number}", number)
    poll(delivery)
    assert len(statements(lambda: client.get("/komentar"))) == few


def test_markup_of_a_citizen_is_text(channel: Talking, delivery: Delivery, make: Factory) -> None:
    say(channel, "<script>alert(1)</script>")
    poll(delivery)
    page = make.signed_in(make.user(Role.REVIEWER)).get("/komentar").text
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("Brp harganya kak", True),
        ("nang endi iki", True),
        ("dimana ya", True),
        ("Masih ada?", True),
        ("minta WA", True),
        ("Enak banget", False),
        ("Semangat KIM", False),
        ("Bukan main", False),
    ],
)
def test_a_question_is_recognised(text: str, asks: bool) -> None:
    assert is_question(text) is asks


def test_a_citizens_words_and_links_run_nothing_in_our_page(
    channel: Talking, delivery: Delivery, make: Factory
) -> None:
    evil = [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "data:text/html,x",
        'https://a.id/"onclick="x',
        " https://a.id",
    ]
    for number, link in enumerate(evil):
        channel.said.append(Comment(f"c{number}", "<b>W</b>", "<script>x</script>", clock.now(), permalink=link))
    assert [comment.permalink for comment in poll(delivery)] == [None] * len(evil)
    page = make.signed_in(make.user(kim=delivery.post.kim)).get("/komentar").text
    assert "&lt;script&gt;x" in page
    assert "<b>W" not in page
    assert "javascript:" not in page.lower()
    assert 'href="https://ngobrol.example/1"' in page


def test_an_ordinary_link_leads_to_the_comment(channel: Talking, delivery: Delivery) -> None:
    channel.said.append(Comment("c1", "w", "Halo", clock.now(), permalink="https://ngobrol.example/1?komentar=2#c"))
    assert [comment.permalink for comment in poll(delivery)] == ["https://ngobrol.example/1?komentar=2#c"]


def test_a_comment_from_the_future_is_kept_no_longer_than_others(channel: Talking, delivery: Delivery) -> None:
    say(channel, "Halo", age=timedelta(days=-3650))
    assert len(poll(delivery)) == 1
    with transaction():
        assert services.forget_old(clock.now() + timedelta(days=91)) == 1
