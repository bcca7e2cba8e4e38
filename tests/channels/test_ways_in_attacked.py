"""Who tries to connect what is not theirs, through every door there is."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from contentdesk.access.permissions import Role
from contentdesk.kim.models import Kim
from contentdesk.lib.db import db, transaction
from contentdesk.users.models import User
from tests.channels import uji
from tests.channels.scripted import ScriptedPlatform
from tests.channels.test_ways_in import OTHER, PAGE, accounts, back, left, query_of
from tests.factories import PASSWORD, Factory


@pytest.fixture
def settings(scripted: ScriptedPlatform) -> dict[str, Any]:
    return {"platform_base_url": scripted.url, "apps": {"uji": ("aplikasi-kota", "rahasia-kota")}}


@pytest.fixture(autouse=True)
def channels(monkeypatch: pytest.MonkeyPatch) -> None:
    uji.add(monkeypatch)


@pytest.fixture
def chair(make: Factory, kim: Kim) -> User:
    return make.user(Role.CHAIR, kim=kim)


@pytest.fixture
def client(make: Factory, chair: User) -> FlaskClient:
    return make.signed_in(chair)


def sealed(page: str) -> str:
    return page.partition('name="sealed" value="')[2].partition('"')[0]


def test_a_choice_is_nobody_elses_and_no_other_platforms(
    scripted: ScriptedPlatform, client: FlaskClient, kim: Kim, make: Factory
) -> None:
    choice = {"sealed": sealed(back(client, scripted, PAGE, OTHER).text), "akun": "0"}
    fellow = make.signed_in(make.user(Role.CHAIR, kim=kim))
    assert fellow.post("/akun/kembali/uji", data=choice).status_code == 303
    assert client.post("/akun/kembali/instagram", data=choice).status_code == 303
    assert accounts() == []
    client.post("/akun/kembali/uji", data=choice)
    assert len(accounts()) == 1


def test_what_else_we_sealed_is_no_choice(client: FlaskClient, scripted: ScriptedPlatform) -> None:
    """The cookie holds a sealed value too, which anybody may copy out of it."""
    left(client)
    with client.session_transaction() as kept:
        held = kept["connecting"]["held"]
    assert client.post("/akun/kembali/uji", data={"sealed": held, "akun": "0"}).status_code == 303
    assert accounts() == []


def test_who_was_moved_to_another_kim_connects_nothing_for_the_old_one(
    scripted: ScriptedPlatform, client: FlaskClient, chair: User, make: Factory
) -> None:
    choice = {"sealed": sealed(back(client, scripted, PAGE, OTHER).text), "akun": "0"}
    elsewhere = make.kim()
    with transaction():
        db.session.get_one(User, chair.id).kim_id = elsewhere.id
    client.post("/akun/kembali/uji", data=choice)
    assert accounts() == []


def test_a_chair_connects_nothing_for_another_kim_or_the_city(client: FlaskClient, make: Factory) -> None:
    theirs = make.account(make.kim(), "uji")
    for query in (f"milik={make.kim().id}", "milik=kota", f"akun={theirs.id}"):
        answer = client.get(f"/akun/sambung/uji?{query}")
        assert answer.status_code in {403, 404}, query
        assert "state=" not in answer.headers.get("Location", "")


def test_a_sign_in_begun_by_one_person_is_not_finished_by_the_next_at_the_same_browser(
    scripted: ScriptedPlatform, client: FlaskClient, kim: Kim, make: Factory
) -> None:
    back(client, scripted, PAGE)
    [chair_id] = [account.connected_by for account in accounts()]
    state = query_of(left(client))["state"]
    client.post("/keluar")
    another = make.user(Role.CHAIR, kim=kim)
    client.post("/masuk", data={"login": another.login, "password": PASSWORD})
    client.get(f"/akun/kembali/uji?state={state}&code=kode")
    assert [account.connected_by for account in accounts()] == [chair_id]


@pytest.mark.parametrize("address", ["//jahat.example", "https://jahat.example", "javascript:alert(1)"])
def test_nothing_in_the_address_leads_elsewhere(client: FlaskClient, address: str) -> None:
    for name in ("next", "redirect_uri", "return_to", "url"):
        location = client.get("/akun/sambung/uji", query_string={name: address}).headers["Location"]
        assert "jahat" not in location
        assert "javascript" not in location
