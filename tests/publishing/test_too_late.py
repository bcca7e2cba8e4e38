"""What was too late: nothing goes out without a person's word, and one good time is offered for each post."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from html import unescape
from threading import Barrier, Thread
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from contentdesk.access.permissions import Role
from contentdesk.channels.models import Account, AccountState
from contentdesk.kim.models import Kim
from contentdesk.lib import clock, words
from contentdesk.lib.db import db, transaction
from contentdesk.lib.desk import desk
from contentdesk.lib.errors import DomainError
from contentdesk.notices.models import Notice
from contentdesk.posts.models import Post
from contentdesk.posts.queries import get_post
from contentdesk.posts.states import PostState
from contentdesk.publishing import offers, services, sweeps, too_late
from contentdesk.publishing.models import Delivery
from contentdesk.publishing.queries import of_post, of_posts
from contentdesk.publishing.states import DeliveryState
from contentdesk.umkm.models import Consent
from contentdesk.users.models import User
from tests.factories import Factory
from tests.publishing.conftest import Scene
from workers import tick

D = DeliveryState
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CITY = 3 * HOUR


@pytest.fixture
def reviewer(make: Factory) -> User:
    return make.user(Role.REVIEWER)


class Late:
    """A post whose time has passed a day ago, on some accounts."""

    def __init__(self, make: Factory, member: User, reviewer: User, kinds: tuple[str, ...], **values: Any) -> None:
        kim = db.session.get_one(Kim, member.kim_id)
        self.accounts = tuple(make.account(kim, kind=kind) for kind in kinds)
        post = make.post(member, state=PostState.SCHEDULED, accounts=self.accounts, **values)
        self.id, self.title = post.id, post.title
        for account in self.accounts:
            make.delivery(post, account, due_at=clock.now() - DAY, planned_by=reviewer.id)

    def expire(self) -> "Late":
        with transaction():
            db.session.execute(update(Delivery).where(Delivery.post_id == self.id).values(expires_at=clock.now()))
            sweeps.expire(clock.now())
        return self

    @property
    def offer(self) -> offers.Offer | None:
        db.session.rollback()
        return offers.of_post(get_post(self.id), CITY)

    def now(self) -> dict[str, str]:
        """State by channel, of the newest delivery on each account."""
        db.session.rollback()
        return {row.account.kind: row.state for row in of_posts([self.id])[self.id]}


Make = Callable[..., Late]


@pytest.fixture
def late(make: Factory, member: User, reviewer: User) -> Make:
    def made(*kinds: str, **values: Any) -> Late:
        return Late(make, member, reviewer, kinds or ("instagram",), **values).expire()

    return made


def told(user: User) -> list[str]:
    db.session.rollback()
    return [one.message % one.values for one in db.session.scalars(select(Notice).where(Notice.user_id == user.id))]


def click(browser: FlaskClient, post_id: str, at: datetime, what: str = "jadwalkan") -> Any:
    return browser.post(f"/unggahan/{post_id}/terlewat/{what}", data={"waktu": words.typed(at)}, follow_redirects=True)


def page(browser: FlaskClient, path: str) -> str:
    return unescape(browser.get(path).text)


# -- nothing goes out, and it is offered -------------------------------------------------------------------------------


def test_after_a_day_without_a_beat_nothing_goes_out_and_it_is_offered(scene: Scene, make: Factory) -> None:
    delivery = scene.scheduled(due_at=clock.now() - DAY)
    scene.tick()
    scene.at.bell.connection.delete("rq:queue:publish")
    scene.go(delivery)
    assert scene.state(delivery) == D.EXPIRED
    assert scene.committed_publishes() == 0
    found = offers.of_post(get_post(delivery.post_id), CITY)
    assert found is not None
    assert found.at
    assert found.at > clock.now()


def test_one_notice_for_a_post_names_title_platforms_and_time(late: Make, member: User, reviewer: User) -> None:
    post = late("instagram", "facebook", title="Bazar Sanan")
    assert post.offer
    assert post.offer.at
    for person in (member, reviewer):
        (one,) = told(person)
        assert "Bazar Sanan" in one
        assert "Instagram" in one
        assert "Facebook" in one
        assert words.moment(post.offer.at) in one


def test_an_account_that_expires_later_is_no_second_notice(late: Make, make: Factory, member: User) -> None:
    post = late("instagram")
    extra = make.account(db.session.get_one(Kim, member.kim_id), kind="snackvideo")
    make.delivery(get_post(post.id), extra, due_at=clock.now() - 2 * DAY, state=D.HANDED_OVER)
    with transaction():
        assert len(sweeps.expire(clock.now())) == 1
    assert len(told(member)) == 1
    assert post.offer
    assert len(post.offer.expired) == 2


def test_the_offered_time_is_free_on_each_of_its_accounts(late: Make, make: Factory, member: User) -> None:
    post = late()
    assert post.offer
    first = post.offer.at
    assert first
    other = make.post(member, state=PostState.SCHEDULED, accounts=post.accounts)
    make.delivery(other, post.accounts[0], due_at=first + timedelta(minutes=20))
    assert post.offer.at
    assert abs(post.offer.at - first) >= HOUR


def test_two_late_posts_of_one_account_are_offered_different_hours(make: Factory, late: Make, member: User) -> None:
    post = late()
    second = make.post(member, state=PostState.SCHEDULED, accounts=post.accounts)
    make.delivery(second, post.accounts[0], due_at=clock.now() - HOUR, state=D.EXPIRED)
    times = [one.at for one in offers.of_kim(str(member.kim_id), CITY)]
    assert len(times) == len(set(times)) == 2


# -- one click ---------------------------------------------------------------------------------------------------------


def test_one_click_plans_all_that_was_too_late_and_nothing_else(late: Make, browser: FlaskClient) -> None:
    post = late("instagram", "facebook", "threads", "snackvideo")
    rows = {row.account.kind: row for row in of_post(post.id)}
    with transaction():
        for kind, values in (
            ("facebook", {"state": D.SENT, "sent_at": clock.now()}),
            ("threads", {"state": D.FAILED}),
        ):
            db.session.execute(update(Delivery).where(Delivery.id == rows[kind].id).values(**values))
    assert post.offer
    at = post.offer.at
    assert at
    assert "Dijadwalkan. Terbit" in click(browser, post.id, at).text
    assert post.now() == {"instagram": D.WAITING, "facebook": D.SENT, "threads": D.FAILED, "snackvideo": D.WAITING}
    assert {row.due_at for row in of_post(post.id) if row.state == D.WAITING} == {at}
    assert post.offer is None


def test_what_waits_on_another_account_keeps_its_time(late: Make, make: Factory, member: User, browser: Any) -> None:
    post = late("instagram")
    extra = make.account(db.session.get_one(Kim, member.kim_id), kind="snackvideo")
    due = clock.now() + HOUR
    kept = make.delivery(get_post(post.id), extra, due_at=due, state=D.HANDED_OVER)
    assert post.offer
    assert post.offer.at
    click(browser, post.id, post.offer.at)
    row = db.session.get_one(Delivery, kept.id)
    assert (row.state, row.due_at) == (D.HANDED_OVER, due)


def test_a_second_click_changes_nothing(late: Make, browser: FlaskClient) -> None:
    post = late("instagram", "facebook")
    assert post.offer
    at = post.offer.at
    assert at
    click(browser, post.id, at)
    assert "tidak ada yang berubah" in click(browser, post.id, at).text
    assert "tidak ada yang berubah" in click(browser, post.id, at, "selesai").text
    assert post.now() == {"instagram": D.WAITING, "facebook": D.WAITING}
    assert len(of_post(post.id)) == 4


def test_two_people_at_once_plan_it_once(late: Make, make: Factory, member: User) -> None:
    post = late()
    assert post.offer
    at, together, done = post.offer.at, Barrier(2), []
    assert at
    moment, actor_id = at, member.id

    def plan() -> None:
        with make.app.app_context():
            together.wait(10)
            with transaction():
                actor = db.session.get_one(User, actor_id)
                done.append(len(too_late.plan_again(actor, get_post(post.id), moment, CITY)))
            db.session.remove()

    threads = [Thread(target=plan) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(done) == [0, 1]
    assert post.now() == {"instagram": D.WAITING}


def test_withdrawn_consent_is_said_and_nothing_is_planned(late: Make, make: Factory, member: User) -> None:
    business = make.business(db.session.get_one(Kim, member.kim_id), name="Kriuk Sanan")
    post = late("instagram", businesses=(business,))
    assert post.offer
    at = post.offer.at
    assert at
    with transaction():
        db.session.execute(update(Consent).values(withdrawn_at=clock.now()))
    assert post.offer is None
    with pytest.raises(DomainError) as refused, transaction():
        too_late.plan_again(member, get_post(post.id), at, CITY)
    assert "Kriuk Sanan" in str(refused.value)
    assert post.now() == {"instagram": D.EXPIRED}


def test_a_time_that_has_passed_meanwhile_is_refused_on_the_page(late: Make, browser: FlaskClient) -> None:
    post = late()
    answer = browser.post(
        f"/unggahan/{post.id}/terlewat/jadwalkan",
        data={"waktu": words.typed(clock.now() - HOUR)},
        headers={"Referer": f"http://localhost/unggahan/{post.id}"},
        follow_redirects=True,
    )
    assert "Waktu itu sudah lewat" in answer.text
    assert post.now() == {"instagram": D.EXPIRED}


def test_words_that_are_no_time_are_refused(late: Make, browser: FlaskClient) -> None:
    post = late()
    answer = browser.post(f"/unggahan/{post.id}/terlewat/jadwalkan", data={"waktu": "besok"})
    assert answer.status_code == 400
    assert post.now() == {"instagram": D.EXPIRED}


def test_an_edit_takes_the_offer_away(late: Make, make: Factory, member: User) -> None:
    post = late()
    assert post.offer
    at = post.offer.at
    assert at
    make.revision(get_post(post.id), member, number=2, text="Lain")
    with transaction():
        db.session.execute(update(Post).where(Post.id == post.id).values(newest_number=2, state=PostState.DRAFT))
    assert post.offer is None
    with transaction():
        assert too_late.plan_again(member, get_post(post.id), at, CITY) == []
    assert post.now() == {"instagram": D.EXPIRED}


def test_a_closed_account_is_not_offered_again(late: Make, browser: FlaskClient) -> None:
    post = late("instagram", "facebook")
    with transaction():
        closed = update(Account).where(Account.id == post.accounts[1].id)
        db.session.execute(closed.values(state=AccountState.CLOSED))
    assert post.offer
    assert post.offer.at
    assert post.offer.kinds == ["Instagram"]
    click(browser, post.id, post.offer.at)
    assert post.now() == {"instagram": D.WAITING, "facebook": D.EXPIRED}
    assert post.offer is None


def test_another_kim_neither_sees_nor_clicks(late: Make, make: Factory) -> None:
    post = late()
    stranger = make.signed_in(make.user())
    assert click(stranger, post.id, clock.now() + DAY).status_code == 404
    assert click(stranger, post.id, clock.now() + DAY, "selesai").status_code == 404
    assert post.title not in page(stranger, "/beranda")
    assert post.now() == {"instagram": D.EXPIRED}


# -- not any more ------------------------------------------------------------------------------------------------------


def test_not_any_more_withdraws_a_post_that_is_nowhere_out(late: Make, browser: FlaskClient) -> None:
    post = late("instagram", "snackvideo")
    assert "Tidak diterbitkan lagi" in click(browser, post.id, clock.now(), "selesai").text
    assert post.now() == {"instagram": D.CANCELLED, "snackvideo": D.CANCELLED}
    assert get_post(post.id).state == PostState.WITHDRAWN
    assert post.offer is None
    assert post.title not in page(browser, "/beranda").split("Sampai mana unggahan kami?")[0]


def test_not_any_more_leaves_what_is_public(late: Make, browser: FlaskClient) -> None:
    post = late("instagram", "facebook")
    with transaction():
        out = next(row for row in of_post(post.id) if row.account.kind == "facebook")
        out.state, out.sent_at = D.SENT, clock.now()
    click(browser, post.id, clock.now(), "selesai")
    assert post.now() == {"instagram": D.CANCELLED, "facebook": D.SENT}
    assert get_post(post.id).state == PostState.SCHEDULED


def test_a_reviewer_who_gives_up_leaves_the_post_to_its_author(late: Make, make: Factory, reviewer: User) -> None:
    post = late()
    click(make.signed_in(reviewer), post.id, clock.now(), "selesai")
    assert get_post(post.id).state == PostState.APPROVED


# -- where it is seen --------------------------------------------------------------------------------------------------


def test_home_and_post_show_one_offer_with_one_time(late: Make, browser: FlaskClient) -> None:
    post = late("instagram", "snackvideo", title="Bazar Sanan")
    assert post.offer
    assert post.offer.at
    button = f"Terbitkan pada {words.short_moment(post.offer.at)}"
    for path in ("/beranda", f"/unggahan/{post.id}"):
        text = page(browser, path)
        assert text.count(button) == 1, path
        assert "Pilih waktu lain" in text
        assert "Tidak usah lagi" in text
        assert "Tidak terbit di Instagram, SnackVideo" in text


def test_the_reviewer_finds_what_they_planned_and_nothing_else(
    late: Make, make: Factory, member: User, reviewer: User
) -> None:
    mine = late(title="Bazar Sanan")
    theirs = Late(make, member, make.user(Role.REVIEWER), ("facebook",), title="Kopi Dampit").expire()
    text = page(make.signed_in(reviewer), "/perlu-dikerjakan")
    assert mine.title in text
    assert theirs.title not in text
    assert 'href="/perlu-dikerjakan"' in text


# -- how long it is useful ---------------------------------------------------------------------------------------------


@pytest.fixture
def approved(make: Factory, member: User) -> Post:
    kim = db.session.get_one(Kim, member.kim_id)
    accounts = (make.account(kim), make.account(kim, kind="snackvideo"))
    return make.post(member, state=PostState.APPROVED, accounts=accounts)


def plan(browser: FlaskClient, post: Post, due: datetime, **data: str) -> Any:
    return browser.post(f"/unggahan/{post.id}/jadwal", data={"due_at": words.typed(due), **data})


def spans(post: Post) -> dict[str, timedelta]:
    db.session.rollback()
    return {row.account.kind: row.expires_at - row.due_at for row in of_posts([post.id])[post.id]}


DUE = (clock.now() + DAY).replace(second=0, microsecond=0)


@pytest.mark.parametrize(
    ("data", "alone", "by_hand"),
    [
        ({}, 3 * HOUR, DAY),
        ({"useful": "3"}, 3 * HOUR, DAY),
        ({"useful": "1"}, HOUR, HOUR),
        ({"useful": "24"}, DAY, DAY),
        ({"useful": "1", "until": words.typed(DUE + 2 * HOUR)}, 2 * HOUR, 2 * HOUR),
    ],
)
def test_how_long_it_is_useful_is_chosen_with_the_plan(
    browser: FlaskClient, approved: Post, data: dict[str, str], alone: timedelta, by_hand: timedelta
) -> None:
    assert plan(browser, approved, DUE, **data).status_code == 303
    assert spans(approved) == {"instagram": alone, "snackvideo": by_hand}
    assert "Masih berguna sampai" in page(browser, f"/unggahan/{approved.id}")


def test_an_end_before_the_beginning_is_refused_at_its_field(browser: FlaskClient, approved: Post) -> None:
    answer = plan(browser, approved, DUE, until=words.typed(DUE - HOUR))
    assert answer.status_code == 422
    assert "Batas gunanya harus setelah waktu terbit" in answer.text
    assert spans(approved) == {}


def test_what_was_chosen_comes_back_when_it_is_moved(browser: FlaskClient, approved: Post) -> None:
    plan(browser, approved, DUE, until=words.typed(DUE + 2 * HOUR))
    assert words.typed(DUE + 2 * HOUR) in page(browser, f"/unggahan/{approved.id}/jadwal")
    plan(browser, approved, DUE, useful="24", until="")
    text = page(browser, f"/unggahan/{approved.id}/jadwal")
    assert re.search(r'<input checked[^>]*value="24"', text)


def test_an_edit_that_is_approved_again_keeps_it(make: Factory, browser: FlaskClient, approved: Post) -> None:
    plan(browser, approved, DUE, useful="1")
    with transaction():
        post = get_post(approved.id)
        useful = services._kept(post, CITY)
    assert (useful.span, useful.by_hand) == (HOUR, HOUR)


def test_an_event_that_is_over_is_said_and_its_length_is_not_taken_over(
    make: Factory, member: User, reviewer: User, browser: FlaskClient
) -> None:
    post = Late(make, member, reviewer, ("instagram",))
    with transaction():
        start = clock.now() - timedelta(hours=5)
        values = {"due_at": start, "expires_at": start + 2 * HOUR}
        db.session.execute(update(Delivery).where(Delivery.post_id == post.id).values(**values))
        sweeps.expire(clock.now())
    assert "periksa dulu apakah isinya masih benar" in page(browser, f"/unggahan/{post.id}")
    assert post.offer
    assert post.offer.at
    click(browser, post.id, post.offer.at)
    assert spans(get_post(post.id)) == {"instagram": CITY}


def test_the_tick_itself_offers(member: User, make: Factory, reviewer: User) -> None:
    post = Late(make, member, reviewer, ("instagram",))
    tick.tick(desk())
    assert post.now() == {"instagram": D.EXPIRED}
    assert len(told(member)) == 1
