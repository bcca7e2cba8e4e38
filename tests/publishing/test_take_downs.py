"""What is public after an owner withdrew: who takes it down, how that is known, and what stays."""

from datetime import date, timedelta
from html import unescape

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from contentdesk.access.permissions import Role
from contentdesk.audit.models import AuditEntry
from contentdesk.channels import registry
from contentdesk.channels.base import PartOf, Stats
from contentdesk.kim.models import Kim
from contentdesk.lib import clock
from contentdesk.lib.db import db, transaction
from contentdesk.lib.errors import Conflict, NotFound, NotPermitted
from contentdesk.metrics.models import LatestFigures
from contentdesk.metrics.services import record_sample
from contentdesk.posts.models import RevisionBusiness
from contentdesk.posts.states import PostState
from contentdesk.publishing import consents, take_downs
from contentdesk.publishing.models import Delivery
from contentdesk.publishing.queries import get_delivery
from contentdesk.publishing.states import DeliveryState
from contentdesk.umkm.models import PUBLISHING_PURPOSES, Business
from contentdesk.umkm.queries import get_business
from contentdesk.umkm.services import give_consent
from contentdesk.users.models import User
from tests.factories import Factory
from tests.publishing.conftest import Scene
from workers import take_downs as looking


@pytest.fixture
def kim(make: Factory) -> Kim:
    return make.kim("KIM Purwantoro")


@pytest.fixture
def business(make: Factory, kim: Kim) -> Business:
    return make.business(kim, name="Kriuk Sanan")


def out(make: Factory, member: User, business: Business, kind: str = "instagram", **values: object) -> Delivery:
    account = make.account(db.session.get_one(Kim, member.kim_id), kind=kind)
    post = make.post(member, state=PostState.SCHEDULED, accounts=(account,), businesses=(business,))
    return make.delivery(post, account, **({"state": DeliveryState.SENT, "sent_at": clock.now()} | values))


def withdrawn(actor: User, business: Business) -> None:
    with transaction():
        consents.withdraw(actor, get_business(business.id), PUBLISHING_PURPOSES)


def ticked(actor: User, delivery: Delivery) -> None:
    with transaction():
        take_downs.mark_gone(actor, get_delivery(delivery.id))


def left() -> list[str]:
    db.session.rollback()
    return [one.delivery.id for one in take_downs.pending()]


def told(browser: FlaskClient, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200
    return unescape(answer.text)


def test_a_tick_ends_the_row_and_says_who_and_when(
    make: Factory, member: User, business: Business, browser: FlaskClient
) -> None:
    delivery, other = out(make, member, business), out(make, member, business, "snackvideo")
    withdrawn(member, business)
    page = f"/umkm/{business.id}/dihapus"
    assert told(browser, page).count("Sudah saya hapus</span>") == 2
    answer = browser.post(f"/terbitan/{delivery.id}/dihapus", data={"usaha": business.id})
    assert (answer.status_code, answer.location) == (303, page)
    assert left() == [other.id]
    assert f"Dihapus {member.name}, " in told(browser, page)
    assert "Dihapus di sana" in told(browser, f"/terbitan/{delivery.id}")
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "delivery.taken_down")).one()
    assert (entry.actor_id, entry.subject_id) == (member.id, delivery.id)


def test_a_wrong_tick_is_undone_and_the_deadline_is_the_old_one(
    make: Factory, member: User, business: Business, browser: FlaskClient
) -> None:
    delivery = out(make, member, business)
    withdrawn(member, business)
    before = take_downs.pending()[0].deadline
    ticked(member, delivery)
    browser.post(f"/terbitan/{delivery.id}/belum-dihapus")
    assert left() == [delivery.id]
    assert take_downs.pending()[0].deadline == before
    assert "Tanda sudah dihapus dibatalkan" in told(browser, f"/terbitan/{delivery.id}")


def test_only_the_own_kim_and_reviewers_may_tick(make: Factory, member: User, business: Business) -> None:
    delivery, stranger, judge = out(make, member, business), make.user(), make.user(Role.JUDGE)
    withdrawn(member, business)
    for nobody, refusal in ((stranger, NotFound), (judge, NotPermitted)):
        with pytest.raises(refusal):
            ticked(nobody, delivery)
    assert make.signed_in(stranger).post(f"/terbitan/{delivery.id}/dihapus").status_code == 404
    assert take_downs.pending(stranger.kim_id) == []
    assert left() == [delivery.id]
    ticked(make.user(Role.REVIEWER), delivery)
    assert left() == []
    with pytest.raises(NotFound), transaction():
        take_downs.unmark(stranger, get_delivery(delivery.id))


def test_consent_given_again_ends_the_task_and_nothing_can_be_ticked(
    make: Factory, member: User, business: Business
) -> None:
    delivery = out(make, member, business)
    with pytest.raises(Conflict):
        ticked(member, delivery)
    withdrawn(member, business)
    with transaction():
        give_consent(member, get_business(business.id), PUBLISHING_PURPOSES, "formulir", clock.today())
    assert left() == []
    with pytest.raises(Conflict):
        ticked(member, delivery)
    withdrawn(member, business)
    assert left() == [delivery.id]


def test_of_two_withdrawals_the_last_one_sets_the_deadline(make: Factory, member: User, business: Business) -> None:
    out(make, member, business)
    withdrawn(member, business)
    with transaction():
        for consent in get_business(business.id).consents:
            consent.withdrawn_at, consent.take_down_by = (
                clock.now() - timedelta(days=9),
                clock.now() - timedelta(days=6),
            )
            consent.given_on = date(2026, 1, 1)
        give_consent(member, get_business(business.id), PUBLISHING_PURPOSES, "formulir", clock.today())
    withdrawn(member, business)
    assert take_downs.pending()[0].deadline > clock.now()


def test_deletions_stand_first_on_the_start_page_and_on_the_tasks_of_a_reviewer(
    make: Factory, member: User, business: Business, browser: FlaskClient
) -> None:
    another = make.business(db.session.get_one(Kim, business.kim_id))
    out(make, member, another, "snackvideo", state=DeliveryState.HANDED_OVER)
    delivery = out(make, member, business)
    assert "Hapus dari Instagram" not in told(browser, "/beranda")
    withdrawn(member, business)
    start = told(browser, "/beranda")
    assert 0 < start.index("Hapus dari Instagram") < start.index("Unggah ke SnackVideo")
    assert "Persetujuan Kriuk Sanan dicabut." in start
    assert "Paling lambat " in start
    assert "Hapus dari Instagram" in told(make.signed_in(make.user(Role.REVIEWER)), "/tugas")
    assert "Hapus dari Instagram" not in told(make.signed_in(make.user()), "/tugas")
    ticked(member, delivery)
    assert "Hapus dari Instagram" not in told(browser, "/beranda")


def test_who_was_posting_it_when_it_was_stopped_can_still_bring_the_link(
    make: Factory, member: User, business: Business, browser: FlaskClient
) -> None:
    in_hand = {"taken_by": member.id, "taken_until": clock.now() + timedelta(minutes=9)}
    delivery = out(make, member, business, "snackvideo", state=DeliveryState.HANDED_OVER, **in_hand)
    withdrawn(member, business)
    assert left() == [delivery.id]  # it may be public any moment
    page = told(browser, f"/tugas/{delivery.id}")
    assert "Jangan diunggah" in page
    assert 'name="link"' in page
    assert 'name="link"' not in told(make.signed_in(make.user(kim=member.kim)), f"/tugas/{delivery.id}")
    assert f"/tugas/{delivery.id}" in told(browser, f"/terbitan/{delivery.id}")


def test_not_public_after_all_it_is_never_published_without_consent(
    make: Factory, member: User, business: Business
) -> None:
    asked = clock.now() - timedelta(hours=1)
    delivery = out(make, member, business, state=DeliveryState.UNKNOWN, intent_at=asked)
    withdrawn(member, business)
    chair = make.signed_in(make.user(Role.CHAIR, kim=member.kim))
    assert "Belum ada, terbitkan" not in told(chair, f"/terbitan/{delivery.id}")
    said = chair.post(f"/terbitan/{delivery.id}/belum", follow_redirects=True).text
    assert "jadi tidak diterbitkan" in said
    with transaction():
        give_consent(member, get_business(business.id), PUBLISHING_PURPOSES, "formulir", clock.today())
    assert get_delivery(delivery.id).state == DeliveryState.CANCELLED


def test_reach_stays_when_the_post_is_gone(
    make: Factory, member: User, business: Business, browser: FlaskClient
) -> None:
    delivery = out(make, member, business, external_id="17")
    with transaction():
        record_sample(delivery.id, Stats(reach=1234), "api", clock.now())
    withdrawn(member, business)
    ticked(member, delivery)
    assert db.session.get_one(LatestFigures, delivery.id).reach == 1234
    shown = told(browser, f"/unggahan/{delivery.post_id}")
    assert "1.234" in shown
    assert "Sudah dihapus di Instagram." in shown
    assert f"/angka/{delivery.id}/perbarui" not in shown


def test_an_approved_post_without_consent_says_so_everywhere_and_offers_no_plan(
    make: Factory, kim: Kim, member: User, business: Business, browser: FlaskClient
) -> None:
    wish = clock.now() + timedelta(hours=2)
    post = make.post(
        member, state=PostState.APPROVED, accounts=(make.account(kim),), businesses=(business,), proposed_at=wish
    )
    assert f"/unggahan/{post.id}/jadwal" in told(browser, f"/unggahan/{post.id}")
    withdrawn(member, business)
    for path in ("/beranda", "/unggahan", f"/unggahan/{post.id}"):
        shown = told(browser, path)
        assert "Tidak bisa dijadwalkan: persetujuan Kriuk Sanan dicabut." in shown
        assert "Waktu terbit belum dipilih" not in shown
        assert f"/unggahan/{post.id}/jadwal" not in shown
    day = clock.to_wib(wish).date()
    assert "Persetujuan dicabut" in told(browser, f"/kalender?tampil=daftar&hari={day}")
    assert post.title in told(browser, "/unggahan?keadaan=attention")


class TestLooking:
    """Whether the platform still tells of the post."""

    @pytest.fixture
    def another(self, scene: Scene) -> Delivery:
        return self.known(scene, ())

    @pytest.fixture
    def delivery(self, scene: Scene, another: Delivery) -> Delivery:
        business = scene.make.business(scene.kim)
        delivery = self.known(scene, (business,))
        withdrawn(scene.member, business)
        return delivery

    def known(self, scene: Scene, businesses: tuple[Business, ...]) -> Delivery:
        """Out, and told of by the platform."""
        delivery = scene.go(scene.scheduled(businesses=businesses))
        assert delivery.state == DeliveryState.SENT
        with transaction():
            record_sample(delivery.id, Stats(likes=1), "api", clock.now())
        return delivery

    def delete_there(self, scene: Scene, delivery: Delivery) -> None:
        scene.sandbox.admin(f"posts/{scene.fresh(delivery).external_id}", method="DELETE")

    def look_twice(self, scene: Scene, delivery: Delivery, minutes_between: int = 60) -> None:
        looking.step(delivery.id, scene.at)
        if since := scene.fresh(delivery).missing_since:
            scene.change(delivery, missing_since=since - timedelta(minutes=minutes_between))
        looking.step(delivery.id, scene.at)

    def test_one_found_gone_twice_is_done(self, scene: Scene, delivery: Delivery) -> None:
        self.look_twice(scene, delivery)
        assert left() == [delivery.id]
        self.delete_there(scene, delivery)
        looking.step(delivery.id, scene.at)
        assert left() == [delivery.id]
        self.look_twice(scene, delivery)
        assert left() == []
        assert scene.fresh(delivery).gone_by is None
        page = told(scene.make.signed_in(scene.member), f"/umkm/{self.business_of(delivery)}/dihapus")
        assert "Menurut platform sudah tidak ada" in page

    def business_of(self, delivery: Delivery) -> str:
        query = select(RevisionBusiness.business_id).where(RevisionBusiness.revision_id == delivery.revision_id)
        return db.session.scalars(query).one()

    def test_two_looks_close_together_prove_nothing(self, scene: Scene, delivery: Delivery) -> None:
        self.delete_there(scene, delivery)
        self.look_twice(scene, delivery, minutes_between=1)
        assert left() == [delivery.id]

    def test_a_round_that_ended_early_proves_nothing(
        self, scene: Scene, delivery: Delivery, another: Delivery, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        half = PartOf({str(another.external_id): Stats(likes=1)})
        monkeypatch.setattr(type(registry.get(delivery.account.kind)), "measure", lambda *_: half)
        self.look_twice(scene, delivery)
        assert left() == [delivery.id]

    def test_a_witness_that_was_deleted_too_leaves_another(
        self, scene: Scene, delivery: Delivery, another: Delivery
    ) -> None:
        newest = self.known(scene, ())
        for one in (delivery, newest):
            self.delete_there(scene, one)
        self.look_twice(scene, delivery)
        assert left() == []

    def test_an_account_that_tells_of_nothing_proves_nothing(
        self, scene: Scene, delivery: Delivery, another: Delivery
    ) -> None:
        for one in (delivery, another):
            self.delete_there(scene, one)
        self.look_twice(scene, delivery)
        assert left() == [delivery.id]
