"""Which path leads where, and what goes with every reply."""

import json
import re
from collections.abc import Callable
from typing import Any

from flask import render_template

from contentdesk.sandbox import calls
from contentdesk.sandbox.platforms.instagram import (
    accounts,
    auth,
    comments,
    containers,
    figures,
    insights,
    listing,
    media,
    nodes,
    oauth,
    publishing,
)
from contentdesk.sandbox.platforms.instagram.errors import envelope, refuse
from contentdesk.sandbox.platforms.instagram.rules import check_version
from contentdesk.sandbox.published import published
from contentdesk.sandbox.wire import Call, Failure, Refused, Reply, World

Handler = Callable[..., Reply]
Route = tuple[str, re.Pattern[str], Handler]

NODE = r"(me|\d+)"


def _routes(*lines: tuple[str, str, Handler]) -> list[Route]:
    return [(method, re.compile(pattern), handler) for method, pattern, handler in lines]


GRAPH = _routes(
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
    ("GET", r"/(\d+)/comments", comments.listing),
    ("POST", r"/(\d+)/comments", comments.write),
    ("GET", r"/(\d+)", nodes.one),
)


def _permalink_page(call: Call, shortcode: str) -> Reply:
    post = next((post for post in published(call.world) if shortcode in (post["shortcode"], post["id"])), None)
    if post is None:
        raise Refused(Reply(render_template("no_post.html"), 404))
    return Reply(render_template("post.html", post=post))


WEB = _routes(
    ("GET", r"/oauth/authorize/?", oauth.INSTAGRAM.page),
    ("POST", r"/oauth/authorize/?", oauth.INSTAGRAM.decide),
    ("GET", r"/(?:p|reel|stories/[\w.]+)/([\w-]+)/?", _permalink_page),
)
API = _routes(("POST", r"/oauth/access_token/?", oauth.INSTAGRAM.code_to_token))


class Instagram:
    name = "instagram"
    hosts = frozenset({"graph.instagram.com", "www.instagram.com", "api.instagram.com"})
    schema = containers.SCHEMA

    def answer(self, call: Call) -> Reply:
        if call.host == "www.instagram.com":
            return _lead(call, WEB, call.path)
        if call.host == "api.instagram.com":
            return _lead(call, API, call.path)
        self._check_load(call)
        versioned = re.fullmatch(r"/(v\d+\.\d+)(/.*)?", call.path)
        if versioned:
            check_version(call, versioned[1])
        return _lead(call, GRAPH, (versioned[2] or "/") if versioned else call.path)

    def failure(self, call: Call, failure: Failure) -> Reply:
        return envelope(call, failure)

    def usage(self, call: Call) -> dict[str, str]:
        if not call.host.startswith("graph."):
            return {}
        app, account = self._load(call)
        headers = {"X-App-Usage": json.dumps({"call_count": app, "total_time": app, "total_cputime": app})}
        if call.account_id:
            use = {"type": "instagram", "call_count": account, "total_cputime": account}
            use |= {"total_time": account, "estimated_time_to_regain_access": 60 if account >= 100 else 0}
            headers["X-Business-Use-Case-Usage"] = json.dumps({call.account_id: [use]})
        return headers

    def _load(self, call: Call) -> tuple[int, int]:
        """Per cent of the rolling hour that the app and the account have used up."""
        since, knobs = call.now - auth.HOUR, call.knobs
        app = 100 * calls.count_since(call.store, since) // max(1, knobs.app_calls_per_hour)
        account = 0
        if call.account_id:
            used = calls.count_since(call.store, since, call.account_id)
            account = 100 * used // max(1, knobs.account_calls_per_hour)
        return max(app, knobs.usage_percent), max(account, knobs.usage_percent)

    def _check_load(self, call: Call) -> None:
        row = call.store.row("SELECT account_id FROM tokens WHERE token = ?", auth.token_of(call))
        call.account_id = row["account_id"] if row else None
        app, account = self._load(call)
        if app >= 100:
            raise refuse(call, 4)
        if account >= 100:
            raise refuse(call, 80002)

    def resume(self, world: World) -> None:
        media.resume(world)

    def open_account(self, world: World, wishes: dict[str, Any]) -> dict[str, Any]:
        return accounts.open_with_token(world, wishes)

    def post_by_hand(self, world: World, wishes: dict[str, Any]) -> dict[str, Any]:
        return publishing.by_hand(world, wishes)

    def figures(self, world: World, post_id: str) -> dict[str, int]:
        post = world.store.row("SELECT * FROM posts WHERE id = ?", post_id)
        assert post is not None
        return figures.of_post(world.store, world.settings.now(), post, world.clock.now())


def _lead(call: Call, routes: list[Route], path: str) -> Reply:
    for method, pattern, handler in routes:
        found = pattern.fullmatch(path)
        if found and method == call.method:
            return handler(call, *found.groups())
    raise refuse(call, 2500, http=400, message=f"Unknown path components: {path}")
