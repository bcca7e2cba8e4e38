"""A webhook only rings: signed, once, harmless; the truth is read from the platform."""

import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
import redis
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from contentdesk.channels import registry
from contentdesk.channels.abilities import Event
from contentdesk.channels.models import Account
from contentdesk.kim.models import Kim
from contentdesk.lib import clock
from contentdesk.lib.db import db, transaction
from contentdesk.lib.desk import desk
from contentdesk.metrics import queries, rings, services
from contentdesk.metrics.models import HeardRing
from contentdesk.publishing.models import Delivery
from contentdesk.publishing.states import DeliveryState
from tests.factories import Factory
from tests.metrics.made import sent_delivery

SECRET = "rahasia-aplikasi"
JOBS = "rq:queue:metrics"


class Ringing:
    """A channel whose bell is `<account> <post>`, signed with the app's secret."""

    kind, name, icon, by_hand, formats = "bunyi", "Bunyi", "bell", False, ()

    def handshake(self, secret: str, query: Mapping[str, str]) -> str | None:
        return query["tanya"] if query.get("kunci") == secret else None

    def events(self, secret: str, headers: Mapping[str, str], raw: bytes, now: datetime) -> Sequence[Event] | None:
        if not hmac.compare_digest(headers.get("X-Sign", ""), sign(raw, secret)):
            return None
        account, post, kind = [*raw.decode().split(), "", "", ""][:3]
        return [Event(account, post or None, kind)]


def sign(raw: bytes, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), raw, "sha256").hexdigest()


@pytest.fixture
def settings() -> dict[str, Any]:
    return {"apps": {"bunyi": ("id", SECRET)}}


@pytest.fixture(autouse=True)
def _channel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "KINDS", {**registry.KINDS, "bunyi": Ringing()})


@pytest.fixture
def delivery(app: Flask, make: Factory) -> Delivery:
    kim = make.kim()
    account = make.account(kim, "bunyi", external_id="a1")
    found = sent_delivery(make, kim, account=account, external_id="p1", next_at=clock.now() - timedelta(hours=2))
    with transaction():
        services.start_missing(queries.sent_without_row(clock.now() - timedelta(days=1)))
    put_off(found)
    return found


def ring(client: FlaskClient, raw: bytes = b"a1 p1", signature: str | None = None) -> int:
    headers = {"X-Sign": sign(raw) if signature is None else signature}
    return client.post("/dering/bunyi", data=raw, headers=headers).status_code


def due_in(delivery: Delivery) -> timedelta:
    db.session.expire_all()
    row = queries.latest(delivery.id)
    assert row is not None
    assert row.poll_at is not None
    return row.poll_at - clock.now()


def jobs() -> int:
    return desk().bell.queue("metrics").count


def test_a_ring_has_the_figures_asked_for_at_once(client: FlaskClient, delivery: Delivery) -> None:
    assert ring(client) == 200
    assert due_in(delivery) <= timedelta()
    assert jobs() == 1


def test_the_same_ring_again_does_nothing_even_when_redis_lost_everything(
    client: FlaskClient, delivery: Delivery
) -> None:
    ring(client)
    put_off(delivery)
    desk().bell.connection.flushdb()
    assert ring(client) == 200
    assert due_in(delivery) > timedelta(hours=23)
    assert jobs() == 0


def test_a_ring_whose_work_failed_is_heard_when_it_comes_again(
    client: FlaskClient, delivery: Delivery, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.application.config["PROPAGATE_EXCEPTIONS"] = False
    with monkeypatch.context() as broken:
        broken.setattr(rings, "_ask_sooner", _broken)
        assert ring(client) == 500
    assert due_in(delivery) > timedelta(hours=23)
    assert ring(client) == 200
    assert due_in(delivery) <= timedelta()


def _broken(*_: object) -> bool:
    raise OperationalError("update", {}, Exception("disk full"))


def test_a_platform_rings_for_an_account_of_another_channel(
    client: FlaskClient, make: Factory, delivery: Delivery
) -> None:
    kim = db.session.get_one(Account, delivery.account_id).kim_id
    other = make.account(db.session.get_one(Kim, kim), "tetangga", external_id="a1")
    assert ring(client, b"a1 p1 tetangga") == 200
    assert due_in(delivery) > timedelta(hours=23)
    with transaction():
        db.session.get_one(Delivery, delivery.id).account_id = other.id
    assert ring(client, b"a1 p1 tetangga ") == 200
    assert due_in(delivery) <= timedelta()


def test_what_no_platform_repeats_any_more_is_forgotten(client: FlaskClient, delivery: Delivery) -> None:
    ring(client)
    for ahead, left in ((timedelta(days=3), 1), (timedelta(days=5), 0)):
        with transaction():
            rings.forget_old(clock.now() + ahead)
        assert db.session.query(HeardRing).count() == left


def put_off(delivery: Delivery) -> None:
    with transaction():
        row = queries.latest(delivery.id)
        assert row is not None
        row.poll_at = clock.now() + timedelta(days=1)


def test_a_wrong_signature_rings_nothing(client: FlaskClient, delivery: Delivery) -> None:
    assert [ring(client, signature=bad) for bad in ("", "x", sign(b"a1 p2"), sign(b"a1 p1", "lain"))] == [403] * 4
    assert due_in(delivery) > timedelta(hours=23)
    assert jobs() == 0


def test_what_was_asked_a_moment_ago_is_not_asked_again(client: FlaskClient, delivery: Delivery) -> None:
    with transaction():
        row = queries.latest(delivery.id)
        assert row is not None
        row.asked_at = clock.now() - timedelta(seconds=20)
    assert ring(client) == 200
    assert due_in(delivery) > timedelta(hours=23)


def test_an_account_or_post_that_is_not_ours_is_nothing(client: FlaskClient, delivery: Delivery) -> None:
    assert [ring(client, raw) for raw in (b"a2 p1", b"a1 p9", b"a1", b"")] == [200] * 4
    assert due_in(delivery) > timedelta(hours=23)
    assert jobs() == 0


def test_an_open_outcome_is_looked_at_sooner(client: FlaskClient, delivery: Delivery) -> None:
    with transaction():
        row = db.session.get_one(Delivery, delivery.id)
        row.state, row.next_at = DeliveryState.ACCEPTED, clock.now() + timedelta(hours=1)
    ring(client, b"a1")
    db.session.expire_all()
    assert db.session.get_one(Delivery, delivery.id).next_at <= clock.now()


def test_the_platform_is_told_that_the_address_is_ours(client: FlaskClient) -> None:
    good = client.get("/dering/bunyi", query_string={"tanya": "1158201444", "kunci": SECRET})
    assert (good.status_code, good.text) == (200, "1158201444")
    assert client.get("/dering/bunyi", query_string={"tanya": "1", "kunci": "x"}).status_code == 403


def test_only_channels_that_ring_have_a_bell(client: FlaskClient) -> None:
    assert client.post("/dering/tidakada", data=b"x").status_code == 404
    assert client.post("/dering/snackvideo", data=b"x").status_code == 404
    assert client.post("/dering/bunyi", data=b"x" * 1_000_001, headers={"X-Sign": "x"}).status_code == 413


def test_without_redis_it_still_rings(client: FlaskClient, delivery: Delivery, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk().bell.connection.connection_pool, "get_connection", _gone)
    assert ring(client) == 200
    assert due_in(delivery) <= timedelta()


def _gone(*_: object, **__: object) -> None:
    raise redis.ConnectionError("gone")
