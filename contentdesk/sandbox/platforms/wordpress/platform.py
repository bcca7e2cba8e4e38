"""Which path leads where. With `wordpress_plain` the site has no readable addresses, only `?rest_route=`."""

from types import MappingProxyType
from typing import Any

from contentdesk.sandbox import keeping
from contentdesk.sandbox.platforms.wordpress import errors, library, posts, users
from contentdesk.sandbox.routes import lead, page_of, routes
from contentdesk.sandbox.wire import Call, Failure, Reply, World


def index(call: Call) -> Reply:
    return Reply({"name": "Blog latihan", "url": f"https://{call.host}", "namespaces": ["oembed/1.0", "wp/v2"]})


ROUTES = routes(
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


class WordPress:
    name = "wordpress"
    title = "WordPress"
    hosts = frozenset(users.HOSTS)
    schema = library.SCHEMA + posts.SCHEMA
    keys = MappingProxyType(
        {"Alamat situs": "{site}", "Nama pengguna": "{username}", "Kata sandi aplikasi": "{access_token}"}
    )

    def answer(self, call: Call) -> Reply:
        route = self._route(call)
        if route is None:
            return self._page(call)
        reply = lead(call, ROUTES, route)
        if reply is None:
            raise errors.refuse(call, "rest_no_route", 404)
        return reply

    def _route(self, call: Call) -> str | None:
        """The route of the interface that is meant; None: a page for people."""
        if call.path in ("/", "/index.php") and "rest_route" in call.query:
            return call.query["rest_route"]
        if call.path.startswith("/wp-json/") and not call.knobs.wordpress_plain:
            return call.path.removeprefix("/wp-json")
        return None

    def _page(self, call: Call) -> Reply:
        link = f"https://{call.host}{call.path}"
        return page_of(call, lambda post: post["permalink"] == link)

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


PLATFORM = WordPress()
