"""Letting people in by a link, and helping them to a new password."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from contentdesk.access.permissions import Role
from contentdesk.audit.models import AuditEntry
from contentdesk.kim.models import Kim
from contentdesk.lib import clock
from contentdesk.lib.db import db, transaction
from contentdesk.lib.errors import DomainError, NotFound, NotPermitted
from contentdesk.users import invitations
from contentdesk.users.models import Invitation, User, UserSession
from tests.factories import PASSWORD, Factory

NEW_PASSWORD = "payung merah terbang"
LINK = re.compile(r"http://127\.0\.0\.1:8000(/undangan/[\w-]+)")


def kim_of(user: User) -> Kim:
    return db.session.get(Kim, user.kim_id)


def link_in(client: FlaskClient, answer: object) -> str:
    """The path that the page after `answer` shows."""
    assert answer.status_code == 303, answer.text
    page = client.get(answer.location)
    return LINK.search(page.text).group(1)


def invite(client: FlaskClient, role: str = "anggota", kim_id: str | None = None) -> str:
    return link_in(client, client.post("/anggota/undang", data={"role": role, "kim_id": kim_id or ""}))


def accept(client: FlaskClient, path: str, login: str = "0812-0000-1111", **more: str) -> object:
    data = {"name": "Anggota 9", "login": login, "password": NEW_PASSWORD} | more
    return client.post(path, data=data)


def newest(model: type) -> object:
    return db.session.scalars(db.select(model).order_by(model.id.desc())).first()


def test_a_ketua_invites_a_member_of_the_own_kim_who_is_in_at_once(make: Factory, client: FlaskClient) -> None:
    chair = make.user(Role.CHAIR)
    path = invite(make.signed_in(chair), kim_id=chair.kim_id)
    assert kim_of(chair).name in client.get(path).text
    assert accept(client, path).status_code == 303
    user = newest(User)
    assert (user.role, user.kim_id, user.login) == (Role.MEMBER, chair.kim_id, "+6281200001111")
    assert client.get("/lainnya").status_code == 200


def test_the_page_of_the_link_has_a_text_for_whatsapp_and_shows_it_once(make: Factory) -> None:
    chair = make.user(Role.CHAIR)
    client = make.signed_in(chair)
    answer = client.post("/anggota/undang", data={"role": "anggota", "kim_id": chair.kim_id})
    first = client.get(answer.location).text
    assert "https://wa.me/?text=Anda%20diundang" in first
    assert LINK.search(first)
    again = client.get(answer.location, follow_redirects=True).text
    assert not LINK.search(again)
    assert "hanya tampil sekali" in again


def test_a_ketua_cannot_make_a_reviewer_or_a_ketua(make: Factory) -> None:
    chair = make.user(Role.CHAIR)
    for role in ("ketua", "peninjau", "admin", "juri"):
        answer = make.signed_in(chair).post("/anggota/undang", data={"role": role, "kim_id": chair.kim_id})
        assert answer.status_code in {403, 422}
    assert db.session.scalars(db.select(Invitation)).all() == []


def test_a_ketua_cannot_invite_into_another_kim(make: Factory) -> None:
    chair, other = make.user(Role.CHAIR), make.kim()
    answer = make.signed_in(chair).post("/anggota/undang", data={"role": "anggota", "kim_id": other.id})
    assert answer.status_code in {404, 422}
    assert db.session.scalars(db.select(Invitation)).all() == []


def test_the_service_asks_too_whatever_form_calls_it(make: Factory) -> None:
    chair, other = make.user(Role.CHAIR), make.kim()
    wrong: list[tuple[User, Role, str | None, type[DomainError]]] = [
        (make.user(Role.MEMBER), Role.MEMBER, other.id, NotPermitted),
        (chair, Role.MEMBER, other.id, NotFound),
        (chair, Role.CHAIR, chair.kim_id, NotPermitted),
        (chair, Role.ADMIN, None, NotFound),
    ]
    for actor, role, kim_id, error in wrong:
        with pytest.raises(error), transaction():
            invitations.invite(actor, role, kim_id)
    assert db.session.scalars(db.select(Invitation)).all() == []


@pytest.mark.parametrize("role", ["peninjau", "juri", "admin"])
def test_an_admin_invites_people_of_the_whole_city(make: Factory, client: FlaskClient, role: str) -> None:
    path = invite(make.signed_in(make.user(Role.ADMIN)), role)
    accept(client, path)
    assert (newest(User).role, newest(User).kim_id) == (role, None)


def test_a_ketua_needs_a_kim(make: Factory) -> None:
    client = make.signed_in(make.user(Role.ADMIN))
    assert client.post("/anggota/undang", data={"role": "ketua", "kim_id": ""}).status_code == 422


def test_a_link_works_once(make: Factory, app: Flask) -> None:
    path = invite(make.signed_in(make.user(Role.ADMIN)), "juri")
    assert accept(app.test_client(), path).status_code == 303
    second = accept(app.test_client(), path, login="lain@contoh.test")
    assert second.status_code == 404
    assert db.session.scalar(db.select(User).where(User.login == "lain@contoh.test")) is None


def test_a_link_ends_after_seven_days(make: Factory, client: FlaskClient) -> None:
    path = invite(make.signed_in(make.user(Role.ADMIN)), "juri")
    with transaction() as session:
        invitation = session.scalars(db.select(Invitation)).one()
        assert abs(invitation.expires_at - clock.now() - timedelta(days=7)) < timedelta(minutes=1)
        invitation.expires_at = clock.now() - timedelta(seconds=1)
    answer = client.get(path)
    assert answer.status_code == 404
    assert "7 hari" in answer.text


def test_a_withdrawn_link_says_so_instead_of_letting_in(make: Factory, client: FlaskClient) -> None:
    admin = make.signed_in(make.user(Role.ADMIN))
    path = invite(admin, "juri")
    admin.post(f"/anggota/undang/{newest(Invitation).id}/tarik")
    assert accept(client, path).status_code == 404


def test_a_failed_try_leaves_the_link_usable_and_the_typed_name_on_the_page(make: Factory, client: FlaskClient) -> None:
    taken = make.user(login="ada@contoh.test")
    path = invite(make.signed_in(make.user(Role.ADMIN)), "juri")
    refused = accept(client, path, login=taken.login)
    assert refused.status_code == 422
    assert "Anggota 9" in refused.text
    assert accept(client, path).status_code == 303


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("pendek", "10 huruf"),
        ("081200001111", "sama dengan"),
        ("katasandi123", "mudah ditebak"),
        ("aaaaaaaaaaaa", "mudah ditebak"),
        ("x" * 300, "paling panjang"),
    ],
)
def test_easy_passwords_are_refused_with_a_reason(
    make: Factory, client: FlaskClient, password: str, reason: str
) -> None:
    path = invite(make.signed_in(make.user(Role.ADMIN)), "juri")
    answer = accept(client, path, password=password)
    assert answer.status_code == 422
    assert reason in answer.text


def test_a_login_that_is_neither_number_nor_address_is_refused(make: Factory, client: FlaskClient) -> None:
    path = invite(make.signed_in(make.user(Role.ADMIN)), "juri")
    assert accept(client, path, login="bukan apa-apa").status_code == 422


def test_a_ketua_helps_a_member_to_a_new_password_and_all_devices_are_out(make: Factory, client: FlaskClient) -> None:
    chair = make.user(Role.CHAIR)
    member = make.user(Role.MEMBER, kim_of(chair))
    old = make.signed_in(member)
    helper = make.signed_in(chair)
    path = link_in(helper, helper.post(f"/anggota/{member.id}/atur-ulang"))
    assert client.post(path, data={"password": NEW_PASSWORD}).status_code == 303
    assert client.get("/lainnya").status_code == 200
    assert old.get("/lainnya").status_code == 302
    assert client.post(path, data={"password": NEW_PASSWORD + "2"}).status_code == 404
    again = client.application.test_client()
    assert again.post("/masuk", data={"login": member.login, "password": PASSWORD}).status_code == 422
    assert again.post("/masuk", data={"login": member.login, "password": NEW_PASSWORD}).status_code == 303


def test_a_second_link_for_a_new_password_ends_the_first(make: Factory, client: FlaskClient) -> None:
    chair = make.user(Role.CHAIR)
    member = make.user(Role.MEMBER, kim_of(chair))
    helper = make.signed_in(chair)
    first = link_in(helper, helper.post(f"/anggota/{member.id}/atur-ulang"))
    link_in(helper, helper.post(f"/anggota/{member.id}/atur-ulang"))
    assert client.get(first).status_code == 404


def test_a_ketua_cannot_take_over_the_account_of_a_ketua_or_of_another_kim(make: Factory) -> None:
    chair = make.user(Role.CHAIR)
    second = make.user(Role.CHAIR, kim_of(chair))
    stranger = make.user(Role.MEMBER, make.kim())
    client = make.signed_in(chair)
    assert client.post(f"/anggota/{second.id}/atur-ulang").status_code == 403
    assert client.post(f"/anggota/{stranger.id}/atur-ulang").status_code == 404
    assert db.session.scalars(db.select(Invitation)).all() == []


def test_a_disabled_person_is_out_and_so_are_their_links(make: Factory, client: FlaskClient) -> None:
    first, second = make.user(Role.ADMIN), make.user(Role.ADMIN)
    path = invite(make.signed_in(second), "admin")
    answer = make.signed_in(first).post(f"/anggota/{second.id}/nonaktifkan")
    assert answer.status_code == 303
    assert client.get(path).status_code == 404
    assert db.session.get(User, second.id).disabled_at is not None
    rows = db.session.scalars(db.select(UserSession).where(UserSession.user_id == second.id)).all()
    assert rows
    assert all(row.ended_at for row in rows)


def test_nobody_shuts_themselves_out(make: Factory) -> None:
    admin = make.user(Role.ADMIN)
    make.user(Role.ADMIN)
    make.signed_in(admin).post(f"/anggota/{admin.id}/nonaktifkan")
    assert db.session.get(User, admin.id).disabled_at is None


def test_the_last_admin_stays(make: Factory) -> None:
    from contentdesk.lib.errors import DomainError
    from contentdesk.users import people

    last = make.user(Role.ADMIN)
    gone = make.user(Role.ADMIN, disabled_at=clock.now())
    with pytest.raises(DomainError), transaction():
        people.disable(gone, db.session.get(User, last.id))
    assert db.session.get(User, last.id).disabled_at is None


def test_a_person_can_be_let_in_again(make: Factory) -> None:
    chair = make.user(Role.CHAIR)
    member = make.user(Role.MEMBER, kim_of(chair))
    client = make.signed_in(chair)
    client.post(f"/anggota/{member.id}/nonaktifkan")
    client.post(f"/anggota/{member.id}/aktifkan")
    assert make.signed_in(member).get("/lainnya").status_code == 200


def test_a_ketua_sees_the_own_kim_only(make: Factory) -> None:
    chair = make.user(Role.CHAIR)
    make.user(Role.MEMBER, kim_of(chair), name="Anggota dari sini")
    make.user(Role.MEMBER, make.kim(), name="Anggota dari sana")
    page = make.signed_in(chair).get("/anggota").text
    assert "Anggota dari sini" in page
    assert "Anggota dari sana" not in page


def test_what_people_do_to_accounts_is_written_down_without_personal_data(make: Factory, client: FlaskClient) -> None:
    chair = make.user(Role.CHAIR)
    accept(client, invite(make.signed_in(chair), kim_id=chair.kim_id))
    entries = db.session.scalars(db.select(AuditEntry).order_by(AuditEntry.number)).all()
    assert {"invitation.create", "invitation.accept", "user.sign_in"} <= {entry.action for entry in entries}
    assert not any("81200001111" in str(entry.detail) or "Anggota 9" in str(entry.detail) for entry in entries)


def test_the_command_makes_the_first_admin(app: Flask) -> None:
    from contentdesk.cli import main

    arguments = ["create", "--name", "Admin 1", "--login", "admin@contoh.test", "--password", NEW_PASSWORD]
    result = app.test_cli_runner().invoke(main.commands["admin"], arguments)
    assert result.exit_code == 0, result.output
    assert newest(User).role == Role.ADMIN
    again = app.test_cli_runner().invoke(main.commands["admin"], arguments)
    assert again.exit_code == 1
    assert "sudah punya akun" in again.output
