from collections.abc import Iterator

import pytest

from contentdesk.lib.http import Http
from tests.channels.conftest import Later
from tests.real import processes
from tests.real.cutting import CutWire
from tests.real.processes import Blog


@pytest.fixture(scope="session")
def blog() -> Iterator[Blog]:
    with processes.wordpress() as started:
        yield started


@pytest.fixture(scope="session")
def pds() -> Iterator[str]:
    with processes.bluesky() as address:
        yield address


@pytest.fixture(scope="session")
def mock() -> Iterator[str]:
    with processes.mastodon_mock() as address:
        yield address


@pytest.fixture
def http() -> Http:
    """These servers are on this machine; the application's own Http refuses such addresses."""
    return Http(may_be_private=True)


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Later:
    return Later(monkeypatch)


@pytest.fixture
def wire() -> Iterator[CutWire]:
    """Its target is set by the test."""
    made = CutWire("")
    yield made
    made.stop()
