"""The app as a worker or the web server gets it, built once, before anything forks."""

from functools import cache

from flask import Flask

from contentdesk.app import create_app
from contentdesk.config import from_env


@cache
def app() -> Flask:
    return create_app(from_env())
