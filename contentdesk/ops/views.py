"""Whether the service is well: for the process manager and for people who run it."""

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from contentdesk.access.guards import public
from contentdesk.lib import db
from contentdesk.lib.desk import desk

blueprint = Blueprint("ops", __name__)


@blueprint.get("/sehat")
@public
def health() -> ResponseReturnValue:
    """200 while the database answers. A lost queue is told, but pages still save without it."""
    return jsonify(database=db.is_alive(), queue=desk().bell.is_alive())
