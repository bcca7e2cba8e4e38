"""Handing photos and videos in, showing them to their KIM, and lending them to platforms."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request, send_file, url_for
from flask_login import current_user
from werkzeug.datastructures import FileStorage

from contentdesk.access.guards import needs, public
from contentdesk.access.permissions import Permission, allow
from contentdesk.lib import clock
from contentdesk.lib.db import transaction
from contentdesk.lib.desk import desk
from contentdesk.lib.errors import NotFound
from contentdesk.lib.sentences import of_error
from contentdesk.media import links, probing, queries, services, videos
from contentdesk.media.checks import BadPhoto
from contentdesk.media.forms import read_photo
from contentdesk.media.models import Asset, AssetState
from contentdesk.media.preparing import ring

blueprint = Blueprint("media", __name__)
MIME_TYPES = {services.JPEG: "image/jpeg", videos.MP4: "video/mp4"}
FORM_AROUND = 1_000_000
"""What a form may hold beside the video."""
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


@blueprint.post("/video")
@needs(Permission.POST_WRITE)
def upload_video() -> Any:
    """One video: the body itself, or the field `video` of a form. Answers as `upload`."""
    try:
        videos.must_have_left(current_user, clock.now())
        field = request.files.get("video")
        stream, size = (field.stream, None) if field else (request.stream, request.content_length)
        received = videos.receive(stream, size, desk().files)
    except BadPhoto as problem:
        return _refused(problem)
    with transaction():
        asset = videos.keep_video(current_user, current_user.kim_id, received, desk().files)
    ring(desk().bell, asset)
    if _wants_json():
        return jsonify(_told(asset)), 201
    return render_template("media/video.html", asset=asset), 201


def take_only_what_fits() -> Any:
    """Before each request, and before its form is looked at: a video too large is refused without reading it."""
    if request.endpoint != "media.upload_video":
        return None
    request.max_content_length = probing.MAX_BYTES + FORM_AROUND
    if (request.content_length or 0) <= request.max_content_length:
        return None
    answer, status = _refused(probing.too_heavy(request.content_length or 0))
    return answer, status, {"Connection": "close"}


@blueprint.get("/video/<asset_id>/keadaan")
@needs(Permission.POST_READ)
def video_state(asset_id: str) -> Any:
    """A piece of a page that asks again by itself until the video is ready; till then nothing on it changes."""
    asset = _allowed(asset_id)
    if "tunggu" in request.args and asset.state == AssetState.PREPARING:
        return "", 204
    return render_template("media/video.html", asset=asset)


@blueprint.get("/video/<asset_id>.mp4")
@needs(Permission.POST_READ)
def play(asset_id: str) -> Response:
    """For the pages of members and reviewers; a platform gets an address of its own."""
    house = videos.house_of(_allowed(asset_id))
    if house is None:
        raise NotFound()
    return _shown(house.sha256, videos.MP4)


def _refused(problem: BadPhoto) -> Any:
    sentence = of_error(problem)
    status = problem.status if problem.status in {413, 429, 503} else 422
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
        "media": asset.media,
        "state": asset.state,
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


def _shown(sha256: str, suffix: str = services.JPEG) -> Response:
    answer = _file(sha256, suffix)
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
    return _lent(token, services.JPEG)


@blueprint.get("/m/<token>.mp4")
@public
def shared_video(token: str) -> Response:
    return _lent(token, videos.MP4)


def _lent(token: str, suffix: str) -> Response:
    sha256 = links.shared_sha256(token, desk().config.secret_keys)
    answer = _file(sha256, suffix) if sha256 else None
    if answer is None:
        return Response("not found", 404, mimetype="text/plain")
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


def _file(sha256: str, suffix: str) -> Response | None:
    """Answers HEAD, ranges and "not changed"; None when the store has no such file."""
    path = desk().files.path_of(sha256, suffix)
    if not path.is_file():
        return None
    return send_file(path, mimetype=MIME_TYPES[suffix], conditional=True, etag=sha256)
