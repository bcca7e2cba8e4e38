"""The app as a worker or the web server gets it, built once before anything forks."""

from contentdesk.app import create_app
from contentdesk.config import from_env

app = create_app(from_env())
