"""Who can sign in to an account on its platform, and who is told when it is lost."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from contentdesk.access.permissions import Permission, Role, may
from contentdesk.channels import holders, renewing, services
from contentdesk.channels.base import Login, LoginExpired, NotAllowed
from contentdesk.channels.models import Account, AccountState
from contentdesk.kim.models import Kim
from contentdesk.lib import clock
from contentdesk.lib.db import db, transaction
from contentdesk.lib.desk import desk
from contentdesk.lib.errors import DomainError, NotFound, NotPermitted
from contentdesk.notices.models import Notice
from contentdesk.users.models import User
from tests.counting import statements
from tests.factories import Factory

ALONE = "Sambungan ini bergantung pada satu orang"


@pytest.fixture
def admin(make: Factory) -> User:
    return make.user(Role.ADMIN)


@pytest.fixture
def account(chair: User) -> Account:
    return connected(chair)


def connected(user: User, external_id: str = "1") -> Account:
    with transaction():
        return services.connect(user, "instagram", user.kim_id, Login(external_id, "kim_uji", "x"), desk().box)


def names(account: Account) -> list[str]:
    return [person.name for person in holders.of(account)]


def told() -> set[str]:
    return set(db.session.scalars(select(Notice.user_id)))


def test_who_connects_holds_and_signing_in_again_adds_nobody_twice(chair: User, account: Account) -> None:
    connected(chair)
    assert names(account) == [chair.name]


def test_one_holder_alone_is_a_warning_until_a_second_is_added(
    client: FlaskClient, account: Account, admin: User
) -> None:
    page = client.get(f"/akun/{account.id}").text
    assert ALONE in page
    assert "Bergantung pada satu orang." in client.get("/akun").text
    page = client.post(f"/akun/{account.id}/pemegang", data={"orang": admin.id}, follow_redirects=True).text
    assert f"{admin.name} sekarang ikut memegang" in page
    assert ALONE not in page
    assert "Bergantung pada satu orang." not in client.get("/akun").text


def test_an_account_kept_by_hand_rests_on_nobody(make: Factory, chair: User, client: FlaskClient) -> None:
    kept = make.account(db.session.get_one(Kim, chair.kim_id), by_hand=True)
    for path in ("/akun", f"/akun/{kept.id}"):
        assert "Bergantung" not in client.get(path).text
        assert ALONE not in client.get(path).text


def test_only_those_who_may_manage_the_account_can_hold_it(
    make: Factory, chair: User, account: Account, admin: User
) -> None:
    kim = db.session.get_one(Kim, chair.kim_id)
    second = make.user(Role.CHAIR, kim=kim)
    others = [make.user(kim=kim), make.user(Role.REVIEWER), make.user(Role.CHAIR), make.user(Role.JUDGE)]
    gone = make.user(Role.ADMIN, disabled_at=clock.now())
    offered = {person.id for person in holders.candidates(account)}
    assert offered == {second.id, admin.id}
    for person in [chair, second, admin, *others]:
        assert may(person, Permission.ACCOUNT_MANAGE, account) == (person.id in offered | {chair.id})
    for person in [*others, gone]:
        with pytest.raises(NotFound), transaction():
            holders.add(chair, account, person.id)
    assert names(account) == [chair.name]


def test_only_those_who_may_manage_it_change_who_holds_it(
    make: Factory, chair: User, account: Account, admin: User
) -> None:
    member = make.user(kim=db.session.get_one(Kim, chair.kim_id))
    for person, error in ((member, NotPermitted), (make.user(Role.CHAIR), NotFound)):
        for act in (holders.add, holders.remove):
            with pytest.raises(error), transaction():
                act(person, account, admin.id)
    browser = make.signed_in(member)
    assert browser.post(f"/akun/{account.id}/pemegang", data={"orang": admin.id}).status_code == 403
    assert browser.post(f"/akun/{account.id}/pemegang/lepas", data={"orang": chair.id}).status_code == 403
    assert "Tambahkan pemegang" not in browser.get(f"/akun/{account.id}").text


def test_the_last_holder_stays(client: FlaskClient, chair: User, account: Account, admin: User) -> None:
    page = client.post(f"/akun/{account.id}/pemegang/lepas", data={"orang": chair.id}, follow_redirects=True).text
    assert "paling sedikit satu pemegang" in page
    with transaction():
        holders.add(chair, account, admin.id)
    client.post(f"/akun/{account.id}/pemegang/lepas", data={"orang": chair.id})
    assert names(account) == [admin.name]
    with pytest.raises(DomainError), transaction():
        holders.remove(chair, account, admin.id)


def test_a_holder_who_left_counts_no_more(client: FlaskClient, chair: User, account: Account, admin: User) -> None:
    with transaction():
        holders.add(chair, account, admin.id)
    with transaction():
        db.session.get_one(User, admin.id).disabled_at = clock.now()
    assert ALONE in client.get(f"/akun/{account.id}").text
    assert holders.counts([account.id]) == {account.id: 1}


@pytest.mark.parametrize(
    ("error", "state"),
    [(LoginExpired("Terputus."), "expired"), (NotAllowed("Izin %(what)s.", what="x"), "not_allowed")],
)
def test_holders_and_nobody_else_hear_of_a_lost_login_once(
    make: Factory, chair: User, account: Account, admin: User, error: LoginExpired | NotAllowed, state: str
) -> None:
    make.user(Role.CHAIR, kim=db.session.get_one(Kim, chair.kim_id))
    with transaction():
        assert renewing.lost(account, error)
        assert not renewing.lost(account, error)
    assert (account.state, told()) == (state, {chair.id})
    assert db.session.query(Notice).count() == 1


def test_when_nobody_holds_it_any_more_all_who_may_manage_it_hear_of_it(
    make: Factory, chair: User, admin: User
) -> None:
    account = make.account(db.session.get_one(Kim, chair.kim_id))
    with transaction():
        renewing.lost(account, LoginExpired("Terputus."))
    assert told() == {chair.id, admin.id}


def test_what_the_platform_took_away_is_named_on_the_page(client: FlaskClient, account: Account) -> None:
    with transaction():
        renewing.lost(account, NotAllowed("%(platform)s mencabut izin %(what)s dari %(handle)s.", what="terbit"))
    assert "Instagram mencabut izin terbit dari kim_uji." in client.get(f"/akun/{account.id}").text


def test_a_list_asks_for_all_holders_at_once(chair: User, client: FlaskClient, account: Account) -> None:
    few = statements(lambda: client.get("/akun"))
    for number in range(2, 12):
        connected(chair, str(number))
    assert len(statements(lambda: client.get("/akun"))) == len(few)
    assert db.session.query(Account).filter_by(state=AccountState.CONNECTED).count() == 11
