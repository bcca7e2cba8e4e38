"""Instagram through "Instagram API with Instagram Login": photos and carousels of professional accounts."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from contentdesk.channels.base import (
    CannotTell,
    ChannelError,
    Checkpoint,
    Login,
    NotThere,
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

HOST = "graph.instagram.com"
LINK_HOSTS = frozenset({"instagram.com", "www.instagram.com", "m.instagram.com", "instagr.am"})
LINK_PATH = r"(/[\w.]+)?/(p|reel|reels|tv)/[\w-]+/?"


class Instagram:
    kind = "instagram"
    name = "Instagram"
    icon = "brand-instagram"
    rules = Rules(
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
    figures = frozenset(instagram_measure.METRICS.values())
    by_hand = False

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

    def authorize_url(self, client_id: str, redirect_uri: str, state: str) -> str:
        return instagram_login.authorize_url(client_id, redirect_uri, state)

    def exchange(self, http: Http, client_id: str, client_secret: str, redirect_uri: str, code: str) -> Sequence[Login]:
        return (instagram_login.exchange(http, client_id, client_secret, redirect_uri, code),)

    def renew(self, http: Http, login: Login) -> Login:
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
