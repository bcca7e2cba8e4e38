"""Which path leads where."""

import re
from collections.abc import Callable
from typing import Any

from contentdesk.sandbox.keeping import figures_of
from contentdesk.sandbox.platforms.youtube import auth, comments, errors, hub, oauth, reading, uploads, videos
from contentdesk.sandbox.routes import page_of
from contentdesk.sandbox.wire import Call, Failure, Reply, World


def _watch(call: Call) -> Reply:
    video_id = re.sub(r"^/shorts/|/$", "", call.path)
    return page_of(call, lambda post: post["id"] == video_id)


ROUTES: tuple[tuple[str, str, str, Callable[[Call], Reply]], ...] = (
    ("accounts.google.com", "GET", r"/o/oauth2/v2/auth", oauth.page),
    ("accounts.google.com", "POST", r"/o/oauth2/v2/auth", oauth.decide),
    ("oauth2.googleapis.com", "POST", r"/token", oauth.token),
    ("www.googleapis.com", "POST", r"/upload/youtube/v3/videos", uploads.begin),
    ("www.googleapis.com", "PUT", r"/upload/youtube/v3/videos", uploads.put),
    ("www.googleapis.com", "GET", r"/youtube/v3/videos", reading.video_list),
    ("www.googleapis.com", "GET", r"/youtube/v3/channels", reading.channels),
    ("www.googleapis.com", "GET", r"/youtube/v3/playlistItems", reading.playlist_items),
    ("www.googleapis.com", "GET", r"/youtube/v3/commentThreads", comments.threads),
    ("pubsubhubbub.appspot.com", "POST", r"/subscribe", hub.subscribe),
    ("www.youtube.com", "GET", r"/shorts/[\w-]+/?", _watch),
)


class YouTube:
    name = "youtube"
    title = "YouTube"
    hosts = frozenset(host for host, *_rest in ROUTES)
    schema = auth.SCHEMA + oauth.SCHEMA + uploads.SCHEMA + videos.SCHEMA + hub.SCHEMA

    def answer(self, call: Call) -> Reply:
        for host, method, pattern, handler in ROUTES:
            if (host, method) == (call.host, call.method) and re.fullmatch(pattern, call.path):
                return handler(call)
        raise errors.refuse("notFound", 404)

    def failure(self, call: Call, failure: Failure) -> Reply:
        return errors.ordered(failure)

    def usage(self, call: Call) -> dict[str, str]:
        return {}

    def resume(self, world: World) -> None:
        """A session is taken up by whoever has its address."""

    def open_account(self, world: World, wishes: dict[str, Any]) -> dict[str, Any]:
        return auth.open_with_token(world, wishes)

    def post_by_hand(self, world: World, wishes: dict[str, Any]) -> dict[str, Any]:
        return videos.by_hand(world, wishes)

    def figures(self, world: World, post_id: str) -> dict[str, int]:
        known = figures_of(world, post_id)
        return {name: known[name] for name in videos.FIGURES.values()}

    def act(self, world: World, what: str, wishes: dict[str, Any]) -> dict[str, Any]:
        if what != "ring":
            raise ValueError(f"no {what!r}; known: ring")
        return hub.ring(world, wishes)


PLATFORM = YouTube()
