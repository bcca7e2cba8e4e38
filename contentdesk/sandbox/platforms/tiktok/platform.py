"""Which path leads where."""

import re
from collections.abc import Callable
from typing import Any

from contentdesk.sandbox.keeping import figures_of
from contentdesk.sandbox.platforms.tiktok import (
    accounts,
    creators,
    oauth,
    outcome,
    publishing,
    pulling,
    reading,
    rings,
    uploads,
)
from contentdesk.sandbox.platforms.tiktok.errors import ordered, refuse
from contentdesk.sandbox.platforms.tiktok.schema import SCHEMA
from contentdesk.sandbox.routes import Handler, page_of
from contentdesk.sandbox.wire import Call, Failure, Reply, World

API, UPLOAD, WEB = "open.tiktokapis.com", "open-upload.tiktokapis.com", "www.tiktok.com"


def _permalink_page(call: Call, post_id: str) -> Reply:
    return page_of(call, lambda post: post["id"] == post_id)


ROUTES: tuple[tuple[str, str, str, Handler], ...] = (
    ("POST", API, r"/v2/oauth/token/", oauth.token),
    ("POST", API, r"/v2/oauth/revoke/", oauth.revoke),
    ("POST", API, r"/v2/post/publish/creator_info/query/", creators.info),
    ("POST", API, r"/v2/post/publish/video/init/", publishing.init_video),
    ("POST", API, r"/v2/post/publish/inbox/video/init/", publishing.init_inbox),
    ("POST", API, r"/v2/post/publish/content/init/", publishing.init_content),
    ("POST", API, r"/v2/post/publish/status/fetch/", outcome.fetch_status),
    ("POST", API, r"/v2/post/publish/cancel/", publishing.cancel),
    ("GET", API, r"/v2/user/info/", reading.user),
    ("POST", API, r"/v2/video/list/", reading.video_list),
    ("POST", API, r"/v2/video/query/", reading.video_query),
    ("PUT", UPLOAD, r"/video/", uploads.put),
    ("GET", WEB, r"/v2/auth/authorize/?", oauth.page),
    ("POST", WEB, r"/v2/auth/authorize/?", oauth.decide),
    ("GET", WEB, r"/@[\w.]+/(?:video|photo)/(\d+)/?", _permalink_page),
)

ACTS: dict[str, Callable[[World, dict[str, Any]], dict[str, Any]]] = {
    "creator": accounts.change,
    "finish_in_app": outcome.finish_in_app,
    "inbox": outcome.inbox,
    "ring": rings.ring,
}


class TikTok:
    name = "tiktok"
    title = "TikTok"
    hosts = frozenset({API, UPLOAD, WEB})
    schema = SCHEMA

    def answer(self, call: Call) -> Reply:
        for method, host, pattern, handler in ROUTES:
            found = re.fullmatch(pattern, call.path)
            if found and (method, host) == (call.method, call.host):
                return handler(call, *found.groups())
        raise refuse(call, "invalid_params", "Unsupported path(Janus)")

    def failure(self, call: Call, failure: Failure) -> Reply:
        return ordered(call, failure)

    def usage(self, call: Call) -> dict[str, str]:
        return {}

    def resume(self, world: World) -> None:
        pulling.resume(world)

    def open_account(self, world: World, wishes: dict[str, Any]) -> dict[str, Any]:
        return accounts.open_with_token(world, wishes)

    def post_by_hand(self, world: World, wishes: dict[str, Any]) -> dict[str, Any]:
        return outcome.by_hand(world, wishes)

    def figures(self, world: World, post_id: str) -> dict[str, int]:
        known = figures_of(world, post_id)
        return {name: known[name] for name in ("views", "likes", "comments", "shares")}

    def act(self, world: World, what: str, wishes: dict[str, Any]) -> dict[str, Any]:
        if what not in ACTS:
            raise ValueError(f"no {what!r}; known: {', '.join(ACTS)}")
        return ACTS[what](world, wishes)


PLATFORM = TikTok()
