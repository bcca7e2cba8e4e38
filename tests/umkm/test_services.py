"""Records of businesses and consent: who may write, what never goes away."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from contentdesk.access.permissions import Role
from contentdesk.lib import clock
from contentdesk.lib.db import db, transaction
from contentdesk.lib.errors import Conflict, DomainError, NotFound, NotPermitted
from contentdesk.umkm import queries, services
from contentdesk.umkm.models import PUBLISHING_PURPOSES, Business, Consent, Product, Purpose
from contentdesk.umkm.queries import Filter, Standing
from contentdesk.umkm.services import Details, ProductLine
from contentdesk.users.models import User
from tests.factories import Factory


def details(**values: Any) -> Details:
    defaults: dict[str, Any] = {
        "name": "Kriuk Sanan",
        "category": "makanan_minuman",
        "product_kind": "Keripik tempe",
        "kelurahan_code": "35.73.01.1007",
        "address": "",
        "hours": "",
        "contact": "",
        "permits": {"nib": "ada"},
        "malpro_url": None,
        "products": (ProductLine("Keripik 250 g", 15_000, "bungkus"), ProductLine("Keripik 1 kg", 55_000, "bungkus")),
    }
    return Details(**(defaults | values))


def added(user: User, make: Factory, **values: Any) -> Business:
    with transaction() as session:
        kim = session.get_one(type(make.kim()), user.kim_id)
        return services.add_business(user, kim, details(**values))


def agreed(user: User, business: Business, *purposes: Purpose, on: date = date(2026, 11, 1)) -> list[Consent]:
    with transaction():
        return services.give_consent(user, business, purposes, "formulir", on)


def withdrawn(user: User, business: Business, *purposes: Purpose) -> list[Consent]:
    with transaction():
        return services.withdraw_consent(user, business, purposes)


def test_a_business_is_kept_with_its_products_and_prices(make: Factory) -> None:
    business = queries.get_business(added(make.user(), make).id)
    assert [(p.name, p.price, p.unit) for p in business.products] == [
        ("Keripik 250 g", 15_000, "bungkus"),
        ("Keripik 1 kg", 55_000, "bungkus"),
    ]
    assert business.permits == {"nib": "ada"}


def test_changing_a_record_keeps_products_that_stay_and_drops_the_rest(make: Factory) -> None:
    user = make.user()
    business = added(user, make)
    first = queries.get_business(business.id).products[0].id
    with transaction():
        services.change_business(user, queries.get_business(business.id), details(products=(ProductLine("Dadar", 1),)))
    kept = queries.get_business(business.id).products
    assert [(p.id, p.name) for p in kept] == [(first, "Dadar")]
    assert db.session.scalar(select(func.count()).select_from(Product)) == 1


def test_nobody_writes_the_records_of_another_kim(make: Factory) -> None:
    owner, stranger = make.user(), make.user()
    business = added(owner, make)
    for act in (services.archive_business, services.restore_business):
        with pytest.raises(NotFound), transaction():
            act(stranger, queries.get_business(business.id))
    with pytest.raises(NotFound), transaction():
        services.change_business(stranger, queries.get_business(business.id), details())
    with pytest.raises(NotFound):
        agreed(stranger, queries.get_business(business.id), Purpose.PROFILE)
    with pytest.raises(NotFound):
        withdrawn(stranger, queries.get_business(business.id), Purpose.PROFILE)
    with pytest.raises(NotPermitted), transaction():
        services.archive_business(make.user(Role.REVIEWER), queries.get_business(business.id))


def test_the_same_name_twice_in_a_kim_is_refused_and_elsewhere_is_fine(make: Factory) -> None:
    user = make.user()
    added(user, make)
    with pytest.raises(services.NameTaken):
        added(user, make, name="KRIUK sanan")
    assert added(make.user(), make).id


def test_an_archived_business_leaves_the_lists_and_comes_back(make: Factory) -> None:
    user = make.user()
    business = make.business(db.session.get_one(type(make.kim()), user.kim_id))
    with transaction():
        services.archive_business(user, business)
    assert queries.publishable(str(user.kim_id)) == []
    assert queries.page_of_businesses(Filter(user.kim_id), 1).total == 0
    assert queries.page_of_businesses(Filter(user.kim_id, archived=True), 1).total == 1
    with transaction():
        services.restore_business(user, queries.get_business(business.id))
    assert [b.id for b in queries.publishable(str(user.kim_id))] == [business.id]


def test_only_both_publishing_purposes_together_make_a_business_publishable(make: Factory) -> None:
    user = make.user()
    business = added(user, make)
    agreed(user, queries.get_business(business.id), Purpose.PROFILE, Purpose.CONTACT)
    assert queries.publishable(str(user.kim_id)) == []
    assert queries.consented_ids([business.id]) == set()
    agreed(user, queries.get_business(business.id), Purpose.PHOTO)
    assert [b.id for b in queries.publishable(str(user.kim_id))] == [business.id]
    assert queries.consented_ids([business.id, "lain"]) == {business.id}


def test_a_consent_of_tomorrow_is_refused(make: Factory) -> None:
    user = make.user()
    business = added(user, make)
    with pytest.raises(DomainError):
        agreed(user, queries.get_business(business.id), Purpose.PROFILE, on=clock.today() + timedelta(days=1))
    assert agreed(user, queries.get_business(business.id), Purpose.PROFILE, on=clock.today())


def test_a_consent_in_force_is_not_written_down_twice(make: Factory) -> None:
    user = make.user()
    business = added(user, make)
    agreed(user, queries.get_business(business.id), Purpose.PROFILE)
    with pytest.raises(Conflict):
        agreed(user, queries.get_business(business.id), Purpose.PROFILE)
    new = agreed(user, queries.get_business(business.id), Purpose.PROFILE, Purpose.PHOTO)
    assert [consent.purpose for consent in new] == [Purpose.PHOTO]


def test_two_people_writing_down_the_same_consent_get_one_row(make: Factory, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second one's look-up came before the first one's row, as on PostgreSQL."""
    user = make.user()
    business = added(user, make)
    before = queries.purpose_states(queries.get_business(business.id))
    agreed(user, queries.get_business(business.id), Purpose.PROFILE)
    monkeypatch.setattr(queries, "purpose_states", lambda _business: before)
    with pytest.raises(Conflict):
        agreed(user, queries.get_business(business.id), Purpose.PROFILE)
    assert db.session.scalar(select(func.count()).select_from(Consent)) == 1


def test_withdrawing_starts_seventy_two_hours_and_deletes_nothing(make: Factory) -> None:
    user = make.user()
    business = added(user, make)
    agreed(user, queries.get_business(business.id), *PUBLISHING_PURPOSES)
    gone = withdrawn(user, queries.get_business(business.id), *PUBLISHING_PURPOSES)
    assert {consent.purpose for consent in gone} == set(PUBLISHING_PURPOSES)
    for consent in db.session.scalars(select(Consent)):
        assert consent.withdrawn_by == user.id
        assert consent.take_down_by is not None
        assert consent.withdrawn_at is not None
        assert consent.take_down_by - consent.withdrawn_at == timedelta(hours=72)
    assert queries.consented_ids([business.id]) == set()
    assert queries.standing(queries.get_business(business.id)) is Standing.WITHDRAWN


def test_withdrawing_again_changes_nothing(make: Factory) -> None:
    user = make.user()
    business = added(user, make)
    agreed(user, queries.get_business(business.id), Purpose.PROFILE)
    first = withdrawn(user, queries.get_business(business.id), Purpose.PROFILE)[0].take_down_by
    assert withdrawn(user, queries.get_business(business.id), Purpose.PROFILE) == []
    assert db.session.scalars(select(Consent)).one().take_down_by == first


def test_a_reviewer_may_withdraw_but_not_give(make: Factory) -> None:
    reviewer = make.user(Role.REVIEWER)
    business = make.business(make.kim())
    with pytest.raises(NotPermitted):
        agreed(reviewer, queries.get_business(business.id), Purpose.CONTACT)
    assert len(withdrawn(reviewer, queries.get_business(business.id), *PUBLISHING_PURPOSES)) == 2


def test_a_paper_from_before_the_withdrawal_does_not_bring_consent_back(make: Factory) -> None:
    user = make.user()
    business = added(user, make)
    agreed(user, queries.get_business(business.id), Purpose.PROFILE)
    withdrawn(user, queries.get_business(business.id), Purpose.PROFILE)
    with pytest.raises(DomainError):
        agreed(user, queries.get_business(business.id), Purpose.PROFILE, on=clock.today() - timedelta(days=1))
    agreed(user, queries.get_business(business.id), Purpose.PROFILE, on=clock.today())
    assert len(queries.get_business(business.id).consents) == 2


def test_the_record_says_who_wrote_consent_down_and_who_withdrew_it(make: Factory) -> None:
    kim = make.kim()
    writer, ender = make.user(kim=kim, name="Anggota 1"), make.user(kim=kim, name="Anggota 2")
    business = added(writer, make)
    agreed(writer, queries.get_business(business.id), Purpose.PROFILE)
    withdrawn(ender, queries.get_business(business.id), Purpose.PROFILE)
    state = queries.purpose_states(queries.get_business(business.id))[0]
    assert (state.recorded_by, state.withdrawn_by, state.in_force) == ("Anggota 1", "Anggota 2", None)


def test_the_list_finds_by_words_category_and_standing(make: Factory) -> None:
    kim = make.kim()
    make.business(kim, name="Batik Celaket", category="fesyen_wanita", product_kind="Batik tulis")
    make.business(kim, name="100% Susu", consent=False, product_kind="Susu segar")
    make.business(make.kim(), name="Batik Lain", category="fesyen_wanita")

    def names(**values: Any) -> list[str]:
        return [row.name for row in queries.page_of_businesses(Filter(kim.id, **values), 1).rows]

    assert names() == ["100% Susu", "Batik Celaket"]
    assert names(words="TULIS celaket") == ["Batik Celaket"]
    assert names(words="%") == ["100% Susu"]
    assert names(category="fesyen_wanita") == ["Batik Celaket"]
    assert names(standing=Standing.MISSING) == ["100% Susu"]
    assert names(standing=Standing.READY) == ["Batik Celaket"]
    assert names(standing=Standing.WITHDRAWN) == []
    assert queries.counts(kim.id) == {Standing.READY: 1, Standing.MISSING: 1, Standing.WITHDRAWN: 0}


def test_what_the_row_says_and_what_the_filter_finds_agree(make: Factory) -> None:
    user = make.user()
    kim = db.session.get_one(type(make.kim()), user.kim_id)
    make.business(kim)
    make.business(kim, consent=False)
    half = make.business(kim)
    withdrawn(user, half, Purpose.PHOTO)
    for wanted in Standing:
        rows = queries.page_of_businesses(Filter(kim.id, standing=wanted), 1).rows
        assert [queries.standing(row) for row in rows] == [wanted]
