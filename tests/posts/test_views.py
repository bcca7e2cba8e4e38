"""The composer over HTTP, as a browser without JavaScript sends it."""

import re
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_login import login_user
from sqlalchemy import event, func, select

from contentdesk.access.permissions import Role
from contentdesk.kim.models import Kim
from contentdesk.lib import clock
from contentdesk.lib.db import db
from contentdesk.lib.errors import DomainError
from contentdesk.posts import composer, queries, services
from contentdesk.posts.models import Post, Revision
from contentdesk.posts.states import PostState
from contentdesk.users.models import User
from tests.factories import Factory
from tests.posts.photos import jpeg, photo


def _sent(**values: Any) -> dict[str, Any]:
    return {"title": "Keripik", "text": "Keripik tempe.", "form_key": "kunci", **values}


def _newest(post_id: str | None = None) -> Revision:
    db.session.rollback()
    found = db.session.get_one(Post, post_id) if post_id else db.session.scalars(select(Post)).one()
    return queries.newest_revision(found)


def _count(table: Any) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def test_a_member_writes_a_draft_with_photos_business_and_channel(
    make: Factory, kim: Kim, browser: FlaskClient
) -> None:
    business, account = make.business(kim), make.account(kim)
    page = browser.get("/unggahan/baru")
    assert page.status_code == 200
    assert business.name in page.text
    assert account.handle in page.text
    when = clock.to_wib(clock.now() + timedelta(days=2)).strftime("%Y-%m-%dT19:00")
    answer = browser.post(
        "/unggahan/baru",
        data=_sent(
            text="Baris satu.\r\nBaris dua.",
            businesses=business.id,
            accounts=account.id,
            proposed_at=when,
            faces="tidak_ada",
            photos=[(BytesIO(jpeg()), "satu.jpg"), (BytesIO(jpeg(color="#204060")), "dua.jpg")],
        ),
    )
    assert answer.status_code == 303
    revision = _newest()
    assert answer.location.startswith(f"/unggahan/{revision.post_id}/ubah")
    assert revision.text == "Baris satu.\nBaris dua."
    assert [len(revision.photos), len(revision.files)] == [2, 2]
    assert [b.id for b in revision.businesses] == [business.id]
    assert (revision.faces, revision.children) == ("tidak_ada", None)
    post = db.session.get_one(Post, revision.post_id)
    assert post.proposed_at is not None
    assert clock.to_wib(post.proposed_at).strftime("%Y-%m-%dT%H:%M") == when
    again = browser.get(answer.location)
    assert "Baris satu.\nBaris dua." in again.text
    assert f'value="{when}"' in again.text
    assert "Tersimpan" in again.text


def test_photos_are_described_moved_and_taken_out_without_javascript(member: User, browser: FlaskClient) -> None:
    one, two, three = photo(member), photo(member, color="#102030"), photo(member, color="#aabbcc")
    browser.post(
        "/unggahan/baru",
        data=_sent(
            photo=[one.id, two.id, three.id],
            remove=two.id,
            **{f"order_{one.id}": "3", f"order_{three.id}": "1", f"alt_{one.id}": "Keripik"},
            **{f"focus_x_{one.id}": "0.25", f"focus_y_{one.id}": "abc"},
        ),
    )
    kept = [(p.asset_id, p.alt_text, p.focus_x, p.focus_y) for p in _newest().photos]
    assert kept == [(three.id, "", 0.5, 0.5), (one.id, "Keripik", 0.25, 0.5)]


def test_a_file_that_is_no_photo_loses_nothing_else(browser: FlaskClient) -> None:
    files = [(BytesIO(b"bukan foto"), "catatan.txt"), (BytesIO(jpeg()), "foto.jpg")]
    answer = browser.post("/unggahan/baru", data=_sent(photos=files), follow_redirects=True)
    assert "catatan.txt: Berkas ini bukan foto." in answer.text
    revision = _newest()
    assert (revision.text, len(revision.photos)) == ("Keripik tempe.", 1)


def test_the_same_photo_twice_stands_once_and_that_is_said(browser: FlaskClient) -> None:
    files = [(BytesIO(jpeg()), "foto.jpg"), (BytesIO(jpeg()), "salinan.jpg")]
    answer = browser.post("/unggahan/baru", data=_sent(photos=files), follow_redirects=True)
    assert "salinan.jpg: Foto ini sudah ada di unggahan" in answer.text
    assert len(_newest().photos) == 1


def test_only_as_many_photos_are_read_as_fit(member: User, browser: FlaskClient, monkeypatch: Any) -> None:
    there = [photo(member, color=f"#0000{n:02x}").id for n in (16, 32)]
    read: list[str] = []
    keep = composer.media.store_photo
    monkeypatch.setattr(composer.media, "store_photo", lambda data, files: read.append("") or keep(data, files))
    files = [(BytesIO(jpeg(400, 400, color=f"#10{n * 8:02x}60")), f"{n}.jpg") for n in range(30)]
    answer = browser.post("/unggahan/baru", data=_sent(photo=there, photos=files), follow_redirects=True)
    assert "Paling banyak 10 foto. Sisanya tidak ditambahkan." in answer.text
    assert len(read) == 8
    assert [one.asset_id for one in _newest().photos[:2]] == there
    assert len(_newest().photos) == 10


def test_a_form_sent_twice_gives_one_post(browser: FlaskClient) -> None:
    first = browser.post("/unggahan/baru", data=_sent())
    second = browser.post("/unggahan/baru", data=_sent())
    assert first.location == second.location
    assert (_count(Post), _count(Revision)) == (1, 1)
    browser.post("/unggahan/baru", data=_sent(form_key="lain"))
    assert _count(Post) == 2


def test_a_text_over_the_platforms_limit_is_kept_and_the_sentence_says_by_how_much(
    make: Factory, member: User, browser: FlaskClient
) -> None:
    account = make.account(None)
    long = "a" * 2210
    answer = browser.post("/unggahan/baru", data=_sent(text=long, accounts=account.id), follow_redirects=True)
    assert long in answer.text
    assert "Teks 2.210 huruf, batasnya 2.200. Kurangi 10 huruf." in answer.text
    assert _newest().text == long


def test_a_text_far_too_long_comes_back_whole_and_is_not_saved(browser: FlaskClient) -> None:
    long = "b" * 20_001
    answer = browser.post("/unggahan/baru", data=_sent(text=long))
    assert answer.status_code == 422
    assert long in answer.text
    assert "Teks paling panjang 20.000 huruf." in answer.text
    assert _count(Post) == 0


def test_a_time_that_cannot_be_read_comes_back_with_the_text(browser: FlaskClient) -> None:
    answer = browser.post("/unggahan/baru", data=_sent(proposed_at="kemarin"))
    assert answer.status_code == 422
    assert "Keripik tempe." in answer.text
    assert _count(Post) == 0


def test_a_time_in_the_past_is_saved_and_told(make: Factory, browser: FlaskClient) -> None:
    answer = browser.post("/unggahan/baru", data=_sent(proposed_at="2020-01-01T10:00"), follow_redirects=True)
    assert "Waktu yang diusulkan sudah lewat." in answer.text
    assert _count(Post) == 1


def test_the_second_of_two_writers_sees_both_texts_and_can_save_on_top(make: Factory) -> None:
    kim = make.kim()
    one, two = make.user(kim=kim), make.user(kim=kim, name="Anggota 2")
    first, second = make.signed_in(one), make.signed_in(two)
    post_id = first.post("/unggahan/baru", data=_sent()).location.split("/")[2]
    path = f"/unggahan/{post_id}/ubah"
    second.post(path, data=_sent(base_number="1", text="Keripik tempe renyah."))

    late = first.post(path, data=_sent(base_number="1", text="Keripik tempe gurih."))

    assert late.status_code == 409
    assert "Anggota 2 menyimpan draf ini pukul" in late.text
    assert "Tidak ada yang ditimpa. Bandingkan dulu." in late.text
    assert "Keripik tempe gurih.</textarea>" in late.text
    assert "<del>renyah</del><ins>gurih</ins>" in late.text
    assert _newest(post_id).text == "Keripik tempe renyah."
    assert 'name="base_number" type="hidden" value="2"' in late.text
    assert first.post(path, data=_sent(base_number="2", text="Keripik tempe gurih.")).status_code == 303
    assert (_newest(post_id).number, _newest(post_id).text) == (3, "Keripik tempe gurih.")


def test_others_see_who_has_the_composer_open(make: Factory) -> None:
    kim = make.kim()
    one, two = make.user(kim=kim, name="Anggota 1"), make.user(kim=kim)
    first, second = make.signed_in(one), make.signed_in(two)
    path = first.post("/unggahan/baru", data=_sent()).location.split("#")[0]
    assert "Sedang disunting" not in first.get(path).text
    assert "Sedang disunting Anggota 1 sampai" in second.get(path).text


def test_a_member_of_another_kim_finds_nothing(make: Factory, browser: FlaskClient) -> None:
    post_id = browser.post("/unggahan/baru", data=_sent()).location.split("/")[2]
    stranger = make.signed_in(make.user())
    for method, path in (
        ("get", "ubah"),
        ("post", "ubah"),
        ("post", "arsip"),
        ("post", "batal-kirim"),
    ):
        answer = getattr(stranger, method)(f"/unggahan/{post_id}/{path}")
        assert answer.status_code == 404, (method, path)
    assert _newest(post_id).number == 1


def test_photos_and_accounts_of_another_kim_are_refused(make: Factory, browser: FlaskClient) -> None:
    stranger = make.user()
    assert browser.post("/unggahan/baru", data=_sent(photo=photo(stranger).id)).status_code == 404
    foreign = make.account(make.kim(), handle="akun_lain")
    assert browser.post("/unggahan/baru", data=_sent(accounts=foreign.id)).status_code == 404
    hints = browser.post("/unggahan/periksa", data=_sent(accounts=foreign.id))
    assert "akun_lain" not in hints.text


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.ADMIN, Role.JUDGE])
def test_who_does_not_write_does_not_get_the_composer(make: Factory, role: str) -> None:
    assert make.signed_in(make.user(role)).get("/unggahan/baru").status_code == 403


def test_the_hints_are_about_what_stands_in_the_form_and_save_nothing(
    make: Factory, kim: Kim, browser: FlaskClient
) -> None:
    business = make.business(kim, hours="08.00-20.00 WIB")
    answer = browser.post("/unggahan/periksa", data=_sent(text="Nomor 1 di Malang", businesses=business.id))
    assert "Nomor 1 di Malang" in answer.text
    assert "perlu bukti" in answer.text
    assert "Jam buka belum tertulis. Sisipkan 08.00-20.00 WIB?" in answer.text
    assert _count(Post) == 0


def test_what_stops_sending_leads_to_its_field(make: Factory, member: User, browser: FlaskClient) -> None:
    account, asset = make.account(None), make.asset(member)
    data = _sent(text="a" * 2210, photo=asset.id, accounts=account.id, proposed_at="2020-01-01T10:00")
    answer = browser.post("/unggahan/periksa", data=data)
    page = browser.get("/unggahan/baru").text
    anchors = re.findall(r'<a href="#([\w-]+)"', answer.text)
    assert set(anchors) == {"faces", "children", "photo_source", "text", "proposed_at"}
    assert all(f'id="{anchor}"' in page for anchor in anchors)


def test_a_business_without_consent_is_shown_but_cannot_be_chosen(
    make: Factory, kim: Kim, browser: FlaskClient
) -> None:
    lone = make.business(kim, consent=False, name="Usaha Tanpa Izin")
    page = browser.get("/unggahan/baru").text
    assert "Usaha Tanpa Izin" in page
    assert f'value="{lone.id}" disabled' in page
    assert "persetujuan pemilik belum tercatat" in page


def test_what_follows_the_save_is_kept_together_with_it_and_a_refusal_keeps_the_draft(
    app: Flask, make: Factory, member: User
) -> None:
    def send(then: Any) -> Any:
        with app.test_request_context("/unggahan/baru", method="POST", data=_sent()):
            login_user(_signed(member))
            return composer.save_from_request(then=then, done="/selesai")

    def refuse(_post: Post) -> None:
        raise DomainError("Belum dikirim.")

    refused = send(refuse)
    assert refused.location.endswith("/ubah")
    assert _newest().text == "Keripik tempe."
    sent = send(lambda post: services.move(member, post, "submit"))
    assert sent.location == "/selesai"
    db.session.rollback()
    assert db.session.scalars(select(Post.state)).all() == [PostState.IN_REVIEW]
    assert _count(Revision) == 1


class _signed:
    is_authenticated = is_active = True
    is_anonymous = False
    locale, theme = "id", "light"

    def __init__(self, user: User) -> None:
        self.id, self.role, self.kim_id, self.name = user.id, user.role, user.kim_id, user.name

    def get_id(self) -> str:
        return self.id


def test_an_archived_post_opens_no_composer(member: User, browser: FlaskClient) -> None:
    post_id = browser.post("/unggahan/baru", data=_sent()).location.split("/")[2]
    assert browser.post(f"/unggahan/{post_id}/arsip").status_code == 303
    answer = browser.get(f"/unggahan/{post_id}/ubah")
    assert answer.status_code == 409
    assert "diarsipkan" in answer.text


def test_the_composer_costs_the_same_queries_however_much_it_shows(make: Factory) -> None:
    assert _queries_of_a_page(make, 1) == _queries_of_a_page(make, 10)


def _queries_of_a_page(make: Factory, count: int) -> int:
    kim = make.kim()
    author = make.user(kim=kim)
    browser = make.signed_in(author)
    sent = _sent(
        photo=[photo(author, color=f"#{n * 24:02x}4060").id for n in range(count)],
        accounts=[make.account(kim).id for _ in range(count)],
        businesses=[make.business(kim).id for _ in range(count)],
    )
    path = browser.post("/unggahan/baru", data=sent).location.split("#")[0]
    db.session.remove()
    seen: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    page = browser.get(path)
    event.remove(db.engine, "before_cursor_execute", note)
    assert page.text.count('data-chip="') == count + 1
    return len(seen)
