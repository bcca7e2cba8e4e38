"""Which path leads where, and what goes with every reply. Instagram's nodes on the same host are handed over."""

import json
import re
from collections.abc import Callable
from typing import Any

from flask import render_template

from contentdesk.sandbox import calls
from contentdesk.sandbox.platforms.facebook import (
    accounts,
    auth,
    batch,
    comments,
    feed,
    insights,
    nodes,
    oauth,
    posts,
    schema,
    videos,
)
from contentdesk.sandbox.platforms.facebook.errors import envelope, refuse
from contentdesk.sandbox.platforms.instagram import figures
from contentdesk.sandbox.platforms.instagram.platform import Instagram
from contentdesk.sandbox.platforms.instagram.rules import check_version
from contentdesk.sandbox.published import published
from contentdesk.sandbox.wire import Call, Failure, Refused, Reply, World

Handler = Callable[..., Reply]
Route = tuple[str, re.Pattern[str], Handler]

NODE = r"(me|\d+)"
OBJECT = r"(\d+(?:_\d+)?)"
INSTAGRAM_NODE = re.compile(r"17[89]\d{14}")
"""Accounts, containers, posts and comments of Instagram have ids of 17 digits from here on."""


def _routes(*lines: tuple[str, str, Handler]) -> list[Route]:
    return [(method, re.compile(pattern), handler) for method, pattern, handler in lines]


GRAPH = _routes(
    ("GET", r"/oauth/access_token", oauth.access_token),
    ("POST", r"/oauth/access_token", oauth.access_token),
    ("GET", r"/debug_token", oauth.debug_token),
    ("GET", r"/me/accounts", oauth.pages),
    ("GET", r"/me/permissions", oauth.permissions),
    ("GET", r"/me", nodes.me),
    ("GET", r"/?", nodes.many),
    ("POST", rf"/{NODE}/photos", feed.photo),
    ("POST", rf"/{NODE}/feed", feed.post),
    ("POST", rf"/{NODE}/videos", videos.video),
    ("POST", rf"/{NODE}/video_reels", videos.reel),
    ("GET", rf"/{NODE}/(?:feed|posts|published_posts)", nodes.published),
    ("GET", rf"/{NODE}/video_reels", nodes.reels),
    ("GET", rf"/{NODE}/scheduled_posts", nodes.scheduled),
    ("GET", r"/(\d+)/video_insights", insights.of_video),
    ("GET", r"/(me|\d+(?:_\d+)?)/insights", insights.read),
    ("GET", rf"/{OBJECT}/comments", comments.listing),
    ("POST", rf"/{OBJECT}/comments", comments.write),
    ("POST", rf"/{NODE}/subscribed_apps", lambda call, _: Reply({"success": True})),
    ("GET", rf"/{OBJECT}", nodes.one),
    ("POST", rf"/{OBJECT}", feed.change),
    ("DELETE", rf"/{OBJECT}", feed.remove),
)


def _permalink_page(call: Call, *parts: str) -> Reply:
    post = next((one for one in published(call.world) if one["permalink"].endswith(call.path.rstrip("/") + "/")), None)
    if post is None:
        raise Refused(Reply(render_template("no_post.html"), 404))
    return Reply(render_template("post.html", post=post))


WEB = _routes(
    ("GET", r"/v\d+\.\d+/dialog/oauth/?", oauth.page),
    ("POST", r"/v\d+\.\d+/dialog/oauth/?", oauth.decide),
    ("GET", r"/\d+/(?:posts|videos)/\d+/?", _permalink_page),
    ("GET", r"/reel/\d+/?", _permalink_page),
)
UPLOAD = _routes(("POST", r"/video-upload/v\d+\.\d+/(\d+)", videos.upload))


class Facebook:
    name = "facebook"
    hosts = frozenset({"graph.facebook.com", "graph-video.facebook.com", "rupload.facebook.com", "www.facebook.com"})
    schema = schema.SCHEMA

    def __init__(self, instagram: Instagram) -> None:
        self._instagram = instagram

    def answer(self, call: Call) -> Reply:
        posts.bring_out(call.store, call.now)
        if call.host == "www.facebook.com":
            return _lead(call, WEB, call.path)
        if not _is_batch(call) and self._is_instagrams(call):
            return self._instagram.answer(call)
        if call.host == "rupload.facebook.com":
            return _lead(call, UPLOAD, call.path)
        self._check_load(call)
        versioned = re.fullmatch(r"/(v\d+\.\d+)(/.*)?", call.path)
        if versioned is None:
            raise refuse(call, 2500, message=f"Unknown path components: {call.path}")
        check_version(call, versioned[1])
        path = versioned[2] or "/"
        if _is_batch(call):
            return batch.perform(call, self._answer_one)
        return _lead(call, GRAPH, path)

    def _answer_one(self, call: Call, path: str) -> Reply:
        return self._instagram.answer(call) if self._is_instagrams(call) else _lead(call, GRAPH, path)

    def _is_instagrams(self, call: Call) -> bool:
        """By the node's id; by the token where it belongs to an Instagram account. A page's token speaks for the
        account that is linked to the page."""
        if call.path.startswith("/ig-api-upload/"):
            call.on_behalf = self._linked(call)
            return True
        owner = call.store.row(
            "SELECT a.* FROM tokens t JOIN accounts a ON a.id = t.account_id WHERE t.token = ?", auth.token_of(call)
        )
        if owner is not None and owner["platform"] == "instagram":
            return True
        first = re.sub(r"^/v\d+\.\d+", "", call.path).strip("/").split("/")[0]
        node = first or call.args.get("ids", "").split(",")[0]
        if not INSTAGRAM_NODE.fullmatch(node):
            return False
        call.on_behalf = self._linked(call)
        return True

    def _linked(self, call: Call) -> str | None:
        row = call.store.row("SELECT account_id FROM tokens WHERE token = ?", auth.token_of(call))
        return accounts.linked_instagram(call.store, row["account_id"]) if row else None

    def failure(self, call: Call, failure: Failure) -> Reply:
        if call.host == "rupload.facebook.com":
            return Reply(
                {"debug_info": {"retriable": True, "type": "ProcessingFailedError", "message": ""}}, failure.http
            )
        return envelope(call, failure)

    def usage(self, call: Call) -> dict[str, str]:
        if not call.host.startswith("graph"):
            return {}
        app, page = self._load(call)
        headers = {"X-App-Usage": json.dumps({"call_count": app, "total_time": app, "total_cputime": app})}
        if call.account_id:
            use = {"type": "pages", "call_count": page, "total_cputime": page, "total_time": page}
            use |= {"estimated_time_to_regain_access": 60 if page >= 100 else 0}
            headers["X-Business-Use-Case-Usage"] = json.dumps({call.account_id: [use]})
        return headers

    def _load(self, call: Call) -> tuple[int, int]:
        """Per cent of the rolling hour that the app and the page have used up."""
        since, knobs = call.now - auth.HOUR, call.knobs
        app = 100 * calls.count_since(call.store, since) // max(1, knobs.app_calls_per_hour)
        used = calls.count_since(call.store, since, call.account_id) if call.account_id else 0
        page = 100 * used // max(1, knobs.account_calls_per_hour)
        return max(app, knobs.usage_percent), max(page, knobs.usage_percent)

    def _check_load(self, call: Call) -> None:
        row = call.store.row("SELECT account_id FROM tokens WHERE token = ?", auth.token_of(call))
        call.account_id = row["account_id"] if row else None
        app, page = self._load(call)
        if app >= 100:
            raise refuse(call, 4)
        if page >= 100:
            raise refuse(call, 32)

    def resume(self, world: World) -> None:
        """Nothing is under way: photos are fetched within the call, videos come in pieces."""

    def open_account(self, world: World, wishes: dict[str, Any]) -> dict[str, Any]:
        return accounts.open_with_token(world, wishes)

    def post_by_hand(self, world: World, wishes: dict[str, Any]) -> dict[str, Any]:
        return posts.by_hand(world, wishes)

    def figures(self, world: World, post_id: str) -> dict[str, int]:
        post = world.store.row("SELECT * FROM posts WHERE id = ?", post_id)
        assert post is not None
        return figures.of_post(world.store, world.settings.now(), post, world.clock.now())


def _is_batch(call: Call) -> bool:
    """Whoever's token it is: the calls inside say whom they are for."""
    at_the_top = re.fullmatch(r"/v\d+\.\d+/?", call.path) is not None
    return call.host == "graph.facebook.com" and call.method == "POST" and at_the_top and "batch" in call.args


def _lead(call: Call, routes: list[Route], path: str) -> Reply:
    for method, pattern, handler in routes:
        found = pattern.fullmatch(path)
        if found and method == call.method:
            return handler(call, *found.groups())
    raise refuse(call, 2500, message=f"Unknown path components: {path}")
