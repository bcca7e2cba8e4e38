"""The form for figures by hand, and the button for fresh ones."""

import re
from datetime import timedelta

import pytest
from flask import Flask

from contentdesk.access.permissions import Role
from contentdesk.channels.models import AccountState
from contentdesk.kim.models import Kim
from contentdesk.lib import clock
from contentdesk.lib.db import db, transaction
from contentdesk.lib.desk import desk
from contentdesk.metrics import queries
from contentdesk.metrics.models import LatestFigures
from contentdesk.publishing.models import Delivery
from contentdesk.users.models import User
from tests.factories import Factory
from tests.metrics.made import sent_delivery


def seen(hours_ago: float = 0) -> str:
    return clock.to_wib(clock.now() - timedelta(hours=hours_ago)).strftime("%Y-%m-%dT%H:%M")


def member_of(make: Factory, delivery: Delivery) -> User:
    return make.user(kim=db.session.get(Kim, queries.sent_delivery(delivery.id).post.kim_id))


def by_hand(make: Factory) -> tuple[Delivery, User]:
    """On an account that members keep themselves, on a platform that shows all six figures."""
    kim = make.kim()
    delivery = sent_delivery(make, kim, account=make.account(kim, by_hand=True))
    return delivery, make.user(kim=kim)


def latest(delivery: Delivery) -> LatestFigures:
    db.session.rollback()
    found = queries.latest(delivery.id)
    assert found is not None
    return found


def test_a_member_types_what_the_app_shows(make: Factory) -> None:
    delivery, member = by_hand(make)
    browser = make.signed_in(member)
    answer = browser.post(
        f"/angka/{delivery.id}", data={"views": "1.234", "reach": "", "likes": "0", "seen_at": seen(1)}
    )
    assert answer.status_code == 303
    row = latest(delivery)
    assert (row.views, row.reach, row.likes, row.source) == (1234, None, 0, "manual")
    text = browser.get(f"/angka/{delivery.id}").text
    assert "Terakhir diketahui: 1.234" in text
    assert member.name in text


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"views": "12,5"}, "Tulis bilangan bulat"),
        ({"views": "1.23"}, "Tulis bilangan bulat"),
        ({"views": "-3"}, "Tulis bilangan bulat"),
        ({"views": "1,2 rb"}, "Tulis bilangan bulat"),
        ({"views": "99999999999"}, "terlalu besar"),
        ({"views": "10", "reach": "11"}, "Jangkauan tidak bisa lebih besar"),
        ({}, "Isi paling sedikit satu angka"),
        ({"views": "77", "seen_at": ""}, "Isi kapan angkanya Anda lihat"),
        ({"views": "77", "seen_at": "2030-01-01T10:00"}, "Waktu ini belum tiba"),
        ({"views": "77", "seen_at": "2020-01-01T10:00"}, "sebelum unggahan terbit"),
    ],
)
def test_what_cannot_be_is_said_and_the_typed_text_comes_back(
    make: Factory, typed: dict[str, str], sentence: str
) -> None:
    delivery, member = by_hand(make)
    answer = make.signed_in(member).post(f"/angka/{delivery.id}", data={"seen_at": seen()} | typed)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert all(f'value="{value}"' in answer.text for value in typed.values())
    assert queries.samples_by_hand(delivery.id) == []


def test_only_figures_that_the_app_shows_are_asked_for(make: Factory) -> None:
    delivery = sent_delivery(make, kind="snackvideo")
    browser = make.signed_in(member_of(make, delivery))
    fields = set(re.findall(r'<input[^>]* name="(\w+)"', browser.get(f"/angka/{delivery.id}").text))
    assert fields & {"reach", "views", "likes", "comments", "shares", "saves"} == {
        "views",
        "likes",
        "comments",
        "shares",
    }


def test_a_stranger_does_not_learn_that_the_post_exists(make: Factory) -> None:
    delivery, _ = by_hand(make)
    stranger = make.signed_in(make.user(kim=make.kim()))
    assert stranger.get(f"/angka/{delivery.id}").status_code == 404
    assert stranger.post(f"/angka/{delivery.id}", data={"views": "1", "seen_at": seen()}).status_code == 404
    assert stranger.post(f"/angka/{delivery.id}/perbarui").status_code == 404
    assert make.signed_in(make.user(Role.JUDGE)).get(f"/angka/{delivery.id}").status_code == 403
    assert make.signed_in(make.user(Role.REVIEWER)).get(f"/angka/{delivery.id}").status_code == 200


def test_an_automatic_account_has_no_form(make: Factory) -> None:
    delivery = sent_delivery(make)
    browser = make.signed_in(member_of(make, delivery))
    assert browser.get(f"/angka/{delivery.id}").status_code == 303
    assert browser.post(f"/angka/{delivery.id}", data={"views": "5", "seen_at": seen()}).status_code == 303
    assert queries.latest(delivery.id) is None


def test_a_post_only_a_person_knows_to_be_public_gets_its_figures_by_hand(make: Factory) -> None:
    """On an automatic account, but without the platform's id nobody can be asked."""
    delivery = sent_delivery(make, external_id=None, permalink="https://www.instagram.com/p/DQx1/")
    browser = make.signed_in(member_of(make, delivery))
    post_id = queries.sent_delivery(delivery.id).post_id
    assert f'href="/angka/{delivery.id}"' in browser.get(f"/unggahan/{post_id}").text
    assert browser.get(f"/angka/{delivery.id}").status_code == 200
    assert browser.post(f"/angka/{delivery.id}", data={"views": "5", "seen_at": seen()}).status_code == 303
    assert latest(delivery).views == 5
    browser.post(f"/angka/{delivery.id}/perbarui")
    assert "tidak bisa diambil otomatis" in browser.get(f"/unggahan/{post_id}").text
    assert latest(delivery).poll_at is None


def test_an_automatic_account_kept_by_members_leads_to_the_form(make: Factory) -> None:
    delivery, member = by_hand(make)
    page = make.signed_in(member).get(f"/unggahan/{queries.sent_delivery(delivery.id).post_id}").text
    assert f'href="/angka/{delivery.id}"' in page


@pytest.mark.parametrize("state", [AccountState.EXPIRED, AccountState.NOT_ALLOWED, AccountState.CLOSED])
def test_a_platform_that_cannot_be_reached_is_not_promised_to_be_asked(make: Factory, state: AccountState) -> None:
    delivery = sent_delivery(make)
    with transaction():
        queries.sent_delivery(delivery.id).account.state = state
    browser = make.signed_in(member_of(make, delivery))
    page = browser.post(f"/angka/{delivery.id}/perbarui", follow_redirects=True).text
    assert "tidak tersambung" in page
    assert "sedang diminta" not in page
    assert desk().bell.connection.llen("rq:queue:metrics") == 0


def test_a_post_that_is_not_out_has_no_figures(make: Factory) -> None:
    kim = make.kim()
    account = make.account(kim, by_hand=True)
    waiting = make.delivery(make.post(make.user(kim=kim), accounts=(account,)), account)
    assert make.signed_in(make.user(kim=kim)).get(f"/angka/{waiting.id}").status_code == 404


def test_fresh_figures_are_rung_for_once_a_minute(app: Flask, make: Factory) -> None:
    delivery = sent_delivery(make)
    browser = make.signed_in(member_of(make, delivery))
    answer = browser.post(f"/angka/{delivery.id}/perbarui")
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/unggahan/{queries.sent_delivery(delivery.id).post_id}"
    assert desk().bell.connection.llen("rq:queue:metrics") == 1
    assert list(queries.due_polls(clock.now())) == [delivery.account_id]
