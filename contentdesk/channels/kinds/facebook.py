"""Facebook pages: posts with text, a link, photos or a video, and reels."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from types import MappingProxyType
from typing import Any

from contentdesk.channels.abilities import AccountStats, Comments, Event, Subscribed
from contentdesk.channels.base import (
    Accepted,
    AppKeys,
    CannotTell,
    Checkpoint,
    Format,
    Login,
    NotThere,
    Option,
    OutcomeUnknown,
    Outgoing,
    Prepared,
    Problem,
    Sent,
    Stats,
)
from contentdesk.channels.kinds import (
    facebook_comments,
    facebook_find,
    facebook_formats,
    facebook_login,
    facebook_measure,
    facebook_prepare,
    instagram_login,
    meta_subscribing,
    meta_webhooks,
    usages,
)
from contentdesk.channels.kinds.links import lies_on
from contentdesk.channels.kinds.meta_errors import UNKNOWN_OUTCOME, Meaning, Means
from contentdesk.channels.kinds.meta_graph import Graph
from contentdesk.channels.kinds.oauth import OneDoor
from contentdesk.channels.quotas import Usage
from contentdesk.lib.http import Http, Reply

VIDEO_HOST = "graph-video.facebook.com"
LINK_HOSTS = frozenset({"facebook.com", "www.facebook.com", "m.facebook.com", "web.facebook.com"})
LINK_PATH = (
    r"/[\w.]+/(posts|videos|photos)/[\w.:/-]+|/reel/\d+/?|/share/([prv]/)?[\w-]+/?"
    # These say in the query which post is meant.
    r"|/(watch|photo)/?|/(permalink|photo|story)\.php"
)
SHORT_HOSTS, SHORT_PATH = frozenset({"fb.watch"}), r"/[\w-]+/?"
FIRST_LOOK = timedelta(seconds=10)
RINGS_FOR = MappingProxyType({meta_webhooks.PAGE: "", meta_webhooks.INSTAGRAM: instagram_login.KIND})
"""The same app rings for the professional accounts that came with a page."""


class Facebook(OneDoor):
    kind = "facebook"
    ahead = timedelta(minutes=30)
    name = facebook_login.NAME
    icon = "brand-facebook"
    formats: tuple[Format, ...] = facebook_formats.FORMATS
    options: tuple[Option, ...] = facebook_formats.OPTIONS
    figures = frozenset({"reach", "views", "likes", "comments", "shares"})
    by_hand = False
    posts_per_call = facebook_measure.POSTS_AT_ONCE
    door = facebook_login.OAUTH
    scopes: tuple[str, ...] = facebook_login.WANTED
    scope_names = facebook_login.SCOPE_NAMES

    def option_problems(self, options: Mapping[str, Any], format_key: str) -> Sequence[Problem]:
        return list(facebook_formats.problems(options)) if format_key == facebook_formats.POST else []

    def prepare(self, http: Http, outgoing: Outgoing, checkpoint: Checkpoint) -> Prepared:
        graph, video_graph = self._graph(http, outgoing.login), self._graph(http, outgoing.login, VIDEO_HOST)
        return facebook_prepare.prepare(graph, video_graph, outgoing, checkpoint)

    def publish(self, http: Http, outgoing: Outgoing, checkpoint: Checkpoint) -> Sent | Accepted:
        graph = self._graph(http, outgoing.login)
        if checkpoint.get("doubt"):
            raise OutcomeUnknown(UNKNOWN_OUTCOME, code="doubt")
        if outgoing.video is None:
            return self._post(graph, outgoing, checkpoint)
        if not checkpoint.get("uploaded"):
            raise graph.later(Meaning(Means.NOT_YET), "not_uploaded")
        is_reel = facebook_formats.is_reel(outgoing)
        return self._finish(graph if is_reel else self._graph(http, outgoing.login, VIDEO_HOST), outgoing, checkpoint)

    def _post(self, graph: Graph, outgoing: Outgoing, checkpoint: Checkpoint) -> Sent:
        photos = checkpoint.get("photos", [])
        if len(photos) != len(outgoing.photos):
            raise graph.later(Meaning(Means.NOT_YET), "no_photos")
        form = {"message": outgoing.text} if outgoing.text else {}
        form |= {f"attached_media[{n}]": f'{{"media_fbid":"{photo}"}}' for n, photo in enumerate(photos)}
        if link := facebook_formats.link_of(outgoing):
            form["link"] = link
        post_id = str(graph.post_once(f"{outgoing.login.external_id}/feed", form).get("id") or "")
        if not post_id:
            raise OutcomeUnknown(UNKNOWN_OUTCOME, code="no_id")
        whole = post_id if "_" in post_id else f"{outgoing.login.external_id}_{post_id}"
        return Sent(whole, link=partial(graph.permalink, whole, "permalink_url"))

    def _finish(self, graph: Graph, outgoing: Outgoing, checkpoint: Checkpoint) -> Accepted:
        """The platform works on the video before it is public: `find` asks it."""
        form = {"upload_phase": "finish", "description": outgoing.text}
        if outgoing.title:
            form["title"] = outgoing.title
        if facebook_formats.is_reel(outgoing):
            path, form = "video_reels", form | {"video_id": str(checkpoint["video"]), "video_state": "PUBLISHED"}
        else:
            path, form = "videos", form | {"upload_session_id": str(checkpoint["session"]), "published": "true"}
        answer = graph.post_once(f"{outgoing.login.external_id}/{path}", form)
        if answer.get("success") is not True:
            raise OutcomeUnknown(UNKNOWN_OUTCOME, code="no_success")
        return Accepted(checkpoint | {"taken": True}, FIRST_LOOK)

    def find(
        self, http: Http, outgoing: Outgoing, checkpoint: Checkpoint, since: datetime
    ) -> Sent | Accepted | NotThere | CannotTell:
        return facebook_find.find(self._graph(http, outgoing.login), outgoing, checkpoint, since)

    def measure(self, http: Http, login: Login, external_ids: Sequence[str]) -> Mapping[str, Stats]:
        return facebook_measure.measure(self._graph(http, login), external_ids)

    def measure_account(self, http: Http, login: Login) -> AccountStats:
        return facebook_measure.measure_account(self._graph(http, login), login.external_id)

    def comments(self, http: Http, login: Login, external_id: str) -> Comments:
        return facebook_comments.comments(self._graph(http, login), login.external_id, external_id)

    def first_comment(self, http: Http, outgoing: Outgoing, external_id: str) -> str | None:
        return facebook_comments.first_comment(self._graph(http, outgoing.login), outgoing, external_id)

    def check(self, http: Http, login: Login) -> None:
        self._graph(http, login).get_own("id")

    def usage(self, reply: Reply) -> Sequence[Usage]:
        return usages.graph(reply)

    def owns_link(self, link: str) -> bool:
        return lies_on(link, LINK_HOSTS, LINK_PATH) or lies_on(link, SHORT_HOSTS, SHORT_PATH)

    def exchange(
        self, http: Http, app: AppKeys | None, redirect_uri: str, code: str, verifier: str, keep: Mapping[str, str]
    ) -> Sequence[Login]:
        """The pages of the person, and the professional accounts that are linked to them."""
        assert app is not None
        return facebook_login.exchange(http, app, redirect_uri, code)

    def subscribe(self, http: Http, app: AppKeys, login: Login, callback: str) -> Subscribed:
        return meta_subscribing.subscribe(
            self._graph(http, login), login, login.external_id, "feed", meta_subscribing.PAGE_SCOPE
        )

    def unsubscribe(self, http: Http, app: AppKeys, login: Login, callback: str) -> None:
        self._graph(http, login).delete(f"{login.external_id}/subscribed_apps")

    def handshake(self, secret: str, query: Mapping[str, str]) -> str | None:
        return meta_webhooks.handshake(secret, query)

    def events(self, secret: str, headers: Mapping[str, str], raw: bytes, now: datetime) -> Sequence[Event] | None:
        return meta_webhooks.events(secret, headers, raw, now, RINGS_FOR)

    def _graph(self, http: Http, login: Login, host: str = facebook_login.HOST) -> Graph:
        return Graph(http, host, self.name, login, no_permission=facebook_login.NO_PERMISSION)
