"""Accounts whose channel has nothing for the media are left out by themselves, unless a person moved their switch.

As a browser without JavaScript sends it: the page's own switches, and hidden beside each how it stood by itself.
"""

import re
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from contentdesk.channels.models import Account
from contentdesk.kim.models import Kim
from contentdesk.lib.db import db
from contentdesk.posts import queries
from contentdesk.posts.models import Post
from contentdesk.posts.states import PostState
from contentdesk.users.models import User
from tests.factories import Factory
from tests.media import clips
from tests.posts.photos import jpeg

WHY = "Dilewati: hanya menerima video."


@dataclass
class Composer:
    """The form of a person who has one account for videos only and one for photos and text."""

    browser: FlaskClient
    films: Account
    photos: Account
    page: str = ""

    def open(self) -> "Composer":
        post = db.session.scalars(select(Post)).first()
        self._show(self.browser.get(f"/unggahan/{post.id}/ubah" if post else "/unggahan/baru").text)
        db.session.rollback()
        return self

    def _show(self, page: str) -> None:
        """Without the patterns that a script would copy."""
        self.page = re.sub(r"<template.*?</template>", "", page, flags=re.DOTALL)

    def row(self, account: Account) -> str:
        found = re.search(rf"<li data-account>(?:(?!</li>).)*?value=\"{account.id}\".*?</li>", self.page, re.DOTALL)
        assert found
        return found.group()

    def is_on(self, account: Account) -> bool:
        return " checked" in self.row(account)

    def is_left_out(self, account: Account) -> bool:
        return "left-out" in self.row(account).split(">")[1]

    def save(self, *moved: Account, file: tuple[bytes, str] | None = None, **more: Any) -> "Composer":
        """What the page holds, with these switches moved by hand, and perhaps a file."""
        address = re.search(r'id="f" action="([^"]+)"', self.page)
        hidden = re.findall(r'<input[^>]*?name="(base_number|form_key|photo)"[^>]*?value="([^"]+)"', self.page)
        form: dict[str, Any] = {"text": "Keripik tempe.", **dict(hidden), "accounts": []}
        for account in (self.films, self.photos):
            if self.is_on(account) != (account in moved):
                form["accounts"].append(account.id)
            if kept := re.search(r'name="(follows_\w+)"', self.row(account)):
                form.setdefault(kept[1], []).append(account.id)
        if file:
            form["photos"] = (BytesIO(file[0]), file[1])
        assert address
        self._show(self.browser.post(address[1], data=form | more, follow_redirects=True).text)
        return self

    def targets(self) -> set[str]:
        db.session.rollback()
        return {one.id for one in queries.newest_revision(db.session.scalars(select(Post)).one()).targets}


PHOTO = (jpeg(), "foto.jpg")


@pytest.fixture
def composer(make: Factory, kim: Kim, member: User) -> Composer:
    made = Composer(make.signed_in(member), make.account(kim, "youtube"), make.account(kim, "wordpress"))
    return made.open()


def test_before_there_are_media_nobody_is_left_out(composer: Composer) -> None:
    assert composer.is_on(composer.films)
    composer.save()
    assert composer.targets() == {composer.films.id, composer.photos.id}
    assert WHY not in re.sub(r"<span[^>]* hidden>[^<]*", "", composer.page)


def test_an_account_is_left_out_by_itself_and_comes_back_with_other_media(composer: Composer) -> None:
    composer.save(file=PHOTO)
    assert composer.targets() == {composer.photos.id}
    assert (composer.is_on(composer.films), composer.is_left_out(composer.films)) == (False, True)
    assert re.search(rf"<span[^>]*data-left-out=\"photos\">{re.escape(WHY)}", composer.row(composer.films))
    assert "disabled" not in composer.row(composer.films)
    composer.open().save(remove=re.findall(r'name="photo" value="(\w+)"', composer.page), file=(clips.reel(), "a.mp4"))
    assert composer.targets() == {composer.films.id}
    assert composer.is_left_out(composer.photos)
    composer.save(remove=re.findall(r'name="photo" value="(\w+)"', composer.page))
    assert composer.targets() == {composer.films.id, composer.photos.id}


def test_what_a_person_switches_on_stays_on_and_is_told(composer: Composer) -> None:
    composer.save(file=PHOTO).save(composer.films)
    assert composer.targets() == {composer.films.id, composer.photos.id}
    assert not composer.is_left_out(composer.films)
    assert "YouTube: Foto tidak bisa dipakai di sini." in composer.page
    composer.open().save()
    assert composer.is_on(composer.films)


def test_what_a_person_switches_off_stays_off(composer: Composer) -> None:
    composer.save(composer.films)
    composer.open().save(file=(clips.reel(), "a.mp4"))
    assert composer.targets() == set()
    assert not composer.is_left_out(composer.films)
    composer.open().save(remove=re.findall(r'name="photo" value="(\w+)"', composer.page))
    assert composer.targets() == {composer.photos.id}


def test_the_hints_judge_a_photo_by_the_accounts_that_are_left(composer: Composer) -> None:
    composer.save(file=PHOTO)
    photo = re.findall(r'name="photo" value="(\w+)"', composer.page)
    sent = {"text": "Keripik.", "photo": photo, "accounts": [composer.films.id, composer.photos.id]}
    both = [composer.films.id, composer.photos.id]
    assert "YouTube: Foto" not in composer.browser.post("/unggahan/periksa", data=sent | {"follows_on": both}).text
    assert "YouTube: Foto" in composer.browser.post("/unggahan/periksa", data=sent).text


def test_a_post_for_which_one_account_is_left_out_is_handed_in(composer: Composer) -> None:
    answers = {"photo_source": "buatan_kim", "faces": "tidak_ada", "children": "tidak_ada"}
    composer.page = composer.page.replace('id="f" action="/unggahan/baru"', 'id="f" action="/unggahan/baru/kirim"')
    composer.save(file=PHOTO, **answers)
    assert composer.targets() == {composer.photos.id}
    assert db.session.scalars(select(Post)).one().state == PostState.IN_REVIEW


def test_drafts_of_before_and_accounts_that_came_later_change_by_nobody_but_a_person(
    make: Factory, kim: Kim, member: User, composer: Composer
) -> None:
    make.post(member, accounts=(composer.films, composer.photos))
    composer.open()
    assert 'name="follows_' not in composer.page
    later = make.account(kim, "telegram")
    composer.open().save()
    assert (composer.is_on(later), composer.targets()) == (False, {composer.films.id, composer.photos.id})


def test_a_foreign_account_cannot_be_brought_in_as_one_that_follows(make: Factory, composer: Composer) -> None:
    foreign = make.account(make.kim(), "wordpress")
    composer.save(follows_off=[foreign.id])
    assert foreign.id not in composer.targets()
