"""Beat and workers say that they are there."""

from collections.abc import Iterator

import pytest
from flask import Flask

from contentdesk.lib import pulse
from contentdesk.lib.desk import desk
from contentdesk.ops import signs
from workers import beat
from workers.run import SeenWorker


@pytest.fixture(autouse=True)
def unsigned(app: Flask) -> Iterator[None]:
    pulse._signed.clear()
    yield
    pulse._signed.clear()


def who_is_there() -> list[str]:
    found = signs.read(desk().bell)
    assert found
    return [each.who for each in found.pulses]


def test_a_round_of_the_beat_leaves_a_sign() -> None:
    beat._one_round()
    assert who_is_there() == ["beat"]


@pytest.mark.parametrize(("queue", "who"), [("metrics", "worker"), ("media", "videos")])
def test_a_worker_leaves_a_sign_whenever_rq_hears_of_it(queue: str, who: str) -> None:
    bell = desk().bell
    SeenWorker([bell.queue(queue)], connection=bell.connection).heartbeat()
    assert who_is_there() == [who]
