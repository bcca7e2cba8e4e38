"""Bluesky: text, photos or a video, with an app password; the record's key is ours, so a post cannot be doubled."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from contentdesk.channels.abilities import MOST_COMMENTS, AccountStats, Ask, Comment, Comments
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
    OutcomeUnknown,
    Outgoing,
    PartOf,
    PhotoRule,
    Prepared,
    Rules,
    Sent,
    Stats,
    TextRule,
    VideoRule,
)
from contentdesk.channels.kinds import bluesky_record, bluesky_server, bluesky_text, usages
from contentdesk.channels.kinds.bluesky_server import ACCOUNT_GONE, NOT_FOUND, Pds
from contentdesk.channels.kinds.links import lies_on
from contentdesk.channels.kinds.meta_errors import UNKNOWN_OUTCOME, Meaning, Means
from contentdesk.channels.kinds.servers import connecting, moment
from contentdesk.channels.quotas import Counts, Quota, Scope, Usage
from contentdesk.lib.http import Http, Reply
from contentdesk.lib.i18n import N_

BATCH = 25
COUNTERS = {"likeCount": "likes", "repostCount": "shares", "replyCount": "comments", "bookmarkCount": "saves"}
WEB = "https://bsky.app"
LINK_HOSTS = frozenset({"bsky.app", "www.bsky.app"})
LINK_PATH = r"/profile/[\w.:%-]+/post/[a-z2-7]{13}/?"

POST = Rules(
    text=TextRule(max_chars=bluesky_text.MAX_GRAPHEMES, count=bluesky_text.length),
    photo=PhotoRule(min_count=0, max_count=4, min_width=1, max_width=2000, max_bytes=2_000_000),
    video=VideoRule(max_seconds=180, max_bytes=100_000_000),
    alt_max_chars=2000,
)

LIMITS = "https://docs.bsky.app/docs/advanced-guides/rate-limits"


class Bluesky:
    kind = "bluesky"
    name = bluesky_server.NAME
    icon = "brand-bluesky"
    formats: tuple[Format, ...] = (Format("post", N_("Unggahan"), POST),)
    options: tuple[Option, ...] = ()
    figures = frozenset(COUNTERS.values())
    by_hand = False
    quotas = (
        Quota(Scope.ACCOUNT, Counts.POSTS, 1_666, timedelta(hours=1), LIMITS),
        Quota(Scope.ACCOUNT, Counts.POSTS, 11_666, timedelta(days=1), LIMITS),
        Quota(Scope.PLATFORM, Counts.CALLS, 3_000, timedelta(minutes=5), LIMITS),
    )
    """Of 5,000 points in an hour and 35,000 in a day a post takes three."""
    posts_per_call = BATCH
    asks: tuple[Ask, ...] = (
        Ask("user", N_("Nama akun atau alamat surel"), placeholder="kim-dinoyo.bsky.social"),
        Ask(
            "key",
            N_("Kata sandi aplikasi"),
            help=N_("Buat di Pengaturan, Privasi dan keamanan. Bukan kata sandi untuk masuk."),
            placeholder="xxxx-xxxx-xxxx-xxxx",
            secret=True,
        ),
        Ask(
            "server",
            N_("Alamat server"),
            help=N_("Kosongkan kalau akunnya di bsky.social."),
            placeholder="bsky.social",
            optional=True,
        ),
    )
    renew_before = timedelta(minutes=45)
    youngest_renewed = timedelta(0)

    def prepare(self, http: Http, outgoing: Outgoing, checkpoint: Checkpoint) -> Prepared:
        return bluesky_record.prepare(Pds(http, outgoing.login), outgoing, checkpoint)

    def publish(self, http: Http, outgoing: Outgoing, checkpoint: Checkpoint) -> Sent:
        pds, key = Pds(http, outgoing.login), checkpoint.get("rkey")
        if not key:
            raise pds.failure(Meaning(Means.TRANSIENT), "no_key")
        record = bluesky_record.record(outgoing, checkpoint)
        place = {"repo": outgoing.login.external_id, "collection": bluesky_record.POST, "rkey": key}
        written = pds.post("com.atproto.repo.putRecord", place | {"record": record}, once=True)
        if not written.get("uri"):
            raise OutcomeUnknown(UNKNOWN_OUTCOME, code="no_uri")
        return _sent(str(written["uri"]))

    def find(
        self, http: Http, outgoing: Outgoing, checkpoint: Checkpoint, since: datetime
    ) -> Sent | NotThere | CannotTell:
        """Certain at once, either way: the key is ours, and writing it again is the same post."""
        key = checkpoint.get("rkey")
        if not key:
            return NotThere(checkpoint)
        place = [("repo", outgoing.login.external_id), ("collection", bluesky_record.POST), ("rkey", key)]
        answers = {NOT_FOUND, "InvalidRequest"}
        found = Pds(http, outgoing.login).get("com.atproto.repo.getRecord", place, also=answers)
        return _sent(str(found["uri"])) if found.get("uri") else NotThere(checkpoint)

    def measure(self, http: Http, login: Login, external_ids: Sequence[str]) -> Mapping[str, Stats]:
        """A limit met halfway ends the round; what was read until then counts."""
        figures: dict[str, Stats] = {}
        whole = True
        for start in range(0, len(external_ids), BATCH):
            asked = [("uris", uri) for uri in external_ids[start : start + BATCH] if uri.startswith("at://")]
            try:
                posts = Pds(http, login).get("app.bsky.feed.getPosts", asked).get("posts") if asked else []
            except LoginExpired:
                raise
            except ChannelError:
                if not figures:
                    raise
                whole = False
                break
            figures |= {str(post.get("uri")): _stats(post) for post in _rows(posts)}
        told = {uri: figures[uri] for uri in external_ids if uri in figures}
        return told if whole else PartOf(told)

    def usage(self, reply: Reply) -> Sequence[Usage]:
        return usages.remaining(reply, "RateLimit")

    def server(self, details: Mapping[str, str]) -> str:
        return usages.host_of(details.get("pds", bluesky_server.HOME))

    def owns_link(self, link: str) -> bool:
        return lies_on(link, LINK_HOSTS, LINK_PATH)

    def sign_in(self, http: Http, answers: Mapping[str, str]) -> Sequence[Login]:
        with connecting():
            return (bluesky_server.sign_in(http, answers),)

    def renew(self, http: Http, app: AppKeys | None, login: Login) -> Login:
        return bluesky_server.renew(http, login)

    def check(self, http: Http, login: Login) -> None:
        pds = Pds(http, login)
        session = pds.get("com.atproto.server.getSession", [])
        if session.get("active") is False:
            left = session.get("status") == "deactivated"
            raise pds.failure(ACCOUNT_GONE if left else Meaning(Means.PERMISSION), "inactive")

    def measure_account(self, http: Http, login: Login) -> AccountStats:
        profile = Pds(http, login).get("app.bsky.actor.getProfile", [("actor", login.external_id)])
        return AccountStats(followers=_number(profile, "followersCount"), posts=_number(profile, "postsCount"))

    def comments(self, http: Http, login: Login, external_id: str) -> Comments:
        """Not the whole when the post counts more replies than came: some are not shown to everybody."""
        asked = [("uri", external_id), ("depth", "1"), ("parentHeight", "0")]
        thread = _row(Pds(http, login).get("app.bsky.feed.getPostThread", asked).get("thread"))
        found = list(_comments(_rows(thread.get("replies")), login))
        found.sort(key=lambda comment: comment.written_at, reverse=True)
        count = _number(_row(thread.get("post")), "replyCount")
        whole = count is not None and count <= len(found) <= MOST_COMMENTS
        return Comments(found[:MOST_COMMENTS], whole)


def _sent(uri: str) -> Sent:
    return Sent(uri, _link(uri))


def _link(uri: str) -> str:
    """By the account's id, which stays when its name changes."""
    did, _, rest = uri.removeprefix("at://").partition("/")
    return f"{WEB}/profile/{did}/post/{rest.rpartition('/')[2]}"


def _row(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _rows(value: Any) -> list[dict[str, Any]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def _number(row: dict[str, Any], name: str) -> int | None:
    value = row.get(name)
    return value if type(value) is int else None


def _stats(post: dict[str, Any]) -> Stats:
    return Stats(**{ours: _number(post, theirs) for theirs, ours in COUNTERS.items()})


def _comments(rows: list[dict[str, Any]], login: Login) -> Iterator[Comment]:
    for post in (_row(row.get("post")) for row in rows):
        author, uri, at = _row(post.get("author")), str(post.get("uri")), moment(post.get("indexedAt"))
        if at is not None:
            by_us = author.get("did") == login.external_id
            text = str(_row(post.get("record")).get("text", ""))
            yield Comment(uri, str(author.get("handle", "")), text, at, _link(uri), by_us=by_us)
