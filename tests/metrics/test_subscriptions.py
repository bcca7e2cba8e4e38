"""Platforms are asked to ring for each account, and ring for those alone: through the app, with the sandbox."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from werkzeug.serving import make_server

from contentdesk.access.permissions import Role
from contentdesk.channels import ringing, services, subscribing
from contentdesk.channels.abilities import Subscribed
from contentdesk.channels.base import Login
from contentdesk.channels.kinds import meta_webhooks
from contentdesk.channels.models import Account, AccountState, RingSubscription
from contentdesk.lib import clock
from contentdesk.lib.db import db, transaction
from contentdesk.lib.desk import desk
from contentdesk.metrics.models import HeardRing
from contentdesk.notices.models import Notice
from contentdesk.users.models import User
from tests.factories import Factory
from tests.servers import SandboxProcess, free_port, wait_until
from workers import accounts, subscriptions

SECRET = "rahasia-kota"
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    with SandboxProcess(tmp_path_factory.mktemp("platform")) as process:
        yield process


@pytest.fixture
def sandbox(platform: SandboxProcess) -> SandboxProcess:
    platform.admin("reset", {})
    return platform


@pytest.fixture
def settings(sandbox: SandboxProcess) -> dict[str, Any]:
    apps = dict.fromkeys(("facebook", "instagram", "youtube"), ("aplikasi-kota", SECRET))
    return {"platform_base_url": sandbox.url, "public_url": f"http://127.0.0.1:{free_port()}", "apps": apps}


@pytest.fixture
def served(app: Flask) -> Iterator[str]:
    url = desk().config.public_url
    server = make_server("127.0.0.1", int(url.rsplit(":", 1)[1]), app, threaded=True)
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield url
    server.shutdown()
    server.server_close()


@pytest.fixture
def chair(make: Factory) -> User:
    return make.user(Role.CHAIR)


def connected(chair: User, way: str, login: Login) -> Account:
    with transaction():
        return services.connect(chair, way, chair.kim_id, login, desk().box)


def page(sandbox: SandboxProcess, chair: User, **wishes: Any) -> tuple[Account, Account]:
    """A page, and the professional account that is linked to it."""
    made = sandbox.account("kim.a", platform="facebook", instagram="kim.a.ig", **wishes)
    scopes = tuple(made["scopes"])
    own = Login(made["id"], "KIM A", made["access_token"], scopes=scopes)
    through = {"page": "KIM A", "host": "graph.facebook.com"}
    linked = Login(
        made["instagram_id"], "kim.a.ig", made["access_token"], scopes=scopes, details=through, kind="instagram"
    )
    return connected(chair, "facebook", own), connected(chair, "facebook", linked)


def instagram(sandbox: SandboxProcess, chair: User) -> Account:
    made = sandbox.account("kim.b")
    login = Login(made["id"], "kim.b", made["access_token"], scopes=tuple(made["scopes"]))
    return connected(chair, "instagram", login)


def channel(sandbox: SandboxProcess, chair: User) -> Account:
    made = sandbox.account("kim.c", platform="youtube")
    return connected(chair, "youtube", Login(made["id"], "kim.c", made["access_token"]))


def row(account: Account) -> RingSubscription | None:
    db.session.rollback()
    return ringing.of(account)


def rings(account: Account) -> bool:
    return ringing.rings_now(row(account), clock.now())


def bell_in_dashboard(sandbox: SandboxProcess, url: str, app: str, told: str) -> None:
    wish = {"url": f"{url}/dering/{app}", "verify_token": meta_webhooks.verify_token(SECRET), "secret": SECRET}
    assert sandbox.admin("webhooks/callback", wish | {"app": app, "object": told})["echoed"]


def heard() -> int:
    db.session.rollback()
    return db.session.query(HeardRing).count()


def test_each_kind_of_account_gets_its_rings_and_no_other_is_rung_for(
    sandbox: SandboxProcess, served: str, chair: User
) -> None:
    bells = (("facebook", "page"), ("facebook", "instagram"), ("instagram", "instagram"))
    for app, told in bells:
        bell_in_dashboard(sandbox, served, app, told)
    own, linked = page(sandbox, chair)
    alone = instagram(sandbox, chair)
    wishes = [
        {"app": app, "object": told, "account_id": account.external_id, "post_id": "1"}
        for (app, told), account in zip(bells, (own, linked, alone), strict=True)
    ]
    assert [sandbox.admin("webhooks", wish)["statuses"] for wish in wishes] == [[], [], []]
    accounts.look_after(desk())
    assert [rings(one) for one in (own, linked, alone)] == [True] * 3
    assert [sandbox.admin("webhooks", wish)["statuses"] for wish in wishes] == [[200]] * 3
    assert heard() == 3
    accounts.look_after(desk())
    assert len(sandbox.calls("subscribed_apps", "POST")) == 3


def test_a_channel_is_confirmed_by_the_hub_and_asked_again_before_its_lease_ends(
    sandbox: SandboxProcess, served: str, chair: User
) -> None:
    sandbox.admin("settings", {"youtube_lease_s": 4000.0})
    account = channel(sandbox, chair)
    ring = {"account_id": account.external_id, "video_id": "aB3_x-9kLmN"}
    assert sandbox.admin("platforms/youtube/ring", ring) == {"statuses": []}
    accounts.look_after(desk())
    wait_until(lambda: rings(account))
    # The hub keeps it once our answer to its question has come back.
    wait_until(lambda: sandbox.admin("platforms/youtube/ring", ring) == {"statuses": [200]})
    assert heard() == 1
    kept = row(account)
    assert kept is not None
    assert kept.until is not None
    assert kept.again_at < kept.until <= clock.now() + timedelta(seconds=4000)
    assert ringing.due(clock.now()) == []
    assert ringing.due(kept.until - timedelta(minutes=10)) == [account.id]
    assert not ringing.rings_now(kept, kept.until)
    [asked] = sandbox.calls("/subscribe$", "POST")
    assert SECRET not in str(asked)


def test_a_hub_that_asks_nothing_back_is_asked_again_ever_later(sandbox: SandboxProcess, chair: User) -> None:
    """Nobody listens at our address here."""
    account = channel(sandbox, chair)
    waits = []
    for _round in range(3):
        subscriptions.step(account.id, desk())
        kept = row(account)
        assert kept is not None
        waits.append(round((kept.again_at - clock.now()) / HOUR))
        with transaction():
            db.session.get_one(RingSubscription, account.id).again_at = clock.now()
    assert waits == [1, 2, 4]
    assert not rings(account)


def test_a_question_that_is_faster_than_the_answer_counts(sandbox: SandboxProcess, chair: User) -> None:
    account, now = channel(sandbox, chair), clock.now()
    with transaction():
        asked = ringing.take(account.id, desk().box, now)
    assert asked
    with transaction():
        ringing.confirmed("youtube", account.external_id, 8 * HOUR, now)
    with transaction():
        ringing.keep(asked, Subscribed(5 * 24 * HOUR, asks_back=True), now)
    kept = row(account)
    assert kept is not None
    assert (kept.again_at, kept.until, kept.problem) == (now + 6 * HOUR, now + 8 * HOUR, None)


def test_a_refusal_is_noted_on_the_page_and_disturbs_nothing(
    sandbox: SandboxProcess, make: Factory, chair: User
) -> None:
    own, linked = page(sandbox, chair, scopes=["pages_show_list", "pages_manage_posts", "instagram_basic"])
    alone = instagram(sandbox, chair)
    sandbox.admin("faults", {"fault": "error", "code": 190, "subcode": 460, "path_regex": "subscribed_apps$"})
    accounts.look_after(desk())
    browser = make.signed_in(chair)
    assert "Izin memberi kabar dari halaman belum diberikan" in browser.get(f"/akun/{own.id}").text
    assert "Izin memberi kabar dari halaman belum diberikan" in browser.get(f"/akun/{linked.id}").text
    assert sandbox.calls(rf"{own.external_id}/subscribed_apps|me/subscribed_apps") == []
    states = {one.state for one in db.session.query(Account)}
    assert (states, db.session.query(Notice).count()) == ({AccountState.CONNECTED}, 0)
    later = clock.now() + 25 * HOUR
    assert set(ringing.due(later)) == {own.id, linked.id, alone.id}
    assert ringing.due(clock.now()) == []


def test_connecting_asks_at_once_and_closing_takes_it_back(sandbox: SandboxProcess, make: Factory, chair: User) -> None:
    own, linked = page(sandbox, chair)
    alone = instagram(sandbox, chair)
    accounts.look_after(desk())
    connected(chair, "instagram", services.login_of(alone, desk().box))
    assert ringing.due(clock.now()) == [alone.id]
    accounts.look_after(desk())
    browser = make.signed_in(chair)
    assert "langsung, sejak" in browser.get(f"/akun/{alone.id}").text
    for account in (own, linked, alone):
        browser.post(f"/akun/{account.id}/tutup")
        assert row(account) is None
    taken_back = [call["path"] for call in sandbox.calls("subscribed_apps$", "DELETE")]
    assert taken_back == [f"/v25.0/{one.external_id}/subscribed_apps" for one in (own, alone)]
    assert ringing.due(clock.now()) == []


def test_a_platform_that_refuses_to_let_go_stops_no_closing(
    sandbox: SandboxProcess, make: Factory, chair: User
) -> None:
    account = instagram(sandbox, chair)
    accounts.look_after(desk())
    sandbox.admin("faults", {"fault": "drop_before", "method": "DELETE"})
    make.signed_in(chair).post(f"/akun/{account.id}/tutup")
    db.session.expire_all()
    assert db.session.get_one(Account, account.id).state == AccountState.CLOSED


def test_a_slow_platform_keeps_the_others_for_the_next_round(
    sandbox: SandboxProcess, chair: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = instagram(sandbox, chair)
    with monkeypatch.context() as slow:
        slow.setattr(accounts, "NO_MORE_AFTER", timedelta(seconds=-1))
        accounts.look_after(desk())
    assert row(account) is None
    accounts.look_after(desk())
    assert rings(account)


def test_of_two_workers_one_asks(sandbox: SandboxProcess, chair: User) -> None:
    account = instagram(sandbox, chair)
    for expected in (True, False):
        with transaction():
            assert (ringing.take(account.id, desk().box, clock.now()) is not None) is expected


@pytest.mark.parametrize("settings", [{"platform_base_url": "", "apps": {"youtube": ("id", SECRET)}}])
def test_nothing_is_asked_for_where_no_platform_could_ring(make: Factory, chair: User) -> None:
    account = connected(chair, "youtube", Login("UC1234567890123456789012", "kim", "x"))
    subscriptions.step(account.id, desk())
    assert row(account) is None


def test_closing_a_page_does_not_silence_the_account_that_came_with_it(
    sandbox: SandboxProcess, served: str, make: Factory, chair: User
) -> None:
    """The subscription of the page stood for both."""
    bell_in_dashboard(sandbox, served, "facebook", "instagram")
    own, linked = page(sandbox, chair)
    accounts.look_after(desk())
    make.signed_in(chair).post(f"/akun/{own.id}/tutup")
    accounts.look_after(desk())
    wish = {"app": "facebook", "object": "instagram", "account_id": linked.external_id, "post_id": "1"}
    assert sandbox.admin("webhooks", wish)["statuses"] == [200]


def test_accounts_of_an_app_that_is_gone_keep_no_other_from_its_rings(sandbox: SandboxProcess, chair: User) -> None:
    for number in range(3):
        login = Login(f"UC123456789012345678901{number}", f"kanal{number}", "x")
        connected(chair, "youtube", login)
    account = instagram(sandbox, chair)
    left = {kind: keys for kind, keys in desk().config.apps.items() if kind != "youtube"}
    config = replace(desk().config, apps=left, platform_base_url="", public_url="https://kim.example")
    doors = subscribing.doors(replace(desk(), config=config))
    assert ringing.due(clock.now(), doors, limit=1) == [account.id]
