"""Photos over HTTP: who may see them, what a bad one answers, what a platform gets."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from contentdesk.access.permissions import Role
from contentdesk.lib import clock
from contentdesk.lib.db import db, transaction
from contentdesk.lib.desk import desk
from contentdesk.media import links, services
from contentdesk.media.models import Asset
from tests.factories import Factory
from tests.media.samples import quarters, saved


def sent(client: FlaskClient, data: bytes, accept: str = "application/json") -> Any:
    return client.post("/foto", data={"photo": (BytesIO(data), "foto.jpg")}, headers={"Accept": accept})


def jpeg() -> bytes:
    return saved(quarters(800, 600), "JPEG")


def link(valid_for: timedelta = timedelta(hours=1), data: bytes = b"") -> str:
    """Path of a shared photo, its file in the store."""
    stored = desk().files.put(data or jpeg(), ".jpg")
    config = desk().config
    url = links.shared_url(config.public_url, config.secret_keys[0], stored.sha256, valid_for)
    return url.removeprefix(config.public_url)


def test_an_upload_answers_with_what_the_page_needs(make: Factory) -> None:
    client = make.signed_in(make.user())
    answer = sent(client, jpeg())
    assert answer.status_code == 201
    assert (answer.json["width"], answer.json["height"]) == (800, 600)
    for address in (answer.json["thumb"], answer.json["preview"]):
        picture = client.get(address)
        assert (picture.status_code, picture.mimetype) == (200, "image/jpeg")
        assert picture.data.startswith(b"\xff\xd8\xff")


def test_a_page_without_json_gets_a_piece_of_html(make: Factory) -> None:
    client = make.signed_in(make.user())
    answer = sent(client, jpeg(), "text/html, */*;q=0.8")
    asset = db.session.scalars(select(Asset)).one()
    assert answer.status_code == 201
    assert asset.id in answer.text


@pytest.mark.parametrize("data", [b"", b"bukan foto", jpeg()[:2000]])
def test_a_file_that_cannot_be_used_is_told_in_a_sentence(make: Factory, data: bytes) -> None:
    client = make.signed_in(make.user())
    answer = sent(client, data)
    assert answer.status_code == 422
    assert answer.json["error"].endswith(".")
    page = sent(client, data, "text/html")
    assert page.status_code == 422
    assert 'role="alert"' in page.text
    assert db.session.scalar(select(func.count()).select_from(Asset)) == 0


def test_a_photo_of_forty_megabytes_is_told_its_size_and_the_limit(make: Factory) -> None:
    answer = sent(make.signed_in(make.user()), b"\xff\xd8\xff" + bytes(40_000_000))
    assert answer.status_code == 413
    assert "41 MB" in answer.json["error"]
    assert "20 MB" in answer.json["error"]


def test_an_upload_without_a_file_is_told(make: Factory) -> None:
    client = make.signed_in(make.user())
    assert client.post("/foto", headers={"Accept": "application/json"}).status_code == 422


def test_only_the_own_kim_and_the_city_see_a_photo(make: Factory) -> None:
    user = make.user()
    with transaction():
        asset = services.take_upload(user, user.kim_id, jpeg(), desk().files)
    path = f"/foto/{asset.id}/sedang"
    assert make.signed_in(user).get(path).status_code == 200
    assert make.signed_in(make.user(Role.REVIEWER)).get(path).status_code == 200
    assert make.signed_in(make.user()).get(path).status_code == 404
    assert make.signed_in(make.user(Role.JUDGE)).get(path).status_code == 403
    assert make.app.test_client().get(path).status_code == 302


def test_a_photo_is_kept_by_the_browser_and_by_nobody_between(make: Factory) -> None:
    user = make.user()
    with transaction():
        asset = services.take_upload(user, user.kim_id, jpeg(), desk().files)
    client = make.signed_in(user)
    answer = client.get(f"/foto/{asset.id}/kecil")
    assert "private" in answer.headers["Cache-Control"]
    assert "max-age=31536000" in answer.headers["Cache-Control"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    again = client.get(f"/foto/{asset.id}/kecil", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_a_photo_that_is_not_there_is_a_missing_page(make: Factory) -> None:
    client = make.signed_in(make.user())
    assert client.get("/foto/tidakada/kecil").status_code == 404
    asset = make.asset(make.user(), sha256="0" * 64, thumb_sha256="0" * 64, preview_sha256="0" * 64)
    assert (
        make.signed_in(db.session.get_one(type(make.user()), asset.uploaded_by))
        .get(f"/foto/{asset.id}/kecil")
        .status_code
        == 404
    )


def test_a_platform_fetches_a_shared_photo_byte_for_byte(client: FlaskClient) -> None:
    answer = client.get(link())
    assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
    assert answer.data == jpeg()
    assert "Set-Cookie" not in answer.headers
    assert "?" not in link()


def test_a_platform_may_ask_for_the_head_and_for_a_part(client: FlaskClient) -> None:
    head = client.head(link())
    assert (head.status_code, head.data, head.content_length) == (200, b"", len(jpeg()))
    part = client.get(link(), headers={"Range": "bytes=3-12"})
    assert (part.status_code, part.data) == (206, jpeg()[3:13])


def test_an_expired_or_changed_address_gives_nothing(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    path = link(timedelta(minutes=5))
    assert client.get(path).status_code == 200
    assert client.get(path.replace("/m/", "/m/A")).status_code == 404
    assert client.get("/m/apa-saja.jpg").status_code == 404
    later = clock.now() + timedelta(minutes=6)
    monkeypatch.setattr(clock, "now", lambda: later)
    answer = client.get(path)
    assert (answer.status_code, "Set-Cookie" in answer.headers) == (404, False)


def test_an_address_signed_with_a_foreign_key_gives_nothing(client: FlaskClient) -> None:
    stored = desk().files.put(jpeg(), ".jpg")
    assert client.get(links.shared_url("", "kunci lain", stored.sha256, timedelta(hours=1))).status_code == 404


def test_an_older_key_still_opens_an_address_after_a_key_change() -> None:
    token = links.shared_url("", "lama", "a" * 64, timedelta(hours=1)).removeprefix("/m/").removesuffix(".jpg")
    assert links.shared_sha256(token, ("baru", "lama")) == "a" * 64
    assert links.shared_sha256(token, ("baru",)) is None
