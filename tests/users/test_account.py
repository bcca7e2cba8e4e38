"""Lainnya: devices, language, look, password."""

from flask.testing import FlaskClient

from contentdesk.access.permissions import Role
from contentdesk.lib.db import db
from contentdesk.users.models import User, UserSession
from tests.factories import PASSWORD, Factory

NEW_PASSWORD = "payung merah terbang"


def test_signing_out_of_this_device_comes_first(make: Factory) -> None:
    page = make.signed_in(make.user()).get("/lainnya").text
    main = page[page.index("<main") :]
    assert main.index("Keluar dari perangkat ini") < main.index("Perangkat</span>")


def test_a_judge_is_told_that_there_is_nothing_to_judge_yet(make: Factory) -> None:
    client = make.signed_in(make.user(Role.JUDGE))
    start = client.get("/", follow_redirects=True)
    assert start.request.path == "/lainnya"
    assert "Belum ada karya untuk dinilai" in start.text


def test_language_and_look_are_kept_for_the_person(make: Factory) -> None:
    user = make.user()
    make.signed_in(user).post("/lainnya/tampilan", data={"locale": "en", "theme": "dark"})
    page = make.signed_in(user).get("/lainnya").text
    assert '<html lang="en" data-theme="dark">' in page


def test_an_unknown_language_or_look_changes_nothing(make: Factory) -> None:
    user = make.user()
    make.signed_in(user).post("/lainnya/tampilan", data={"locale": "<b>", "theme": "neon"})
    kept = db.session.get(User, user.id)
    assert (kept.locale, kept.theme) == ("id", "light")


def test_a_lost_phone_can_be_signed_out_from_another_device(make: Factory) -> None:
    user = make.user()
    lost, here = make.signed_in(user), make.signed_in(user)
    first = db.session.scalars(db.select(UserSession).order_by(UserSession.id)).first()
    here.post(f"/lainnya/perangkat/{first.id}/keluar")
    assert lost.get("/lainnya").status_code == 302
    assert here.get("/lainnya").status_code == 200


def test_one_cannot_sign_out_the_device_of_somebody_else(make: Factory) -> None:
    victim = make.signed_in(make.user())
    session = db.session.scalars(db.select(UserSession)).one()
    answer = make.signed_in(make.user()).post(f"/lainnya/perangkat/{session.id}/keluar")
    assert answer.status_code == 404
    assert victim.get("/lainnya").status_code == 200


def test_a_new_password_needs_the_old_one_and_signs_the_other_devices_out(make: Factory) -> None:
    user = make.user()
    other, here = make.signed_in(user), make.signed_in(user)
    path = "/lainnya/kata-sandi"
    here.post(path, data={"old_password": "bukan yang lama", "password": NEW_PASSWORD})
    assert other.get("/lainnya").status_code == 200
    assert here.post(path, data={"old_password": PASSWORD, "password": NEW_PASSWORD}).status_code == 303
    assert other.get("/lainnya").status_code == 302
    assert here.get("/lainnya").status_code == 200


def test_a_signed_in_person_who_opens_the_sign_in_page_is_sent_on(make: Factory) -> None:
    client: FlaskClient = make.signed_in(make.user())
    assert client.get("/masuk?next=/kim").location == "/kim"
