"""Fresh logins: one renewal at a time, nothing lost on the way, and only a clear word ends a connection."""

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from contentdesk.access.permissions import Role
from contentdesk.channels import queries, renewal, renewing, services
from contentdesk.channels.base import ChannelError, Login, LoginExpired, NotAllowed, TryLater
from contentdesk.channels.kinds.oauth import ENDED
from contentdesk.channels.models import Account, AccountState
from contentdesk.lib import clock
from contentdesk.lib.db import db, transaction
from contentdesk.lib.desk import desk
from contentdesk.notices.models import Notice
from contentdesk.users.models import User
from tests.channels import uji
from tests.channels.conftest import Later
from tests.channels.scripted import HTML, Answer, ScriptedPlatform
from tests.factories import Factory
from workers import accounts

FRESH = Answer({"access_token": "baru", "refresh_token": "segar-2", "expires_in": 3600, "scope": "baca tulis"})


@pytest.fixture
def settings(scripted: ScriptedPlatform) -> dict[str, Any]:
    return {"platform_base_url": scripted.url, "apps": {"uji": ("aplikasi-kota", "rahasia-kota")}}


@pytest.fixture(autouse=True)
def channels(monkeypatch: pytest.MonkeyPatch) -> None:
    uji.add(monkeypatch)


@pytest.fixture
def chair(make: Factory) -> User:
    return make.user(Role.CHAIR)


@pytest.fixture
def account(make: Factory, chair: User) -> Account:
    """Its token lives four minutes more: too short for what comes next, long enough to be used once more."""
    return signed_in(chair, Login("1", "kim_uji", "lama", clock.now() + timedelta(minutes=4), "segar-1"))


def signed_in(chair: User, login: Login) -> Account:
    with transaction():
        account = services.connect(chair, "uji", chair.kim_id, login, desk().box)
        account.connected_at = clock.now() - timedelta(hours=1)
        return account


def usable(account_id: str) -> Login:
    return renewal.usable_login(account_id, "uji", stored(account_id), desk())


def stored(account_id: str) -> Login:
    db.session.rollback()
    return services.login_of(queries.get_account(account_id), desk().box)


def state_of(account_id: str) -> tuple[str, str | None]:
    db.session.rollback()
    found = queries.get_account(account_id)
    return found.state, found.problem


def together(app: Flask, count: int, work: Callable[[], object]) -> None:
    """Several workers at the very same moment, each with its own session."""
    start, wrong = threading.Barrier(count), []

    def one() -> None:
        with app.app_context():
            start.wait(20)
            try:
                work()
            except BaseException as error:  # noqa: BLE001 - told by the test below
                wrong.append(error)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=one) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert wrong == []


def test_a_token_that_ends_within_minutes_is_renewed_before_it_is_used(
    scripted: ScriptedPlatform, account: Account
) -> None:
    scripted.on("POST", "/token", FRESH)
    assert usable(account.id).token == "baru"
    kept = stored(account.id)
    assert (kept.token, kept.refresh_token, kept.scopes) == ("baru", "segar-2", ("baca", "tulis"))
    assert kept.expires_at
    assert kept.expires_at - clock.now() > timedelta(minutes=55)


def test_a_token_that_lives_long_enough_is_left_alone(
    scripted: ScriptedPlatform, account: Account, later: Later
) -> None:
    scripted.on("POST", "/token", FRESH)
    usable(account.id)
    later(timedelta(minutes=40))
    assert usable(account.id).token == "baru"
    assert scripted.count("POST", "/token") == 1


def test_of_many_workers_at_once_one_asks_for_a_fresh_token(
    app: Flask, scripted: ScriptedPlatform, account: Account
) -> None:
    """A second call with the same refresh token would end the connection for good."""
    gone = Answer({"error": "invalid_grant"}, 400)
    scripted.on("POST", "/token", FRESH, gone)
    account_id, found = account.id, []
    db.session.remove()
    together(app, 4, lambda: found.append(usable(account_id).token))
    assert scripted.count("POST", "/token") == 1
    assert set(found) <= {"lama", "baru"}
    assert "baru" in found
    assert state_of(account_id) == (AccountState.CONNECTED, None)
    assert stored(account_id).refresh_token == "segar-2"


def test_who_comes_second_uses_the_old_token_while_it_lives(
    app: Flask, scripted: ScriptedPlatform, account: Account, monkeypatch: pytest.MonkeyPatch, later: Later
) -> None:
    scripted.on("POST", "/token", FRESH)
    account_id, seen = account.id, []
    ask = uji.Uji.renew

    def slow(self: uji.Uji, *args: Any) -> Login:
        with app.app_context():
            seen.append(usable(account_id).token)
            db.session.remove()
        later(timedelta(minutes=4, seconds=10))
        with app.app_context(), pytest.raises(TryLater):
            usable(account_id)
        return ask(self, *args)

    monkeypatch.setattr(uji.Uji, "renew", slow)
    assert usable(account_id).token == "baru"
    assert seen == ["lama"]
    assert scripted.count("POST", "/token") == 1


def test_a_renewal_that_somebody_finished_meanwhile_is_not_begun_again(account: Account) -> None:
    """What was read before is used up: a second call with it would end the connection."""
    with transaction():
        read = queries.get_account(account.id)
        finished = update(Account).where(Account.id == account.id).values(token_sealed="baru")
        db.session.execute(finished.execution_options(synchronize_session=False))
        assert renewing.begin(read, desk().box, clock.now()) is None
    with transaction():
        assert renewing.begin(queries.get_account(account.id), desk().box, clock.now())


def test_a_rotated_refresh_token_is_kept_before_the_fresh_login_is_used(
    scripted: ScriptedPlatform, account: Account
) -> None:
    """The process may die at the first use: then the next one must not come with the token that is used up."""
    scripted.on("POST", "/token", FRESH)
    account_id = account.id
    login = usable(account_id)
    db.session.remove()
    assert stored(account_id).refresh_token == login.refresh_token == "segar-2"


def test_a_city_without_its_app_can_renew_nothing_and_loses_nothing(account: Account) -> None:
    """Somebody took the settings out: a dead token waits for them, and nobody has to sign in again."""
    at = replace(desk(), config=replace(desk().config, apps={}, platform_base_url=""))
    dead = replace(stored(account.id), expires_at=clock.now() - timedelta(minutes=1))
    with transaction():
        queries.get_account(account.id).token_expires_at = dead.expires_at
    with pytest.raises(TryLater) as told:
        renewal.usable_login(account.id, "uji", dead, at)
    assert (told.value.code, state_of(account.id)) == ("no_app", (AccountState.CONNECTED, None))


def test_a_renewal_without_a_new_refresh_token_keeps_the_old_one(scripted: ScriptedPlatform, account: Account) -> None:
    scripted.on("POST", "/token", Answer({"access_token": "baru", "expires_in": 3600}))
    usable(account.id)
    kept = stored(account.id)
    assert (kept.token, kept.refresh_token) == ("baru", "segar-1")


def test_signing_in_again_without_a_new_refresh_token_keeps_the_old_one(chair: User, account: Account) -> None:
    signed_in(chair, Login("1", "kim_uji", "lain", clock.now() + timedelta(hours=1)))
    kept = stored(account.id)
    assert (kept.token, kept.refresh_token) == ("lain", "segar-1")


def test_a_refresh_token_of_another_sign_in_page_is_not_kept(chair: User, account: Account) -> None:
    """An account that comes by another channel's sign-in belongs to another app."""
    with transaction():
        login = Login("1", "kim_uji", "lain", kind="uji")
        services.connect(chair, "jauh", chair.kim_id, login, desk().box)
    assert (stored(account.id).token, stored(account.id).refresh_token) == ("lain", "")
    assert queries.get_account(account.id).via == "jauh"


@pytest.mark.parametrize("answer", [HTML, Answer("", 503), Answer({"error": "invalid_request"}, 400)], ids=str)
def test_a_blip_disconnects_nobody_and_is_not_repeated_at_once(
    scripted: ScriptedPlatform, account: Account, answer: Answer
) -> None:
    scripted.on("POST", "/token", answer)
    assert [usable(account.id).token for _ in range(3)] == ["lama"] * 3
    assert scripted.count("POST", "/token") == 1
    assert state_of(account.id) == (AccountState.CONNECTED, None)


def test_a_disturbed_platform_is_asked_again_after_the_time_it_wants(
    scripted: ScriptedPlatform, account: Account, monkeypatch: pytest.MonkeyPatch, later: Later
) -> None:
    def disturbed(*_args: object) -> Login:
        raise TryLater("Terganggu.", after=timedelta(minutes=2))

    scripted.on("POST", "/token", FRESH)
    with monkeypatch.context() as patched:
        patched.setattr(uji.Bisu, "renew", disturbed)
        usable(account.id)
    later(timedelta(minutes=1, seconds=50))
    assert usable(account.id).token == "lama"
    later(timedelta(seconds=20))
    assert usable(account.id).token == "baru"


def test_with_a_dead_token_and_a_disturbed_platform_it_is_tried_later(
    scripted: ScriptedPlatform, account: Account, later: Later
) -> None:
    scripted.on("POST", "/token", HTML)
    later(timedelta(minutes=5))
    with pytest.raises(TryLater):
        usable(account.id)
    later(timedelta(minutes=6))
    scripted.on("POST", "/token", FRESH)
    assert usable(account.id).token == "baru"
    assert state_of(account.id) == (AccountState.CONNECTED, None)


def test_a_platform_that_says_it_is_over_marks_the_account_and_tells_its_holders_once(
    make: Factory, scripted: ScriptedPlatform, chair: User, account: Account
) -> None:
    scripted.on("POST", "/token", Answer({"error": "invalid_grant"}, 400))
    make.user(Role.ADMIN)
    with pytest.raises(LoginExpired):
        usable(account.id)
    usable(account.id)
    state, problem = state_of(account.id)
    assert (state, problem) == (AccountState.EXPIRED, ENDED)
    assert told() == [(chair.id, f"/akun/{account.id}")]


def told() -> list[tuple[str, str]]:
    return [(notice.user_id, notice.path) for notice in db.session.scalars(db.select(Notice).order_by(Notice.user_id))]


def test_the_citys_app_refused_is_said_once_the_old_token_is_dead(
    scripted: ScriptedPlatform, account: Account, later: Later
) -> None:
    scripted.on("POST", "/token", Answer({"error": "invalid_client"}, 401))
    assert usable(account.id).token == "lama"
    later(timedelta(minutes=6))
    with pytest.raises(NotAllowed):
        usable(account.id)
    assert state_of(account.id)[0] == AccountState.NOT_ALLOWED


def test_a_refused_token_is_renewed_once_before_anybody_is_asked(
    scripted: ScriptedPlatform, account: Account, later: Later
) -> None:
    """Platforms end tokens before their time; a refresh token then still works."""
    scripted.on("POST", "/token", FRESH)
    refusal = LoginExpired("Berakhir.", code="401")
    used = stored(account.id)
    found = renewal.second_thought(account.id, used, refusal, desk())
    assert isinstance(found, TryLater)
    fresh = stored(account.id)
    assert fresh.token == "baru"
    assert renewal.second_thought(account.id, fresh, refusal, desk()) is refusal
    assert scripted.count("POST", "/token") == 1


def test_the_refusal_of_a_token_that_was_replaced_meanwhile_says_nothing(
    scripted: ScriptedPlatform, account: Account
) -> None:
    old = stored(account.id)
    scripted.on("POST", "/token", FRESH)
    usable(account.id)
    for error in (LoginExpired("Berakhir."), NotAllowed("Kurang.")):
        assert isinstance(renewal.second_thought(account.id, old, error, desk()), TryLater)
    assert scripted.count("POST", "/token") == 1


def test_a_refused_token_whose_renewal_is_refused_too_is_lost(scripted: ScriptedPlatform, account: Account) -> None:
    scripted.on("POST", "/token", Answer({"error": "invalid_grant"}, 400))
    found = renewal.second_thought(account.id, stored(account.id), LoginExpired("Berakhir."), desk())
    assert isinstance(found, LoginExpired)
    assert state_of(account.id)[0] == AccountState.EXPIRED


def test_a_refused_token_is_not_lost_while_the_platform_is_disturbed(
    scripted: ScriptedPlatform, account: Account
) -> None:
    scripted.on("POST", "/token", HTML)
    found = renewal.second_thought(account.id, stored(account.id), LoginExpired("Berakhir."), desk())
    assert isinstance(found, TryLater)
    assert state_of(account.id)[0] == AccountState.CONNECTED


def test_the_round_of_the_beat_renews_what_ends_soon_and_nothing_else(
    scripted: ScriptedPlatform, chair: User, account: Account
) -> None:
    scripted.on("POST", "/token", FRESH)
    signed_in(chair, Login("2", "kim_dua", "lama-2", clock.now() + timedelta(minutes=30), "segar-9"))
    accounts.look_after(desk())
    assert scripted.count("POST", "/token") == 1
    assert stored(account.id).token == "baru"


def test_neither_token_appears_in_a_row_a_log_or_an_error(
    scripted: ScriptedPlatform, account: Account, caplog: pytest.LogCaptureFixture
) -> None:
    scripted.on("POST", "/token", Answer({"error": "invalid_grant", "error_description": "segar-1 lama"}, 400))
    with caplog.at_level(logging.DEBUG), pytest.raises(ChannelError) as caught:
        usable(account.id)
    names = [column.name for column in Account.__table__.columns]
    row = {name: getattr(queries.get_account(account.id), name) for name in names}
    shown = f"{row} {stored(account.id)!r} {caught.value!r} {caught.value.values} {caught.value.__context__!r} "
    shown += caplog.text + "".join(scripted.asked)
    assert not any(secret in shown for secret in ("lama", "segar-1", "rahasia-kota"))


def test_a_closed_account_has_no_token_left(chair: User, account: Account) -> None:
    with transaction():
        services.close(chair, queries.get_account(account.id))
    assert (stored(account.id).token, stored(account.id).refresh_token) == ("", "")


def test_an_account_with_a_refresh_token_ends_when_that_one_ends(chair: User, account: Account, later: Later) -> None:
    """An hour's token that is renewed by itself is no reason to call a person."""
    assert queries.health(queries.get_account(account.id)) == queries.Health.WELL
    with transaction():
        queries.get_account(account.id).refresh_expires_at = clock.now() + timedelta(days=3)
    assert queries.health(queries.get_account(account.id)) == queries.Health.ENDS_SOON
    assert queries.counts(None).health == {queries.Health.ENDS_SOON: 1}
    later(timedelta(days=4))
    assert queries.health(queries.get_account(account.id)) == queries.Health.BROKEN
    assert queries.counts(None).health == {queries.Health.BROKEN: 1}


def test_an_account_of_the_city_is_renewed_too(make: Factory, scripted: ScriptedPlatform) -> None:
    scripted.on("POST", "/token", FRESH)
    admin = make.user(Role.ADMIN)
    with transaction():
        login = Login("5", "kota", "lama", clock.now() + timedelta(minutes=4), "segar-1")
        account_id = services.connect(admin, "uji", None, login, desk().box).id
    assert usable(account_id).token == "baru"
