"""Mastodon: text, photos or a video on a server of one's own choice; a key makes the same call the same post."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from contentdesk.channels.abilities import MOST_COMMENTS, AccountStats, Ask, Comment, Comments, Leaving
from contentdesk.channels.base import (
    AppKeys,
    CannotTell,
    ChannelError,
    Checkpoint,
    Format,
    Login,
    LoginExpired,
    NotThere,
    Option,
    OptionType,
    OutcomeUnknown,
    Outgoing,
    PartOf,
    PhotoRule,
    Prepared,
    Rules,
    Sent,
    Stats,
    TextRule,
    TryLater,
    VideoRule,
)
from contentdesk.channels.kinds import (
    mastodon_find,
    mastodon_limits,
    mastodon_media,
    mastodon_server,
    mastodon_text,
    usages,
)
from contentdesk.channels.kinds.html_words import words_of
from contentdesk.channels.kinds.links import web_address
from contentdesk.channels.kinds.mastodon_server import Home, row, rows
from contentdesk.channels.kinds.meta_errors import UNKNOWN_OUTCOME
from contentdesk.channels.kinds.servers import connecting, moment
from contentdesk.channels.quotas import Counts, Quota, Scope, Usage
from contentdesk.lib.http import Http, Reply
from contentdesk.lib.i18n import N_

BATCH = 20
MISSING = "http_404"
FOR_ALL = frozenset({"public", "unlisted"})
COUNTERS = {"favourites_count": "likes", "reblogs_count": "shares", "replies_count": "comments"}
LINK_PATH = re.compile(r"/(@[\w.-]+(@[\w.-]+)?|users/[\w.-]+/statuses)/\d{15,20}/?")

POST = Rules(
    text=TextRule(max_chars=500, count=mastodon_text.length, beside=("spoiler",)),
    photo=PhotoRule(min_count=0, max_count=4, min_width=1, max_width=2048, max_bytes=8_000_000),
    # As servers before 4.2 take it; newer ones take 99 MB, and say so.
    video=VideoRule(max_seconds=600, max_bytes=40_000_000),
    alt_max_chars=1500,
)

LIMITS = "https://docs.joinmastodon.org/api/rate-limits/"
SOURCE = "https://github.com/mastodon/mastodon/blob/main/config/initializers/rack_attack.rb"
GENERAL = 100
"""Smaller limits are those of single paths, such as uploads: when they are over, the server says so itself."""


class Mastodon:
    kind = "mastodon"
    ahead = timedelta(minutes=30)
    name = mastodon_server.NAME
    icon = "brand-mastodon"
    formats: tuple[Format, ...] = (Format("post", N_("Unggahan"), POST),)
    options: tuple[Option, ...] = (
        Option(
            "visibility",
            N_("Siapa yang melihat"),
            OptionType.CHOICE,
            choices=(
                ("public", N_("Semua orang")),
                ("unlisted", N_("Semua orang, tanpa muncul di lini umum")),
                ("private", N_("Hanya pengikut")),
            ),
            default="public",
        ),
        Option(
            "spoiler",
            N_("Peringatan isi"),
            OptionType.TEXT,
            help=N_("Isi unggahan tertutup di balik kalimat ini. Biasanya kosong."),
            max_chars=100,
        ),
    )
    figures = frozenset(COUNTERS.values())
    by_hand = False
    quotas = (
        Quota(Scope.ACCOUNT, Counts.CALLS, 300, timedelta(minutes=5), LIMITS),
        Quota(Scope.ACCOUNT, Counts.POSTS, 300, timedelta(hours=3), SOURCE),
    )
    posts_per_call = BATCH
    needs_app = False
    asks: tuple[Ask, ...] = (
        Ask("server", N_("Alamat server"), help=N_("Tempat akun itu dibuat."), placeholder="mastodon.social"),
    )

    def prepare(self, http: Http, outgoing: Outgoing, checkpoint: Checkpoint) -> Prepared:
        return mastodon_media.prepare(Home(http, outgoing.login), outgoing, checkpoint)

    def publish(self, http: Http, outgoing: Outgoing, checkpoint: Checkpoint) -> Sent:
        body: dict[str, Any] = {
            "status": outgoing.text,
            "media_ids": [one["id"] for one in checkpoint.get("media", [])],
            "visibility": outgoing.options.get("visibility") or "public",
            "spoiler_text": outgoing.options.get("spoiler") or "",
            "language": "id",
        }
        status = Home(http, outgoing.login).post_once("v1/statuses", body, key_of(outgoing))
        if not status.get("id"):
            raise OutcomeUnknown(UNKNOWN_OUTCOME, code="no_id")
        return mastodon_find.sent(status)

    def find(
        self, http: Http, outgoing: Outgoing, checkpoint: Checkpoint, since: datetime
    ) -> Sent | NotThere | CannotTell:
        return mastodon_find.find(Home(http, outgoing.login), outgoing, checkpoint, since)

    def measure(self, http: Http, login: Login, external_ids: Sequence[str]) -> Mapping[str, Stats]:
        """A limit met halfway ends the round; what was read until then counts."""
        home = Home(http, login)
        figures: dict[str, Stats] = {}
        whole = True
        for start in range(0, len(external_ids), BATCH):
            group = external_ids[start : start + BATCH]
            try:
                figures |= {str(status.get("id")): _stats(status) for status in _statuses(home, group)}
            except TryLater:
                if not figures:
                    raise
                whole = False
                break
        told = {post_id: figures[post_id] for post_id in external_ids if post_id in figures}
        return told if whole else PartOf(told)

    def usage(self, reply: Reply) -> Sequence[Usage]:
        return usages.remaining(reply, "X-RateLimit", least=GENERAL)

    def server(self, details: Mapping[str, str]) -> str:
        return usages.host_of(details.get("server", ""))

    def owns_link(self, link: str) -> bool:
        """Any server may be one: the form of the path tells."""
        parts = web_address(link)
        return parts is not None and LINK_PATH.fullmatch(parts.path) is not None

    def leave(
        self, http: Http, app: AppKeys | None, redirect_uri: str, state: str, verifier: str, answers: Mapping[str, str]
    ) -> Leaving:
        """The city needs no app: each server gives us one on the spot."""
        with connecting():
            server = mastodon_server.found(http, answers.get("server", ""))
            own = mastodon_server.register(http, server, redirect_uri)
        address = mastodon_server.door(server).address(own, redirect_uri, state, verifier)
        return Leaving(address, {"server": server, "client_id": own.client_id, "client_secret": own.client_secret})

    def exchange(
        self, http: Http, app: AppKeys | None, redirect_uri: str, code: str, verifier: str, keep: Mapping[str, str]
    ) -> Sequence[Login]:
        server, own = keep["server"], AppKeys(keep["client_id"], keep["client_secret"])
        door = mastodon_server.door(server)
        token = door.exchange(http, own, redirect_uri, code, verifier)
        door.must_have(token, mastodon_server.SCOPES)
        with connecting():
            login = mastodon_server.who(http, server, token.access, token.scopes)
        return (replace(login, limits=_limits_or_none(http, login)),)

    def check(self, http: Http, login: Login) -> None:
        Home(http, login).get("v1/accounts/verify_credentials")

    def limits(self, http: Http, login: Login) -> Mapping[str, int]:
        return mastodon_limits.told(Home(http, login))

    def rules_of(self, rules: Rules, limits: Mapping[str, int]) -> Rules:
        return mastodon_limits.applied(rules, limits)

    def measure_account(self, http: Http, login: Login) -> AccountStats:
        me = row(Home(http, login).get("v1/accounts/verify_credentials"))
        return AccountStats(followers=_number(me, "followers_count"), posts=_number(me, "statuses_count"))

    def comments(self, http: Http, login: Login, external_id: str) -> Comments:
        below = row(Home(http, login).get(f"v1/statuses/{external_id}/context")).get("descendants")
        found = sorted(_comments(rows(below), login), key=lambda comment: comment.written_at, reverse=True)
        whole = isinstance(below, list) and len(found) <= MOST_COMMENTS
        return Comments(found[:MOST_COMMENTS], whole)


def _limits_or_none(http: Http, login: Login) -> Mapping[str, int]:
    """Nobody is kept from connecting because of them: they are asked for again."""
    try:
        return mastodon_limits.told(Home(http, login))
    except ChannelError:
        return {}


def key_of(outgoing: Outgoing) -> str:
    """The same for a delivery whenever it is asked, and for no other."""
    return sha256(f"contentdesk:{outgoing.delivery_id}".encode()).hexdigest()


def _statuses(home: Home, ids: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Many at once; one by one where the server is too old for that."""
    try:
        yield from rows(home.get("v1/statuses", *(("id[]", post_id) for post_id in ids)))
    except (LoginExpired, TryLater):
        raise
    except ChannelError:
        for post_id in ids:
            yield from _one(home, post_id)


def _one(home: Home, post_id: str) -> Iterator[dict[str, Any]]:
    try:
        yield row(home.get(f"v1/statuses/{post_id}"))
    except ChannelError as error:
        if error.code != MISSING:
            raise


def _number(body: dict[str, Any], name: str) -> int | None:
    value = body.get(name)
    return value if type(value) is int else None


def _stats(status: dict[str, Any]) -> Stats:
    return Stats(**{ours: _number(status, theirs) for theirs, ours in COUNTERS.items()})


def _comments(statuses: list[dict[str, Any]], login: Login) -> Iterator[Comment]:
    """What was written for a few people alone is answered in the app, by whom it was written to."""
    for status in statuses:
        author, at = row(status.get("account")), moment(status.get("created_at"))
        if at is not None and status.get("id") and status.get("visibility", "public") in FOR_ALL:
            words, link = words_of(str(status.get("content", ""))), str(status["url"]) if status.get("url") else None
            by_us = str(author.get("id")) == login.details.get("account")
            yield Comment(str(status["id"]), str(author.get("acct", "")), words, at, link, by_us=by_us)
