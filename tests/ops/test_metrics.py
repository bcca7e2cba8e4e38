"""What Prometheus gets, read back by its own reader."""

from datetime import datetime, time, timedelta
from typing import Any

import pytest
import redis
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from contentdesk.access.permissions import Role
from contentdesk.channels.models import AccountState
from contentdesk.config import WrongSetting, from_env
from contentdesk.kim.models import Kim
from contentdesk.lib import clock
from contentdesk.lib.desk import desk
from contentdesk.ops import exposition
from contentdesk.publishing.states import DeliveryState as D
from tests.counting import statements
from tests.factories import Factory
from tests.ops.conftest import Planned, give_sign

TOKEN = "kunci-untuk-prometheus-1"
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
Figures = dict[tuple[str, tuple[str, ...]], float]


@pytest.fixture
def settings() -> dict[str, Any]:
    return {"metrics_token": TOKEN}


@pytest.fixture(autouse=True)
def afternoon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counters begin at midnight: what happened an hour ago is to be of today."""
    now = datetime.combine(clock.today(), time(15))
    monkeypatch.setattr(clock, "now", lambda: clock.from_wib(now))


def scrape(client: FlaskClient, token: str = TOKEN) -> Figures:
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/plain; version=0.0.4")
    return {
        (sample.name.removeprefix("contentdesk_"), tuple(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_states_what_is_due_and_what_is_late_are_gauges(client: FlaskClient, planned: Planned) -> None:
    planned(-HOUR)
    planned(MINUTE / 2)
    planned(10 * MINUTE)
    planned(20 * MINUTE, D.HANDED_OVER)
    planned(HOUR, D.UNKNOWN, intent_at=clock.now() - HOUR)
    planned(HOUR, D.CANCELLED)
    found = scrape(client)
    assert found["deliveries", ("waiting",)] == 3
    assert found["deliveries", ("unknown",)] == 1
    assert found["deliveries", ("held",)] == 0
    assert ("deliveries", ("cancelled",)) not in found
    assert found["deliveries_due", ()] == 3
    assert found["deliveries_late", ("engine",)] == 1
    assert found["deliveries_late", ("member",)] == 1
    assert found["deliveries_late_oldest_seconds", ("engine",)] == pytest.approx(600, abs=1)
    assert found["deliveries_late_oldest_seconds", ("account",)] == 0


def test_what_came_of_them_today_is_counted_by_platform(
    client: FlaskClient, make: Factory, kim: Kim, published: Planned, ended: Planned
) -> None:
    other = make.account(kim, "facebook")
    for late in (0.2, 1.0, 4.0, 7000.0):
        published(3 * HOUR, late)
    published(2 * DAY, 0.2)
    published(HOUR, 0.2, other)
    ended(HOUR, "failed", other)
    ended(2 * DAY, "failed", other)
    ended(HOUR, "expired", other)
    found = scrape(client)
    assert found["deliveries_published_total", ("instagram",)] == 4
    assert found["deliveries_failed_total", ("instagram",)] == 0
    assert found["deliveries_failed_total", ("facebook",)] == 1
    assert found["deliveries_expired_total", ("facebook",)] == 1
    assert found["deliveries_published_total", ("telegram",)] == 0
    lateness = {
        key[1][0]: value
        for key, value in found.items()
        if key[0] == "delivery_lateness_seconds_bucket" and key[1][1] == "instagram"
    }
    assert [lateness[end] for end in ("1.0", "2.0", "5.0", "3600.0", "+Inf")] == [2, 2, 3, 3, 4]
    assert found["delivery_lateness_seconds_count", ("instagram",)] == 4
    assert found["delivery_lateness_seconds_sum", ("instagram",)] == pytest.approx(7005.2, abs=0.01)


def test_by_hand_is_counted_and_has_no_lateness(client: FlaskClient, planned: Planned) -> None:
    planned(HOUR, D.SENT, sent_at=clock.now())
    found = scrape(client)
    assert found["deliveries_published_total", ("instagram",)] == 1
    assert found["delivery_lateness_seconds_count", ("instagram",)] == 0


def test_signs_of_life_and_the_queue(client: FlaskClient, make: Factory, kim: Kim) -> None:
    make.account(kim, state=AccountState.EXPIRED)
    desk().bell.ring("publish", "workers.publish.run", "x")
    give_sign("worker", "worker")
    give_sign("lama", at=clock.now() - HOUR)
    found = scrape(client)
    assert found["queue_jobs", ("publish",)] == 1
    assert found["processes_alive", ("worker",)] == 2
    assert found["processes_alive", ("beat",)] == 0
    assert ("heartbeat_age_seconds", ("beat",)) not in found
    assert found["heartbeat_age_seconds", ("worker",)] == pytest.approx(0, abs=1)
    assert found["heartbeat_age_seconds", ("lama",)] == pytest.approx(3600, abs=1)
    assert found["redis_up", ()] == 1
    assert found["accounts_stopped", ()] == 1


def test_without_redis_the_database_is_still_told(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    nobody = redis.Redis.from_url("redis://127.0.0.1:1")
    monkeypatch.setattr(desk().bell, "connection", nobody)
    found = scrape(client)
    assert found["redis_up", ()] == 0
    assert ("queue_jobs", ("publish",)) not in found
    assert found["deliveries_due", ()] == 0


@pytest.mark.parametrize(
    "said", [None, "", "Bearer", "Bearer ", f"Bearer {TOKEN}x", f"Basic {TOKEN}", TOKEN, "Bearer é"]
)
def test_another_token_gets_nothing(client: FlaskClient, said: str | None) -> None:
    answer = client.get("/metrics", headers={} if said is None else {"Authorization": said})
    assert answer.status_code == 401
    assert "contentdesk_" not in answer.text
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("settings", [{}])
def test_without_the_setting_there_is_no_such_page_even_for_an_admin(client: FlaskClient, make: Factory) -> None:
    for said in ("Bearer ", "Bearer", f"Bearer {TOKEN}"):
        assert client.get("/metrics", headers={"Authorization": said}).status_code == 404
    assert make.signed_in(make.user(Role.ADMIN)).get("/metrics").status_code == 404


def test_being_signed_in_is_no_token(make: Factory) -> None:
    assert make.signed_in(make.user(Role.ADMIN)).get("/metrics").status_code == 401


def test_it_is_no_visit(client: FlaskClient) -> None:
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"
    asked = " ".join(statements(lambda: client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})))
    assert "user_sessions" not in asked
    assert "UPDATE" not in asked


def test_it_asks_the_same_number_of_questions_however_much_there_is(
    client: FlaskClient, make: Factory, kim: Kim, planned: Planned, published: Planned, ended: Planned
) -> None:
    give_sign("beat", "publisher")
    few = len(statements(lambda: scrape(client)))
    for number in range(6):
        on = make.account(kim, "facebook", state=AccountState.EXPIRED if number % 2 else AccountState.CONNECTED)
        planned(number * MINUTE, on=on)
        planned(HOUR, D.UNKNOWN, intent_at=clock.now() - HOUR, on=on)
        published(HOUR, float(number), on)
        ended(HOUR, "failed", on)
    asked = statements(lambda: scrape(client))
    assert len(asked) == few
    assert sum(each.startswith("SELECT") for each in asked) == 6


def test_names_are_as_prometheus_wants_them(client: FlaskClient) -> None:
    text = exposition.text(desk().bell).decode()
    families = list(text_string_to_metric_families(text))
    assert len(families) > 9
    for family in families:
        assert family.name.startswith("contentdesk_")
        assert family.documentation
        ends = [sample.name for sample in family.samples]
        assert family.type != "counter" or all(name.endswith("_total") for name in ends)
        assert family.type == "counter" or not any(name.endswith("_total") for name in ends)


@pytest.mark.parametrize("token", ["pendek", "ada spasi di tengah sini ya", "é" * 30, "x" * 19, "x" * 25 + "\n"])
def test_a_token_that_is_easily_guessed_is_refused_at_start(tmp_path: Any, token: str) -> None:
    with pytest.raises(WrongSetting, match="METRICS_TOKEN") as refused:
        from_env({"DATA_DIR": str(tmp_path), "METRICS_TOKEN": token})
    assert token not in str(refused.value)


def test_a_token_is_read_and_not_shown(tmp_path: Any) -> None:
    config = from_env({"DATA_DIR": str(tmp_path), "METRICS_TOKEN": TOKEN})
    assert config.metrics_token == TOKEN
    assert TOKEN not in repr(config)
    assert from_env({"DATA_DIR": str(tmp_path)}).metrics_token == ""
