"""Which path leads where on Threads."""

from typing import Any

from contentdesk.sandbox.keeping import figures_of
from contentdesk.sandbox.platforms.instagram import accounts
from contentdesk.sandbox.platforms.instagram.errors import envelope, refuse
from contentdesk.sandbox.platforms.instagram.oauth import Door
from contentdesk.sandbox.platforms.threads import containers, publishing, reading
from contentdesk.sandbox.routes import lead, page_of, routes
from contentdesk.sandbox.wire import Call, Failure, Reply, World

DOOR = Door("threads", "/www.threads.net/oauth/authorize", "th", tells_scopes=False)
GRAPH_HOSTS = frozenset({"graph.threads.net", "graph.threads.com"})
WEB_HOSTS = frozenset({"www.threads.net", "www.threads.com", "threads.net", "threads.com"})
NODE = r"(me|\d+)"

GRAPH = routes(
    ("POST", r"/oauth/access_token", DOOR.code_to_token),
    ("GET", r"/access_token", DOOR.exchange),
    ("GET", r"/refresh_access_token", DOOR.refresh),
    ("POST", rf"/v1\.0/{NODE}/threads", containers.create),
    ("GET", rf"/v1\.0/{NODE}/threads", reading.posts),
    ("POST", rf"/v1\.0/{NODE}/threads_publish", publishing.publish),
    ("GET", rf"/v1\.0/{NODE}/threads_publishing_limit", publishing.limit),
    ("GET", rf"/v1\.0/{NODE}/threads_insights", reading.account_insights),
    ("GET", r"/v1\.0/(\d+)/insights", reading.post_insights),
    ("GET", r"/v1\.0/(\d+)/replies", reading.replies),
    ("GET", rf"/v1\.0/{NODE}", reading.one),
)


def _permalink_page(call: Call, shortcode: str) -> Reply:
    return page_of(call, lambda post: post["shortcode"] == shortcode)


WEB = routes(
    ("GET", r"/oauth/authorize/?", DOOR.page),
    ("POST", r"/oauth/authorize/?", DOOR.decide),
    ("GET", r"/@[\w.]+/post/([\w-]+)/?", _permalink_page),
)


class Threads:
    name = "threads"
    title = "Threads"
    hosts = GRAPH_HOSTS | WEB_HOSTS
    schema = containers.SCHEMA

    def answer(self, call: Call) -> Reply:
        reply = lead(call, GRAPH if call.host in GRAPH_HOSTS else WEB, call.path)
        if reply is None:
            raise refuse(call, 2500, message=f"Unknown path components: {call.path}")
        return reply

    def failure(self, call: Call, failure: Failure) -> Reply:
        return envelope(call, failure)

    def usage(self, call: Call) -> dict[str, str]:
        return {}

    def resume(self, world: World) -> None:
        containers.resume(world)

    def open_account(self, world: World, wishes: dict[str, Any]) -> dict[str, Any]:
        return accounts.open_with_token(world, wishes, self.name, (self.name,))

    def post_by_hand(self, world: World, wishes: dict[str, Any]) -> dict[str, Any]:
        return publishing.by_hand(world, wishes)

    def figures(self, world: World, post_id: str) -> dict[str, int]:
        known = figures_of(world, post_id)
        return {name: known[name] for name in ("views", "likes", "comments", "shares")}


PLATFORM = Threads()
