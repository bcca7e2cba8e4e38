"""The bell on every page."""

from typing import Any

from flask import Flask, url_for
from flask_login import current_user

from contentdesk.notices import queries


def setup(app: Flask) -> None:
    app.context_processor(_page_values)


def _page_values() -> dict[str, Any]:
    if not current_user or not current_user.is_authenticated:
        return {}
    unread = queries.unread_count(current_user.id)
    return {"notices_url": url_for("notices.inbox"), "unread_notices": unread, "unread": unread}
