"""Instagram through "Instagram API with Instagram Login": photos and carousels of professional accounts."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from contentdesk.channels.abilities import Ask, Leaving
from contentdesk.channels.base import (
    AppKeys,
    CannotTell,
    ChannelError,
    Checkpoint,
    Format,
    Login,
    NotThere,
    Option,
    OutcomeUnknown,
    Outgoing,
    PhotoRule,
    Prepared,
    Rules,
    Sent,
    Stats,
    TextRule,
)
from contentdesk.channels.kinds import (
    instagram_find,
    instagram_login,
    instagram_measure,
    instagram_prepare,
)
from contentdesk.channels.kinds.links import lies_on
from contentdesk.channels.kinds.meta_errors import UNKNOWN_OUTCOME, Meaning, Means
from contentdesk.channels.kinds.meta_graph import Graph
from contentdesk.lib.http import Http
from contentdesk.lib.i18n import N_

HOST = "graph.instagram.com"
LINK_HOSTS = frozenset({"instagram.com", "www.instagram.com", "m.instagram.com", "instagr.am"})
LINK_PATH = r"(/[\w.]+)?/(p|reel|reels|tv)/[\w-]+/?"

FEED = Rules(
    text=TextRule(max_chars=2200, max_hashtags=30, max_mentions=20),
    photo=PhotoRule(
        min_count=1,
        max_count=10,
        min_ratio=0.8,
        max_ratio=1.91,
        min_width=320,
        max_width=1440,
        max_bytes=8_000_000,
        same_ratio=True,
    ),
    alt_max_chars=1000,
)


class Instagram:
    kind = "instagram"
    name = "Instagram"
    icon = "brand-instagram"
    formats: tuple[Format, ...] = (Format("feed", N_("Unggahan"), FEED),)
    options: tuple[Option, ...] = ()
    figures = frozenset(instagram_measure.METRICS.values())
    by_hand = False
    needs_app = True
    asks: tuple[Ask, ...] = ()
    renew_before = timedelta(days=10)
    youngest_renewed = instagram_login.YOUNGEST_RENEWED

    def prepare(self, http: Http, outgoing: Outgoing, checkpoint: Checkpoint) -> Prepared:
        return instagram_prepare.prepare(self._graph(http, outgoing.login), outgoing, checkpoint)

    def publish(self, http: Http, outgoing: Outgoing, checkpoint: Checkpoint) -> Sent:
        graph = self._graph(http, outgoing.login)
        container = checkpoint.get("container")
        if checkpoint.get("doubt"):
            raise OutcomeUnknown(UNKNOWN_OUTCOME, code="doubt")
        if not container:
            raise graph.later(Meaning(Means.NOT_YET), "no_container")
        path = f"{outgoing.login.external_id}/media_publish"
        post_id = graph.post_once(path, {"creation_id": str(container)}).get("id")
        if not post_id:
            raise OutcomeUnknown(UNKNOWN_OUTCOME, code="no_id")
        return Sent(str(post_id), _permalink(graph, str(post_id)))

    def find(
        self, http: Http, outgoing: Outgoing, checkpoint: Checkpoint, since: datetime
    ) -> Sent | NotThere | CannotTell:
        return instagram_find.find(self._graph(http, outgoing.login), outgoing, checkpoint, since)

    def measure(self, http: Http, login: Login, external_ids: Sequence[str]) -> Mapping[str, Stats]:
        return instagram_measure.measure(self._graph(http, login), external_ids)

    def owns_link(self, link: str) -> bool:
        return lies_on(link, LINK_HOSTS, LINK_PATH)

    def leave(
        self, http: Http, app: AppKeys | None, redirect_uri: str, state: str, verifier: str, answers: Mapping[str, str]
    ) -> Leaving:
        """The platform has no PKCE."""
        assert app is not None
        return Leaving(instagram_login.authorize_url(app, redirect_uri, state))

    def exchange(
        self, http: Http, app: AppKeys | None, redirect_uri: str, code: str, verifier: str, keep: Mapping[str, str]
    ) -> Sequence[Login]:
        assert app is not None
        return (instagram_login.exchange(http, app, redirect_uri, code),)

    def renew(self, http: Http, app: AppKeys | None, login: Login) -> Login:
        return instagram_login.renew(http, login)

    def _graph(self, http: Http, login: Login) -> Graph:
        return Graph(http, HOST, self.name, login)


def _permalink(graph: Graph, post_id: str) -> str | None:
    """Nice to have: the post is public, whatever this answers."""
    try:
        link = graph.get(post_id, fields="permalink").get("permalink")
    except ChannelError:
        return None
    return str(link) if link else None
