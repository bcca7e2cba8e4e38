"""The start page, the list of posts and one post, with real rows, as people see them."""

from datetime import timedelta
from html import unescape

import pytest
from flask.testing import FlaskClient

from contentdesk.access.permissions import Role
from contentdesk.kim.models import Kim
from contentdesk.lib import clock
from contentdesk.lib.db import db, transaction
from contentdesk.metrics.models import LatestFigures
from contentdesk.posts.models import Post, Revision
from contentdesk.reviews.models import Review, Verdict
from contentdesk.users.models import User
from tests.counting import statements
from tests.factories import Factory

HOUR = timedelta(hours=1)


@pytest.fixture
def kim(make: Factory) -> Kim:
    return make.kim("KIM Purwantoro")


def page(browser: FlaskClient, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200, answer.text
    return unescape(answer.text)


def out(make: Factory, kim: Kim, author: User, days_ago: int = 0, kind: str = "instagram") -> Post:
    post = make.post(author, state="scheduled")
    moment = clock.now() - timedelta(days=days_ago)
    known = post.id if kind == "instagram" else None
    account = make.account(kim, kind=kind)
    make.delivery(post, account, state="sent", sent_at=moment, due_at=moment, external_id=known)
    return post


def revision_of(post: Post) -> Revision:
    return db.session.scalars(db.select(Revision).where(Revision.post_id == post.id)).one()


def note(make: Factory, post: Post, text: str, verdict: Verdict = Verdict.ASK_CHANGES) -> None:
    revision = revision_of(post)
    reviewer = make.user(Role.REVIEWER)
    make._keep(Review(post_id=post.id, revision_id=revision.id, reviewer_id=reviewer.id, verdict=verdict, note=text))


def test_a_draft_without_a_word_can_be_told_from_nothing(make: Factory, member: User, browser: FlaskClient) -> None:
    post = make.post(member, title="", text="", proposed_at=clock.now())
    for path in ("/beranda", "/unggahan", f"/unggahan/{post.id}", "/kalender"):
        assert "Tanpa judul" in page(browser, path)


class TestStart:
    def test_it_names_the_kim_and_counts_what_went_out(
        self, make: Factory, kim: Kim, member: User, browser: FlaskClient
    ) -> None:
        for _number in range(2):
            out(make, kim, member)
        out(make, kim, member, days_ago=80)
        out(make, make.kim(), make.user())
        text = page(browser, "/beranda")
        assert "<h1>KIM Purwantoro</h1>" in text
        assert "2 unggahan terbit bulan ini" in text

    def test_tasks_by_hand_come_before_everything_else(
        self, make: Factory, kim: Kim, member: User, browser: FlaskClient
    ) -> None:
        approved = make.post(member, state="approved", title="Tanpa waktu")
        noted = make.post(member, state="changes_asked", title="Ada catatan")
        note(make, noted, "tulis sampai kapan harga promo berlaku")
        failed = make.post(member, state="scheduled", title="Gagal tadi")
        make.delivery(failed, make.account(kim), state="failed", problem="Foto terlalu lebar.")
        task = make.post(member, state="scheduled", title="Suara irisan")
        make.delivery(task, make.account(kim, kind="snackvideo"), state="handed_over", due_at=clock.now() + HOUR)
        todo = page(browser, "/beranda").split("Sampai mana unggahan kami?")[0]
        order = ["Unggah ke SnackVideo", "Ada catatan", "Gagal tadi", "Tanpa waktu"]
        assert [todo.index(title) for title in order] == sorted(todo.index(title) for title in order)
        assert "1 catatan: tulis sampai kapan harga promo berlaku" in todo
        assert "Foto terlalu lebar." in todo
        assert "Sekarang, paling lambat" in todo
        assert f"/unggahan/{approved.id}/jadwal" in todo

    def test_a_failure_that_was_planned_anew_no_longer_asks_for_anything(
        self, make: Factory, kim: Kim, member: User, browser: FlaskClient
    ) -> None:
        post = make.post(member, state="scheduled")
        account = make.account(kim)
        make.delivery(post, account, state="failed", problem="Foto terlalu lebar.", created_at=clock.now() - HOUR)
        assert "Foto terlalu lebar." in page(browser, "/beranda")
        make.delivery(post, account, due_at=clock.now() + HOUR)
        assert "Foto terlalu lebar." not in page(browser, "/beranda")

    def test_a_business_leaves_the_list_of_the_unseen_once_a_post_about_it_is_out(
        self, make: Factory, kim: Kim, member: User, browser: FlaskClient
    ) -> None:
        shown, unseen = make.business(kim, name="Sudah tampil"), make.business(kim, name="Sambel Pecel Lesung")
        make.business(kim, consent=False, name="Tanpa izin")
        post = make.post(member, state="scheduled", businesses=(shown,))
        make.delivery(post, make.account(kim), state="sent", sent_at=clock.now())
        text = page(browser, "/beranda")
        assert f"/unggahan/baru?usaha={unseen.id}" in text
        assert "Sudah tampil" not in text
        assert "Tanpa izin" not in text

    def test_the_link_to_write_about_a_business_chooses_it_unless_its_consent_is_missing(
        self, make: Factory, kim: Kim, browser: FlaskClient
    ) -> None:
        ready, without = make.business(kim), make.business(kim, consent=False)
        elsewhere = make.business(make.kim())
        assert f'value="{ready.id}" checked' in page(browser, f"/unggahan/baru?usaha={ready.id}")
        assert f'value="{ready.id}" checked' not in page(browser, "/unggahan/baru")
        for refused in (without, elsewhere):
            assert f'value="{refused.id}" checked' not in page(browser, f"/unggahan/baru?usaha={refused.id}")

    def test_an_empty_start_page_says_what_to_do(self, browser: FlaskClient) -> None:
        text = page(browser, "/beranda")
        assert "Semua tugas selesai" in text
        assert "/unggahan/baru" in text

    def test_reviewers_have_no_start_page_of_a_kim(self, make: Factory) -> None:
        assert make.signed_in(make.user(Role.REVIEWER)).get("/beranda").status_code == 403


class TestList:
    def test_members_see_their_own_kim_only_and_reviewers_all_with_its_name(
        self, make: Factory, member: User, browser: FlaskClient
    ) -> None:
        make.post(member, title="Punya kami")
        make.post(make.user(kim=make.kim("KIM Bareng")), title="Punya mereka")
        own = page(browser, "/unggahan")
        assert "Punya kami" in own
        assert "Punya mereka" not in own
        everything = page(make.signed_in(make.user(Role.REVIEWER)), "/unggahan")
        assert "Punya mereka" in everything
        assert "KIM Bareng." in everything

    def test_another_kim_in_the_address_changes_nothing_for_a_member(
        self, make: Factory, member: User, browser: FlaskClient
    ) -> None:
        other = make.user()
        make.post(other, title="Punya mereka")
        make.post(member, title="Punya kami")
        text = page(browser, f"/unggahan?kim={other.kim_id}")
        assert "Punya mereka" not in text
        assert "Punya kami" in text

    def test_chips_count_what_became_of_planned_posts(
        self, make: Factory, kim: Kim, member: User, browser: FlaskClient
    ) -> None:
        account = make.account(kim)
        make.delivery(make.post(member, state="scheduled", title="Nanti"), account)
        out(make, kim, member)
        out(make, kim, member)
        make.delivery(make.post(member, state="scheduled", title="Macet"), account, state="unknown")
        make.post(member, title="Draf kami")
        text = page(browser, "/unggahan")
        for chip in ("Draf 1", "Dijadwalkan 1", "Perlu perhatian 1", "Terbit 2"):
            assert chip in text
        stuck = page(browser, "/unggahan?keadaan=attention")
        assert "Macet" in stuck
        assert "Nanti" not in stuck

    def test_search_takes_its_words_literally(self, make: Factory, member: User, browser: FlaskClient) -> None:
        make.post(member, title="Diskon 50% tempe")
        make.post(member, title="Diskon 500 tempe")
        text = page(browser, "/unggahan?cari=50%25")
        assert "Diskon 50% tempe" in text
        assert "Diskon 500 tempe" not in text

    def test_fifty_stand_on_a_page(self, make: Factory, member: User, browser: FlaskClient) -> None:
        with transaction():
            for number in range(51):
                make.post(member, title=f"Nomor {number:02}", updated_at=clock.now() - number * HOUR)
        assert "Nomor 49" in page(browser, "/unggahan")
        assert "Nomor 50" not in page(browser, "/unggahan")
        assert "Nomor 50" in page(browser, "/unggahan?halaman=2")

    @pytest.mark.parametrize("path", ["/unggahan", "/beranda", "/kalender", "/tugas"])
    def test_fifty_posts_cost_as_many_queries_as_five(
        self, make: Factory, kim: Kim, member: User, browser: FlaskClient, path: str
    ) -> None:
        accounts = make.account(kim), make.account(kim, kind="snackvideo")

        def add(count: int) -> None:
            with transaction():
                for number in range(count):
                    post = make.post(member, state="scheduled", accounts=accounts, businesses=(business,))
                    make.delivery(post, accounts[0], state=("failed", "sent")[number % 2], sent_at=clock.now())
                    make.delivery(post, accounts[1], state="handed_over")
                    note(make, make.post(member, state="changes_asked"), "Perbaiki")

        business = make.business(kim)
        add(5)
        few = statements(lambda: page(browser, path))
        add(45)
        many = statements(lambda: page(browser, path))
        assert len(many) == len(few)


class TestPost:
    def test_another_kim_does_not_learn_that_it_exists(self, make: Factory, browser: FlaskClient) -> None:
        post = make.post()
        assert browser.get(f"/unggahan/{post.id}").status_code == 404
        assert browser.get("/unggahan/tidak-ada").status_code == 404

    def test_a_judge_sees_no_posts(self, make: Factory) -> None:
        post = make.post()
        judge = make.signed_in(make.user(Role.JUDGE))
        assert judge.get(f"/unggahan/{post.id}").status_code == 403
        assert judge.get("/unggahan").status_code == 403

    def test_an_unknown_figure_is_said_to_be_unknown_and_a_zero_is_a_zero(
        self, make: Factory, kim: Kim, member: User, browser: FlaskClient
    ) -> None:
        post = make.post(member, state="scheduled")
        delivery = make.delivery(post, make.account(kim), state="sent", sent_at=clock.now())
        without = page(browser, f"/unggahan/{post.id}")
        assert without.count("belum ada data") == 6
        assert "<dd>0</dd>" not in without
        make._keep(LatestFigures(delivery_id=delivery.id, taken_at=clock.now(), source="api", reach=1234, shares=0))
        known = page(browser, f"/unggahan/{post.id}")
        assert known.count("belum ada data") == 4
        assert "<dd>1.234</dd>" in known
        assert "<dd>0</dd>" in known

    def test_figures_of_a_channel_by_hand_lead_to_the_form(
        self, make: Factory, kim: Kim, member: User, browser: FlaskClient
    ) -> None:
        post = out(make, kim, member, kind="snackvideo")
        assert "/angka/" in page(browser, f"/unggahan/{post.id}")
        assert "/perbarui" not in page(browser, f"/unggahan/{post.id}")
        automatic = out(make, kim, member)
        assert "/perbarui" in page(browser, f"/unggahan/{automatic.id}")

    def test_the_text_of_each_channel_is_shown(
        self, make: Factory, kim: Kim, member: User, browser: FlaskClient
    ) -> None:
        post = make.post(member, text="Teks umum.", accounts=(make.account(kim), make.account(kim, kind="snackvideo")))
        assert page(browser, f"/unggahan/{post.id}").count("Teks umum.") == 1
        with transaction():
            revision_of(post).texts = {"snackvideo": "Teks pendek."}
        text = page(browser, f"/unggahan/{post.id}")
        assert "Teks umum." in text
        assert "Teks pendek." in text

    def test_buttons_fit_the_state_and_the_role(self, make: Factory, member: User, browser: FlaskClient) -> None:
        reviewer = make.signed_in(make.user(Role.REVIEWER))
        draft, waiting = make.post(member), make.post(member, state="in_review")
        approved = make.post(member, state="approved")
        assert f"/unggahan/{draft.id}/kirim" in page(browser, f"/unggahan/{draft.id}")
        assert f"/unggahan/{draft.id}/kirim" not in page(reviewer, f"/unggahan/{draft.id}")
        assert f"/unggahan/{waiting.id}/batal-kirim" in page(browser, f"/unggahan/{waiting.id}")
        assert f"/tinjauan/{waiting.id}" not in page(browser, f"/unggahan/{waiting.id}")
        assert f"/tinjauan/{waiting.id}" in page(reviewer, f"/unggahan/{waiting.id}")
        assert f"/unggahan/{approved.id}/jadwal" in page(browser, f"/unggahan/{approved.id}")
        assert f"/unggahan/{draft.id}/jadwal" not in page(browser, f"/unggahan/{draft.id}")

    def test_the_note_stands_on_top_until_the_post_is_handed_in_again(
        self, make: Factory, member: User, browser: FlaskClient
    ) -> None:
        asked, again = make.post(member, state="changes_asked"), make.post(member, state="in_review")
        note(make, asked, "Tulis jam buka.")
        note(make, again, "Tulis jam buka.")
        assert page(browser, f"/unggahan/{asked.id}").count("Tulis jam buka.") == 2
        assert page(browser, f"/unggahan/{again.id}").count("Tulis jam buka.") == 1

    def test_a_problem_is_said_at_its_channel_and_a_link_of_elsewhere_never_runs(
        self, make: Factory, kim: Kim, member: User, browser: FlaskClient
    ) -> None:
        post = make.post(member, state="scheduled", title="<script>alert(1)</script>")
        make.delivery(
            post, make.account(kim), state="failed", problem="Kuota %(count)s habis.", problem_values={"count": 25}
        )
        answer = browser.get(f"/unggahan/{post.id}").text
        assert "Kuota 25 habis." in answer
        assert "<script>alert(1)" not in answer
