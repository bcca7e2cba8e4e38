"""The band on the pages of everybody whom an active hold concerns."""

from typing import Any

from flask import Flask
from flask_login import current_user

from contentdesk.access.permissions import Permission, scope, somewhere
from contentdesk.publishing import hold_lists, hold_wording


def setup(app: Flask) -> None:
    app.context_processor(_page_values)


def _page_values() -> dict[str, Any]:
    if not current_user or not current_user.is_authenticated or not somewhere(current_user, Permission.POST_READ):
        return {}
    active = hold_lists.active(scope(current_user, Permission.POST_READ))
    return {"holds_in_force": [hold_wording.held(one) for one in active]}
