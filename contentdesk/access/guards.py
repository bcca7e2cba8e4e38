"""Every endpoint says who may call it; one that says nothing is closed."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, abort, current_app, redirect, request, url_for
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
        return redirect(url_for("users.sign_in", next=_path_to_return_to()))
    if not somewhere(current_user, Permission(access)):
        raise NotPermitted()
    return None


def _path_to_return_to() -> str | None:
    return request.full_path.rstrip("?") if request.method == "GET" and request.path != "/" else None
