"""The demo with the practice platforms beside it: loaded anew, or one loaded before and copied."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from contentdesk.app import create_app
from contentdesk.config import Config
from contentdesk.demo import services as demo
from contentdesk.lib import ids
from contentdesk.lib.db import db, transaction
from contentdesk.lib.desk import Desk, desk
from tests.conftest import KEY
from tests.databases import run, sibling
from tests.servers import SandboxProcess


def load(at: Desk, url: str | None) -> None:
    with transaction():
        demo.load(at, url)


@pytest.fixture
def settings(platforms: SandboxProcess) -> dict[str, Any]:
    return {"platform_base_url": platforms.reset().url, "practice": True}


@pytest.fixture
def at(app: Flask) -> Desk:
    return desk()


@dataclass(frozen=True)
class Practice:
    """A database with the demo in it, to be copied."""

    folder: Path
    sandbox: SandboxProcess
    server: str | None
    """The PostgreSQL server's address, or None for SQLite."""
    template: str

    @contextmanager
    def copied(self, folder: Path) -> Iterator[str]:
        if self.server is None:
            yield f"sqlite:///{shutil.copy(self.template, folder / 'desk.db')}"
            return
        name = f"t{ids.new()}"
        run(self.server, f"CREATE DATABASE {name} TEMPLATE {self.template}")
        yield sibling(self.server, name)
        run(self.server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def practice(
    migrated: str, postgres: str | None, valkey: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Practice]:
    folder = tmp_path_factory.mktemp("practice")
    with SandboxProcess(folder) as sandbox:
        template = "template_practice" if postgres else str(folder / "template.db")
        if postgres:
            run(postgres, f"CREATE DATABASE {template} TEMPLATE {migrated}")
        else:
            shutil.copy(migrated, template)
        found = Practice(folder, sandbox, postgres, template)
        _load_into(found, valkey)
        yield found


def _load_into(practice: Practice, valkey: str) -> None:
    server, template = practice.server, practice.template
    url = sibling(server, template).replace("postgresql://", "postgresql+psycopg://") if server else None
    config = Config(
        data_dir=practice.folder,
        database_url=url or f"sqlite:///{template}",
        redis_url=valkey,
        public_url="http://127.0.0.1:8000",
        platform_base_url=practice.sandbox.url,
        practice=True,
        city="35.73",
        secret_keys=(KEY,),
    )
    with create_app(config).app_context():
        load(desk(), practice.sandbox.url)
        db.session.remove()
        db.engine.dispose()
    if server is None:
        with sqlite3.connect(template) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
