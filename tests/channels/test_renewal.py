"""What a person does to an account while its platform is being asked for a fresh token stands."""

import threading
from collections.abc import Callable

import pytest
from flask import Flask

from contentdesk.access.permissions import Role
from contentdesk.channels import queries, registry, renewing, services
from contentdesk.channels.base import Login
from contentdesk.channels.models import Account, AccountState
from contentdesk.kim.models import Kim
from contentdesk.lib import clock
from contentdesk.lib.db import db, is_sqlite, transaction
from contentdesk.lib.desk import desk
from contentdesk.users.models import User
from tests.channels.test_accounts import DAYS_60, Platform, connected, login, sealed
from tests.factories import Factory
from workers import renewal


@pytest.fixture
def chair(make: Factory) -> User:
    return make.user(Role.CHAIR)


@pytest.fixture
def account(make: Factory, chair: User) -> Account:
    return sealed(make, kim=db.session.get_one(Kim, chair.kim_id))


def close(chair_id: str, account_id: str) -> None:
    with transaction():
        services.close(db.session.get_one(User, chair_id), queries.get_account(account_id))


def sign_in_anew(chair_id: str, account_id: str) -> None:
    connected(
        db.session.get_one(User, chair_id), login(queries.get_account(account_id).external_id, token="rahasia-baru")
    )


def by_the_button(make: Factory, account_id: str) -> str:
    browser = make.signed_in(make.user(Role.ADMIN))
    assert browser.post(f"/akun/{account_id}/perpanjang").status_code == 303
    return str(browser.get("/akun").text)


def by_the_worker(_make: Factory, account_id: str) -> str:
    renewal.renew_one(account_id, desk())
    return ""


@pytest.mark.parametrize("renew", [by_the_button, by_the_worker])
@pytest.mark.parametrize(
    ("act", "state", "token"),
    [(close, AccountState.CLOSED, ""), (sign_in_anew, AccountState.CONNECTED, "rahasia-baru")],
)
def test_a_renewal_overrides_nobody_who_was_faster(
    make: Factory,
    chair: User,
    account: Account,
    monkeypatch: pytest.MonkeyPatch,
    renew: Callable[[Factory, str], str],
    act: Callable[[str, str], None],
    state: AccountState,
    token: str,
) -> None:
    account_id, chair_id = account.id, chair.id
    fresh = Login(account.external_id, account.handle, "rahasia-2", clock.now() + DAYS_60)

    class SlowPlatform(Platform):
        def renew(self, http: object, app: object, given: Login) -> Login:
            act(chair_id, account_id)
            return super().renew(http, app, given)

    monkeypatch.setattr(registry, "renewable", lambda _kind: SlowPlatform(fresh))
    page = renew(make, account_id)
    db.session.rollback()
    found = queries.get_account(account_id)
    assert (found.state, services.login_of(found, desk().box).token) == (state, token)
    assert "diperpanjang" not in page


def test_the_button_renews_an_account_nobody_touched(
    make: Factory, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh = Login(account.external_id, account.handle, "rahasia-2", clock.now() + DAYS_60)
    monkeypatch.setattr(registry, "renewable", lambda _kind: Platform(fresh))
    assert "diperpanjang" in by_the_button(make, account.id)
    assert services.login_of(queries.get_account(account.id), desk().box).token == "rahasia-2"


def test_a_row_read_before_somebody_closed_it_is_read_again(app: Flask, chair: User, account: Account) -> None:
    """On SQLite nobody can come between: the transaction has the database to itself."""
    account_id, chair_id = account.id, chair.id
    fresh = Login(account.external_id, account.handle, "rahasia-2", clock.now() + DAYS_60)
    with transaction():
        begun = renewing.begin(queries.get_account(account_id), desk().box, clock.now())
    assert begun

    def somebody_else() -> None:
        with app.app_context():
            close(chair_id, account_id)
            db.session.remove()

    with transaction():
        queries.get_account(account_id)
        if is_sqlite():
            close(chair_id, account_id)
        else:
            thread = threading.Thread(target=somebody_else)
            thread.start()
            thread.join(20)
        assert not renewing.keep(begun, fresh, desk().box)
    assert queries.get_account(account_id).state == AccountState.CLOSED
