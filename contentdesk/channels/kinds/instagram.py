"""Instagram for professional accounts, signed in there or linked to a page: photos, carousels, reels, stories."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from contentdesk.channels.abilities import AccountStats, Comments, Event, Subscribed
from contentdesk.channels.base import (
    AppKeys,
    CannotTell,
    Checkpoint,
    Format,
    Login,
    NotThere,
    Option,
    Outgoing,
    Prepared,
    Sent,
    Stats,
)
from contentdesk.channels.kinds import (
    instagram_account,
    instagram_comments,
    instagram_find,
    instagram_formats,
    instagram_login,
    instagram_measure,
    meta_containers,
    meta_find,
    meta_subscribing,
    meta_webhooks,
    usages,
)
from contentdesk.channels.kinds.instagram_prepare import InstagramSpeech
from contentdesk.channels.kinds.links import lies_on
from contentdesk.channels.kinds.meta_containers import Containers
from contentdesk.channels.kinds.meta_graph import Graph
from contentdesk.channels.kinds.meta_user_login import YOUNGEST_RENEWED
from contentdesk.channels.kinds.oauth import OneDoor
from contentdesk.channels.quotas import Counts, Quota, Scope, Usage
from contentdesk.lib.http import Http, Reply

META = "https://developers.facebook.com/docs"
LINK_HOSTS = frozenset({"instagram.com", "www.instagram.com", "m.instagram.com", "instagr.am"})
LINK_PATH = r"(/[\w.]+)?/(p|reel|reels|tv)/[\w-]+/?|/stories/[\w.]+/\d+/?"

SPEECH = InstagramSpeech()


class Instagram(OneDoor):
    kind = instagram_login.KIND
    ahead = timedelta(minutes=30)
    name = instagram_login.NAME
    icon = "brand-instagram"
    formats: tuple[Format, ...] = instagram_formats.FORMATS
    options: tuple[Option, ...] = instagram_formats.OPTIONS
    figures = frozenset(instagram_measure.METRICS.values())
    by_hand = False
    quotas = (
        Quota(Scope.ACCOUNT, Counts.POSTS, 100, timedelta(days=1), f"{META}/instagram-platform/content-publishing"),
        Quota(Scope.ACCOUNT, Counts.BEGUN, 400, timedelta(days=1), f"{META}/instagram-platform/content-publishing"),
    )
    """The platform's own answer about the posts of a day (`content_publishing_limit`) is read before each, and may be
    lower. What an account and the app may ask in an hour stands in the headers alone."""
    posts_per_call = instagram_measure.BATCH
    door = instagram_login.SIGN_IN.oauth
    scopes = instagram_login.SCOPES
    scope_names = instagram_login.SCOPE_NAMES
    renew_before = timedelta(days=10)
    youngest_renewed = YOUNGEST_RENEWED

    def prepare(self, http: Http, outgoing: Outgoing, checkpoint: Checkpoint) -> Prepared:
        return Containers(SPEECH, self._graph(http, outgoing.login), outgoing).prepare(checkpoint)

    def publish(self, http: Http, outgoing: Outgoing, checkpoint: Checkpoint) -> Sent:
        path = f"{outgoing.login.external_id}/media_publish"
        return meta_containers.publish(self._graph(http, outgoing.login), path, checkpoint)

    def find(
        self, http: Http, outgoing: Outgoing, checkpoint: Checkpoint, since: datetime
    ) -> Sent | NotThere | CannotTell:
        graph, traces = self._graph(http, outgoing.login), instagram_find.traces(outgoing)
        return meta_find.find(graph, SPEECH, outgoing.login.external_id, traces, checkpoint, since)

    def measure(self, http: Http, login: Login, external_ids: Sequence[str]) -> Mapping[str, Stats]:
        batches = instagram_login.host_of(login) == instagram_login.FACEBOOK_HOST
        return instagram_measure.measure(self._graph(http, login), external_ids, batches=batches)

    def measure_account(self, http: Http, login: Login) -> AccountStats:
        return instagram_account.measure_account(self._graph(http, login), login.external_id)

    def comments(self, http: Http, login: Login, external_id: str) -> Comments:
        return instagram_comments.comments(self._graph(http, login), login.handle, external_id)

    def first_comment(self, http: Http, outgoing: Outgoing, external_id: str) -> str | None:
        return instagram_comments.first_comment(self._graph(http, outgoing.login), outgoing, external_id)

    def check(self, http: Http, login: Login) -> None:
        """By its own id: with the token of a page, `me` is the page."""
        self._graph(http, login).get_own("username")

    def subscribe(self, http: Http, app: AppKeys, login: Login, callback: str) -> Subscribed:
        graph = self._graph(http, login)
        if instagram_login.is_through_page(login):
            return meta_subscribing.subscribe(graph, login, "me", "feed", meta_subscribing.PAGE_SCOPE)
        return meta_subscribing.subscribe(graph, login, login.external_id, "comments", instagram_login.COMMENT_SCOPE)

    def unsubscribe(self, http: Http, app: AppKeys, login: Login, callback: str) -> None:
        """A page's subscription stays: the page itself may need it."""
        if not instagram_login.is_through_page(login):
            self._graph(http, login).delete(f"{login.external_id}/subscribed_apps")

    def handshake(self, secret: str, query: Mapping[str, str]) -> str | None:
        return meta_webhooks.handshake(secret, query)

    def events(self, secret: str, headers: Mapping[str, str], raw: bytes, now: datetime) -> Sequence[Event] | None:
        return meta_webhooks.events(secret, headers, raw, now, {meta_webhooks.INSTAGRAM: ""})

    def usage(self, reply: Reply) -> Sequence[Usage]:
        return usages.graph(reply)

    def owns_link(self, link: str) -> bool:
        return lies_on(link, LINK_HOSTS, LINK_PATH)

    def exchange(
        self, http: Http, app: AppKeys | None, redirect_uri: str, code: str, verifier: str, keep: Mapping[str, str]
    ) -> Sequence[Login]:
        assert app is not None
        return (instagram_login.SIGN_IN.exchange(http, app, redirect_uri, code),)

    def renew(self, http: Http, app: AppKeys | None, login: Login) -> Login:
        """The token of a page does not end."""
        return login if instagram_login.is_through_page(login) else instagram_login.SIGN_IN.renew(http, login)

    def _graph(self, http: Http, login: Login) -> Graph:
        host = instagram_login.host_of(login)
        return Graph(http, host, self.name, login, no_permission=instagram_login.NO_PERMISSION)
