"""`subscribed_apps`: whom the app is told about. Where it rings, and of which fields, is chosen in its dashboard."""

from datetime import timedelta

from contentdesk.channels.abilities import Subscribed
from contentdesk.channels.base import Login, NotAllowed
from contentdesk.channels.kinds.meta_errors import Meaning, Means
from contentdesk.channels.kinds.meta_graph import Graph
from contentdesk.lib.i18n import N_

PAGE_SCOPE = "pages_manage_metadata"
"""Also of an account that came with a page: the page's subscription stands for it."""
GOOD_FOR = timedelta(days=7)
"""It has no end; asked again, it is there again after whatever took it away."""
NO_SCOPE = N_(
    "Izin %(scope)s belum diberikan, jadi %(platform)s tidak langsung memberi kabar. Angka dan komentar tetap dibaca "
    "berkala."
)


def subscribe(graph: Graph, login: Login, node: str, field: str, scope: str) -> Subscribed:
    """Asks nobody where it is known that the right is missing. No scopes: the platform did not say."""
    if login.scopes and scope not in login.scopes:
        raise NotAllowed(NO_SCOPE, code="scope", scope=scope, **graph.words)
    if graph.post(f"{node}/subscribed_apps", {"subscribed_fields": field}).get("success") is not True:
        raise graph.later(Meaning(Means.TRANSIENT), "no_success")
    return Subscribed(GOOD_FOR)
