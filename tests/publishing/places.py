"""A post that is due on each kind of platform, and what a person sees of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from html import unescape
from types import MappingProxyType
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select, update

from contentdesk.channels import queries, services
from contentdesk.channels.base import Login
from contentdesk.channels.kinds.bluesky import Bluesky
from contentdesk.channels.kinds.wordpress import WordPress
from contentdesk.channels.models import Account
from contentdesk.lib import clock
from contentdesk.lib.db import db, transaction
from contentdesk.lib.http import Http
from contentdesk.media.models import Media
from contentdesk.metrics.models import LatestFigures
from contentdesk.notices.models import Notice
from contentdesk.posts.models import Post, Revision, RevisionFile
from contentdesk.publishing import queries as deliveries
from contentdesk.publishing.models import Delivery
from contentdesk.users.models import User
from tests.channels.line import login_of
from tests.channels.subjects import facebook, mastodon, telegram, tiktok, youtube
from tests.channels.videos import mp4_bytes
from tests.publishing.conftest import Scene
from tests.servers import SandboxProcess
from workers import metrics

FILM = mp4_bytes(5)
Open = Callable[..., Login]


def instagram_login(sandbox: SandboxProcess, **wishes: object) -> Login:
    return login_of(sandbox.account("kim.latihan", **wishes))


def facebook_login(sandbox: SandboxProcess, **wishes: object) -> Login:
    page = sandbox.account("kim.latihan", platform="facebook", name="KIM Latihan", **wishes)
    return Login(page["id"], page["name"], page["access_token"], scopes=tuple(page["scopes"]))


def youtube_login(sandbox: SandboxProcess, **wishes: object) -> Login:
    return youtube.login_of(sandbox.account("kim.latihan", platform="youtube", **wishes))


def telegram_login(sandbox: SandboxProcess, **wishes: object) -> Login:
    return telegram.login_of(sandbox.account("kim_latihan", platform="telegram", **wishes))


def wordpress_login(sandbox: SandboxProcess, **wishes: object) -> Login:
    opened = sandbox.account("penulis", platform="wordpress", **wishes)
    answers = {"site": opened["site"], "user": opened["username"], "key": opened["access_token"]}
    [login] = WordPress().sign_in(Http(sandbox.url), answers)
    return login


def bluesky_login(sandbox: SandboxProcess, **wishes: object) -> Login:
    opened = sandbox.account("kim.latihan.test", platform="bluesky", **wishes)
    answers = {"user": opened["username"], "key": opened["password"], "server": ""}
    [login] = Bluesky().sign_in(Http(sandbox.url), answers)
    return login


def threads_login(sandbox: SandboxProcess, **wishes: object) -> Login:
    return login_of(sandbox.account("kim.latihan", platform="threads", **wishes))


def mastodon_login(sandbox: SandboxProcess, **_wishes: object) -> Login:
    return mastodon.open_account(sandbox)


class NoMore(Exception):
    """The post is asked about no more."""


@dataclass(frozen=True)
class Place:
    """`call`: (method, path) of the irreversible call in the sandbox's book, `early`: of the first one before it."""

    open: Open
    call: tuple[str, str]
    early: str
    options: Mapping[str, Any] | None = None
    """Chosen for a film; None: a photo."""
    settings: Mapping[str, Any] = field(default_factory=dict)


PLACES: Mapping[str, Place] = MappingProxyType(
    {
        "instagram": Place(instagram_login, ("POST", "media_publish$"), "/media$"),
        "facebook": Place(facebook_login, ("POST", "/feed$"), "/photos$"),
        "tiktok": Place(
            tiktok.open_account,
            ("PUT", "^/video/$"),
            "video/init/$",
            tiktok.PUBLIC,
            {"tiktok_processing_s": 0.0, "tiktok_moderation_s": 0.0},
        ),
        "youtube": Place(
            youtube_login, ("PUT", "/upload/youtube/v3/videos"), "/upload/youtube/v3/videos$", youtube.CHOSEN
        ),
        "wordpress": Place(wordpress_login, ("POST", r"wp/v2/posts/\d+$"), "wp/v2/media$"),
        "telegram": Place(telegram_login, ("POST", "sendPhoto$"), "sendPhoto$"),
        "bluesky": Place(bluesky_login, ("POST", "createRecord$|putRecord$|applyWrites$"), "uploadBlob$"),
        "threads": Place(threads_login, ("POST", "threads_publish$"), "/threads$"),
        "mastodon": Place(mastodon_login, ("POST", "/api/v1/statuses$"), "/api/v2/media$"),
    }
)
assert facebook.SUBJECT.kind in PLACES


class Bad(Scene):
    """One platform, one account on it, one post that is due."""

    def __init__(self, scene: Scene, kind: str) -> None:
        """On the stage of `scene`, which serves the app."""
        vars(self).update(vars(scene))
        self._browsers: dict[str, FlaskClient] = {}
        self.kind, self.place = kind, PLACES[kind]
        self.sandbox.admin("settings", dict(self.place.settings))
        self.account = self.connected()
        self.delivery = self.due()
        self.approved = self.kept()

    def connected(self, **wishes: object) -> Account:
        """As the chair signs in, also for the second time."""
        login = self.place.open(self.sandbox, **wishes)
        with transaction():
            made = services.connect(self.chair, self.kind, self.kim.id, login, self.at.box)
            return db.session.get_one(Account, made.id)

    def weakened(self, **wishes: object) -> None:
        """The same login, but the platform now knows it as one with fewer rights."""
        token = self.place.open(self.sandbox, **wishes).token
        with transaction():
            sealed = {"token_sealed": self.at.box.seal(token)}
            db.session.execute(update(Account).where(Account.id == self.account.id).values(**sealed))

    def due(self) -> Delivery:
        delivery = self.scheduled(account=self.account)
        if self.place.options is not None:
            self._film(delivery.revision_id, dict(self.place.options))
        return delivery

    def _film(self, revision_id: str, options: dict[str, Any]) -> None:
        stored = self.at.files.put(FILM, ".mp4")
        values = {"sha256": stored.sha256, "size": len(FILM), "media": Media.VIDEO}
        values |= {"seconds": 5.0, "fps": 25.0, "width": 720, "height": 1280}
        with transaction():
            db.session.execute(update(RevisionFile).where(RevisionFile.revision_id == revision_id).values(**values))
            chosen = update(Revision).where(Revision.id == revision_id).values(options={self.kind: options})
            db.session.execute(chosen)

    def step(self) -> None:
        self.look(self.delivery)

    def goes(self, rounds: int = 12) -> str:
        return self.go(self.delivery, rounds).state

    def fault(self, **how: Any) -> None:
        """On the irreversible call, unless another path is named."""
        method, path = self.place.call
        self.sandbox.admin("faults", {"method": method, "path_regex": path} | how)

    def well_again(self) -> None:
        self.sandbox.admin("faults", method="DELETE")

    def planned_anew(self) -> None:
        """The reviewer picks a new time on the page; it comes at once."""
        soon = (clock.now() + timedelta(hours=1)).astimezone(clock.WIB)
        form = {"due_at": soon.strftime("%Y-%m-%dT%H:%M")}
        answer = self.browser(self.reviewer).post(f"/unggahan/{self.delivery.post_id}/jadwal", data=form)
        assert answer.status_code == 303, answer.text
        before = self.delivery.id
        [self.delivery] = [one for one in deliveries.of_post(self.delivery.post_id) if one.id != before]
        self.change(self.delivery, due_at=clock.now())

    def title(self) -> str:
        return db.session.get_one(Post, self.delivery.post_id).title

    def asked_for_figures(self) -> timedelta:
        """One poll; how long it then waits. Raises NoMore."""
        now = clock.now()
        with transaction():
            db.session.get_one(LatestFigures, self.delivery.id).poll_at = now
        metrics.step(self.account.id, self.at)
        db.session.rollback()
        poll_at = db.session.get_one(LatestFigures, self.delivery.id).poll_at
        if poll_at is None:
            raise NoMore
        return poll_at - now

    def sent_calls(self) -> int:
        """Irreversible calls that had an effect."""
        method, path = self.place.call
        return sum(1 for call in self.sandbox.calls(path, method) if call["committed"] and call["status"] != 308)

    def public(self) -> int:
        return len(self.sandbox.published())

    def standing(self) -> str:
        db.session.rollback()
        return queries.get_account(self.account.id).state

    def kept(self) -> tuple[Any, ...]:
        """Everything that must not be lost: the words, the file, what was chosen, the time."""
        row = self.fresh(self.delivery)
        post = db.session.get_one(Post, row.post_id)
        revision = db.session.get_one(Revision, row.revision_id)
        files = db.session.execute(
            select(RevisionFile.sha256, RevisionFile.size).where(RevisionFile.revision_id == revision.id)
        )
        there = [(sha, size) for sha, size in files if self._lies_there(sha)]
        return post.state, post.title, revision.text, revision.options, there, row.due_at, row.expires_at

    def _lies_there(self, sha256: str) -> bool:
        return any(self.at.files.path_of(sha256, suffix).is_file() for suffix in (".jpg", ".mp4"))

    def page(self, path: str, who: User | None = None) -> str:
        return unescape(self.browser(who or self.chair).get(path).text)

    def browser(self, who: User) -> FlaskClient:
        """In which somebody has signed in."""
        if who.id not in self._browsers:
            self._browsers[who.id] = self.make.signed_in(who)
        return self._browsers[who.id]

    def account_page(self) -> str:
        return self.page(f"/akun/{self.account.id}")

    def delivery_page(self) -> str:
        return self.page(f"/terbitan/{self.delivery.id}", self.member)

    def post_page(self) -> str:
        return self.page(f"/unggahan/{self.delivery.post_id}", self.member)

    def told(self, who: User | None = None) -> list[str]:
        db.session.rollback()
        rows = db.session.scalars(select(Notice).where(Notice.user_id == (who or self.chair).id).order_by(Notice.id))
        return [notice.message % notice.values for notice in rows]
