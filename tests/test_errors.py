"""What people see when something fails, and what never gets into a message."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from contentdesk.access.guards import public
from contentdesk.access.permissions import Role
from contentdesk.lib.db import db, transaction
from contentdesk.lib.errors import Conflict
from contentdesk.users.models import User
from tests.factories import Factory


def test_a_refused_row_says_nothing_of_what_was_in_it(make: Factory) -> None:
    known = make.user(login="rahasia@contoh.test")
    with pytest.raises(IntegrityError) as refused, transaction() as session:
        session.add(User(name="Lain", login=known.login, role=Role.ADMIN, password_hash="segel-rahasia"))
    said = f"{refused.value} {refused.value.orig}"
    assert "unique" in said.lower()
    assert "rahasia" not in said


@pytest.mark.parametrize("table", ["users", "user_sessions", "posts"])
@pytest.mark.parametrize("locale", ["id", "en"])
def test_without_the_database_there_is_still_a_page_that_says_so(make: Factory, table: str, locale: str) -> None:
    browser = make.signed_in(make.user())
    with browser.session_transaction() as session:
        session["locale"] = locale
    with db.engine.begin() as connection:
        connection.execute(text(f"ALTER TABLE {table} RENAME TO gone"))
    answer = browser.get("/unggahan")
    assert answer.status_code == 500
    assert f'<html lang="{locale}"' in answer.text
    assert 'class="side"' not in answer.text
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.own_app
def test_a_failed_statement_does_not_fail_the_error_page(make: Factory) -> None:
    @public
    def broken() -> str:
        db.session.execute(text("SELECT nothing FROM nowhere"))
        return ""

    make.app.add_url_rule("/rusak", "broken", broken)
    browser = make.signed_in(make.user())
    answer = browser.get("/rusak")
    assert (answer.status_code, "Halaman ini gagal dibuka" in answer.text) == (500, True)
    assert browser.get("/lainnya").status_code == 200


@pytest.fixture
def refusing(make: Factory) -> FlaskClient:
    """A signed-in browser, and a path for sending only that always refuses."""

    @public
    def refuse() -> str:
        raise Conflict("Sudah didahului orang lain.")

    make.app.add_url_rule("/hanya-kirim", "refuse", refuse, methods=["POST"])
    return make.signed_in(make.user())


@pytest.mark.own_app
def test_a_refusal_is_told_on_the_page_one_came_from(refusing: FlaskClient) -> None:
    answer = refusing.post("/hanya-kirim", headers={"Referer": "http://localhost/lainnya?a=1"})
    assert (answer.status_code, answer.location) == (303, "http://localhost/lainnya?a=1")
    assert "Sudah didahului orang lain." in refusing.get("/lainnya").text


@pytest.mark.parametrize(
    "came_from", ["http://localhost/hanya-kirim", "http://localhost/tidak-ada", "http://lain.test/lainnya", ""]
)
@pytest.mark.own_app
def test_a_refusal_is_told_at_once_where_no_page_would_say_it(refusing: FlaskClient, came_from: str) -> None:
    answer = refusing.post("/hanya-kirim", headers={"Referer": came_from})
    assert answer.status_code == 409
    assert "Sudah didahului orang lain." in answer.text
