"""Whether the service is well: for the process manager and for people who run it."""

from flask import Blueprint, jsonify, render_template
from flask.typing import ResponseReturnValue

from contentdesk.access.guards import needs, public
from contentdesk.access.permissions import Permission
from contentdesk.lib import clock, db
from contentdesk.lib.desk import desk
from contentdesk.ops.engine import look

blueprint = Blueprint("ops", __name__)


@blueprint.get("/sehat")
@public
def health() -> ResponseReturnValue:
    """200 while the database answers. A lost queue is told, but pages still save without it."""
    return jsonify(database=db.is_alive(), queue=desk().bell.is_alive())


@blueprint.get("/mesin")
@needs(Permission.ENGINE_READ)
def engine() -> ResponseReturnValue:
    return render_template("ops/engine.html", engine=look(clock.now(), desk()))
