"""A video of three gigabytes: refused before a byte of it is read, and what was written is still there."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from contentdesk.kim.models import Kim
from contentdesk.lib.db import db
from contentdesk.media.models import Asset
from contentdesk.posts.models import Post, Revision
from contentdesk.users.models import User
from tests.factories import Factory

HUGE = 3_000_000_000
TEXT = "Keripik tempe Sanan, garing dua kali goreng."


class Untouched:
    """A body that nobody may read."""

    def read(self, *_size: int) -> bytes:
        raise AssertionError("the video was read")

    readline = readinto = read


@pytest.fixture
def author(make: Factory) -> User:
    return make.user()


@pytest.fixture
def draft(make: Factory, author: User) -> Post:
    return make.post(author, text=TEXT, accounts=(make.account(db.session.get_one(Kim, author.kim_id)),))


def sent(browser: FlaskClient, path: str, content_type: str, accept: str = "text/html") -> Any:
    length = {"CONTENT_LENGTH": str(HUGE), "wsgi.input": Untouched()}
    return browser.post(path, content_type=content_type, headers={"Accept": accept}, environ_overrides=length)


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_the_upload_beside_the_form_is_refused_with_its_size_and_the_limit(
    make: Factory, author: User, draft: Post, accept: str
) -> None:
    """The composer sends a video by itself, so the form stays on the page as it is."""
    answer = sent(make.signed_in(author), "/video", "video/mp4", accept)
    assert answer.status_code == 413
    assert "Video ini 3.000 MB, paling besar 500 MB. Potong atau kecilkan dulu, lalu unggah lagi." in answer.text
    assert unchanged(draft)


def test_the_composer_knows_the_limit_before_anything_is_sent(make: Factory, author: User, draft: Post) -> None:
    page = make.signed_in(author).get(f"/unggahan/{draft.id}/ubah").text
    assert 'data-video-bytes="500000000"' in page
    assert "paling besar 500 MB. Potong atau kecilkan dulu" in page


def test_without_script_the_page_says_so_and_the_draft_is_as_it_was(make: Factory, author: User, draft: Post) -> None:
    browser = make.signed_in(author)
    answer = sent(browser, f"/unggahan/{draft.id}/ubah", "multipart/form-data; boundary=x")
    assert answer.status_code == 413
    assert "Berkas ini terlalu besar" in answer.text
    assert "potong videonya, lalu kirim lagi." in answer.text
    assert unchanged(draft)
    assert TEXT in browser.get(f"/unggahan/{draft.id}/ubah").text


def unchanged(draft: Post) -> bool:
    db.session.rollback()
    texts = list(db.session.scalars(select(Revision.text).where(Revision.post_id == draft.id)))
    return (texts, db.session.scalar(select(func.count()).select_from(Asset))) == ([TEXT], 1)
