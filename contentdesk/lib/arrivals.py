"""Tells a browser that what it sent has arrived, so that it may let go of its own copy.

A dead server, a lost line and a refusal leave that copy where it is: only the answer itself proves anything.
"""

import re

from flask import Response, request, session

FIELD, COOKIE = "kiriman", "tersimpan"
TOKEN = re.compile(r"[a-z0-9]{8,40}")
LIVES_S = 120


def confirm(response: Response) -> Response:
    """After each request: the word that came with a form goes back with the answer that leads on from it."""
    word = _word() if response.status_code == 303 else ""
    if TOKEN.fullmatch(word) and not _refused():
        # Not for HTTP alone: the page's script reads it.
        response.set_cookie(COOKIE, word, max_age=LIVES_S, samesite="Lax", secure=request.is_secure)
    return response


def _word() -> str:
    """Only out of a form that was read already: one that was refused for its size or its sender stays unread."""
    form = vars(request).get("form")  # where werkzeug keeps it; asking for `request.form` would read it
    return str(form.get(FIELD, "")) if form else ""


def _refused() -> bool:
    return any(category == "error" for category, _said in session.get("_flashes", ()))
