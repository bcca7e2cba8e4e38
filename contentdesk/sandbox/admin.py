"""The hand behind the stage: clock, settings, faults, accounts, and the records. Loopback only."""

import ipaddress
import json
import re
from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, abort, jsonify, request

from contentdesk.sandbox import calls, keeping, webhooks
from contentdesk.sandbox.faults import Faults, parse
from contentdesk.sandbox.platforms import by_name
from contentdesk.sandbox.published import published
from contentdesk.sandbox.settings import checked
from contentdesk.sandbox.wire import Acts, Platform, World


def admin_pages(world: World) -> Blueprint:
    pages = Blueprint("admin", __name__, url_prefix="/_admin")
    pages.before_request(_loopback_only)
    for kind in (ValueError, TypeError):
        pages.register_error_handler(kind, _wrong)
    pages.register_error_handler(KeyError, lambda error: (jsonify(error=f"{error} is missing"), 400))
    _add_controls(pages, world)
    _add_faults(pages, world)
    _add_people(pages, world)
    _add_posts(pages, world)
    _add_acts(pages, world)
    _add_records(pages, world)
    _add_webhooks(pages, world)
    return pages


def _loopback_only() -> None:
    """Also refuses what a proxy hands on for somebody else, and pages of other sites in a browser."""
    for address in (request.remote_addr or "", *request.headers.get("X-Forwarded-For", "").split(",")):
        if address.strip() and not _is_loopback(address.strip()):
            abort(403)
    origin = request.headers.get("Origin")
    if origin is not None and origin != request.host_url.rstrip("/"):
        abort(403)


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def _wrong(error: Exception) -> tuple[Response, int]:
    return jsonify(error=str(error)), 400


def _body() -> dict[str, Any]:
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise ValueError("the body wants a JSON object")
    return body


def _played(body: dict[str, Any]) -> Platform:
    platform = by_name(str(body.get("platform", "instagram")))
    if platform is None:
        raise ValueError(f"no platform {body.get('platform')!r}")
    return platform


def _add_controls(pages: Blueprint, world: World) -> None:
    @pages.route("/clock", methods=["GET", "POST"])
    def clock() -> Response:
        if request.method == "POST":
            world.clock.set_offset(float(_body()["offset_s"]))
        return jsonify(offset_s=world.clock.offset(), now=world.clock.now())

    @pages.route("/settings", methods=["GET", "POST"])
    def settings() -> Response:
        if request.method == "POST":
            world.settings.change(_body())
        return jsonify(asdict(world.settings.now()))

    @pages.post("/reset")
    def reset() -> Response:
        """Everything but the counters: an id never comes back for another post. The body: settings to begin with."""
        wished = checked(_body())
        with world.store.transaction():
            world.store.empty()
            world.settings.change(wished)
        for kept in world.media.iterdir():
            kept.unlink(missing_ok=True)
        return jsonify(ok=True)


def _add_faults(pages: Blueprint, world: World) -> None:
    faults = Faults(world.store)

    @pages.get("/faults")
    def show() -> Response:
        return jsonify(faults=faults.all())

    @pages.post("/faults")
    def add() -> Response:
        return jsonify(id=faults.add(parse(_body())))

    @pages.delete("/faults")
    def clear() -> Response:
        return jsonify(removed=faults.clear())


def _add_people(pages: Blueprint, world: World) -> None:
    @pages.get("/accounts")
    def accounts() -> Response:
        rows = world.store.rows("SELECT * FROM accounts ORDER BY platform, username")
        return jsonify(accounts=[dict(row) for row in rows])

    @pages.post("/accounts")
    def open_account() -> Response:
        body = _body()
        return jsonify(_played(body).open_account(world, body))

    @pages.delete("/accounts/<account_id>")
    def remove_account(account_id: str) -> Response:
        """As a person deletes it in the app. What it had published and who signed in stays in the records."""
        if not world.store.run("DELETE FROM accounts WHERE id = ?", account_id):
            raise ValueError(f"no account {account_id!r}; a # in an id is written %23")
        return jsonify(removed=1)

    @pages.post("/tokens/revoke")
    def revoke() -> Response:
        """All tokens of an account die; signing in again gives a good one."""
        body = _body()
        sql = "UPDATE tokens SET revoked = ? WHERE account_id = ? AND revoked IS NULL"
        return jsonify(revoked=world.store.run(sql, int(body.get("subcode", 460)), str(body["account_id"])))


def _add_posts(pages: Blueprint, world: World) -> None:
    @pages.post("/posts")
    def by_hand() -> Response:
        body = _body()
        return jsonify(_played(body).post_by_hand(world, body))

    @pages.delete("/posts/<post_id>")
    def remove(post_id: str) -> Response:
        """As a person deletes it in the app."""
        return jsonify(removed=world.store.run("DELETE FROM posts WHERE id = ?", post_id))

    @pages.post("/posts/<post_id>/comments")
    def write_comment(post_id: str) -> Response:
        """As somebody writes it in the app."""
        body = _body()
        return jsonify(keeping.write_comment(world, post_id, str(body["username"]), str(body["text"])))

    @pages.post("/posts/<post_id>/figures")
    def set_figures(post_id: str) -> Response:
        """From now on these figures stand there instead of the grown ones; the others go on growing."""
        figures = _body()
        if not all(type(value) is int and value >= 0 for value in figures.values()):
            raise ValueError("figures want whole numbers from 0")
        sql = "UPDATE posts SET figures = ? WHERE id = ?"
        return jsonify(changed=world.store.run(sql, json.dumps(figures), post_id))


def _add_acts(pages: Blueprint, world: World) -> None:
    @pages.post("/platforms/<name>/<what>")
    def act(name: str, what: str) -> Response:
        """What a person does in the app of a platform that has such acts."""
        body = _body()
        platform = _played(body | {"platform": name})
        if not isinstance(platform, Acts):
            raise ValueError(f"{name} has no acts")
        return jsonify(platform.act(world, what, body))


def _add_records(pages: Blueprint, world: World) -> None:
    @pages.get("/calls")
    def book() -> Response:
        asked = {name: request.args.get(name, "") for name in ("host", "path", "method")}
        try:
            found = calls.listing(world.store, **asked | {"method": asked["method"].upper()})
        except re.error as error:
            raise ValueError(f"path: {error}") from error
        return jsonify(calls=found)

    @pages.get("/published")
    def public() -> Response:
        return jsonify(posts=published(world, int(request.args.get("most", "1000"))))


def _add_webhooks(pages: Blueprint, world: World) -> None:
    @pages.post("/webhooks")
    def ring() -> Response:
        return jsonify(webhooks.send(world, _body()))

    @pages.post("/webhooks/callback")
    def callback() -> Response:
        return jsonify(webhooks.keep_callback(world, _body()))

    @pages.post("/webhooks/handshake")
    def handshake() -> Response:
        return jsonify(webhooks.shake_hands(_body()))
