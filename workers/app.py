"""The app as a worker or the web server gets it, built once, before anything forks, once the tables are there."""

from functools import cache

from flask import Flask

from contentdesk.app import create_app
from contentdesk.config import from_env
from contentdesk.lib import preparing


@cache
def app() -> Flask:
    config = from_env()
    built = create_app(config)
    preparing.wait(config.data_dir)
    return built
