"""Accounts that have stopped, before the people who may connect them again, and what a post says meanwhile."""

from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from contentdesk.access.permissions import Role
from contentdesk.channels import holders
from contentdesk.channels.models import Account
from contentdesk.kim.models import Kim
from contentdesk.lib import clock
from contentdesk.lib.db import db, transaction
from contentdesk.posts.models import Post
from contentdesk.users.models import User
from tests.counting import statements
from tests.factories import Factory

HOUR = timedelta(hours=1)


@pytest.fixture
def chair(make: Factory, kim: Kim) -> User:
    return make.user(Role.CHAIR, kim=kim, name="Ketua Purwantoro")


def dead(make: Factory, kim: Kim | None, handle: str, state: str = "expired", **values: Any) -> Account:
    return make.account(kim, handle=handle, state=state, stopped_at=clock.now() - HOUR, **values)


def waits(make: Factory, author: User, account: Account, ahead: timedelta) -> Post:
    post = make.post(author, state="scheduled", accounts=(account,))
    make.delivery(post, account, due_at=clock.now() + ahead)
    return post


def page(browser: FlaskClient, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200, answer.text
    return unescape(answer.text)


def todo(browser: FlaskClient) -> str:
    return page(browser, "/beranda").split("Perlu dikerjakan")[1].split("Sampai mana unggahan kami?")[0]


def in_order(text: str, *parts: str) -> bool:
    places = [text.index(part) for part in parts]
    return places == sorted(places)


def test_the_chair_finds_them_among_the_tasks_the_most_urgent_first(
    make: Factory, kim: Kim, member: User, chair: User
) -> None:
    dead(make, kim, "tanpa_unggahan")
    lacking, lost = dead(make, kim, "izin_kurang", "not_allowed", kind="facebook"), dead(make, kim, "akun_putus")
    waits(make, member, lacking, 2 * HOUR)
    for ahead in (-HOUR, 3 * HOUR):
        waits(make, member, lost, ahead)
    waits(make, member, make.account(kim, handle="akun_sehat"), -HOUR)
    dead(make, make.kim(), "milik_kim_lain")
    dead(make, None, "milik_kota")
    found = todo(make.signed_in(chair))
    assert in_order(
        found,
        "Sambungkan lagi Instagram, akun_putus",
        "2 unggahan menunggu.",
        "Seharusnya terbit",
        "Lengkapi izin Facebook, izin_kurang",
        "1 unggahan menunggu.",
        "Terdekat",
        "Sambungkan lagi Instagram, tanpa_unggahan",
        "Belum ada unggahan yang menunggu.",
    )
    assert f"/akun/{lost.id}" in found
    assert not any(handle in found for handle in ("akun_sehat", "milik_kim_lain", "milik_kota"))


def test_who_may_not_connect_them_has_no_such_task(make: Factory, kim: Kim, browser: FlaskClient) -> None:
    dead(make, kim, "akun_putus")
    assert "akun_putus" not in todo(browser)
    assert browser.get("/perlu-dikerjakan").status_code == 403


def test_the_admin_is_led_from_the_queue_to_those_of_the_whole_city(make: Factory, kim: Kim, member: User) -> None:
    waits(make, member, dead(make, kim, "akun_putus"), HOUR)
    dead(make, None, "milik_kota", "not_allowed")
    admin = make.signed_in(make.user(Role.ADMIN))
    queue = page(admin, "/tinjauan")
    assert "2 akun terputus atau kekurangan izin" in queue
    assert 'href="/perlu-dikerjakan"' in queue
    assert in_order(page(admin, "/perlu-dikerjakan"), "akun_putus", "1 unggahan menunggu.", "milik_kota")
    assert "kekurangan izin" not in page(make.signed_in(make.user(Role.REVIEWER)), "/tinjauan")


def test_many_of_them_cost_no_more_statements_than_one(make: Factory, kim: Kim, member: User, chair: User) -> None:
    browser = make.signed_in(chair)
    waits(make, member, dead(make, kim, "pertama"), HOUR)
    one = statements(lambda: page(browser, "/beranda"))
    for number in range(4):
        waits(make, member, dead(make, kim, f"akun_{number}_putus"), HOUR)
    many = statements(lambda: page(browser, "/beranda"))
    assert len(many) <= len(one)


def test_a_post_says_since_when_it_waits_who_was_told_and_what_to_do(
    make: Factory, kim: Kim, member: User, chair: User, browser: FlaskClient
) -> None:
    account = dead(make, kim, "akun_putus", problem="Akun %(handle)s terputus. Sambungkan lagi.")
    post = waits(make, member, account, -timedelta(minutes=10))
    with transaction():
        holders.hold(account, chair.id)
        holders.tell_lost(account)
    for who, what in ((browser, "Lihat akunnya"), (make.signed_in(chair), "Sambungkan lagi")):
        text = page(who, f"/unggahan/{post.id}")
        assert "Menunggu akun Instagram disambungkan lagi, terputus sejak" in text
        assert "masih bisa terbit sampai" in text
        assert "Akun akun_putus terputus. Sambungkan lagi. Terputus sejak" in text
        assert "udah diberi tahu: Ketua Purwantoro." in text
        link = text.split(f'href="/akun/{account.id}"')[1].split("</a>")[0]
        assert what in link
    assert "Yang bisa menyambungkannya lagi sudah diberi tahu" in page(browser, f"/unggahan/{post.id}")


def test_a_post_on_many_of_them_asks_once_who_was_told(
    make: Factory, kim: Kim, member: User, chair: User, browser: FlaskClient
) -> None:
    accounts = [dead(make, kim, f"akun_{number}_putus") for number in range(4)]
    other, former = (make.user(Role.CHAIR, kim=kim, name=name) for name in ("Ketua Kedua", "Ketua Lama"))
    with transaction():
        for account in accounts:
            holders.tell_lost(account)
    with transaction():
        holders.hold(accounts[0], other.id)
        db.session.execute(update(User).where(User.id == former.id).values(disabled_at=clock.now()))
    post = waits(make, member, accounts[0], HOUR)
    one = statements(lambda: page(browser, f"/unggahan/{post.id}"))
    for account in accounts[1:]:
        make.delivery(post, account, due_at=clock.now() + HOUR)
    many = statements(lambda: page(browser, f"/unggahan/{post.id}"))
    assert len(many) == len(one)
    text = page(browser, f"/unggahan/{post.id}")
    assert text.count("sudah diberi tahu: Ketua Kedua.") == 1
    assert text.count("sudah diberi tahu: Ketua Kedua dan Ketua Purwantoro.") == 3


def test_posts_behind_them_are_listed_among_those_that_need_attention(
    make: Factory, kim: Kim, member: User, browser: FlaskClient
) -> None:
    waiting = waits(make, member, dead(make, kim, "akun_putus"), HOUR)
    well = waits(make, member, make.account(kim), HOUR)
    text = page(browser, "/unggahan?keadaan=attention")
    assert waiting.id in text
    assert well.id not in text
