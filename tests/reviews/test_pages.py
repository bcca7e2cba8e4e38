"""The review page and handing in, as people meet them."""

import re
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image

from contentdesk.access.permissions import Role
from contentdesk.kim.models import Kim
from contentdesk.lib import clock
from contentdesk.lib.db import db, transaction
from contentdesk.lib.desk import desk
from contentdesk.media.services import take_upload
from contentdesk.notices.models import Notice
from contentdesk.posts.models import Post
from contentdesk.posts.queries import get_post, newest_revision
from contentdesk.reviews import wording
from contentdesk.reviews.models import Review, Verdict
from contentdesk.users.models import User
from tests.factories import Factory
from tests.reviews.scenes import ALL_OK, decided, reviewer, waiting


def now(post: Post) -> Post:
    db.session.rollback()
    return get_post(post.id)


def sent(browser: FlaskClient, post: Post, verdict: str, **fields: Any) -> Any:
    revision_id = fields.pop("revision_id", None) or newest_revision(now(post)).id
    data = {"revision_id": revision_id, "verdict": verdict} | ALL_OK | fields
    return browser.post(f"/tinjauan/{post.id}/putusan", data=data)


def rewritten(make: Factory, post: Post, text: str, author: User | None = None) -> None:
    number = now(post).newest_number + 1
    make.revision(post, author or make.user(), number, text)
    with transaction():
        get_post(post.id).newest_number = number


def test_the_page_shows_text_marks_and_what_changed(make: Factory) -> None:
    post = waiting(make, text="Keripik tempe garing. Rp15.000.")
    decided(reviewer(make), post, Verdict.ASK_CHANGES, "Tulis jam buka.", {})
    with transaction():
        get_post(post.id).state = "in_review"
    rewritten(make, post, "Keripik tempe renyah, menyembuhkan. Rp15.000. <b>")
    page = make.signed_in(reviewer(make)).get(f"/tinjauan/{post.id}").text
    assert "<del>garing</del><ins>renyah, menyembuhkan</ins>" in page
    assert "&lt;b&gt;" in page
    assert "Berubah sejak revisi 1" in page
    assert "Tulis jam buka." in page
    assert 'name="C08" value="fail" checked' in page
    assert 'name="C05" value="ok" checked' in page
    assert "Putusan berlaku untuk revisi 2 saja." in page


def test_the_last_approved_text_is_what_is_compared_with(make: Factory) -> None:
    post = waiting(make, text="Satu.")
    rewritten(make, post, "Dua.")
    rewritten(make, post, "Tiga.")
    with transaction():
        get_post(post.id).approved_number = 1
    page = make.signed_in(reviewer(make)).get(f"/tinjauan/{post.id}").text
    assert "<del>Satu</del><ins>Tiga</ins>" in page


def test_setujui_approves_what_was_seen(make: Factory) -> None:
    post, person = waiting(make), reviewer(make)
    answer = sent(make.signed_in(person), post, "approve")
    assert (answer.status_code, answer.location) == (303, "/tinjauan")
    assert now(post).approved_number == 1


def test_stock_notes_and_own_words_become_the_note(make: Factory) -> None:
    post = waiting(make)
    sent(make.signed_in(reviewer(make)), post, "ask_changes", C06="fail", notes=["C06"], note="Terima kasih.")
    review = db.session.scalars(db.select(Review)).one()
    assert review.note == ("Hapus klaim izin atau cantumkan nomor yang benar; rujuk ke pendampingan.\nTerima kasih.")
    assert review.checklist["C06"] == "fail"


def test_stock_notes_do_not_go_with_an_approval(make: Factory) -> None:
    post = waiting(make)
    sent(make.signed_in(reviewer(make)), post, "approve", notes=["C06"])
    assert db.session.scalars(db.select(Review.note)).one() == ""


def test_two_clicks_on_setujui_leave_one_verdict(make: Factory) -> None:
    post = waiting(make)
    browser, revision_id = make.signed_in(reviewer(make)), newest_revision(post).id
    sent(browser, post, "approve", revision_id=revision_id)
    second = sent(browser, post, "approve", revision_id=revision_id)
    assert second.status_code == 409
    assert "Klik kedua tidak mengubah apa pun" in second.text
    assert len(db.session.scalars(db.select(Review)).all()) == 1


def test_a_refused_verdict_gives_the_written_words_back(make: Factory) -> None:
    post = waiting(make)
    browser, seen = make.signed_in(reviewer(make)), newest_revision(post).id
    rewritten(make, post, "Naskah baru.")
    answer = sent(browser, post, "ask_changes", revision_id=seen, note="Catatan panjang saya.", notes=["C09"])
    assert answer.status_code == 409
    assert "Putusan belum disimpan. Lihat revisi 2." in answer.text
    assert "Catatan panjang saya.</textarea>" in answer.text
    assert 'name="notes" value="C09" checked' in answer.text
    assert (now(post).state, db.session.scalars(db.select(Review)).all()) == ("in_review", [])


def test_ticks_of_an_older_text_do_not_come_back_for_the_newer(make: Factory) -> None:
    post = waiting(make)
    browser, seen = make.signed_in(reviewer(make)), newest_revision(post).id
    rewritten(make, post, "Jus ini menyembuhkan.")
    answer = sent(browser, post, "approve", revision_id=seen)
    assert 'name="C08" value="fail" checked' in answer.text


@pytest.mark.parametrize("data", [{}, {"revision_id": "x", "verdict": "publish"}, {"verdict": "approve"}])
def test_a_form_that_is_not_ours_is_answered(make: Factory, data: dict[str, str]) -> None:
    post = waiting(make)
    answer = make.signed_in(reviewer(make)).post(f"/tinjauan/{post.id}/putusan", data=data)
    assert answer.status_code == 400
    assert now(post).state == "in_review"


def test_a_note_that_is_too_long_comes_back_whole(make: Factory) -> None:
    post = waiting(make)
    answer = sent(make.signed_in(reviewer(make)), post, "reject", note="x" * 2001)
    assert answer.status_code == 400
    assert "x" * 2001 in answer.text


def test_a_post_that_is_decided_shows_the_verdict_and_a_text_to_forward(make: Factory) -> None:
    post, person = waiting(make), reviewer(make)
    decided(person, post, Verdict.REJECT, "Topik & kanal ini tidak cocok.", {"C11": "fail"})
    page = make.signed_in(person).get(f"/tinjauan/{post.id}").text
    assert "Putusan: ditolak" in page
    assert f"http://127.0.0.1:8000/unggahan/{post.id}" in page
    assert "https://wa.me/?text=%22" in page
    assert "Topik%20%26%20kanal" in page
    assert 'name="verdict"' not in page


def test_who_wrote_it_sees_why_there_are_no_buttons(make: Factory) -> None:
    author = make.user()
    post = waiting(make, author)
    with transaction():
        author.role = Role.REVIEWER
    browser = make.signed_in(author)
    page = browser.get(f"/tinjauan/{post.id}").text
    assert "peninjau lain yang memutus" in page
    assert 'name="verdict"' not in page
    assert sent(browser, post, "approve").status_code == 403
    assert now(post).state == "in_review"


def test_a_post_without_photos_and_channels_can_be_looked_at(make: Factory) -> None:
    post = waiting(make, accounts=(), businesses=(), title="")
    assert make.signed_in(reviewer(make)).get(f"/tinjauan/{post.id}").status_code == 200
    assert make.signed_in(reviewer(make)).get("/tinjauan/tidak-ada").status_code == 404


def test_handing_in_says_what_comes_next(make: Factory) -> None:
    author = make.user()
    post = waiting(make, author, state="draft", proposed_at=clock.now() + timedelta(days=2))
    browser = make.signed_in(author)
    answer = browser.post(f"/unggahan/{post.id}/kirim")
    assert answer.status_code == 303
    assert now(post).state == "in_review"
    with browser.session_transaction() as session:
        assert ("ok", "Terkirim ke peninjau.") in session["_flashes"]


@pytest.mark.parametrize(
    ("minutes", "sentence"),
    [
        (None, ""),
        (1, "Biasanya 5 menit."),
        (48, "Biasanya 50 menit."),
        (300, "Biasanya 5 jam."),
        (4320, "Biasanya 3 hari."),
    ],
)
def test_a_usual_wait_is_rounded_to_what_people_say(make: Factory, minutes: int | None, sentence: str) -> None:
    with make.app.test_request_context():
        assert wording.usual_wait(minutes) == sentence


def test_the_usual_wait_is_the_same_wherever_it_is_said(make: Factory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("contentdesk.reviews.queries.usual_wait_minutes", lambda: 48)
    monkeypatch.setattr("contentdesk.home.views.usual_wait_minutes", lambda: 48)
    author = make.user()
    post = waiting(make, author, state="draft", proposed_at=clock.now() + timedelta(days=2))
    answer = make.signed_in(author).post(f"/unggahan/{post.id}/kirim", follow_redirects=True)
    assert re.findall(r"Biasanya [^.]+", answer.text) == ["Biasanya 50 menit"] * 2


def test_without_consent_the_draft_stays_and_the_page_says_what_is_missing(make: Factory) -> None:
    author = make.user()
    business = make.business(db.session.get_one(Kim, author.kim_id), consent=False, name="Bakso Gang Wetan")
    post = waiting(make, author, state="draft", businesses=(business,))
    browser = make.signed_in(author)
    answer = browser.post(f"/unggahan/{post.id}/kirim", follow_redirects=True)
    assert re.search(r'<li><a href="#[a-z-]+">[^<]*Persetujuan Bakso Gang Wetan', answer.text)
    assert "Belum dikirim" in answer.text
    assert now(post).state == "draft"


def test_another_kims_post_does_not_exist_for_a_member(make: Factory) -> None:
    post = waiting(make, state="draft")
    browser = make.signed_in(make.user())
    for path in (f"/unggahan/{post.id}/kirim", f"/unggahan/{post.id}/ubah/kirim"):
        assert browser.post(path, data={"text": "Milik orang lain"}).status_code == 404
    assert (now(post).state, now(post).newest_number) == ("draft", 1)


def test_a_reviewer_does_not_hand_in(make: Factory) -> None:
    post = waiting(make, state="draft")
    browser = make.signed_in(reviewer(make))
    for path in (f"/unggahan/{post.id}/kirim", "/unggahan/baru/kirim", f"/unggahan/{post.id}/ubah/kirim"):
        assert browser.post(path).status_code == 403


def composed(make: Factory, author: User, **fields: Any) -> dict[str, Any]:
    kim = db.session.get_one(Kim, author.kim_id)
    asset = handed_in_photo(author)
    business = make.business(kim, name="Kriuk Sanan", consent=fields.pop("consent", True))
    return {
        "title": "Keripik",
        "text": "Keripik tempe Sanan, Rp15.000.",
        "photo": asset,
        f"alt_{asset}": "Keripik di piring",
        "businesses": business.id,
        "accounts": make.account(kim).id,
        "photo_source": "buatan_kim",
        "faces": "tidak_ada",
        "children": "tidak_ada",
        "form_key": "kunci-1",
    } | fields


def handed_in_photo(author: User) -> str:
    picture = BytesIO()
    Image.new("RGB", (1080, 1080), "orange").save(picture, "JPEG")
    with transaction():
        return str(take_upload(author, author.kim_id, picture.getvalue(), desk().files).id)


def only_post() -> Post:
    db.session.rollback()
    return get_post(db.session.scalars(db.select(Post.id)).one())


def test_writing_and_handing_in_are_one_step(make: Factory) -> None:
    author = make.user()
    answer = make.signed_in(author).post("/unggahan/baru/kirim", data=composed(make, author))
    assert answer.status_code == 303
    assert (only_post().state, only_post().newest_number) == ("in_review", 1)


def test_a_double_click_on_kirim_hands_in_once(make: Factory) -> None:
    author = make.user()
    browser, data = make.signed_in(author), composed(make, author)
    person = reviewer(make)
    for _ in range(2):
        assert browser.post("/unggahan/baru/kirim", data=data).status_code == 303
    assert (only_post().state, only_post().newest_number) == ("in_review", 1)
    told = db.session.scalars(db.select(Notice).where(Notice.user_id == person.id)).all()
    assert len(told) == 1


def test_what_cannot_be_handed_in_is_saved_all_the_same(make: Factory) -> None:
    author = make.user()
    browser = make.signed_in(author)
    data = composed(make, author, consent=False)
    answer = browser.post("/unggahan/baru/kirim", data=data, follow_redirects=True)
    assert '<a href="#businesses">Persetujuan Kriuk Sanan' in answer.text.split('class="note amber"')[1]
    post = only_post()
    assert (post.state, newest_revision(post).text) == ("draft", "Keripik tempe Sanan, Rp15.000.")


def test_an_edit_is_saved_and_handed_in_together(make: Factory) -> None:
    author = make.user()
    browser, data = make.signed_in(author), composed(make, author)
    browser.post("/unggahan/baru", data=data)
    post = only_post()
    data |= {"text": "Keripik tempe renyah, Rp15.000.", "base_number": post.newest_number}
    assert browser.post(f"/unggahan/{post.id}/ubah/kirim", data=data).status_code == 303
    post = only_post()
    assert (post.state, newest_revision(post).text) == ("in_review", "Keripik tempe renyah, Rp15.000.")


def test_a_second_click_on_send_leads_to_the_same_place(make: Factory) -> None:
    author = make.user()
    browser, data = make.signed_in(author), composed(make, author)
    browser.post("/unggahan/baru", data=data)
    post = only_post()
    data |= {"text": "Keripik tempe renyah, Rp15.000.", "base_number": post.newest_number}
    first, second = (browser.post(f"/unggahan/{post.id}/ubah/kirim", data=data) for _ in range(2))
    assert (second.status_code, second.location) == (303, first.location)
    assert (only_post().state, only_post().newest_number) == ("in_review", 2)


def test_a_later_revision_without_a_verdict_is_not_called_the_first(make: Factory) -> None:
    author = make.user()
    post = waiting(make, author)
    page = make.signed_in(reviewer(make)).get(f"/tinjauan/{post.id}").text
    assert "Naskah pertama" in page
    make.revision(post, author, number=2, text="Keripik tempe, Rp16.000.")
    with transaction():
        get_post(post.id).newest_number = 2
    page = make.signed_in(reviewer(make)).get(f"/tinjauan/{post.id}").text
    assert "Naskah pertama" not in page
    assert "Revisi 2, belum ada yang ditinjau sebelumnya" in page
