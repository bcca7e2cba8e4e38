"""The one sign that PostgreSQL refuses: nothing that holds it fails, and what was typed beside it stays."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from contentdesk.lib.db import db
from contentdesk.posts.models import Revision
from tests.factories import PASSWORD, Factory


@pytest.fixture
def browser(make: Factory) -> FlaskClient:
    return make.signed_in(make.user())


def test_a_post_is_kept_without_it(browser: FlaskClient) -> None:
    sent = {"title": "Ker\x00ipik", "text": "Keripik\x00 tempe.", "form_key": "\x00kunci", "photo": "\x00"}
    assert browser.post("/unggahan/baru", data=sent).status_code == 303
    db.session.rollback()
    revision = db.session.scalars(select(Revision)).one()
    assert (revision.title, revision.text) == ("Keripik", "Keripik tempe.")


def test_signing_in_with_it_is_a_wrong_login(client: FlaskClient) -> None:
    answer = client.post("/masuk", data={"login": "a\x00b", "password": PASSWORD})
    assert answer.status_code in {401, 422}
    assert "ab" in answer.text


@pytest.mark.parametrize(
    "path", ["/unggahan?cari=%00keripik", "/umkm?q=%00", "/kalender?kim=%00", "/unggahan/baru?usaha=%00"]
)
def test_searching_for_it_searches_for_the_rest(browser: FlaskClient, path: str) -> None:
    assert browser.get(path).status_code == 200


@pytest.mark.parametrize("path", ["/unggahan/%00", "/umkm/a%00b", "/undangan/%00", "/m/%00.jpg", "/%00"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_address_with_it_is_refused_in_a_sentence(browser: FlaskClient, path: str, method: str) -> None:
    answer = browser.open(path, method=method)
    assert answer.status_code == 400
    assert "Alamat ini memuat tanda yang tidak dapat dibaca." in answer.text
