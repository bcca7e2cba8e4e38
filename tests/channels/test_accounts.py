"""Accounts: who may connect them, what is sealed, which ones need a person."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from contentdesk.access.permissions import Role
from contentdesk.channels import queries, registry, renewing, services
from contentdesk.channels.base import Login, LoginExpired, TryLater
from contentdesk.channels.models import Account, AccountState
from contentdesk.channels.queries import Filter, Health
from contentdesk.lib import clock
from contentdesk.lib.crypto import Box, new_key
from contentdesk.lib.db import db, transaction
from contentdesk.lib.desk import desk
from contentdesk.lib.errors import Conflict, NotFound, NotPermitted
from contentdesk.users.models import User
from tests.factories import Factory
from workers import accounts

DAYS_60 = timedelta(days=60)


def login(external_id: str = "178414", handle: str = "kim_uji", token: str = "rahasia-1", ends: Any = None) -> Login:
    return Login(external_id, handle, token, ends or clock.now() + DAYS_60)


def connected(user: User, brought: Login, kim_id: str | None = None) -> Account:
    with transaction():
        return services.connect(user, "instagram", kim_id or user.kim_id, brought, desk().box)


def by_hand(user: User, handle: str = "kim_uji", kind: str = "snackvideo") -> Account:
    with transaction():
        return services.add_by_hand(user, kind, user.kim_id, handle, None)


def sealed(make: Factory, ends_in: timedelta = DAYS_60, age: timedelta = timedelta(days=2), **values: Any) -> Account:
    return make.account(
        token_sealed=desk().box.seal("rahasia-1"),
        token_expires_at=clock.now() + ends_in,
        connected_at=clock.now() - age,
        **values,
    )


class Platform:
    """In the place of a channel whose accounts are connected by signing in."""

    by_hand = False
    renew_before = timedelta(days=10)
    youngest_renewed = timedelta(hours=24)

    def __init__(self, answer: Login | Exception) -> None:
        self.answer = answer

    def renew(self, _http: object, _app: object, _login: Login) -> Login:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def test_a_connected_account_gives_its_login_back_and_keeps_no_token_in_the_open(make: Factory) -> None:
    account = connected(make.user(Role.CHAIR), login())
    found = services.login_of(account, desk().box)
    assert (found.external_id, found.handle, found.token) == ("178414", "kim_uji", "rahasia-1")
    assert "rahasia-1" not in str(account.token_sealed)
    assert "rahasia-1" not in repr(found)


def test_a_token_that_no_key_opens_counts_as_none(make: Factory) -> None:
    account = connected(make.user(Role.CHAIR), login())
    assert services.login_of(account, Box((new_key(),))).token == ""


def test_connecting_again_renews_the_same_account(make: Factory) -> None:
    chair = make.user(Role.CHAIR)
    account = connected(chair, login())
    with transaction():
        services.mark_expired(account, "Sambungkan lagi.")
    again = connected(chair, login(token="rahasia-2", handle="kim_uji_baru"))
    assert (again.id, again.state, again.problem, again.handle) == (account.id, "connected", None, "kim_uji_baru")
    assert services.login_of(again, desk().box).token == "rahasia-2"


def test_members_and_reviewers_connect_nothing_and_a_chair_nothing_elsewhere(make: Factory) -> None:
    kim = make.kim()
    for role in (Role.MEMBER, Role.REVIEWER):
        with pytest.raises(NotPermitted):
            connected(make.user(role), login(), kim.id)
    with pytest.raises(NotFound):
        connected(make.user(Role.CHAIR), login(), kim.id)
    with pytest.raises(NotFound), transaction():
        services.connect(make.user(Role.CHAIR), "instagram", None, login(), desk().box)
    assert db.session.scalar(select(func.count()).select_from(Account)) == 0


def test_a_chair_cannot_take_the_account_of_another_kim_an_admin_can_move_it(make: Factory) -> None:
    account = connected(make.user(Role.CHAIR), login())
    other = make.user(Role.CHAIR)
    with pytest.raises(Conflict):
        connected(other, login())
    assert connected(make.user(Role.ADMIN), login(), other.kim_id).id == account.id
    assert db.session.get_one(Account, account.id).kim_id == other.kim_id


@pytest.mark.parametrize("kind", list(registry.KINDS))
def test_every_platform_can_be_used_by_hand(make: Factory, kind: str) -> None:
    account = by_hand(make.user(Role.CHAIR), "@kim_uji", kind)
    assert queries.published_by_hand(account)
    assert (account.handle, account.token_sealed, queries.health(account)) == ("kim_uji", None, Health.BY_HAND)


def test_the_same_profile_is_not_added_twice(make: Factory) -> None:
    chair = make.user(Role.CHAIR)
    by_hand(chair)
    with pytest.raises(Conflict):
        by_hand(chair, "KIM_UJI")
    with pytest.raises(Conflict):
        by_hand(make.user(Role.CHAIR))


def test_a_profile_kept_by_hand_becomes_connected_when_somebody_signs_in(make: Factory) -> None:
    chair = make.user(Role.CHAIR)
    manual = by_hand(chair, "kim_uji", "instagram")
    account = connected(chair, login(handle="kim_uji"))
    assert account.id == manual.id
    assert not queries.published_by_hand(account)


def test_a_closed_account_loses_its_token_and_leaves_the_lists(make: Factory) -> None:
    chair = make.user(Role.CHAIR)
    account = connected(chair, login())
    with transaction():
        services.close(chair, account)
    assert account.token_sealed is None
    assert queries.usable_accounts(str(chair.kim_id)) == []
    assert queries.page_of_accounts(Filter(), 1).total == 0
    with transaction():
        assert not services.mark_connected(account)


def test_a_closed_account_kept_by_hand_can_be_added_again(make: Factory) -> None:
    chair = make.user(Role.CHAIR)
    account = by_hand(chair)
    with transaction():
        services.close(chair, account)
    assert by_hand(chair).id == account.id
    assert account.state == AccountState.CONNECTED
    with transaction():
        services.close(chair, account)
    with pytest.raises(Conflict):
        by_hand(make.user(Role.CHAIR))


def test_a_kim_may_use_its_own_accounts_and_those_of_the_city(make: Factory) -> None:
    kim = make.kim()
    own, city = make.account(kim), make.account()
    make.account(make.kim())
    make.account(kim, state=AccountState.CLOSED)
    waits = make.account(kim, state=AccountState.EXPIRED)
    assert {account.id for account in queries.usable_accounts(kim.id)} == {own.id, city.id, waits.id}


def test_only_the_first_to_notice_a_lost_account_is_told_so(make: Factory) -> None:
    account = make.account(make.kim())
    with transaction():
        assert services.mark_expired(account, "Sambungkan lagi.")
        assert not services.mark_expired(account, "Lain.")
    assert (account.state, account.problem) == (AccountState.EXPIRED, "Sambungkan lagi.")
    with transaction():
        assert services.mark_connected(account)
    assert (account.state, account.problem) == (AccountState.CONNECTED, None)


def test_broken_accounts_come_first_and_every_row_agrees_with_the_order(make: Factory) -> None:
    kim = make.kim()
    sealed(make, kim=kim)
    make.account(kim, kind="snackvideo")
    sealed(make, kim=kim, ends_in=timedelta(days=3))
    sealed(make, kim=kim, state=AccountState.NOT_ALLOWED)
    sealed(make, kim=kim, ends_in=timedelta(hours=-1))
    sealed(make, kim=kim, by_hand=True)
    rows = queries.page_of_accounts(Filter(), 1).rows
    found = [queries.health(account) for account in rows]
    assert found == sorted(found)
    assert found == [*Health, Health.BY_HAND]
    counted = queries.counts(None)
    assert (counted.all, counted.needing_care) == (6, 3)
    assert counted.kinds == {"instagram": 5, "snackvideo": 1}
    assert queries.page_of_accounts(Filter(needs_care=True), 1).total == 3
    assert queries.page_of_accounts(Filter(kind="snackvideo"), 1).total == 1


def test_only_old_enough_tokens_that_end_soon_are_renewed(make: Factory) -> None:
    kim, soon = make.kim(), timedelta(days=9)
    due = sealed(make, soon, kim=kim)
    sealed(make, timedelta(days=11), kim=kim)
    sealed(make, soon, timedelta(hours=23), kim=kim)
    sealed(make, soon, kim=kim, state=AccountState.EXPIRED)
    sealed(make, soon, kim=kim, by_hand=True)
    assert renewing.due(clock.now()) == [due.id]


def test_a_renewed_token_is_sealed_and_no_longer_due(make: Factory, monkeypatch: pytest.MonkeyPatch) -> None:
    account = sealed(make, timedelta(days=3), kim=make.kim())
    fresh = Login(account.external_id, account.handle, "rahasia-2", clock.now() + DAYS_60)
    monkeypatch.setattr(registry, "renewable", lambda _kind: Platform(fresh))
    accounts.look_after(desk())
    assert services.login_of(queries.get_account(account.id), desk().box).token == "rahasia-2"
    assert renewing.due(clock.now()) == []


def test_a_refused_renewal_asks_a_person_and_stops_no_other(make: Factory, monkeypatch: pytest.MonkeyPatch) -> None:
    kim = make.kim()
    first, second = (sealed(make, timedelta(days=days), kim=kim) for days in (3, 4))
    monkeypatch.setattr(registry, "renewable", lambda _kind: Platform(LoginExpired("Sambungkan lagi.")))
    accounts.look_after(desk())
    db.session.rollback()
    assert [queries.get_account(one.id).state for one in (first, second)] == [AccountState.EXPIRED] * 2


def test_a_disturbed_platform_is_asked_again_later(make: Factory, monkeypatch: pytest.MonkeyPatch) -> None:
    account = sealed(make, timedelta(days=3), kim=make.kim())
    trouble = TryLater("Terganggu.", after=timedelta(minutes=5))
    monkeypatch.setattr(registry, "renewable", lambda _kind: Platform(trouble))
    accounts.look_after(desk())
    db.session.rollback()
    assert queries.get_account(account.id).state == AccountState.CONNECTED
    assert renewing.due(clock.now()) == []
    assert renewing.due(clock.now() + timedelta(minutes=6)) == [account.id]


def test_who_signs_in_while_a_renewal_is_asked_is_not_thrown_out(
    make: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    chair = make.user(Role.CHAIR)
    account = sealed(make, timedelta(days=3), kim=db.session.get_one(type(make.kim()), chair.kim_id))

    class SlowPlatform(Platform):
        def renew(self, http: object, app: object, given: Login) -> Login:
            connected(chair, login(account.external_id, token="rahasia-baru"))
            return super().renew(http, app, given)

    monkeypatch.setattr(registry, "renewable", lambda _kind: SlowPlatform(LoginExpired("Sambungkan lagi.")))
    accounts.look_after(desk())
    assert queries.get_account(account.id).state == AccountState.CONNECTED
