"""Which path leads where, and what goes with every reply."""

import re
from typing import Any

from contentdesk.sandbox.keeping import figures_of
from contentdesk.sandbox.platforms.instagram import (
    accounts,
    comments,
    containers,
    insights,
    listing,
    load,
    media,
    nodes,
    oauth,
    publishing,
    subscriptions,
)
from contentdesk.sandbox.platforms.instagram.errors import envelope, refuse
from contentdesk.sandbox.platforms.instagram.rules import check_version
from contentdesk.sandbox.routes import Routes, lead, page_of, routes
from contentdesk.sandbox.wire import Call, Failure, Reply, World

NODE = r"(me|\d+)"


GRAPH = routes(
    ("GET", r"/access_token", oauth.INSTAGRAM.exchange),
    ("GET", r"/refresh_access_token", oauth.INSTAGRAM.refresh),
    ("GET", r"/?", nodes.many),
    ("GET", r"/me", nodes.me),
    ("POST", rf"/{NODE}/media", containers.create),
    ("GET", rf"/{NODE}/media", listing.media),
    ("GET", rf"/{NODE}/stories", listing.stories),
    ("POST", rf"/{NODE}/media_publish", publishing.publish),
    ("GET", rf"/{NODE}/content_publishing_limit", publishing.limit),
    ("GET", rf"/{NODE}/insights", insights.read),
    *((method, rf"/{NODE}/subscribed_apps", subscriptions.of_account) for method in ("GET", "POST", "DELETE")),
    ("GET", r"/(\d+)/comments", comments.listing),
    ("POST", r"/(\d+)/comments", comments.write),
    ("GET", r"/(\d+)", nodes.one),
)


def _permalink_page(call: Call, shortcode: str) -> Reply:
    return page_of(call, lambda post: shortcode in (post["shortcode"], post["id"]))


WEB = routes(
    ("GET", r"/oauth/authorize/?", oauth.INSTAGRAM.page),
    ("POST", r"/oauth/authorize/?", oauth.INSTAGRAM.decide),
    ("GET", r"/(?:p|reel|stories/[\w.]+)/([\w-]+)/?", _permalink_page),
)
API = routes(("POST", r"/oauth/access_token/?", oauth.INSTAGRAM.code_to_token))


class Instagram:
    name = "instagram"
    title = "Instagram"
    hosts = frozenset({"graph.instagram.com", "www.instagram.com", "api.instagram.com"})
    schema = containers.SCHEMA + subscriptions.SCHEMA

    def answer(self, call: Call) -> Reply:
        if call.host == "www.instagram.com":
            return _lead(call, WEB, call.path)
        if call.host == "api.instagram.com":
            return _lead(call, API, call.path)
        load.check(call, refuse, 80002)
        versioned = re.fullmatch(r"/(v\d+\.\d+)(/.*)?", call.path)
        if versioned:
            check_version(call, versioned[1])
        return _lead(call, GRAPH, (versioned[2] or "/") if versioned else call.path)

    def failure(self, call: Call, failure: Failure) -> Reply:
        return envelope(call, failure)

    def usage(self, call: Call) -> dict[str, str]:
        return load.headers(call, "instagram") if call.host.startswith("graph.") else {}

    def resume(self, world: World) -> None:
        media.resume(world)

    def open_account(self, world: World, wishes: dict[str, Any]) -> dict[str, Any]:
        return accounts.open_with_token(world, wishes)

    def post_by_hand(self, world: World, wishes: dict[str, Any]) -> dict[str, Any]:
        return publishing.by_hand(world, wishes)

    def figures(self, world: World, post_id: str) -> dict[str, int]:
        return figures_of(world, post_id)


PLATFORM = Instagram()


def _lead(call: Call, known: Routes, path: str) -> Reply:
    reply = lead(call, known, path)
    if reply is None:
        raise refuse(call, 2500, http=400, message=f"Unknown path components: {path}")
    return reply
