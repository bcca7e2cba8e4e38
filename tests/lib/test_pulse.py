"""Signs of life in a real Redis."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import redis

from contentdesk.lib import clock, pulse


@pytest.fixture
def connection(valkey: str) -> Iterator[redis.Redis]:
    found = redis.Redis.from_url(valkey)
    found.flushdb()
    pulse._signed.clear()
    yield found
    found.close()


def read(connection: redis.Redis) -> list[pulse.Sign]:
    return pulse.read(connection.zrevrange(pulse.KEY, 0, -1, withscores=True))


def test_who_signed_is_found_with_host_process_and_moment(connection: redis.Redis) -> None:
    before = clock.now()
    pulse.sign(connection, "beat")
    (found,) = read(connection)
    assert (found.who, found.pid) == ("beat", os.getpid())
    assert found.host
    assert before - timedelta(seconds=1) <= found.at <= clock.now()
    assert found.is_alive(clock.now())
    assert not found.is_alive(clock.now() + timedelta(minutes=3))


def test_signing_all_the_time_writes_now_and_then(connection: redis.Redis) -> None:
    pulse.sign(connection, "beat")
    connection.delete(pulse.KEY)
    pulse.sign(connection, "beat")
    assert read(connection) == []
    pulse.sign(connection, "worker")
    assert [each.who for each in read(connection)] == ["worker"]


def test_the_newest_comes_first_and_who_is_long_gone_is_forgotten(connection: redis.Redis) -> None:
    now = clock.now()
    for who, ago in (("lama", timedelta(days=2)), ("tadi", timedelta(hours=1))):
        connection.zadd(pulse.KEY, {f"{who}|mesin|1": (now - ago).timestamp()})
    pulse.sign(connection, "beat")
    assert [each.who for each in read(connection)] == ["beat", "tadi"]


def test_what_is_not_ours_is_left_out() -> None:
    assert pulse.read([(b"apa saja", 1.0), (b"a|b|c", 1.0), (b"beat|mesin|7", 0.0)]) == [
        pulse.Sign("beat", "mesin", 7, datetime.fromtimestamp(0, UTC))
    ]


def test_a_redis_that_is_away_stops_nobody() -> None:
    pulse._signed.clear()
    pulse.sign(redis.Redis.from_url("redis://127.0.0.1:1"), "beat")
