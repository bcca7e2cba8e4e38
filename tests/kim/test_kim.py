"""KIM groups and how far they cover the city."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from contentdesk.access.permissions import Role
from contentdesk.audit.models import AuditEntry
from contentdesk.kim import queries, services
from contentdesk.kim.models import Kim
from contentdesk.lib.db import db, transaction
from contentdesk.lib.errors import NotPermitted
from contentdesk.regions import services as regions
from tests.factories import Factory

ORO_ORO_DOWO = "35.73.02.1007"


@pytest.fixture
def malang(app: Flask) -> None:
    with transaction():
        regions.load_city("35.73")


@pytest.fixture
def admin(make: Factory, malang: None) -> FlaskClient:
    return make.signed_in(make.user(Role.ADMIN))


FORM = {
    "name": "KIM Rodowo",
    "kelurahan_code": ORO_ORO_DOWO,
    "decree_number": "188.45/1/35.73/2020",
    "decree_date": "2020-03-02",
    "decree_by": "wali_kota",
    "term_until": "2027-03-01",
    "kim_id_url": "https://rodowo.kim.id",
}


def test_the_page_counts_rows_and_names_the_city_from_the_data(admin: FlaskClient) -> None:
    page = admin.get("/kim").text
    assert "0 dari 57 kelurahan Kota Malang punya KIM." in page
    admin.post("/kim/baru", data=FORM)
    assert "1 dari 57 kelurahan Kota Malang punya KIM." in admin.get("/kim").text
    klojen = next(each for each in queries.coverage() if each.kecamatan.name == "Klojen")
    assert (klojen.covered, klojen.missing) == (1, 10)


def test_the_name_of_a_kim_is_its_own(admin: FlaskClient) -> None:
    assert admin.post("/kim/baru", data=FORM).status_code == 303
    kim = db.session.scalars(db.select(Kim)).one()
    assert (kim.name, kim.kelurahan_code) == ("KIM Rodowo", ORO_ORO_DOWO)
    assert (kim.decree_by, str(kim.term_until)) == ("wali_kota", "2027-03-01")


def test_the_filter_shows_only_kelurahan_without_a_kim(admin: FlaskClient) -> None:
    admin.post("/kim/baru", data=FORM)
    assert ">KIM Rodowo <" in admin.get("/kim").text
    page = admin.get("/kim?saring=tanpa").text
    assert ">KIM Rodowo <" not in page
    assert page.count('<th scope="row">') == 56


def test_a_change_keeps_what_was_not_typed_and_says_which_fields_changed(admin: FlaskClient) -> None:
    admin.post("/kim/baru", data=FORM)
    kim = db.session.scalars(db.select(Kim)).one()
    admin.post(f"/kim/{kim.id}/ubah", data=FORM | {"decree_number": "188.45/2"})
    assert db.session.get(Kim, kim.id).decree_number == "188.45/2"
    entry = db.session.scalars(db.select(AuditEntry).where(AuditEntry.action == "kim.change")).one()
    assert entry.detail == {"fields": ["decree_number"]}


@pytest.mark.parametrize(
    "wrong", [{"name": " "}, {"kelurahan_code": "99"}, {"kim_id_url": "rodowo"}, {"decree_date": "kemarin"}]
)
def test_a_wrong_form_comes_back_with_what_was_typed(admin: FlaskClient, wrong: dict[str, str]) -> None:
    answer = admin.post("/kim/baru", data=FORM | wrong)
    assert answer.status_code == 422
    assert "188.45/1/35.73/2020" in answer.text
    assert db.session.scalars(db.select(Kim)).all() == []


def test_a_closed_kim_no_longer_covers_its_kelurahan_until_it_is_opened_again(admin: FlaskClient) -> None:
    admin.post("/kim/baru", data=FORM)
    kim = db.session.scalars(db.select(Kim)).one()
    admin.post(f"/kim/{kim.id}/tutup")
    assert queries.covered_codes() == set()
    admin.post(f"/kim/{kim.id}/buka")
    assert queries.covered_codes() == {ORO_ORO_DOWO}


@pytest.mark.parametrize("role", [Role.MEMBER, Role.CHAIR, Role.REVIEWER])
def test_others_read_the_list_and_write_nothing(make: Factory, malang: None, role: Role) -> None:
    client = make.signed_in(make.user(role))
    page = client.get("/kim")
    assert page.status_code == 200
    assert "/kim/baru" not in page.text
    assert client.post("/kim/baru", data=FORM).status_code == 403


def test_the_service_asks_too_whatever_form_calls_it(make: Factory, malang: None) -> None:
    kim, chair = make.kim(), make.user(Role.CHAIR)
    facts = services.KimFacts("KIM Diam-diam", ORO_ORO_DOWO)
    for act in (
        lambda: services.create_kim(chair, facts),
        lambda: services.change_kim(chair, kim, facts),
        lambda: services.close_kim(chair, kim),
        lambda: services.reopen_kim(chair, kim),
    ):
        with pytest.raises(NotPermitted), transaction():
            act()
    assert "KIM Diam-diam" not in {each.name for each in queries.open_kims()}


def test_the_page_says_what_to_do_before_a_city_is_loaded(make: Factory) -> None:
    assert "contentdesk regions load" in make.signed_in(make.user(Role.ADMIN)).get("/kim").text


def test_more_kim_do_not_mean_more_queries(make: Factory, malang: None, app: Flask) -> None:
    client = make.signed_in(make.user(Role.ADMIN))

    def queries_of_page() -> int:
        asked: list[str] = []

        def note(_conn: object, _cursor: object, statement: str, *_more: object) -> None:
            asked.append(statement)

        event.listen(db.engine, "before_cursor_execute", note)
        assert client.get("/kim").status_code == 200
        event.remove(db.engine, "before_cursor_execute", note)
        return len(asked)

    before = queries_of_page()
    for _ in range(20):
        make.kim(kelurahan=make.kelurahan(ORO_ORO_DOWO))
    assert queries_of_page() == before <= 8
