"""Accounts behind posts that are due soon: looked at, renewed before use, and told of while there is time."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from contentdesk.access.permissions import Role
from contentdesk.channels import queries, services
from contentdesk.channels.base import Login
from contentdesk.channels.models import Account, AccountState
from contentdesk.kim.models import Kim
from contentdesk.lib import clock
from contentdesk.lib.db import db, transaction
from contentdesk.lib.desk import desk
from contentdesk.metrics.models import LatestFigures
from contentdesk.metrics.services import start_missing
from contentdesk.notices.models import Notice
from contentdesk.posts.states import PostState
from contentdesk.publishing import warnings
from contentdesk.publishing.models import Delivery
from contentdesk.publishing.states import DeliveryState
from contentdesk.users.models import User
from tests.channels import uji
from tests.channels.scripted import HTML, Answer, ScriptedPlatform
from tests.factories import Factory
from workers import accounts, metrics, publish, steps

FRESH = Answer({"access_token": "baru", "refresh_token": "segar-2", "expires_in": 3600})
WELL = Answer({"id": "1"})
HOUR = timedelta(hours=1)


@pytest.fixture
def scripted() -> Iterator[ScriptedPlatform]:
    server = ScriptedPlatform()
    yield server
    server.stop()


@pytest.fixture
def settings(scripted: ScriptedPlatform) -> dict[str, Any]:
    return {
        "platform_base_url": scripted.url,
        "apps": dict.fromkeys(("uji", "bisu"), ("aplikasi-kota", "rahasia-kota")),
    }


@pytest.fixture(autouse=True)
def channels(monkeypatch: pytest.MonkeyPatch) -> None:
    uji.add(monkeypatch)


@pytest.fixture
def chair(make: Factory) -> User:
    return make.user(Role.CHAIR)


@pytest.fixture
def author(make: Factory, chair: User) -> User:
    return make.user(kim=db.session.get_one(Kim, chair.kim_id))


@pytest.fixture
def account(chair: User) -> Account:
    return signed_in(chair, "uji", timedelta(hours=1))


def signed_in(chair: User, kind: str, lives: timedelta | None, refresh: str = "segar-1") -> Account:
    ends = clock.now() + lives if lives else None
    with transaction():
        account = services.connect(chair, kind, chair.kim_id, Login("1", "kim_uji", "lama", ends, refresh), desk().box)
        account.connected_at = clock.now() - timedelta(days=1)
        return account


def due(make: Factory, author: User, account: Account, ahead: timedelta, **values: Any) -> Delivery:
    post = make.post(author, state=PostState.SCHEDULED, accounts=(account,), title="Keripik tempe")
    return make.delivery(post, account, due_at=clock.now() + ahead, **values)


def state_of(account: Account) -> str:
    db.session.rollback()
    return queries.get_account(account.id).state


def notices() -> list[tuple[str, str]]:
    db.session.rollback()
    rows = db.session.scalars(select(Notice).order_by(Notice.id))
    return [(notice.user_id, notice.message % notice.values) for notice in rows]


def look_after() -> None:
    accounts.look_after(desk())


def test_an_account_behind_a_post_due_soon_is_tried_at_most_every_few_hours(
    make: Factory, scripted: ScriptedPlatform, author: User, account: Account
) -> None:
    scripted.on("GET", "/saya", WELL)
    due(make, author, account, 20 * HOUR)
    for _round in range(3):
        look_after()
    assert scripted.count("GET", "/saya") == 1
    checked = queries.get_account(account.id).checked_at
    assert checked
    with transaction():
        queries.get_account(account.id).checked_at = checked - timedelta(hours=5)
    look_after()
    assert scripted.count("GET", "/saya") == 2
    assert notices() == []


def test_of_two_workers_one_looks_at_an_account(account: Account) -> None:
    for expected in (True, False):
        with transaction():
            assert warnings.claim_check(account.id, clock.now()) is expected


@pytest.mark.parametrize(
    ("ahead", "state"),
    [(25 * HOUR, DeliveryState.WAITING), (HOUR, DeliveryState.SENT), (HOUR, DeliveryState.CANCELLED)],
)
def test_an_account_with_nothing_due_soon_is_left_alone(
    make: Factory, scripted: ScriptedPlatform, author: User, account: Account, ahead: timedelta, state: str
) -> None:
    due(make, author, account, ahead, state=state)
    look_after()
    assert scripted.asked == []


def test_a_platform_that_cannot_be_asked_is_asked_at_the_next_round(
    make: Factory, scripted: ScriptedPlatform, author: User, account: Account
) -> None:
    scripted.on("GET", "/saya", HTML, Answer("", 503), WELL)
    due(make, author, account, HOUR)
    for _round in range(4):
        look_after()
    assert scripted.count("GET", "/saya") == 3
    assert (state_of(account), notices()) == (AccountState.CONNECTED, [])


def test_a_revoked_login_is_told_to_holder_and_author_while_there_is_time(
    make: Factory, scripted: ScriptedPlatform, chair: User, author: User, account: Account
) -> None:
    scripted.on("GET", "/saya", Answer({}, 401)).on("POST", "/token", Answer({"error": "invalid_grant"}, 400))
    make.user(Role.ADMIN)
    due(make, author, account, 20 * HOUR)
    due(make, author, account, 21 * HOUR)
    for _round in range(3):
        look_after()
    assert state_of(account) == AccountState.EXPIRED
    waits = "Akun kim_uji terputus, padahal Keripik tempe terbit dalam 24 jam. Sambungkan lagi supaya tepat waktu."
    lost = "Akun kim_uji terputus. Unggahan menunggu, tidak ada yang hilang. Sambungkan lagi."
    assert sorted(notices()) == sorted([(chair.id, lost), (chair.id, waits), (author.id, waits)])
    browser = make.signed_in(chair)
    assert "sudah berakhir atau dicabut. Sambungkan lagi." in browser.get(f"/akun/{account.id}").text


def test_a_permission_taken_away_is_a_state_with_its_own_sentence(
    make: Factory, scripted: ScriptedPlatform, chair: User, author: User, account: Account
) -> None:
    scripted.on("GET", "/saya", Answer({}, 403))
    due(make, author, account, HOUR)
    look_after()
    assert state_of(account) == AccountState.NOT_ALLOWED
    page = make.signed_in(chair).get(f"/akun/{account.id}").text
    assert "Izin kurang" in page
    assert "Uji mencabut izin tulis dari kim_uji." in page
    assert {person for person, _sentence in notices()} == {chair.id, author.id}


def test_a_token_that_was_ended_early_is_replaced_without_a_word(
    make: Factory, scripted: ScriptedPlatform, author: User, account: Account
) -> None:
    scripted.on("GET", "/saya", Answer({}, 401)).on("POST", "/token", FRESH)
    due(make, author, account, HOUR)
    look_after()
    assert (state_of(account), notices()) == (AccountState.CONNECTED, [])
    scripted.on("GET", "/saya[?]memakai=baru", WELL)
    look_after()
    assert scripted.count("GET", "memakai=baru") == 1


def test_a_channel_that_cannot_be_asked_is_tried_by_renewing(
    make: Factory, scripted: ScriptedPlatform, chair: User, author: User
) -> None:
    account = signed_in(chair, "bisu", HOUR)
    scripted.on("POST", "/token", Answer({"error": "invalid_grant"}, 400))
    due(make, author, account, HOUR)
    look_after()
    assert state_of(account) == AccountState.EXPIRED


def test_a_fault_of_one_channel_keeps_no_other_account_waiting(
    make: Factory, scripted: ScriptedPlatform, chair: User, author: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: object) -> None:
        raise ValueError("ours")

    monkeypatch.setattr(uji.Uji, "check", broken)
    first, second = signed_in(chair, "uji", HOUR), signed_in(chair, "bisu", HOUR)
    scripted.on("POST", "/token", Answer({"error": "invalid_grant"}, 400))
    for account in (first, second):
        due(make, author, account, HOUR)
    look_after()
    assert (state_of(first), state_of(second)) == (AccountState.CONNECTED, AccountState.EXPIRED)


def test_a_login_that_ends_before_its_post_is_told_once(
    make: Factory, scripted: ScriptedPlatform, chair: User, author: User
) -> None:
    account = signed_in(chair, "jauh", 5 * HOUR, refresh="")
    due(make, author, account, 4 * HOUR)
    look_after()
    assert notices() == []
    due(make, author, account, 6 * HOUR)
    for _round in range(3):
        look_after()
    ends = (
        "Izin akun kim_uji berakhir sebelum Keripik tempe terbit. Sambungkan lagi sekarang supaya terbit tepat waktu."
    )
    assert sorted(notices()) == sorted([(chair.id, ends), (author.id, ends)])
    signed_in(chair, "jauh", 2 * HOUR, refresh="")
    look_after()
    assert len(notices()) == 4


def test_a_post_goes_out_with_the_fresh_login(
    make: Factory, scripted: ScriptedPlatform, author: User, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    scripted.on("POST", "/token", FRESH).on("POST", "/siap", WELL).on("POST", "/terbit", Answer({"id": "p1"}))
    with transaction():
        queries.get_account(account.id).token_expires_at = clock.now() + timedelta(minutes=2)
    monkeypatch.setattr(steps, "_check_files", lambda *_args: None)
    delivery = due(make, author, account, timedelta(0))
    publish.step(delivery.id, desk())
    db.session.refresh(delivery)
    assert (delivery.state, delivery.external_id) == (DeliveryState.SENT, "p1")
    assert scripted.count("POST", "memakai=lama") == 0
    assert scripted.count("POST", "memakai=baru") == 2
    assert scripted.count("POST", "/token") == 1


def test_a_login_that_is_over_keeps_the_post_waiting_and_asks_nothing_else(
    make: Factory, scripted: ScriptedPlatform, chair: User, author: User, account: Account, monkeypatch: Any
) -> None:
    scripted.on("POST", "/token", Answer({"error": "invalid_grant"}, 400))
    with transaction():
        queries.get_account(account.id).token_expires_at = clock.now() + timedelta(minutes=2)
    monkeypatch.setattr(steps, "_check_files", lambda *_args: None)
    delivery = due(make, author, account, timedelta(0))
    publish.step(delivery.id, desk())
    db.session.refresh(delivery)
    assert (delivery.state, state_of(account)) == (DeliveryState.WAITING, AccountState.EXPIRED)
    assert scripted.count("POST", "/token") == len(scripted.asked) == 1
    assert [person for person, _sentence in notices()] == [chair.id, author.id]


def test_a_token_refused_at_the_irreversible_call_is_replaced_and_the_post_tried_again(
    make: Factory, scripted: ScriptedPlatform, author: User, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    scripted.on("POST", "/token", FRESH).on("POST", "/siap", WELL)
    scripted.on("POST", "/terbit[?]memakai=lama", Answer({}, 401))
    scripted.on("POST", "/terbit[?]memakai=baru", Answer({"id": "p1"}))
    monkeypatch.setattr(steps, "_check_files", lambda *_args: None)
    delivery = due(make, author, account, timedelta(0))
    publish.step(delivery.id, desk())
    db.session.refresh(delivery)
    assert (delivery.state, state_of(account), notices()) == (DeliveryState.WAITING, AccountState.CONNECTED, [])
    with transaction():
        db.session.get_one(Delivery, delivery.id).next_at = clock.now()
    publish.step(delivery.id, desk())
    db.session.refresh(delivery)
    assert delivery.state == DeliveryState.SENT
    assert scripted.count("POST", "/token") == 1


def test_figures_are_read_with_a_fresh_login_and_a_lost_one_is_told(
    make: Factory, scripted: ScriptedPlatform, chair: User, author: User, account: Account
) -> None:
    sent = {"state": DeliveryState.SENT, "external_id": "p1", "sent_at": clock.now() - 2 * HOUR}
    delivery = due(make, author, account, -2 * HOUR, **sent)
    with transaction():
        queries.get_account(account.id).token_expires_at = clock.now() + timedelta(minutes=2)
        start_missing([delivery])
    scripted.on("POST", "/token", FRESH).on("GET", "/angka[?]memakai=baru", Answer({"likes": 7}), Answer({}, 401))
    poll(delivery)
    assert db.session.get_one(LatestFigures, delivery.id).likes == 7
    poll(delivery)
    assert state_of(account) == AccountState.EXPIRED
    assert [person for person, _sentence in notices()] == [chair.id]


def poll(delivery: Delivery) -> None:
    with transaction():
        db.session.get_one(LatestFigures, delivery.id).poll_at = clock.now()
    metrics.step(delivery.account_id, desk())
    db.session.rollback()
