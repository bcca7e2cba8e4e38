"""WordPress: posts with photos on a site of one's own, with an application password."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from contentdesk.channels.abilities import MOST_COMMENTS, Ask, Comment, Comments
from contentdesk.channels.base import (
    CannotTell,
    Checkpoint,
    Format,
    Login,
    NotAllowed,
    NotThere,
    Option,
    OptionType,
    OutcomeUnknown,
    Outgoing,
    PartOf,
    PhotoRule,
    Prepared,
    Rejected,
    Rules,
    Sent,
    Stats,
    TextRule,
    TryLater,
)
from contentdesk.channels.kinds import usages, wordpress_draft, wordpress_site
from contentdesk.channels.kinds.html_words import words_of
from contentdesk.channels.kinds.links import web_address
from contentdesk.channels.kinds.meta_errors import UNKNOWN_OUTCOME, Meaning, Means
from contentdesk.channels.kinds.servers import connecting, header, moment
from contentdesk.channels.kinds.wordpress_site import Site
from contentdesk.lib.http import Http
from contentdesk.lib.i18n import N_

# Sites choose the form of their addresses; these are the usual ones.
LINK_PATH = re.compile(r"/(\d{4}/\d\d/(\d\d/)?[\w%-]+|(\d{4}/\d\d/(\d\d/)?)?[a-z0-9]+(-[a-z0-9]+)+)/?")
LINK_QUERY = re.compile(r"(.*&)?p=\d+(&.*)?")
BATCH = 100
NOT_YET_PUBLIC = frozenset({"draft", "auto-draft", "pending"})
HELD_BACK = N_("%(handle)s menahan unggahan ini untuk diperiksa pengelola situs. Minta pengelola situs menerbitkannya.")
PLANNED = N_("%(handle)s menerbitkan unggahan ini menurut jamnya sendiri. Kami periksa lagi nanti.")

POST = Rules(
    text=TextRule(max_chars=20_000, required=True),
    photo=PhotoRule(min_count=0, max_count=10, min_width=1, max_width=2048, max_bytes=5_000_000),
)


class WordPress:
    kind = "wordpress"
    name = wordpress_site.NAME
    icon = "brand-wordpress"
    formats: tuple[Format, ...] = (Format("post", N_("Tulisan"), POST),)
    options: tuple[Option, ...] = (
        Option(
            "categories",
            N_("Kategori"),
            OptionType.TEXT,
            help=N_("Nama kategori di situs, pisahkan dengan koma. Yang belum ada akan dibuat."),
            max_chars=200,
        ),
    )
    figures = frozenset({"comments"})
    by_hand = False
    asks: tuple[Ask, ...] = (
        Ask("site", N_("Alamat situs"), placeholder=wordpress_site.EXAMPLE),
        Ask("user", N_("Nama pengguna di situs itu")),
        Ask(
            "key",
            N_("Kata sandi aplikasi"),
            help=N_("Buat di situs itu: Pengguna, Profil, Kata Sandi Aplikasi. Bukan kata sandi untuk masuk."),
            placeholder="xxxx xxxx xxxx xxxx xxxx xxxx",
            secret=True,
        ),
    )

    def prepare(self, http: Http, outgoing: Outgoing, checkpoint: Checkpoint) -> Prepared:
        return wordpress_draft.prepare(Site(http, outgoing.login), outgoing, checkpoint)

    def publish(self, http: Http, outgoing: Outgoing, checkpoint: Checkpoint) -> Sent:
        site, post_id = Site(http, outgoing.login), checkpoint.get("post")
        if not post_id:
            raise site.failure(Meaning(Means.TRANSIENT), "no_draft")
        body = wordpress_draft.fields(outgoing, checkpoint) | {"status": "publish"}
        post = site.post(f"posts/{post_id}", body, once=True)
        if post.get("status") in NOT_YET_PUBLIC:
            raise NotAllowed(HELD_BACK, code=f"status_{post['status']}", **site.words)
        if post.get("status") != "publish" or not post.get("id"):
            raise OutcomeUnknown(UNKNOWN_OUTCOME, code="status")
        return _sent(post)

    def find(
        self, http: Http, outgoing: Outgoing, checkpoint: Checkpoint, since: datetime
    ) -> Sent | NotThere | CannotTell:
        """Without a draft of ours nothing can be public. With one, its status says it, at once and for certain."""
        site, post_id = Site(http, outgoing.login), checkpoint.get("post")
        known = wordpress_draft.by_id(site, post_id) if post_id else None
        known = known or wordpress_draft.by_slug(site, outgoing)
        if known is None:
            return CannotTell() if post_id else NotThere(checkpoint)
        if known.get("status") == "publish":
            return _sent(known)
        if known.get("status") == "future":
            raise TryLater(PLANNED, after=timedelta(minutes=5), code="status_future", **site.words)
        return NotThere({**checkpoint, "post": known["id"]}) if known.get("status") in NOT_YET_PUBLIC else CannotTell()

    def measure(self, http: Http, login: Login, external_ids: Sequence[str]) -> Mapping[str, Stats]:
        """Comments alone: a site tells nobody how often it was read. A limit met halfway ends the round."""
        site = Site(http, login)
        figures: dict[str, Stats] = {}
        for post_id in _still_there(site, external_ids):
            try:
                total = header(site.read("comments", post=post_id, per_page="1"), "X-WP-Total")
            except TryLater:
                if not figures:
                    raise
                return PartOf(figures)
            except (NotAllowed, Rejected):
                total = ""
            figures[post_id] = Stats(comments=int(total) if total.isdecimal() else None)
        return figures

    def server(self, details: Mapping[str, str]) -> str:
        return usages.host_of(details.get("site", ""))

    def owns_link(self, link: str) -> bool:
        parts = web_address(link)
        if parts is None:
            return False
        plain = parts.path in ("", "/", "/index.php") and LINK_QUERY.fullmatch(parts.query) is not None
        return plain or LINK_PATH.fullmatch(parts.path) is not None

    def sign_in(self, http: Http, answers: Mapping[str, str]) -> Sequence[Login]:
        with connecting():
            return (wordpress_site.sign_in(http, answers),)

    def check(self, http: Http, login: Login) -> None:
        wordpress_site.who(http, login)

    def comments(self, http: Http, login: Login, external_id: str) -> Comments:
        asked = {"post": external_id, "per_page": str(MOST_COMMENTS), "orderby": "date_gmt", "order": "desc"}
        rows = Site(http, login).get("comments", **asked)
        if not isinstance(rows, list):
            return Comments()
        return Comments(list(_comments(rows, login)), whole=len(rows) < MOST_COMMENTS)


def _sent(post: dict[str, Any]) -> Sent:
    return Sent(str(post["id"]), str(post["link"]) if post.get("link") else None)


def _still_there(site: Site, external_ids: Sequence[str]) -> list[str]:
    """A site counts the comments of a post that never was, too, so it is asked first which ones are there."""
    there: list[str] = []
    for start in range(0, len(external_ids), BATCH):
        group = ",".join(external_ids[start : start + BATCH])
        rows = site.get("posts", include=group, per_page=str(BATCH), _fields="id")
        there += [str(row.get("id")) for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    return [post_id for post_id in external_ids if post_id in there]


def _comments(rows: list[Any], login: Login) -> Iterator[Comment]:
    for row in (row for row in rows if isinstance(row, dict)):
        content, at = row.get("content"), moment(row.get("date_gmt"), UTC)
        if at is not None and isinstance(content, dict):
            words, link = words_of(str(content.get("rendered", ""))), str(row["link"]) if row.get("link") else None
            by_us = bool(row.get("author")) and str(row["author"]) == login.details.get("user_id")
            yield Comment(str(row.get("id")), str(row.get("author_name", "")), words, at, link, by_us=by_us)
