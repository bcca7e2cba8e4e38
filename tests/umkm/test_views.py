"""The pages of businesses, as people use them."""

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from contentdesk.access.permissions import Role
from contentdesk.kim.models import Kim
from contentdesk.lib import clock
from contentdesk.lib.db import db
from contentdesk.umkm import queries
from contentdesk.umkm.forms import rupiah_of
from contentdesk.umkm.models import Business, Consent, Product
from contentdesk.users.models import User
from tests.counting import statements
from tests.factories import Factory


def typed(**values: str) -> dict[str, str]:
    """The form as a browser sends it, with one product."""
    return {
        "name": "Kriuk Sanan",
        "category": "makanan_minuman",
        "product_kind": "Keripik tempe",
        "kelurahan_code": "35.73.01.1007",
        "nib": "ada",
        "products-0-name": "Keripik 250 g",
        "products-0-price": "15.000",
        "products-0-unit": "bungkus",
        "products-1-name": "",
        "products-1-price": "",
        "products-1-unit": "",
        **values,
    }


def kim_of(user: User) -> Kim:
    return db.session.get_one(Kim, user.kim_id)


def count(table: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(table)) or 0


@pytest.fixture
def user(make: Factory) -> User:
    return make.user()


@pytest.fixture
def member(make: Factory, user: User) -> FlaskClient:
    return make.signed_in(user)


@pytest.mark.parametrize(
    ("text", "price"),
    [
        ("15.000", 15_000),
        ("Rp15.000", 15_000),
        (" rp. 1.250.000 ", 1_250_000),
        ("15000", 15_000),
        ("15,000", 15_000),
        ("15.000,00", 15_000),
        ("15.000,-", 15_000),
        ("0", 0),
        ("15.00", None),
        ("lima belas", None),
        ("-5", None),
        ("1,5", None),
        ("15rb", None),
    ],
)
def test_prices_are_read_as_people_write_them(text: str, price: int | None) -> None:
    assert rupiah_of(text) == price


def test_a_new_business_is_kept_and_its_record_opens(member: FlaskClient) -> None:
    answer = member.post("/umkm/baru", data=typed(), follow_redirects=True)
    assert answer.status_code == 200
    assert "Kriuk Sanan" in answer.text
    assert "Rp15.000" in answer.text
    business = db.session.scalars(select(Business)).one()
    assert (business.permits, count(Product)) == ({"nib": "ada"}, 1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "\x00  "},
        {"name": "x" * 121},
        {"category": ""},
        {"category": "senjata"},
        {"kelurahan_code": "99"},
        {"nib": "mungkin"},
        {"malpro_url": "javascript:alert(1)"},
        {"malpro_url": "malpro"},
        {"products-0-price": "mahal"},
        {"products-0-price": "9" * 15},
        {"products-0-name": ""},
    ],
)
def test_a_wrong_value_is_told_and_what_was_typed_comes_back(member: FlaskClient, wrong: dict[str, str]) -> None:
    answer = member.post("/umkm/baru", data=typed(hours="08.00-20.00 tiap hari", **wrong))
    assert answer.status_code == 422
    assert "08.00-20.00 tiap hari" in answer.text
    assert "ringkasan-galat" in answer.text
    assert count(Business) == 0


def test_a_wrong_price_comes_back_as_it_was_typed(member: FlaskClient) -> None:
    answer = member.post("/umkm/baru", data=typed(**{"products-0-price": "15 ribuan"}))
    assert 'value="15 ribuan"' in answer.text
    assert "Tulis harga seperti 15.000." in answer.text


def test_more_rows_can_be_asked_for_without_losing_anything(member: FlaskClient) -> None:
    answer = member.post("/umkm/baru", data=typed(rows="1"))
    assert answer.status_code == 200
    assert 'name="products-4-name"' in answer.text
    assert 'value="Keripik 250 g"' in answer.text
    assert count(Business) == 0


def test_the_twenty_first_product_is_not_offered(member: FlaskClient) -> None:
    rows = {f"products-{n}-name": f"Produk {n}" for n in range(20)}
    answer = member.post("/umkm/baru", data=typed(rows="1", **rows))
    assert "products-20-name" not in answer.text
    assert 'name="rows"' not in answer.text


def test_a_second_click_on_save_makes_no_second_record(member: FlaskClient) -> None:
    member.post("/umkm/baru", data=typed())
    answer = member.post("/umkm/baru", data=typed())
    assert answer.status_code == 422
    assert "sudah ada" in answer.text
    assert count(Business) == 1


def test_the_form_of_a_record_shows_its_values_and_saves_changes(
    make: Factory, user: User, member: FlaskClient
) -> None:
    member.post("/umkm/baru", data=typed())
    business = db.session.scalars(select(Business)).one()
    page = member.get(f"/umkm/{business.id}/ubah").text
    assert 'value="15.000"' in page
    assert 'value="Kriuk Sanan"' in page
    member.post(f"/umkm/{business.id}/ubah", data=typed(name="Kriuk Baru", nib=""))
    changed = queries.get_business(business.id)
    assert (changed.name, changed.permits) == ("Kriuk Baru", {})


def test_an_admin_chooses_the_kim_of_a_new_record(make: Factory) -> None:
    kim = make.kim()
    client = make.signed_in(make.user(Role.ADMIN))
    assert 'name="kim_id"' in client.get("/umkm/baru").text
    client.post("/umkm/baru", data=typed(kim_id=kim.id))
    assert db.session.scalars(select(Business)).one().kim_id == kim.id
    assert client.post("/umkm/baru", data=typed(kim_id="tidak-ada", name="Lain")).status_code == 422


def test_a_member_cannot_slip_in_another_kim(make: Factory, user: User, member: FlaskClient) -> None:
    member.post("/umkm/baru", data=typed(kim_id=make.kim().id))
    assert db.session.scalars(select(Business)).one().kim_id == user.kim_id


def test_another_kims_record_does_not_exist_for_a_member(make: Factory, member: FlaskClient) -> None:
    business = make.business(make.kim())
    assert member.get(f"/umkm/{business.id}").status_code == 404
    assert member.get(f"/umkm/{business.id}/ubah").status_code == 404
    for path in ("persetujuan", "arsip", "pulihkan"):
        data = {"purposes": "kontak_publik", "form": "formulir", "given_on": "2026-11-01"}
        assert member.post(f"/umkm/{business.id}/{path}", data=data).status_code == 404
    assert business.name not in member.get("/umkm").text


def test_a_reviewer_reads_every_record_and_changes_none(make: Factory) -> None:
    business = make.business(make.kim())
    client = make.signed_in(make.user(Role.REVIEWER))
    assert business.name in client.get("/umkm").text
    page = client.get(f"/umkm/{business.id}")
    assert page.status_code == 200
    assert "Arsipkan" not in page.text
    assert client.get(f"/umkm/{business.id}/ubah").status_code == 403


def test_consent_is_written_down_and_shown_with_who_and_when(make: Factory, user: User, member: FlaskClient) -> None:
    business = make.business(kim_of(user), consent=False)
    data = {"purposes": ["profil_usaha", "foto_produk"], "form": "rekaman", "given_on": "2026-11-10"}
    page = member.post(f"/umkm/{business.id}/persetujuan", data=data, follow_redirects=True).text
    assert "Disetujui 10 Nov 2026" in page
    assert user.name in page
    assert queries.consented_ids([business.id]) == {business.id}


@pytest.mark.parametrize("wrong", [{"purposes": []}, {"purposes": ["lain"]}, {"form": "lisan"}, {"given_on": "kapan"}])
def test_a_wrong_consent_is_told_and_not_kept(
    make: Factory, user: User, member: FlaskClient, wrong: dict[str, Any]
) -> None:
    business = make.business(kim_of(user), consent=False)
    data = {"purposes": ["profil_usaha"], "form": "formulir", "given_on": "2026-11-10"} | wrong
    answer = member.post(f"/umkm/{business.id}/persetujuan", data=data)
    assert answer.status_code == 422
    assert "ringkasan-galat" in answer.text
    assert "valid" not in answer.text.split("ringkasan-galat")[1].split("</div>")[0]
    assert count(Consent) == 0


def test_a_consent_of_tomorrow_is_told_on_the_page(make: Factory, user: User, member: FlaskClient) -> None:
    business = make.business(kim_of(user), consent=False)
    tomorrow = (clock.today() + timedelta(days=1)).isoformat()
    data = {"purposes": ["profil_usaha"], "form": "formulir", "given_on": tomorrow}
    answer = member.post(f"/umkm/{business.id}/persetujuan", data=data)
    assert answer.status_code == 422
    assert "Tanggal ini belum terjadi." in answer.text
    assert tomorrow in answer.text


def test_made_up_words_in_the_address_filter_nothing(make: Factory, user: User, member: FlaskClient) -> None:
    business = make.business(kim_of(user))
    for query in ("status=x&kategori=y", "halaman=-3", "halaman=abc", "q=%00"):
        answer = member.get(f"/umkm?{query}")
        assert answer.status_code == 200
        assert business.name in answer.text


def test_names_are_shown_as_text(make: Factory, user: User, member: FlaskClient) -> None:
    make.business(kim_of(user), name="<script>alert(1)</script>")
    assert "<script>alert" not in member.get("/umkm").text


def test_a_list_of_fifty_needs_no_more_queries_than_one_of_five(make: Factory, user: User, member: FlaskClient) -> None:
    kim = kim_of(user)
    recorder = make.user(kim=kim)

    def add(number: int) -> None:
        for _row in range(number):
            business = make.business(kim, consent=False)
            make._keep(
                Consent(
                    business_id=business.id,
                    purpose="profil_usaha",
                    form="formulir",
                    given_on=clock.today(),
                    recorded_by=recorder.id,
                )
            )

    add(5)
    few = statements(lambda: member.get("/umkm"))
    add(45)
    many = statements(lambda: member.get("/umkm"))
    assert len(many) == len(few)
    assert member.get("/umkm").text.count("Persetujuan kurang</span></td>") == 50


def test_withdrawing_is_offered_where_the_app_can_do_it(make: Factory, user: User, member: FlaskClient) -> None:
    business = make.business(kim_of(user))
    offered = "publishing.withdraw_consent" in make.app.view_functions
    assert (f"/umkm/{business.id}/persetujuan/cabut" in member.get(f"/umkm/{business.id}").text) is offered
