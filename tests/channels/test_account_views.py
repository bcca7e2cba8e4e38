"""The pages of accounts."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from contentdesk.access.permissions import Role
from contentdesk.channels.base import Login
from contentdesk.channels.models import Account, AccountState
from contentdesk.channels.services import connect
from contentdesk.kim.models import Kim
from contentdesk.lib import clock
from contentdesk.lib.db import db, transaction
from contentdesk.lib.desk import desk
from contentdesk.users.models import User
from tests.counting import statements
from tests.factories import Factory


def kim_of(user: User) -> Kim:
    return db.session.get_one(Kim, user.kim_id)


def typed(chair: User, **values: str) -> dict[str, str]:
    return {"kind": "snackvideo", "kim_id": str(chair.kim_id), "handle": "kim_uji", "profile_url": "", **values}


def count() -> int:
    return db.session.scalar(select(func.count()).select_from(Account)) or 0


def test_a_lost_account_says_what_happened_and_what_to_do(make: Factory, chair: User, client: FlaskClient) -> None:
    problem = "Sambungan ke %(platform)s untuk %(handle)s terputus."
    make.account(kim_of(chair), handle="kim_uji", state=AccountState.EXPIRED, problem=problem)
    page = client.get("/akun").text
    assert "1 akun terputus" in page
    assert "Sambungan ke Instagram untuk kim_uji terputus." in page
    assert "Sambungkan lagi" in page


def test_a_problem_that_wants_an_unknown_value_fails_no_page(make: Factory, chair: User, client: FlaskClient) -> None:
    make.account(kim_of(chair), state=AccountState.NOT_ALLOWED, problem="Kode %(code)s ditolak.")
    assert "Kode  ditolak." in client.get("/akun").text


def test_a_token_that_ends_soon_says_in_how_many_days(make: Factory, chair: User, client: FlaskClient) -> None:
    ends = clock.now() + timedelta(days=9)
    make.account(kim_of(chair), token_sealed="x", token_expires_at=ends, connected_at=clock.now())
    assert "Habis 9 hari lagi" in client.get("/akun").text


def test_a_member_sees_accounts_and_can_change_none(make: Factory, chair: User) -> None:
    account = make.account(kim_of(chair), state=AccountState.EXPIRED)
    other = make.account(make.kim())
    member = make.signed_in(make.user(kim=kim_of(chair)))
    page = member.get("/akun").text
    assert account.handle in page
    assert other.handle not in page
    assert "/akun/sambung/" not in page
    assert member.get(f"/akun/{account.id}").status_code == 200
    assert member.get(f"/akun/{other.id}").status_code == 404
    for path in ("/akun/baru", "/akun/manual", "/akun/sambung/instagram"):
        assert member.get(path).status_code == 403
    assert member.post(f"/akun/{account.id}/tutup").status_code == 403


def test_everybody_who_may_read_sees_the_citys_accounts(make: Factory, client: FlaskClient) -> None:
    account = make.account()
    assert client.get(f"/akun/{account.id}").status_code == 200
    assert client.post(f"/akun/{account.id}/tutup").status_code == 404


def test_the_page_says_who_connected_an_account(make: Factory, chair: User, client: FlaskClient) -> None:
    login = Login("1", "kim_uji", "x")
    with transaction():
        account_id = connect(chair, "instagram", chair.kim_id, login, desk().box).id
    page = client.get(f"/akun/{account_id}").text
    assert f"<dt>Disambungkan oleh</dt><dd>{chair.name}</dd>" in page


def test_a_chair_adds_an_account_by_hand(chair: User, client: FlaskClient) -> None:
    data = typed(chair, handle=" @kim_uji ", profile_url="https://www.snackvideo.com/@kim_uji")
    page = client.post("/akun/manual", data=data, follow_redirects=True).text
    assert "kim_uji" in page
    assert "Manual" in page
    account = db.session.scalars(select(Account)).one()
    assert (account.handle, account.by_hand, account.kim_id) == ("kim_uji", True, chair.kim_id)


@pytest.mark.parametrize(
    "wrong",
    [
        {"handle": ""},
        {"handle": "https://instagram.com/kim"},
        {"handle": "dua kata"},
        {"handle": "x" * 61},
        {"profile_url": "javascript:alert(1)"},
        {"kind": "lain"},
        {"kim_id": "kota"},
    ],
)
def test_a_wrong_account_is_told_and_not_kept(chair: User, client: FlaskClient, wrong: dict[str, str]) -> None:
    answer = client.post("/akun/manual", data=typed(chair, **wrong))
    assert answer.status_code == 422
    assert "ringkasan-galat" in answer.text
    assert count() == 0


def test_a_second_click_makes_no_second_account(chair: User, client: FlaskClient) -> None:
    client.post("/akun/manual", data=typed(chair))
    answer = client.post("/akun/manual", data=typed(chair))
    assert answer.status_code == 422
    assert "sudah tercatat" in answer.text
    assert count() == 1


def test_an_admin_may_add_an_account_of_the_city(make: Factory) -> None:
    admin = make.user(Role.ADMIN)
    make.signed_in(admin).post("/akun/manual", data=typed(admin, kim_id="kota"))
    assert db.session.scalars(select(Account)).one().kim_id is None


def test_a_closed_account_is_gone_from_the_pages(make: Factory, chair: User, client: FlaskClient) -> None:
    account = make.account(kim_of(chair))
    page = client.post(f"/akun/{account.id}/tutup", follow_redirects=True)
    assert page.status_code == 200
    assert f"/akun/{account.id}" not in page.text
    assert client.get(f"/akun/{account.id}").status_code == 404


def test_without_the_citys_registration_the_page_says_so_and_offers_by_hand(chair: User, client: FlaskClient) -> None:
    page = client.get("/akun/baru").text
    assert "Aplikasi Instagram milik kota belum didaftarkan" in page
    assert "/akun/sambung/instagram" not in page
    assert f"/akun/manual?kanal=instagram&amp;milik={chair.kim_id}" in page
    back = client.get("/akun/sambung/instagram", follow_redirects=True)
    assert "belum didaftarkan" in back.text


def test_renewing_an_account_kept_by_hand_is_refused_in_a_sentence(
    make: Factory, chair: User, client: FlaskClient
) -> None:
    account = make.account(kim_of(chair), by_hand=True)
    page = client.post(f"/akun/{account.id}/perpanjang")
    assert page.status_code == 400
    assert "diunggah manual" in page.text


def test_a_list_of_fifty_needs_no_more_queries_than_one_of_five(
    make: Factory, chair: User, client: FlaskClient
) -> None:
    sealed = desk().box.seal("x")
    for _row in range(5):
        make.account(kim_of(chair), token_sealed=sealed)
    few = statements(lambda: client.get("/akun"))
    for _row in range(45):
        make.account(kim_of(chair), token_sealed=sealed)
    many = statements(lambda: client.get("/akun"))
    assert len(many) == len(few)
    assert client.get("/akun").text.count("Sehat</span>") == 50
