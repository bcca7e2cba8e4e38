from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from contentdesk.access.permissions import Role
from contentdesk.lib import clock
from contentdesk.lib.http import Http
from contentdesk.users.models import User
from tests.channels.line import Line, login_of, photos_on
from tests.channels.scripted import ScriptedPlatform
from tests.factories import Factory
from tests.servers import MediaServer, SandboxProcess


@pytest.fixture
def sandbox(platforms: SandboxProcess) -> SandboxProcess:
    """Empty again for each test."""
    return platforms.reset()


@pytest.fixture(scope="session")
def media_running() -> Iterator[MediaServer]:
    server = MediaServer()
    yield server
    server.stop()


@pytest.fixture
def media(media_running: MediaServer) -> MediaServer:
    media_running.files.clear()
    media_running.asked.clear()
    return media_running


@pytest.fixture
def scripted() -> Iterator[ScriptedPlatform]:
    server = ScriptedPlatform()
    yield server
    server.stop()


@pytest.fixture
def line(sandbox: SandboxProcess, media: MediaServer) -> Line:
    """One photo with a text for an account of the sandbox."""
    login = login_of(sandbox.account(followers=2400))
    return Line(Http(sandbox.url), login, photos_on(media, 1))


@pytest.fixture
def carousel(sandbox: SandboxProcess, media: MediaServer) -> Line:
    login = login_of(sandbox.account(followers=2400))
    return Line(Http(sandbox.url), login, photos_on(media, 3))


class Later:
    """Moves our own clock on; the sandbox has another one."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        true, self._ahead = clock.now, timedelta()
        monkeypatch.setattr(clock, "now", lambda: true() + self._ahead)

    def __call__(self, step: timedelta) -> None:
        self._ahead += step

    def back(self) -> None:
        """To the true time, which is the sandbox's."""
        self._ahead = timedelta()


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Later:
    return Later(monkeypatch)


@pytest.fixture
def chair(make: Factory) -> User:
    return make.user(Role.CHAIR)


@pytest.fixture
def client(make: Factory, chair: User) -> FlaskClient:
    """The chair's browser."""
    return make.signed_in(chair)
