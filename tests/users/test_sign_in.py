"""Signing in and out: what opens a session and what ends it."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from statistics import median
from time import process_time

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from contentdesk.lib import clock, ids
from contentdesk.lib.db import db, transaction
from contentdesk.users import passwords
from contentdesk.users import sign_in as steps
from contentdesk.users.models import SignInTries, User, UserSession
from tests.factories import PASSWORD, Factory

ANDROID = "Mozilla/5.0 (Linux; Android 14; A1) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36"


def sign_in(client: FlaskClient, login: str, password: str = PASSWORD, path: str = "/masuk", **more: str) -> object:
    return client.post(path, data={"login": login, "password": password, **more}, headers={"User-Agent": ANDROID})


def without_token(page: str, login: str) -> str:
    """The page without what differs for each form and each typed login."""
    return re.sub(r'(content|value)="[\w.-]{60,}"', "", page.replace(f'"{login}"', '""'))


def is_in(client: FlaskClient) -> bool:
    return client.get("/").status_code == 302 and "/masuk" not in client.get("/").location


def newest_session() -> UserSession:
    db.session.rollback()
    return db.session.scalars(db.select(UserSession).order_by(UserSession.id.desc())).first()


def test_the_right_password_opens_the_first_page_of_the_menu(make: Factory, client: FlaskClient) -> None:
    user = make.user()
    answer = sign_in(client, user.login)
    assert (answer.status_code, answer.location) == (303, "/")
    assert is_in(client)


@pytest.mark.parametrize("typed", ["0812-3456-7890", "+62 812 3456 7890", "6281234567890", " 081234567890 "])
def test_a_phone_number_is_the_same_however_it_is_written(make: Factory, client: FlaskClient, typed: str) -> None:
    make.user(login="+6281234567890")
    sign_in(client, typed)
    assert is_in(client)


def test_an_e_mail_address_is_the_same_in_capitals(make: Factory, client: FlaskClient) -> None:
    make.user(login="orang@contoh.test")
    sign_in(client, " Orang@Contoh.test")
    assert is_in(client)


def test_unknown_login_and_wrong_password_get_the_same_answer(make: Factory, client: FlaskClient) -> None:
    make.user(login="ada@contoh.test")
    wrong = sign_in(client, "ada@contoh.test", "salah-sekali")
    unknown = sign_in(client, "tiada@contoh.test", "salah-sekali")
    assert wrong.status_code == unknown.status_code == 422
    assert without_token(wrong.text, "ada@contoh.test") == without_token(unknown.text, "tiada@contoh.test")
    assert not is_in(client)


@pytest.mark.usefixtures("as_shipped")
def test_unknown_login_and_wrong_password_take_the_same_time(make: Factory) -> None:
    with transaction() as session:
        session.get_one(User, make.user(login="ada@contoh.test").id).password_hash = passwords.hashed(PASSWORD)
    steps.who_is("tiada@contoh.test", "salah")

    def seconds(login: str) -> float:
        started = process_time()
        assert steps.who_is(login, "salah-sekali") is None
        return process_time() - started

    known = median(seconds("ada@contoh.test") for _ in range(7))
    unknown = median(seconds("tiada@contoh.test") for _ in range(7))
    assert 0.4 < known / unknown < 2.5


@pytest.mark.parametrize("login", ["ada@contoh.test", "tiada@contoh.test"])
def test_after_ten_wrong_tries_even_the_right_password_waits(make: Factory, client: FlaskClient, login: str) -> None:
    make.user(login="ada@contoh.test")
    for _ in range(9):
        assert sign_in(client, login, "salah-sekali").status_code == 422
    tenth = sign_in(client, login, "salah-sekali")
    assert tenth.status_code == 429
    eleventh = sign_in(client, login)
    assert eleventh.status_code == 429
    assert "WIB" in eleventh.text
    assert not is_in(client)


def test_five_minutes_later_the_door_opens_again(make: Factory, client: FlaskClient) -> None:
    make.user(login="ada@contoh.test")
    for _ in range(10):
        sign_in(client, "ada@contoh.test", "salah-sekali")
    with transaction() as session:
        session.scalars(db.select(SignInTries)).one().locked_until = clock.now() - timedelta(seconds=1)
    assert sign_in(client, "ada@contoh.test", "salah-sekali").status_code == 422, "the count starts anew"
    sign_in(client, "ada@contoh.test")
    assert is_in(client)
    assert db.session.scalars(db.select(SignInTries)).all() == []


def test_old_tries_are_forgotten(make: Factory, client: FlaskClient) -> None:
    sign_in(client, "lama@contoh.test", "salah-sekali")
    with transaction() as session:
        session.scalars(db.select(SignInTries)).one().last_at = clock.now() - timedelta(days=2)
    sign_in(client, "baru@contoh.test", "salah-sekali")
    assert db.session.scalars(db.select(SignInTries.login_digest)).all() == [ids.digest("baru@contoh.test")]


def test_a_disabled_person_is_out_at_once_and_cannot_come_back(make: Factory, client: FlaskClient) -> None:
    user = make.user()
    sign_in(client, user.login)
    with transaction() as session:
        session.get_one(User, user.id).disabled_at = clock.now()
    assert not is_in(client)
    assert sign_in(client, user.login).status_code == 422


@pytest.mark.usefixtures("as_shipped")
def test_a_hash_made_with_old_settings_is_renewed(make: Factory, client: FlaskClient) -> None:
    user = make.user()
    before = user.password_hash
    assert passwords.is_outdated(before)
    sign_in(client, user.login)
    db.session.rollback()
    after = db.session.get_one(User, user.id).password_hash
    assert after != before
    assert not passwords.is_outdated(after)
    assert passwords.fits(PASSWORD, after)


@pytest.mark.parametrize("path", ["/kim?saring=tanpa", "/unggahan/1"])
def test_one_returns_to_the_page_one_wanted(make: Factory, client: FlaskClient, path: str) -> None:
    answer = sign_in(client, make.user().login, path=f"/masuk?next={path.replace('?', '%3F').replace('=', '%3D')}")
    assert answer.location == path


@pytest.mark.parametrize(
    "target",
    [
        "https://jahat.test/",
        "//jahat.test/",
        "/\\jahat.test",
        "\\\\jahat.test",
        "javascript:alert(1)",
        "/%09/jahat.test".replace("%09", "\t"),
        "/masuk",
        "jahat",
    ],
)
def test_a_link_cannot_lead_out_of_the_service(make: Factory, client: FlaskClient, target: str) -> None:
    answer = client.post(
        "/masuk", query_string={"next": target}, data={"login": make.user().login, "password": PASSWORD}
    )
    assert (answer.status_code, answer.location) == (303, "/")


def test_a_planted_session_is_thrown_away_at_sign_in(make: Factory, client: FlaskClient) -> None:
    first, second = make.user(), make.user()
    sign_in(client, first.login)
    old = client.get_cookie("contentdesk").value
    client.post("/keluar")
    with client.session_transaction() as session:
        session["ditanam"] = "jahat"
    sign_in(client, second.login)
    with client.session_transaction() as session:
        assert "ditanam" not in session
    client.set_cookie("contentdesk", old)
    assert not is_in(client)


def test_the_database_holds_no_secret_that_opens_a_session(make: Factory, client: FlaskClient) -> None:
    sign_in(client, make.user().login)
    with client.session_transaction() as session:
        secret = session["_user_id"]
    row = newest_session()
    assert secret not in (row.id, row.token_digest)
    assert row.token_digest == ids.digest(secret)
    assert row.device == "Chrome, Android"


def test_a_shared_phone_forgets_after_30_minutes_without_use(make: Factory, client: FlaskClient) -> None:
    sign_in(client, make.user().login, shared="y")
    cookie = client.get_cookie("contentdesk")
    assert cookie.expires is None, "the cookie ends with the browser"
    with transaction() as session:
        session.merge(newest_session()).seen_at = clock.now() - timedelta(minutes=29)
    assert is_in(client)
    with transaction() as session:
        session.merge(newest_session()).seen_at = clock.now() - timedelta(minutes=31)
    assert not is_in(client)


def test_an_own_phone_stays_signed_in(make: Factory, client: FlaskClient) -> None:
    sign_in(client, make.user().login)
    assert client.get_cookie("contentdesk").expires is not None
    with transaction() as session:
        session.merge(newest_session()).seen_at = clock.now() - timedelta(days=20)
    assert is_in(client)


def test_use_is_written_at_most_every_five_minutes(make: Factory, client: FlaskClient) -> None:
    sign_in(client, make.user().login)
    first = newest_session().seen_at
    client.get("/")
    assert newest_session().seen_at == first
    with transaction() as session:
        session.merge(newest_session()).seen_at = first - timedelta(minutes=6)
    client.get("/")
    assert newest_session().seen_at > first


def test_signing_out_ends_this_device_only(make: Factory) -> None:
    user = make.user()
    phone, computer = make.signed_in(user), make.signed_in(user)
    assert phone.post("/keluar").status_code == 303
    assert not is_in(phone)
    assert is_in(computer)


def test_signing_out_everywhere_ends_all_devices_of_this_person_only(make: Factory) -> None:
    user, other = make.user(), make.user()
    phone, computer, others = make.signed_in(user), make.signed_in(user), make.signed_in(other)
    phone.post("/keluar-semua")
    assert not is_in(phone)
    assert not is_in(computer)
    assert is_in(others)


def test_who_is_signed_in_costs_one_query(app: Flask, make: Factory) -> None:
    client = make.signed_in(make.user())
    asked: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_more: object) -> None:
        asked.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    client.get("/")
    event.remove(db.engine, "before_cursor_execute", note)
    assert len([each for each in asked if each.startswith("SELECT")]) == 1, asked


def test_a_style_sheet_kept_for_a_year_carries_no_cookie(make: Factory) -> None:
    client = make.signed_in(make.user())
    assert "Set-Cookie" not in client.get("/static/css/app.css").headers


def test_the_language_can_be_chosen_before_signing_in(client: FlaskClient) -> None:
    client.post("/bahasa", data={"locale": "en"})
    assert 'lang="en"' in client.get("/masuk").text


def test_many_tries_at_once_are_no_more_than_ten(app: Flask, make: Factory) -> None:
    make.user(login="ada@contoh.test")
    db.session.rollback()

    def attempt(_number: int) -> int:
        client = FlaskClient(app, use_cookies=True)
        return sign_in(client, "ada@contoh.test", "salah-sekali").status_code

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(attempt, range(24)))
    assert answers.count(422) <= 9
    assert answers.count(429) == 24 - answers.count(422)


def test_who_was_signed_out_meanwhile_is_told_so(make: Factory) -> None:
    client = make.signed_in(make.user())
    with transaction() as session:
        session.scalars(db.select(UserSession)).one().ended_at = clock.now()
    assert "Perangkat ini sudah keluar." in client.get("/kim", follow_redirects=True).text


def test_a_form_that_came_too_late_leads_back_to_its_page_after_signing_in(app: Flask, client: FlaskClient) -> None:
    app.config["WTF_CSRF_ENABLED"] = True  # whose cookie is gone has no token either
    sent = client.post("/unggahan/baru", headers={"Referer": "http://localhost/unggahan/baru?usaha=x"})
    assert (sent.status_code, sent.location) == (302, "/masuk?next=/unggahan/baru?usaha%3Dx&terkirim=1")
    assert "isian tadi belum terkirim" in client.get(sent.location).text


def test_a_part_of_a_page_is_not_filled_with_the_sign_in_page(client: FlaskClient) -> None:
    asked = client.get("/unggahan", headers={"HX-Request": "true"})
    assert (asked.status_code, "Masuk" in asked.json["error"]) == (401, True)


def test_a_stranger_is_told_nothing_of_the_kind(client: FlaskClient) -> None:
    assert "Perangkat ini sudah keluar." not in client.get("/masuk").text
