"""What was chosen for a channel stands before the reviewer in words, changes marked."""

from typing import Any

import pytest

from contentdesk.access.permissions import Role
from contentdesk.channels.models import Account
from contentdesk.lib.db import transaction
from contentdesk.lib.desk import desk
from contentdesk.posts import queries, services
from contentdesk.posts.content import Content, ContentPhoto
from contentdesk.posts.models import Post, Revision
from contentdesk.reviews import diff
from contentdesk.reviews.services import submit
from contentdesk.users.models import User
from tests.factories import Factory
from tests.posts.photos import photo
from tests.posts.trial import KIND, Trial, install


@pytest.fixture
def channel(monkeypatch: pytest.MonkeyPatch) -> Trial:
    return install(monkeypatch)


@pytest.fixture
def author(make: Factory) -> User:
    return make.user()


@pytest.fixture
def account(make: Factory, author: User, channel: Trial) -> Account:
    return make.account(None, kind=KIND)


def _content(author: User, account: Account, **chosen: Any) -> Content:
    return Content(
        text="Keripik.",
        photos=(ContentPhoto(photo(author).id, "Keripik"),),
        account_ids=(account.id,),
        options={KIND: {"privacy": "teman", **chosen}},
        photo_source="buatan_kim",
        faces="tidak_ada",
        children="tidak_ada",
    )


def _post(author: User, content: Content) -> Post:
    with transaction():
        return services.create_post(author, content, desk().files)


def _edited(author: User, post: Post, content: Content) -> tuple[Revision, Revision]:
    with transaction():
        services.edit_post(author, post, content, post.newest_number, desk().files)
    found = queries.get_post(post.id)
    return found.revisions[-2], found.revisions[-1]


def _said(changes: diff.Changes) -> dict[str, list[tuple[str, str]]]:
    return {one.label: [tuple(piece) for piece in one.pieces] for one in changes.options}


def test_changed_choices_are_marked_and_the_rest_is_said(author: User, account: Account) -> None:
    post = _post(author, _content(author, account, partners=["satu", "dua"], comment="Mampir rek"))
    new = _content(author, account, privacy="semua", comments=True, partners=["satu"], format="story")
    changes = diff.between(*_edited(author, post, new))
    assert changes.any
    said = _said(changes)
    assert said["Siapa yang melihat"] == [("del", "Teman"), ("ins", "Semua orang")]
    assert said["Boleh dikomentari"] == [("del", "Tidak"), ("ins", "Ya")]
    assert said["Bentuk"] == [("del", "Kiriman"), ("ins", "Cerita")]
    assert said["Konten berbayar"] == [("same", "Tidak")]
    assert "".join(text for kind, text in said["Bersama akun"] if kind != "ins") == "@satu, @dua"
    assert said["Komentar pertama"] == [("del", "Mampir rek")]


def test_the_same_choices_are_no_change(author: User, account: Account) -> None:
    post = _post(author, _content(author, account))
    revision = queries.newest_revision(post)
    assert not diff.between(revision, revision).any


def test_the_reviewer_reads_the_choices(make: Factory, author: User, account: Account) -> None:
    post = _post(author, _content(author, account, format="story", comment="Mampir <b>rek</b>"))
    with transaction():
        submit(author, queries.post_alone(post.id))
    page = make.signed_in(make.user(Role.REVIEWER)).get(f"/tinjauan/{post.id}").text
    assert "Pengaturan Coba" in page
    assert "<dt>Siapa yang melihat</dt><dd>Teman</dd>" in page
    assert "Mampir &lt;b&gt;rek&lt;/b&gt;" in page
    assert "<small>Coba, Cerita</small>" in page


def test_an_approval_is_about_the_choices_too(author: User, account: Account) -> None:
    post = _post(author, _content(author, account))
    with transaction():
        submit(author, queries.post_alone(post.id))
    _edited(author, queries.post_alone(post.id), _content(author, account, privacy="semua"))
    assert queries.post_alone(post.id).state == "draft"
