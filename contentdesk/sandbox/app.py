"""The HTTP edge: /<host>/<path> goes to a platform, /_admin to the admin, / to people."""

import socket
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, abort, request, send_from_directory

from contentdesk.sandbox import gate, pages, webhooks
from contentdesk.sandbox.admin import admin_pages
from contentdesk.sandbox.background import Background
from contentdesk.sandbox.clock import Clock
from contentdesk.sandbox.platforms import PLATFORMS, by_host
from contentdesk.sandbox.settings import Settings
from contentdesk.sandbox.store import Store
from contentdesk.sandbox.wire import Call, World

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

DROP = "sandbox.drop"
METHODS = ["GET", "POST", "PUT", "DELETE"]
MOST_BODY = 320 * 1024 * 1024


def open_world(data: Path, stopping: threading.Event) -> World:
    media = data / "media"
    media.mkdir(parents=True, exist_ok=True)
    store = Store(data / "sandbox.db", tuple(platform.schema for platform in PLATFORMS))
    world = World(store, Clock(store), Settings(store), Background(store), media, stopping)
    for platform in PLATFORMS:
        platform.resume(world)
    threading.Thread(target=webhooks.keep_ringing, args=(world,), name="bells", daemon=True).start()
    return world


def create_app(world: World) -> Flask:
    app = Flask(__name__, static_url_path="/_static")
    app.config["MAX_CONTENT_LENGTH"] = MOST_BODY
    app.register_blueprint(admin_pages(world))
    app.register_blueprint(pages.people_pages(world))
    app.add_url_rule("/_media/<name>", "media", lambda name: send_from_directory(world.media, name))

    @app.route("/<host>/", defaults={"path": ""}, methods=METHODS)
    @app.route("/<host>/<path:path>", methods=METHODS)
    def platform(host: str, path: str) -> Response:
        return _platform(world, host, path)

    app.after_request(pages.guard)
    return app


def create_server_app(world: World) -> "WSGIApplication":
    """What is served: the app, with connections that can really be dropped."""
    return _dropping(create_app(world))


def _platform(world: World, host: str, path: str) -> Response:
    played = by_host(host)
    if played is None:
        abort(404)
    try:
        reply = gate.perform(played, _call(world, host, path))
    except gate.Dropped:
        request.environ[DROP] = True
        return Response()
    text, content_type = gate.as_text(reply)
    return Response(text, reply.status, reply.headers, content_type=content_type)


def _call(world: World, host: str, path: str) -> Call:
    is_form = (request.mimetype or "").startswith(("multipart/", "application/x-www-form-urlencoded"))
    raw = b"" if is_form else request.get_data()
    body = request.get_json(silent=True) if request.is_json else None
    form = request.form.to_dict()
    if isinstance(body, dict):
        form |= {name: _plain(value) for name, value in body.items()}
    return Call(
        world=world,
        host=host,
        method=request.method,
        path="/" + path,
        query=request.args.to_dict(),
        form=form,
        headers={name.title(): value for name, value in request.headers.items()},
        base_url=request.host_url.rstrip("/"),
        now=world.clock.now(),
        knobs=world.settings.now(),
        raw=raw,
        many=request.args.to_dict(flat=False),
        files={name: sent.read() for name, sent in request.files.items()},
    )


def _plain(value: Any) -> str:
    """JSON bodies may carry what a form writes as text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return ",".join(value)
    return str(value)


def _dropping(inner: "WSGIApplication") -> "WSGIApplication":
    """Closes the connection instead of replying: the server ends such a request without a word."""

    def outer(environ: "WSGIEnvironment", start_response: "StartResponse") -> "Iterable[bytes]":
        held: list[Any] = []

        def hold(*args: Any) -> Any:
            held.append(args)
            return lambda data: None

        body = inner(environ, hold)
        if environ.get(DROP):
            environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
            raise ConnectionAbortedError("dropped by a fault")
        start_response(*held[0])
        return body

    return outer
