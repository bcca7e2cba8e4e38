"""Joins Flask-Login to our sessions, and gives pages what they say about the signed-in person."""

from typing import Any

from flask import Flask, request, session, url_for
from flask_login import LoginManager, current_user

from contentdesk.access.guards import STATIC_ENDPOINTS
from contentdesk.lib.db import transaction
from contentdesk.lib.desk import desk
from contentdesk.users import sessions


def setup(app: Flask) -> None:
    app.config["PERMANENT_SESSION_LIFETIME"] = sessions.LASTS
    app.config["SESSION_REFRESH_EACH_REQUEST"] = False  # a cached style sheet must not carry a cookie
    manager = LoginManager(app)
    manager.session_protection = None  # phones change their address all day
    manager.user_loader(_person_of)
    app.before_request(_note_use)
    app.context_processor(_page_values)


def _person_of(secret: str) -> sessions.SignedIn | None:
    return sessions.person_of(secret, desk().config.city)


def _note_use() -> None:
    if request.endpoint in STATIC_ENDPOINTS or not current_user.is_authenticated:
        return
    if sessions.is_use_worth_noting(current_user):
        with transaction():
            sessions.note_use(current_user)
        session.modified = True


def _page_values() -> dict[str, Any]:
    if not current_user or not current_user.is_authenticated:
        return {}
    return {
        "shared_phone": current_user.shared,
        "logout_url": url_for("users.sign_out"),
        "city_name": current_user.city_name,
        "me_group": current_user.kim_name or current_user.city_name,
    }
