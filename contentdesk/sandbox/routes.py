"""Which path leads where on a platform, and the page of a post for people."""

import re
from collections.abc import Callable
from typing import Any

from flask import render_template

from contentdesk.sandbox.published import published
from contentdesk.sandbox.wire import Call, Refused, Reply

Handler = Callable[..., Reply]
Routes = tuple[tuple[str, re.Pattern[str], Handler], ...]


def routes(*lines: tuple[str, str, Handler]) -> Routes:
    """Method, pattern of the whole path, and what answers; its groups are handed to that."""
    return tuple((method, re.compile(pattern), handler) for method, pattern, handler in lines)


def lead(call: Call, known: Routes, path: str) -> Reply | None:
    """What the first route that fits answers. None: there is none, which each platform says in its own words."""
    for method, pattern, handler in known:
        found = pattern.fullmatch(path)
        if found and method == call.method:
            return handler(call, *found.groups())
    return None


def page_of(call: Call, is_meant: Callable[[dict[str, Any]], bool]) -> Reply:
    """The newest post that is meant, as people see it."""
    post = next((post for post in published(call.world) if is_meant(post)), None)
    if post is None:
        raise Refused(Reply(render_template("no_post.html"), 404))
    return Reply(render_template("post.html", post=post))
