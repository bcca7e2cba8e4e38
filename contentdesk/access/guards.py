"""Every endpoint says who may call it; one that says nothing is closed."""

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

from flask import Flask, abort, current_app, jsonify, make_response, redirect, request, url_for
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response

from contentdesk.access.permissions import Permission, somewhere
from contentdesk.lib.errors import NotPermitted

View = TypeVar("View", bound=Callable[..., Any])
PUBLIC = "public"
STATIC_ENDPOINTS = frozenset({"static"})
READING = frozenset({"GET", "HEAD", "OPTIONS"})
MOST_OF_A_STRANGER = 1_000_000
"""Bytes. The longest that comes from outside is a platform's webhook."""


def public(view: View) -> View:
    """Open to everyone, signed in or not."""
    view.access = PUBLIC  # type: ignore[attr-defined]  # a mark on the function, read by the gate
    return view


def needs(permission: Permission) -> Callable[[View], View]:
    """Open to signed-in people whose role has the permission at least for their own KIM."""

    def mark(view: View) -> View:
        view.access = permission  # type: ignore[attr-defined]  # a mark on the function, read by the gate
        return view

    return mark


def access_of(app: Flask, endpoint: str) -> Permission | str | None:
    """What the endpoint asks for; None: nobody said, so it is closed."""
    if endpoint in STATIC_ENDPOINTS:
        return PUBLIC
    return getattr(app.view_functions[endpoint], "access", None)


def take_little_from_strangers() -> Response | None:
    """Before each request, and before its form is looked at: who is not signed in fills no disk and no memory."""
    if request.method in READING or current_user.is_authenticated:
        return None
    request.max_content_length = MOST_OF_A_STRANGER
    if (request.content_length or 0) <= MOST_OF_A_STRANGER:
        return None
    answer = gate()  # whose session is over is led to signing in, and not told of a size
    if answer is not None:
        answer.headers["Connection"] = "close"
    return answer


def gate() -> Response | None:
    """Before each request."""
    if request.endpoint is None:
        return None
    access = access_of(current_app, request.endpoint)
    if access == PUBLIC:
        return None
    if access is None:
        abort(403)
    if not current_user.is_authenticated:
        return sign_in_first()
    if not somewhere(current_user, Permission(access)):
        raise NotPermitted()
    return None


def sign_in_first() -> Response:
    """To the sign-in page, which says so when a form was on its way."""
    if asks_for_a_part():
        return make_response(jsonify(error=gettext("Waktu masuk Anda habis. Buka halaman Masuk, lalu coba lagi.")), 401)
    sent = None if request.method in READING else 1
    return redirect(url_for("users.sign_in", next=_path_to_return_to(), terkirim=sent))


def asks_for_a_part() -> bool:
    """Whether a script asks: what it gets stands inside a page, so another page would make no sense there."""
    return "HX-Request" in request.headers or request.accept_mimetypes.best == "application/json"


def page_before() -> str | None:
    """The address this request came from, if it is one of ours and can be opened: some only take what is sent."""
    came_from = request.referrer or ""
    if not came_from.startswith(request.host_url):
        return None
    path = unquote(urlsplit(came_from).path).removeprefix(request.root_path)
    pages = current_app.create_url_adapter(request)
    return came_from if pages is not None and pages.test(path, "GET") else None


def _path_to_return_to() -> str | None:
    if request.method in READING:
        return request.full_path.rstrip("?") if request.path != "/" else None
    before = urlsplit(page_before() or "")
    return f"{before.path}?{before.query}".rstrip("?") or None
