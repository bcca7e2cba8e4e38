"""Which path leads where, and what goes with every reply. Instagram's nodes on the same host are handed over."""

import re
from typing import Any

from contentdesk.sandbox.keeping import figures_of
from contentdesk.sandbox.platforms.facebook import (
    accounts,
    auth,
    batch,
    businesses,
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
from contentdesk.sandbox.platforms.instagram import load, subscriptions
from contentdesk.sandbox.platforms.instagram.platform import PLATFORM as INSTAGRAM
from contentdesk.sandbox.platforms.instagram.platform import Instagram
from contentdesk.sandbox.platforms.instagram.rules import check_version
from contentdesk.sandbox.routes import Routes, lead, page_of, routes
from contentdesk.sandbox.wire import Call, Failure, Reply, World

NODE = r"(me|\d+)"
OBJECT = r"(\d+(?:_\d+)?)"
INSTAGRAM_NODE = re.compile(r"17[89]\d{14}")
"""Accounts, containers, posts and comments of Instagram have ids of 17 digits from here on."""


PAGE_FIELDS = frozenset({"feed", "mention", "ratings", "videos", "live_videos"})


def _subscribed(call: Call, node: str) -> Reply:
    """Of a page. It stands for the professional account that is linked to it too."""
    return subscriptions.change(call, auth.own_page(call, node, "pages_manage_metadata", "MODERATE"), PAGE_FIELDS)


GRAPH = routes(
    ("GET", r"/oauth/access_token", oauth.access_token),
    ("POST", r"/oauth/access_token", oauth.access_token),
    ("GET", r"/debug_token", oauth.debug_token),
    ("GET", r"/me/accounts", oauth.pages),
    ("GET", r"/me/permissions", oauth.permissions),
    ("GET", r"/me/businesses", businesses.of_person),
    ("GET", rf"/(\d+)/({'|'.join(accounts.BUSINESS_EDGES)})", businesses.pages),
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
    *((method, rf"/{NODE}/subscribed_apps", _subscribed) for method in ("GET", "POST", "DELETE")),
    ("GET", rf"/{OBJECT}", nodes.one),
    ("POST", rf"/{OBJECT}", feed.change),
    ("DELETE", rf"/{OBJECT}", feed.remove),
)


def _permalink_page(call: Call, *parts: str) -> Reply:
    return page_of(call, lambda post: post["permalink"].endswith(call.path.rstrip("/") + "/"))


WEB = routes(
    ("GET", r"/v\d+\.\d+/dialog/oauth/?", oauth.page),
    ("POST", r"/v\d+\.\d+/dialog/oauth/?", oauth.decide),
    ("GET", r"/\d+/(?:posts|videos)/\d+/?", _permalink_page),
    ("GET", r"/reel/\d+/?", _permalink_page),
)
UPLOAD = routes(("POST", r"/video-upload/v\d+\.\d+/(\d+)", videos.upload))


class Facebook:
    name = "facebook"
    title = "Facebook"
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
        load.check(call, refuse, 32)
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
        return load.headers(call, "pages") if call.host.startswith("graph") else {}

    def resume(self, world: World) -> None:
        """Nothing is under way: photos are fetched within the call, videos come in pieces."""

    def open_account(self, world: World, wishes: dict[str, Any]) -> dict[str, Any]:
        return accounts.open_with_token(world, wishes)

    def post_by_hand(self, world: World, wishes: dict[str, Any]) -> dict[str, Any]:
        return posts.by_hand(world, wishes)

    def figures(self, world: World, post_id: str) -> dict[str, int]:
        return figures_of(world, post_id)


PLATFORM = Facebook(INSTAGRAM)


def _is_batch(call: Call) -> bool:
    """Whoever's token it is: the calls inside say whom they are for."""
    at_the_top = re.fullmatch(r"/v\d+\.\d+/?", call.path) is not None
    return call.host == "graph.facebook.com" and call.method == "POST" and at_the_top and "batch" in call.args


def _lead(call: Call, known: Routes, path: str) -> Reply:
    reply = lead(call, known, path)
    if reply is None:
        raise refuse(call, 2500, message=f"Unknown path components: {path}")
    return reply
