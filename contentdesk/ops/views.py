"""Whether the service is well: for the process manager and for people who run it."""

import hmac

from flask import Blueprint, Response, abort, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from contentdesk.access.guards import needs, public
from contentdesk.access.permissions import Permission
from contentdesk.lib import clock, db
from contentdesk.lib.desk import desk
from contentdesk.ops import exposition
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


@blueprint.get("/metrics")
@public
def metrics() -> ResponseReturnValue:
    """For Prometheus, which says the token of the settings; without that setting there is no such page."""
    token = desk().config.metrics_token
    if not token:
        abort(404)
    if not hmac.compare_digest(request.headers.get("Authorization", "").encode(), f"Bearer {token}".encode()):
        return Response("401\n", 401, {"WWW-Authenticate": "Bearer"}, content_type="text/plain")
    return Response(exposition.text(desk().bell), content_type=exposition.TYPE)
