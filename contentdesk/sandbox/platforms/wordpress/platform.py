"""Which path leads where. With `wordpress_plain` the site has no readable addresses, only `?rest_route=`."""

import re
from collections.abc import Callable
from typing import Any

from flask import render_template

from contentdesk.sandbox import keeping
from contentdesk.sandbox.platforms.wordpress import errors, library, posts, users
from contentdesk.sandbox.published import published
from contentdesk.sandbox.wire import Call, Failure, Refused, Reply, World

Handler = Callable[..., Reply]


def index(call: Call) -> Reply:
    return Reply({"name": "Blog latihan", "url": f"https://{call.host}", "namespaces": ["oembed/1.0", "wp/v2"]})


ROUTES: tuple[tuple[str, re.Pattern[str], Handler], ...] = tuple(
    (method, re.compile(pattern), handler)
    for method, pattern, handler in (
        ("GET", r"/", index),
        ("GET", r"/wp/v2/users/me", users.me),
        ("POST", r"/wp/v2/media", library.upload),
        ("POST", r"/wp/v2/media/(\d+)", library.describe),
        ("GET", r"/wp/v2/(categories|tags)", library.terms),
        ("POST", r"/wp/v2/(categories|tags)", library.make_term),
        ("GET", r"/wp/v2/posts", posts.listing),
        ("POST", r"/wp/v2/posts", posts.create),
        ("GET", r"/wp/v2/posts/(\d+)", posts.one),
        ("POST", r"/wp/v2/posts/(\d+)", posts.change),
        ("DELETE", r"/wp/v2/posts/(\d+)", posts.delete),
        ("GET", r"/wp/v2/comments", posts.comments),
    )
)


class WordPress:
    name = "wordpress"
    hosts = frozenset(users.HOSTS)
    schema = library.SCHEMA + posts.SCHEMA

    def answer(self, call: Call) -> Reply:
        route = self._route(call)
        if route is None:
            return self._page(call)
        for method, pattern, handler in ROUTES:
            found = pattern.fullmatch(route)
            if found and method == call.method:
                return handler(call, *found.groups())
        raise errors.refuse(call, "rest_no_route", 404)

    def _route(self, call: Call) -> str | None:
        """The route of the interface that is meant; None: a page for people."""
        if call.path in ("/", "/index.php") and "rest_route" in call.query:
            return call.query["rest_route"]
        if call.path.startswith("/wp-json/") and not call.knobs.wordpress_plain:
            return call.path.removeprefix("/wp-json")
        return None

    def _page(self, call: Call) -> Reply:
        link = f"https://{call.host}{call.path}"
        post = next((post for post in published(call.world) if post["permalink"] == link), None)
        if post is None:
            raise Refused(Reply(render_template("no_post.html"), 404))
        return Reply(render_template("post.html", post=post))

    def failure(self, call: Call, failure: Failure) -> Reply:
        return errors.ordered(call, failure)

    def usage(self, call: Call) -> dict[str, str]:
        return {}

    def resume(self, world: World) -> None:
        """Nothing here goes on after the reply."""

    def open_account(self, world: World, wishes: dict[str, Any]) -> dict[str, Any]:
        return users.open_with_password(world, wishes)

    def post_by_hand(self, world: World, wishes: dict[str, Any]) -> dict[str, Any]:
        return posts.by_hand(world, wishes)

    def figures(self, world: World, post_id: str) -> dict[str, int]:
        known = keeping.figures_of(world, post_id)
        return {"comments": known["comments"]}
