"""Comments that are deleted, edited, or written while another one goes; and reading that did not work."""

from datetime import timedelta
from typing import Any

import pytest

from contentdesk.access.permissions import Role
from contentdesk.comments import queries, services
from contentdesk.comments.models import CitizenComment
from contentdesk.lib import clock
from contentdesk.lib.db import db
from contentdesk.lib.desk import desk
from contentdesk.publishing.models import Delivery
from tests.channels.conftest import Later
from tests.comments.talking import Talking, poll, say
from tests.factories import Factory
from tests.metrics.made import sent_delivery
from workers import metrics


def texts(delivery: Delivery) -> list[str]:
    return sorted(comment.text for comment in poll(delivery))


def next_poll(delivery: Delivery) -> timedelta:
    """How long until the platform is asked again."""
    row = metrics.queries.latest(delivery.id)
    assert row is not None
    assert row.poll_at is not None
    return row.poll_at - clock.now()


def test_one_that_goes_does_not_hide_the_one_that_comes(channel: Talking, delivery: Delivery, later: Later) -> None:
    say(channel, "Enak", 1)
    poll(delivery)
    channel.said.clear()
    say(channel, "Buka jam berapa?", 2)
    later(timedelta(hours=1))
    assert texts(delivery) == ["Buka jam berapa?"]
    assert queries.open_count(None) == 1


def test_while_nothing_is_counted_nothing_is_read(channel: Talking, delivery: Delivery, later: Later) -> None:
    poll(delivery)
    later(timedelta(hours=5))
    poll(delivery)
    assert channel.read == 0
    say(channel, "Enak")
    poll(delivery)
    channel.said.clear()
    for _ in range(2):
        poll(delivery)
        later(timedelta(hours=5))
    assert channel.read == 2


def test_a_deleted_comment_leaves_the_list_and_its_words_are_forgotten(
    channel: Talking, delivery: Delivery, make: Factory
) -> None:
    say(channel, "Nomor saya 0812", 1)
    say(channel, "Di mana?", 2)
    [kept, gone] = sorted(poll(delivery), key=lambda comment: comment.text)
    assert gone.text == "Nomor saya 0812"
    gone_id = gone.id
    channel.said.pop(0)
    assert texts(delivery) == ["Di mana?"]
    row = db.session.get_one(CitizenComment, gone_id)
    assert (row.author, row.text, row.permalink) == ("", "", None)
    client = make.signed_in(make.user(Role.REVIEWER))
    assert "sudah tidak ada di platformnya" in client.post(f"/komentar/{gone_id}/dijawab").text
    channel.said.clear()
    assert texts(delivery) == []
    assert kept.id != gone_id


def test_one_that_was_hidden_for_a_while_comes_back_answered(
    channel: Talking, delivery: Delivery, make: Factory
) -> None:
    say(channel, "Di mana?", 1)
    [comment] = poll(delivery)
    make.signed_in(make.user(Role.REVIEWER)).post(f"/komentar/{comment.id}/dijawab")
    hidden, channel.said = channel.said, []
    assert poll(delivery) == []
    channel.said = hidden
    [comment] = poll(delivery)
    assert comment.text == "Di mana?"
    assert comment.answered_at is not None


@pytest.mark.parametrize("whole", [True, False])
def test_an_answer_that_is_not_the_whole_takes_nothing_away(channel: Talking, delivery: Delivery, whole: bool) -> None:
    """Neither one that stops at the newest, nor an empty one where the platform counts some."""
    say(channel, "Di mana?", 1)
    poll(delivery)
    channel.said.clear()
    channel.counted, channel.whole = 7, whole
    assert texts(delivery) == ["Di mana?"]
    channel.tells_count = False
    assert texts(delivery) == ["Di mana?"]


def test_an_edited_comment_reads_as_it_stands_there(channel: Talking, delivery: Delivery, later: Later) -> None:
    say(channel, "Enak", 1)
    poll(delivery)
    channel.said.clear()
    say(channel, "Enak. Berapa harganya?", 1)
    later(timedelta(hours=1))
    [comment] = poll(delivery)
    assert (comment.text, comment.is_question) == ("Enak. Berapa harganya?", True)


def test_what_could_not_be_read_comes_again_before_the_plan_has_it(
    channel: Talking, delivery: Delivery, later: Later
) -> None:
    """Two weeks after a post the plan asks weekly; a citizen's question does not wait for that."""
    later(timedelta(days=15))
    channel.disturbed = True
    say(channel, "Halo?")
    poll(delivery)
    assert timedelta(minutes=4) < next_poll(delivery) < timedelta(minutes=6)
    for _ in range(3):
        poll(delivery)
    assert timedelta(minutes=10) < next_poll(delivery) < timedelta(days=1)
    channel.disturbed = False
    assert texts(delivery) == ["Halo?"]
    assert next_poll(delivery) > timedelta(days=5)


def test_a_reading_that_is_owed_is_made_though_the_count_is_the_old_one(channel: Talking, delivery: Delivery) -> None:
    say(channel, "Enak", 1)
    poll(delivery)
    say(channel, "Halo?", 2)
    channel.disturbed = True
    poll(delivery)
    channel.said.pop(0)
    channel.disturbed = False
    assert texts(delivery) == ["Halo?"]


def test_comments_that_break_us_keep_nobody_elses_away(
    channel: Talking, delivery: Delivery, make: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent_delivery(make, account=metrics.queries.sent_delivery(delivery.id).account)
    say(channel, "Halo?")
    answer = channel.comments

    def broken_at_first(*asked: Any) -> Any:
        if channel.read == 0:
            channel.read = 1
            raise TypeError
        return answer(*asked)

    monkeypatch.setattr(channel, "comments", broken_at_first)
    assert texts(delivery) == ["Halo?"]


def test_a_slow_platform_is_left_and_the_unread_come_again(
    channel: Talking, delivery: Delivery, make: Factory, later: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = sent_delivery(make, account=metrics.queries.sent_delivery(delivery.id).account)
    say(channel, "Halo?")
    answer = channel.comments

    def slowly(*asked: Any) -> Any:
        later(metrics.NO_MORE_AFTER + timedelta(seconds=1))
        return answer(*asked)

    monkeypatch.setattr(channel, "comments", slowly)
    metrics.sweep.soon_again()
    metrics.ring_due(desk(), clock.now())
    metrics.step(delivery.account_id, desk())
    assert channel.read == 1
    waits = sorted(next_poll(one) for one in (delivery, other))
    assert waits[0] < timedelta(minutes=5) < waits[1]


def test_comments_that_cannot_be_kept_keep_nobody_elses_away(
    channel: Talking, delivery: Delivery, make: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither are they forgotten: the post is read again with its next figures, whatever is counted then."""
    sent_delivery(make, account=metrics.queries.sent_delivery(delivery.id).account)
    say(channel, "Halo?")
    keep, tries = services.keep, []

    def broken_at_first(*given: Any, **how: Any) -> None:
        tries.append(given)
        if len(tries) == 1:
            raise OverflowError
        keep(*given, **how)

    monkeypatch.setattr(services, "keep", broken_at_first)
    assert texts(delivery) == ["Halo?"]
    assert len(tries) == 2
