"""Connecting an account through a platform's sign-in page, over real HTTP."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from flask.testing import FlaskClient
from sqlalchemy import select

from contentdesk.access.permissions import Role
from contentdesk.channels import queries, registry, services, sign_in, subscribing
from contentdesk.channels.abilities import Leaving
from contentdesk.channels.base import Login
from contentdesk.channels.models import Account, AccountState
from contentdesk.kim.models import Kim
from contentdesk.lib import clock
from contentdesk.lib.db import db, transaction
from contentdesk.lib.desk import desk
from contentdesk.users.models import User
from tests.factories import Factory
from tests.servers import SandboxProcess
from workers import subscriptions


@pytest.fixture
def settings(sandbox: SandboxProcess) -> dict[str, Any]:
    return {
        "platform_base_url": sandbox.url,
        "apps": {"instagram": ("aplikasi-kota", "rahasia-kota")},
    }


def leave(client: FlaskClient, query: str = "") -> str:
    answer = client.get(f"/akun/sambung/instagram{query}")
    assert answer.status_code == 303
    return str(answer.headers["Location"])


def allow_on_platform(address: str, **pressed: str) -> str:
    """What the person presses there; the path they come back on."""
    answer = requests.post(address, data=pressed, allow_redirects=False, timeout=10)
    back = urlsplit(answer.headers["Location"])
    return f"{back.path}?{back.query}"


def one_account() -> Account:
    return db.session.scalars(select(Account)).one()


def test_signing_in_on_the_platform_connects_the_account(
    sandbox: SandboxProcess, chair: User, client: FlaskClient
) -> None:
    known = sandbox.account("kim_uji")
    address = leave(client)
    assert address.startswith(f"{sandbox.url}/www.instagram.com/oauth/authorize?")
    page = client.get(allow_on_platform(address, account_id=known["id"]), follow_redirects=True).text
    assert "Tersambung: kim_uji" in page
    account = one_account()
    assert (account.external_id, account.kim_id, account.state) == (known["id"], chair.kim_id, "connected")
    ends = account.token_expires_at
    assert ends is not None
    assert timedelta(days=59) < ends - clock.now() < timedelta(days=61)
    again = client.get(allow_on_platform(leave(client), account_id=known["id"]), follow_redirects=True).text
    assert ("Sekarang bisa dipilih" in page, "yang menunggu terbit sendiri" in page) == (True, False)
    assert ("Sekarang bisa dipilih" in again, "yang menunggu terbit sendiri" in again) == (False, True)


def test_whoever_is_connected_is_rung_for_at_once(sandbox: SandboxProcess, client: FlaskClient) -> None:
    known = sandbox.account("kim_uji")
    client.get(allow_on_platform(leave(client), account_id=known["id"]))
    [job] = desk().bell.queue(subscribing.QUEUE).jobs
    assert (job.func_name, job.args) == (subscribing.JOB, [one_account().id])
    assert job.func_name == f"{subscriptions.ask.__module__}.{subscriptions.ask.__name__}"
    subscriptions.step(one_account().id, desk())
    [asked] = sandbox.calls("subscribed_apps$", "POST")
    assert (asked["path"], asked["form"]) == (
        f"/v25.0/{known['id']}/subscribed_apps",
        {"subscribed_fields": "comments"},
    )


def test_the_token_works_on_the_platform_and_is_nowhere_in_the_open(
    sandbox: SandboxProcess, client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    known = sandbox.account("kim_uji")
    page = client.get(allow_on_platform(leave(client), account_id=known["id"]), follow_redirects=True).text
    token = services.login_of(one_account(), desk().box).token
    reply = desk().http.call(
        "GET", "https://graph.instagram.com/v25.0/me?fields=username", headers={"Authorization": f"Bearer {token}"}
    )
    assert reply.json()["username"] == "kim_uji"
    assert token not in page + caplog.text + str(one_account().token_sealed)


def test_who_refuses_on_the_platform_connects_nothing(client: FlaskClient) -> None:
    page = client.get(allow_on_platform(leave(client), deny="1"), follow_redirects=True).text
    assert "Instagram tidak memberi izin. Tidak ada yang berubah." in page
    assert db.session.scalars(select(Account)).all() == []


def test_a_state_that_is_not_ours_used_or_over_connects_nothing(
    sandbox: SandboxProcess, make: Factory, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = sandbox.account("kim_uji")
    path = allow_on_platform(leave(client), account_id=known["id"])
    stranger = make.signed_in(make.user(Role.CHAIR))
    assert "Mulai lagi dari sini." in stranger.get(path, follow_redirects=True).text
    assert "Mulai lagi dari sini." in client.get(path + "x", follow_redirects=True).text
    assert "Mulai lagi dari sini." in client.get(path, follow_redirects=True).text
    late = allow_on_platform(leave(client), account_id=known["id"])
    end = clock.now() + timedelta(minutes=31)
    with monkeypatch.context() as patched:
        patched.setattr(sign_in.clock, "now", lambda: end)
        assert client.get(late).status_code == 303
    assert db.session.scalars(select(Account)).all() == []


def test_a_code_that_the_platform_refuses_is_told(sandbox: SandboxProcess, client: FlaskClient) -> None:
    path = allow_on_platform(leave(client), account_id=sandbox.account("kim_uji")["id"])
    page = client.get(path.replace("code=AQ", "code=BQ"), follow_redirects=True).text
    assert "Sambungan ke Instagram ditolak." in page
    assert db.session.scalars(select(Account)).all() == []


def test_a_lost_account_comes_back_as_itself(
    sandbox: SandboxProcess, make: Factory, chair: User, client: FlaskClient
) -> None:
    known = sandbox.account("kim_uji")
    kim = db.session.get_one(Kim, chair.kim_id)
    lost = make.account(kim, external_id=known["id"], handle="kim_uji", state=AccountState.EXPIRED, problem="Terputus.")
    client.get(allow_on_platform(leave(client, f"?akun={lost.id}"), account_id=known["id"]))
    account = one_account()
    assert (account.id, account.state, account.problem) == (lost.id, "connected", None)


def test_signing_in_as_somebody_else_does_not_replace_a_lost_account(
    sandbox: SandboxProcess, make: Factory, chair: User, client: FlaskClient
) -> None:
    kim = db.session.get_one(Kim, chair.kim_id)
    lost = make.account(kim, handle="kim_uji", state=AccountState.EXPIRED)
    path = allow_on_platform(leave(client, f"?akun={lost.id}"), account_id=sandbox.account("orang_lain")["id"])
    page = client.get(path, follow_redirects=True).text
    assert "Anda masuk sebagai orang_lain" in page
    assert one_account().state == AccountState.EXPIRED


def test_nobody_connects_for_another_kim(make: Factory, client: FlaskClient) -> None:
    kim = make.kim()
    account = make.account(kim)
    assert client.get(f"/akun/sambung/instagram?milik={kim.id}").status_code == 404
    assert client.get("/akun/sambung/instagram?milik=kota").status_code == 404
    assert client.get(f"/akun/sambung/instagram?akun={account.id}").status_code == 404
    assert client.get("/akun/sambung/snackvideo").status_code == 404
    assert client.get("/akun/sambung/lain").status_code == 404


class ManyAccounts:
    """A platform on which one sign-in brings several accounts."""

    by_hand = False
    asks = ()
    needs_app = True

    def leave(self, _http: object, _app: object, redirect_uri: str, state: str, *_args: object) -> Leaving:
        return Leaving(f"{redirect_uri}?state={state}&code=x")

    def exchange(self, *_args: object) -> list[Login]:
        return [Login("1", "halaman_satu", "rahasia-1"), Login("2", "halaman_dua", "rahasia-2")]


def test_when_one_sign_in_brings_several_accounts_the_person_chooses(
    make: Factory, chair: User, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "connectable", lambda _kind: ManyAccounts())
    state = leave(client).split("state=")[1].split("&")[0]
    page = client.get(f"/akun/kembali/instagram?state={state}&code=x").text
    assert "halaman_satu" in page
    assert "rahasia-1" not in page
    sealed = page.split('name="sealed" value="')[1].split('"')[0]
    changed = sealed[:60] + ("B" if sealed[60] == "A" else "A") + sealed[61:]
    stranger = make.signed_in(make.user(Role.CHAIR))
    for who, data in [
        (stranger, {"sealed": sealed, "akun": "1"}),
        (client, {"sealed": changed, "akun": "1"}),
        (client, {"sealed": sealed}),
    ]:
        who.post("/akun/kembali/instagram", data=data)
        assert db.session.scalars(select(Account)).all() == []
    client.post("/akun/kembali/instagram", data={"sealed": sealed, "akun": "1"})
    assert one_account().handle == "halaman_dua"


def test_a_person_can_renew_an_account_and_learns_when_it_is_lost(
    sandbox: SandboxProcess, chair: User, client: FlaskClient
) -> None:
    known = sandbox.account("kim_uji")
    client.get(allow_on_platform(leave(client), account_id=known["id"]))
    account = one_account()
    page = client.post(f"/akun/{account.id}/perpanjang", follow_redirects=True).text
    assert "belum diperpanjang: masih baru" in page
    with transaction():
        account = queries.get_account(account.id)
        account.token_sealed = desk().box.seal("tidak-dikenal")
        account.token_expires_at = clock.now() + timedelta(days=3)
        account.connected_at = clock.now() - timedelta(days=57)
    client.post(f"/akun/{account.id}/perpanjang")
    assert queries.get_account(account.id).state == AccountState.EXPIRED


@pytest.mark.parametrize("query", ["", "?milik=tidak-ada"])
def test_without_an_owner_the_page_that_asks_for_one_opens(make: Factory, query: str) -> None:
    client = make.signed_in(make.user(Role.ADMIN))
    for kind in ("telegram", "instagram"):
        answer = client.get(f"/akun/sambung/{kind}{query}")
        assert (answer.status_code, answer.location) == (303, "/akun/baru")
    assert "Pilih dulu akun ini milik siapa" in client.get("/akun/baru").text
