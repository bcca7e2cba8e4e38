"""Threads: text, photo, video, carousel. A relative of Instagram's with an address, words and a sign-in of its own."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from contentdesk.channels.abilities import AccountStats, Comments
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
    Problem,
    Sent,
    Stats,
)
from contentdesk.channels.kinds import (
    meta_containers,
    meta_find,
    threads_formats,
    threads_prepare,
    threads_read,
    usages,
)
from contentdesk.channels.kinds.links import lies_on
from contentdesk.channels.kinds.meta_containers import Containers
from contentdesk.channels.kinds.meta_graph import Graph
from contentdesk.channels.kinds.meta_user_login import YOUNGEST_RENEWED, UserLogin
from contentdesk.channels.kinds.oauth import OAuth, OneDoor
from contentdesk.channels.quotas import Counts, Quota, Scope, Usage
from contentdesk.lib.http import Http, Reply
from contentdesk.lib.i18n import N_

NAME = "Threads"
HOST = "graph.threads.net"
VERSION = "v1.0"
"""An epoch of its own: the only one there is."""
META = "https://developers.facebook.com/docs"
LINK_HOSTS = frozenset({"threads.net", "www.threads.net", "threads.com", "www.threads.com"})
LINK_PATH = r"/@[\w.]+/post/[\w-]+/?"

AUTHORIZE = "https://www.threads.net/oauth/authorize"
CODE_FOR_TOKEN = f"https://{HOST}/oauth/access_token"
PUBLISH_SCOPE = "threads_content_publish"
SCOPES = ("threads_basic", PUBLISH_SCOPE, "threads_manage_insights", "threads_read_replies")
SCOPE_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "threads_basic": N_("melihat akun Threads"),
        PUBLISH_SCOPE: N_("menerbitkan di Threads"),
        "threads_manage_insights": N_("membaca angka Threads"),
        "threads_read_replies": N_("membaca balasan warga"),
    }
)
NO_PERMISSION = N_(
    "%(platform)s menolak karena izin untuk akun %(handle)s kurang. Yang diperlukan: melihat akun dan menerbitkan. "
    "Periksa peran Anda di sana, lalu sambungkan lagi. Bila tetap begitu, minta admin memeriksa izin aplikasi kota."
)
SIGN_IN = UserLogin(
    OAuth(NAME, AUTHORIZE, CODE_FOR_TOKEN, SCOPES, separator=",", pkce=False, names=SCOPE_NAMES),
    graph=f"https://{HOST}",
    version=VERSION,
    prefix="th",
    id_field="id",
    must_have=PUBLISH_SCOPE,
)
SPEECH = threads_prepare.ThreadsSpeech()


class Threads(OneDoor):
    kind = "threads"
    ahead = timedelta(minutes=30)
    name = NAME
    icon = "brand-threads"
    formats: tuple[Format, ...] = threads_formats.FORMATS
    options: tuple[Option, ...] = threads_formats.OPTIONS
    figures = frozenset(threads_read.METRICS.values())
    by_hand = False
    quotas = (Quota(Scope.ACCOUNT, Counts.POSTS, 250, timedelta(days=1), f"{META}/threads/overview"),)
    door = SIGN_IN.oauth
    scopes = SCOPES
    scope_names = SCOPE_NAMES
    renew_before = timedelta(days=10)
    youngest_renewed = YOUNGEST_RENEWED

    def option_problems(self, options: Mapping[str, Any], format_key: str) -> Sequence[Problem]:
        return list(threads_formats.option_problems(options))

    def prepare(self, http: Http, outgoing: Outgoing, checkpoint: Checkpoint) -> Prepared:
        return Containers(SPEECH, self._graph(http, outgoing.login), outgoing).prepare(checkpoint)

    def publish(self, http: Http, outgoing: Outgoing, checkpoint: Checkpoint) -> Sent:
        path = f"{outgoing.login.external_id}/threads_publish"
        return meta_containers.publish(self._graph(http, outgoing.login), path, checkpoint)

    def find(
        self, http: Http, outgoing: Outgoing, checkpoint: Checkpoint, since: datetime
    ) -> Sent | NotThere | CannotTell:
        graph, traces = self._graph(http, outgoing.login), threads_prepare.traces(outgoing)
        return meta_find.find(graph, SPEECH, outgoing.login.external_id, traces, checkpoint, since)

    def measure(self, http: Http, login: Login, external_ids: Sequence[str]) -> Mapping[str, Stats]:
        return threads_read.measure(self._graph(http, login), external_ids)

    def measure_account(self, http: Http, login: Login) -> AccountStats:
        return threads_read.measure_account(self._graph(http, login), login.external_id)

    def comments(self, http: Http, login: Login, external_id: str) -> Comments:
        return threads_read.replies(self._graph(http, login), external_id)

    def check(self, http: Http, login: Login) -> None:
        self._graph(http, login).get("me", fields="id,username")

    def usage(self, reply: Reply) -> Sequence[Usage]:
        return usages.graph(reply)

    def owns_link(self, link: str) -> bool:
        return lies_on(link, LINK_HOSTS, LINK_PATH)

    def exchange(
        self, http: Http, app: AppKeys | None, redirect_uri: str, code: str, verifier: str, keep: Mapping[str, str]
    ) -> Sequence[Login]:
        assert app is not None
        return (SIGN_IN.exchange(http, app, redirect_uri, code),)

    def renew(self, http: Http, app: AppKeys | None, login: Login) -> Login:
        return SIGN_IN.renew(http, login)

    def _graph(self, http: Http, login: Login) -> Graph:
        return Graph(http, HOST, self.name, login, VERSION, no_permission=NO_PERMISSION)
