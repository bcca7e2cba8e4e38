"""What is examined: the settings as far as they can be read, and lines to database and queue that give up soon."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

import redis
from flask import Flask

from contentdesk import models
from contentdesk.config import Config, WrongSetting, data_dir_of, from_env
from contentdesk.lib.crypto import new_key
from contentdesk.lib.db import db, prepare_engine

ANSWER_WITHIN_S = 3
NO_KEY = "SECRET_KEYS"


@dataclass(frozen=True)
class Ward:
    config: Config
    refused: Mapping[str, str] = field(default_factory=dict)
    """Sentence by name of the setting that is wrong; in its place the default was taken."""
    online: bool = False
    """Whether platforms may be asked for longer than a moment."""

    @cached_property
    def app(self) -> Flask:
        """Only the database, so that it can be built whatever else is broken. Opens no connection."""
        assert models.FEATURES
        app = Flask("contentdesk.doctor")
        is_local = self.config.database_url.startswith("sqlite")
        app.config["SQLALCHEMY_DATABASE_URI"] = self.database_url
        limits = {"check_same_thread": False} if is_local else {"connect_timeout": ANSWER_WITHIN_S}
        app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {"hide_parameters": True, "connect_args": limits}
        db.init_app(app)
        with app.app_context():
            prepare_engine(db.engine)
        return app

    @property
    def database_url(self) -> str:
        """On SQLite such that a missing file is not made."""
        path = self.sqlite_path
        if path is None:
            return self.config.database_url
        return f"sqlite:///file:{quote(str(path))}?mode=rw&uri=true"

    @property
    def sqlite_path(self) -> Path | None:
        scheme, _, path = self.config.database_url.partition(":///")
        return Path(path).absolute() if scheme == "sqlite" and path else None

    @cached_property
    def redis(self) -> redis.Redis:
        return redis.Redis.from_url(
            self.config.redis_url, socket_timeout=ANSWER_WITHIN_S, socket_connect_timeout=ANSWER_WITHIN_S
        )


def open_ward(env: Mapping[str, str] = os.environ, *, online: bool = False) -> Ward:
    """Reads the settings one after the other: one that is refused does not hide the others. Makes no folder, no key."""
    left, refused = dict(env), {}
    if trouble := _key_trouble(left):
        refused[NO_KEY] = trouble
        left[NO_KEY] = new_key()
    while True:
        try:
            return Ward(from_env(left), refused, online)
        except WrongSetting as error:
            name = str(error).partition(":")[0]
            if name not in left:
                raise
            refused[name] = str(error)
            left.pop(name)
            if name == NO_KEY:
                left[NO_KEY] = new_key()


def _key_trouble(env: Mapping[str, str]) -> str:
    """Reading the settings would make a key where there is none: then nothing sealed before could be opened."""
    path = data_dir_of(env) / "secret.key"
    if env.get(NO_KEY):
        return ""
    try:
        path.read_bytes()
    except FileNotFoundError:
        return f"Belum ada kunci di {path}."
    except OSError as error:
        return f"Kunci di {path} tidak dapat dibaca ({error.strerror})."
    return ""
