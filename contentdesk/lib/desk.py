"""What the edges (views, cli, workers) hand to services: settings, queue, seals, files, HTTP."""

from dataclasses import dataclass

from flask import current_app

from contentdesk.config import Config
from contentdesk.lib.crypto import Box
from contentdesk.lib.files import FileStore
from contentdesk.lib.http import Http
from contentdesk.lib.jobs import Bell

KEY = "contentdesk"


@dataclass(frozen=True)
class Desk:
    config: Config
    bell: Bell
    box: Box
    files: FileStore
    http: Http


def desk() -> Desk:
    """The desk of the running app."""
    found: Desk = current_app.extensions[KEY]
    return found
