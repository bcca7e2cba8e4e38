"""Planning, tasks and deliveries through HTTP, as people do it."""

from datetime import timedelta
from html import unescape
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select, update

from contentdesk.access.permissions import Role
from contentdesk.channels.models import Account
from contentdesk.kim.models import Kim
from contentdesk.lib import clock
from contentdesk.lib.db import db, transaction
from contentdesk.lib.desk import desk
from contentdesk.posts.models import Post, Revision, RevisionFile
from contentdesk.posts.states import PostState
from contentdesk.publishing.models import Delivery, DeliveryEvent
from contentdesk.publishing.states import DeliveryState
from contentdesk.publishing.wording import EVENTS
from contentdesk.umkm.models import Consent, Purpose
from contentdesk.users.models import User
from tests.factories import Factory

LINK = "https://www.snackvideo.com/@kim.latihan/video/5199512345678901234"
INSTAGRAM_LINK = "https://www.instagram.com/p/DSxyz123abc/"
DAY = timedelta(days=1)


@pytest.fixture
def settings() -> dict[str, Any]:
    """No platform is needed here."""
    return {}


@pytest.fixture
def account(make: Factory, kim: Kim) -> Account:
    return make.account(kim)


@pytest.fixture
def approved(make: Factory, member: User, account: Account) -> Post:
    return make.post(member, state=PostState.APPROVED, title="Keripik tempe", accounts=(account,))


def typed(moment: Any) -> str:
    return clock.to_wib(moment).strftime("%Y-%m-%dT%H:%M")


def deliveries_of(post: Post) -> list[Delivery]:
    db.session.rollback()
    return list(db.session.scalars(select(Delivery).where(Delivery.post_id == post.id)))


def state_of(delivery: Delivery) -> str:
    db.session.rollback()
    return db.session.scalars(select(Delivery.state).where(Delivery.id == delivery.id)).one()


class TestSchedule:
    def test_a_time_typed_in_wib_is_kept_in_utc(self, browser: FlaskClient, approved: Post) -> None:
        due = (clock.to_wib(clock.now()) + 2 * DAY).replace(hour=19, minute=0, second=0, microsecond=0)
        answer = browser.post(f"/unggahan/{approved.id}/jadwal", data={"due_at": typed(due)})
        assert answer.status_code == 303
        assert [row.due_at for row in deliveries_of(approved)] == [due]
        shown = unescape(browser.get(f"/unggahan/{approved.id}").text)
        assert "19.00\u00a0WIB di Instagram." in shown

    def test_a_time_in_the_past_is_refused_with_what_was_typed(self, browser: FlaskClient, approved: Post) -> None:
        past = typed(clock.now() - DAY)
        answer = browser.post(f"/unggahan/{approved.id}/jadwal", data={"due_at": past})
        assert answer.status_code == 422
        assert "Waktu itu sudah lewat. Pilih waktu yang akan datang." in answer.text
        assert f'value="{past}"' in answer.text
        assert deliveries_of(approved) == []

    @pytest.mark.parametrize("value", ["", "besok", "2026-13-40T99:99"])
    def test_what_is_no_time_is_refused(self, browser: FlaskClient, approved: Post, value: str) -> None:
        answer = browser.post(f"/unggahan/{approved.id}/jadwal", data={"due_at": value})
        assert answer.status_code == 422
        assert deliveries_of(approved) == []

    def test_a_suggested_time_fills_the_field_and_plans_nothing(self, browser: FlaskClient, approved: Post) -> None:
        answer = browser.get(f"/unggahan/{approved.id}/jadwal?waktu=2027-01-05T19:00")
        assert 'value="2027-01-05T19:00"' in answer.text
        assert deliveries_of(approved) == []

    def test_an_address_with_a_broken_time_still_opens(self, browser: FlaskClient, approved: Post) -> None:
        assert browser.get(f"/unggahan/{approved.id}/jadwal?waktu=kapan").status_code == 200
        assert browser.get(f"/unggahan/{approved.id}/jadwal?waktu=2027-01-05T19:00%2B07:00").status_code == 200

    def test_an_awkward_time_is_hinted_at_and_not_blocked(self, browser: FlaskClient, approved: Post) -> None:
        page = browser.get(f"/unggahan/{approved.id}/jadwal?waktu=2027-01-05T17:45").text
        assert "Bertepatan dengan Magrib. Tetap boleh dijadwalkan." in page

    def test_text_that_nobody_approved_gets_a_sentence_and_no_plan(
        self, make: Factory, member: User, account: Account, browser: FlaskClient
    ) -> None:
        draft = make.post(member, accounts=(account,))
        answer = browser.post(f"/unggahan/{draft.id}/jadwal", data={"due_at": typed(clock.now() + DAY)})
        assert answer.status_code == 422
        assert "belum disetujui" in answer.text
        assert deliveries_of(draft) == []

    def test_moving_keeps_one_delivery(self, browser: FlaskClient, approved: Post) -> None:
        for days in (2, 3):
            browser.post(f"/unggahan/{approved.id}/jadwal", data={"due_at": typed(clock.now() + days * DAY)})
        [only] = deliveries_of(approved)
        assert only.due_at > clock.now() + 2.5 * DAY

    def test_another_kim_gets_404_and_a_judge_403(self, make: Factory, approved: Post) -> None:
        stranger, judge = make.signed_in(make.user()), make.signed_in(make.user(Role.JUDGE))
        for browser, status in ((stranger, 404), (judge, 403)):
            assert browser.get(f"/unggahan/{approved.id}/jadwal").status_code == status
            late = typed(clock.now() + DAY)
            assert browser.post(f"/unggahan/{approved.id}/jadwal", data={"due_at": late}).status_code == status
        assert deliveries_of(approved) == []


class TestCancel:
    def test_the_last_channel_cancelled_makes_the_post_plannable_again(
        self, browser: FlaskClient, approved: Post
    ) -> None:
        browser.post(f"/unggahan/{approved.id}/jadwal", data={"due_at": typed(clock.now() + DAY)})
        [delivery] = deliveries_of(approved)
        assert browser.post(f"/terbitan/{delivery.id}/batal").status_code == 303
        assert state_of(delivery) == DeliveryState.CANCELLED
        assert f"/unggahan/{approved.id}/jadwal" in browser.get(f"/unggahan/{approved.id}").text

    def test_what_is_out_is_not_cancelled(
        self, make: Factory, browser: FlaskClient, approved: Post, account: Account
    ) -> None:
        delivery = make.delivery(approved, account, state=DeliveryState.SENT, sent_at=clock.now())
        assert browser.post(f"/terbitan/{delivery.id}/batal").status_code == 409
        assert state_of(delivery) == DeliveryState.SENT

    def test_another_kim_cancels_nothing(self, make: Factory, approved: Post, account: Account) -> None:
        delivery = make.delivery(approved, account)
        assert make.signed_in(make.user()).post(f"/terbitan/{delivery.id}/batal").status_code == 404
        assert state_of(delivery) == DeliveryState.WAITING

    def test_a_post_withdrawn_cancels_what_is_planned_and_keeps_what_is_out(
        self, make: Factory, kim: Kim, member: User, browser: FlaskClient
    ) -> None:
        post = make.post(member, state=PostState.SCHEDULED)
        out = make.delivery(post, make.account(kim), state=DeliveryState.SENT, sent_at=clock.now())
        planned = make.delivery(post, make.account(kim), due_at=clock.now() + DAY)
        assert browser.post(f"/unggahan/{post.id}/tarik").status_code == 303
        assert (state_of(out), state_of(planned)) == (DeliveryState.SENT, DeliveryState.CANCELLED)
        assert db.session.scalars(select(Post.state).where(Post.id == post.id)).one() == PostState.WITHDRAWN


class TestTasks:
    @pytest.fixture
    def task(self, make: Factory, kim: Kim, member: User) -> Delivery:
        account = make.account(kim, kind="snackvideo", handle="kim.latihan")
        post = make.post(member, state=PostState.SCHEDULED, title="Irisan tempe", accounts=(account,))
        return make.delivery(post, account, state=DeliveryState.HANDED_OVER, due_at=clock.now() + DAY)

    def test_the_three_steps_come_once_the_task_is_taken(self, browser: FlaskClient, task: Delivery) -> None:
        before = browser.get(f"/tugas/{task.id}").text
        assert "Saya yang mengerjakan" in before
        assert "Tempel tautan hasilnya" not in before
        assert browser.post(f"/tugas/{task.id}/ambil").status_code == 303
        after = browser.get(f"/tugas/{task.id}").text
        for step in ("Salin teks", "Ambil foto", "Tempel tautan hasilnya", "Keripik tempe Sanan, Rp15.000."):
            assert step in after

    def test_another_member_sees_who_has_it_and_cannot_take_it(
        self, make: Factory, kim: Kim, browser: FlaskClient, member: User, task: Delivery
    ) -> None:
        browser.post(f"/tugas/{task.id}/ambil")
        other = make.signed_in(make.user(kim=kim))
        page = other.get(f"/tugas/{task.id}").text
        assert f"{member.name} sedang mengerjakan" in page
        assert "Saya yang mengerjakan" not in page
        assert other.post(f"/tugas/{task.id}/ambil").status_code == 409

    def test_a_task_handed_back_is_free_for_others(
        self, make: Factory, kim: Kim, browser: FlaskClient, task: Delivery
    ) -> None:
        browser.post(f"/tugas/{task.id}/ambil")
        browser.post(f"/tugas/{task.id}/lepas")
        assert "Belum ada yang mengerjakan" in browser.get("/tugas").text
        assert make.signed_in(make.user(kim=kim)).post(f"/tugas/{task.id}/ambil").status_code == 303

    def test_a_link_of_elsewhere_is_refused_with_what_was_pasted(self, browser: FlaskClient, task: Delivery) -> None:
        browser.post(f"/tugas/{task.id}/ambil")
        answer = browser.post(f"/tugas/{task.id}/selesai", data={"link": "https://contoh.test/video/1"})
        assert answer.status_code == 422
        assert "Itu bukan tautan unggahan SnackVideo." in answer.text
        assert 'value="https://contoh.test/video/1"' in answer.text
        assert state_of(task) == DeliveryState.HANDED_OVER

    def test_the_link_ends_the_task_and_stands_on_the_post(self, browser: FlaskClient, task: Delivery) -> None:
        browser.post(f"/tugas/{task.id}/ambil")
        assert browser.post(f"/tugas/{task.id}/selesai", data={"link": LINK}).status_code == 303
        assert state_of(task) == DeliveryState.SENT
        assert LINK in browser.get(f"/unggahan/{task.post_id}").text
        assert "Semua tugas selesai" in browser.get("/tugas").text

    def test_the_approved_bytes_are_what_a_member_downloads(
        self, make: Factory, browser: FlaskClient, task: Delivery
    ) -> None:
        picture = BytesIO()
        Image.new("RGB", (320, 400), (200, 120, 40)).save(picture, "JPEG")
        stored = desk().files.put(picture.getvalue(), ".jpg")
        revision = db.session.scalars(select(Revision.id).where(Revision.post_id == task.post_id)).one()
        with transaction():
            db.session.execute(
                update(RevisionFile).where(RevisionFile.revision_id == revision).values(sha256=stored.sha256)
            )
        answer = browser.get(f"/tugas/{task.id}/foto/0.jpg?unduh=1")
        assert answer.data == picture.getvalue()
        assert "attachment" in answer.headers["Content-Disposition"]
        assert browser.get(f"/tugas/{task.id}/foto/7.jpg").status_code == 404
        assert make.signed_in(make.user()).get(f"/tugas/{task.id}/foto/0.jpg").status_code == 404

    @pytest.mark.parametrize("left", [None, b"rusak"])
    def test_a_lost_or_damaged_photo_is_told_and_not_given_out(
        self, browser: FlaskClient, task: Delivery, left: bytes | None
    ) -> None:
        stored = desk().files.put(b"foto yang disetujui", ".jpg")
        with transaction():
            db.session.execute(update(RevisionFile).values(sha256=stored.sha256))
        stored.path.unlink()
        if left is not None:
            stored.path.write_bytes(left)
        answer = browser.get(f"/tugas/{task.id}/foto/0.jpg")
        assert answer.status_code == 404
        assert "di penyimpanan" in answer.text

    def test_a_member_of_another_kim_sees_none_of_it(self, make: Factory, task: Delivery) -> None:
        stranger = make.signed_in(make.user())
        assert stranger.get(f"/tugas/{task.id}").status_code == 404
        assert stranger.post(f"/tugas/{task.id}/selesai", data={"link": LINK}).status_code == 404
        assert "Irisan tempe" not in stranger.get("/tugas").text
        assert state_of(task) == DeliveryState.HANDED_OVER

    def test_a_task_whose_time_passed_still_takes_the_link(self, browser: FlaskClient, task: Delivery) -> None:
        with transaction():
            db.session.execute(update(Delivery).where(Delivery.id == task.id).values(state=DeliveryState.EXPIRED))
        assert "Waktu tayang terlewat" in browser.get(f"/tugas/{task.id}").text
        assert browser.post(f"/tugas/{task.id}/selesai", data={"link": LINK}).status_code == 303
        assert state_of(task) == DeliveryState.SENT


class TestDelivery:
    @pytest.fixture
    def unknown(self, make: Factory, member: User, account: Account) -> Delivery:
        post = make.post(member, state=PostState.SCHEDULED, accounts=(account,))
        moment = clock.now() - timedelta(minutes=5)
        return make.delivery(post, account, state=DeliveryState.UNKNOWN, due_at=moment, intent_at=moment)

    def test_each_event_of_the_engine_has_a_sentence(
        self, make: Factory, member: User, browser: FlaskClient, unknown: Delivery
    ) -> None:
        for what in EVENTS:
            make._keep(DeliveryEvent(delivery_id=unknown.id, what=what, actor_id=member.id, detail={"code": "190/460"}))
        page = unescape(browser.get(f"/terbitan/{unknown.id}").text)
        for _icon, sentence in EVENTS.values():
            assert sentence in page
        assert "<code>190/460</code>" in page
        assert member.name in page

    def test_a_person_says_that_it_is_there(self, browser: FlaskClient, unknown: Delivery) -> None:
        assert "Belum ada, terbitkan" in browser.get(f"/terbitan/{unknown.id}").text
        wrong = browser.post(f"/terbitan/{unknown.id}/ada", data={"link": "https://contoh.test/p/1"})
        assert wrong.status_code == 422
        assert 'value="https://contoh.test/p/1"' in wrong.text
        assert browser.post(f"/terbitan/{unknown.id}/ada", data={"link": INSTAGRAM_LINK}).status_code == 303
        assert state_of(unknown) == DeliveryState.SENT
        assert "Belum ada, terbitkan" not in browser.get(f"/terbitan/{unknown.id}").text

    def test_a_person_says_that_it_is_not_there_only_while_it_is_unknown(
        self, browser: FlaskClient, unknown: Delivery
    ) -> None:
        assert browser.post(f"/terbitan/{unknown.id}/belum").status_code == 303
        assert state_of(unknown) == DeliveryState.WAITING
        assert browser.post(f"/terbitan/{unknown.id}/belum").status_code == 409

    def test_another_kim_neither_sees_nor_decides(self, make: Factory, unknown: Delivery) -> None:
        stranger = make.signed_in(make.user())
        assert stranger.get(f"/terbitan/{unknown.id}").status_code == 404
        assert stranger.post(f"/terbitan/{unknown.id}/belum").status_code == 404
        assert stranger.post(f"/terbitan/{unknown.id}/ada", data={"link": INSTAGRAM_LINK}).status_code == 404
        assert state_of(unknown) == DeliveryState.UNKNOWN


@pytest.mark.parametrize("asked", ["0001-01-01T00:00", "9999-12-31T23:59", "besok", "2026-12-01T19:00%2B07:00"])
def test_an_odd_suggested_time_opens_the_page_all_the_same(make: Factory, asked: str) -> None:
    member = make.user()
    post = make.post(member, state=PostState.APPROVED, accounts=(make.account(db.session.get(Kim, member.kim_id)),))
    assert make.signed_in(member).get(f"/unggahan/{post.id}/jadwal?waktu={asked}").status_code == 200


class TestWithdrawnConsent:
    def test_what_is_still_public_is_listed_with_its_links(
        self, make: Factory, member: User, kim: Kim, account: Account, browser: FlaskClient
    ) -> None:
        business = make.business(kim, name="Kriuk Sanan")
        post = make.post(member, state=PostState.SCHEDULED, accounts=(account,), businesses=(business,))
        make.delivery(post, account, state=DeliveryState.SENT, permalink=INSTAGRAM_LINK)
        page = f"/umkm/{business.id}/dihapus"
        assert "Tidak ada yang harus dihapus" in browser.get(page).text
        withdrawn = browser.post(f"/umkm/{business.id}/persetujuan/cabut", data={"purpose": list(Purpose)})
        assert withdrawn.location == page
        shown = browser.get(page).text
        assert "1 unggahan masih tampil dan harus dihapus." in shown
        assert "Harus dihapus sebelum" in shown
        assert INSTAGRAM_LINK in shown
        assert shown.count(INSTAGRAM_LINK) == 1
        assert page in browser.get(f"/umkm/{business.id}").text

    def test_withdrawing_nothing_claims_nothing(self, make: Factory, kim: Kim, browser: FlaskClient) -> None:
        business = make.business(kim)
        refused = browser.post(f"/umkm/{business.id}/persetujuan/cabut", follow_redirects=True)
        assert "Belum ada yang dicabut" in refused.text
        assert set(db.session.scalars(select(Consent.withdrawn_at))) == {None}
