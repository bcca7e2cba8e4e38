"""Handing photos in, showing them to their KIM, and lending them to platforms."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request, send_file, url_for
from flask_login import current_user
from werkzeug.datastructures import FileStorage

from contentdesk.access.guards import needs, public
from contentdesk.access.permissions import Permission, allow
from contentdesk.lib.db import transaction
from contentdesk.lib.desk import desk
from contentdesk.lib.errors import NotFound
from contentdesk.lib.sentences import of_error
from contentdesk.media import links, queries, services
from contentdesk.media.checks import BadPhoto
from contentdesk.media.forms import read_photo
from contentdesk.media.models import Asset

blueprint = Blueprint("media", __name__)
KEPT = timedelta(days=365)
"""A photo never changes under its address, so the browser need not ask again."""


@blueprint.post("/foto")
@needs(Permission.POST_WRITE)
def upload() -> Any:
    """One photo in the field `photo`. JSON for who asks for it, else a piece of the composer's page."""
    try:
        stored = services.store_photo(read_photo(request.files.get("photo") or FileStorage()), desk().files)
    except BadPhoto as problem:
        return _refused(problem)
    with transaction():
        asset = services.keep_photo(current_user, current_user.kim_id, stored)
    if _wants_json():
        return jsonify(_told(asset)), 201
    return render_template("media/photo.html", asset=asset), 201


def _refused(problem: BadPhoto) -> Any:
    sentence = of_error(problem)
    status = 413 if problem.status == 413 else 422
    if _wants_json():
        return jsonify(error=sentence), status
    return render_template("media/problem.html", sentence=sentence), status


def _wants_json() -> bool:
    return request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"


def _told(asset: Asset) -> dict[str, Any]:
    return {
        "id": asset.id,
        "thumb": url_for("media.thumb", asset_id=asset.id),
        "preview": url_for("media.preview", asset_id=asset.id),
        "width": asset.width,
        "height": asset.height,
    }


@blueprint.get("/foto/<asset_id>/kecil")
@needs(Permission.POST_READ)
def thumb(asset_id: str) -> Response:
    return _shown(_allowed(asset_id).thumb_sha256)


@blueprint.get("/foto/<asset_id>/sedang")
@needs(Permission.POST_READ)
def preview(asset_id: str) -> Response:
    return _shown(_allowed(asset_id).preview_sha256)


def _allowed(asset_id: str) -> Asset:
    asset = queries.get_asset(asset_id)
    allow(current_user, Permission.POST_READ, asset)
    return asset


def _shown(sha256: str) -> Response:
    answer = _file(sha256)
    if answer is None:
        raise NotFound()
    answer.cache_control.public = False
    answer.cache_control.private = True
    answer.cache_control.no_cache = None
    answer.cache_control.max_age = int(KEPT.total_seconds())
    answer.cache_control.immutable = True
    return answer


@blueprint.get("/m/<token>.jpg")
@public
def shared(token: str) -> Response:
    """For platforms: no cookie, no page around the failure."""
    sha256 = links.shared_sha256(token, desk().config.secret_keys)
    answer = _file(sha256) if sha256 else None
    if answer is None:
        return Response("not found", 404, mimetype="text/plain")
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


def _file(sha256: str) -> Response | None:
    """Answers HEAD, ranges and "not changed"; None when the store has no such file."""
    path = desk().files.path_of(sha256, services.JPEG)
    if not path.is_file():
        return None
    return send_file(path, mimetype="image/jpeg", conditional=True, etag=sha256)
