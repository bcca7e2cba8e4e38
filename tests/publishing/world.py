"""All that people, workers, the beat, the platforms and time can do to posts of one KIM, one act at a time."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import redis
from flask import Flask
from sqlalchemy import select

from contentdesk.access.permissions import Role
from contentdesk.channels.models import Account
from contentdesk.channels.services import mark_connected, mark_expired
from contentdesk.lib import clock
from contentdesk.lib.db import db, transaction
from contentdesk.lib.desk import Desk, desk
from contentdesk.lib.errors import DomainError
from contentdesk.lib.http import Http, Reply
from contentdesk.media import links
from contentdesk.media.models import Asset
from contentdesk.posts.content import Content, ContentPhoto
from contentdesk.posts.models import Post
from contentdesk.posts.queries import get_post
from contentdesk.posts.services import create_post, edit_post
from contentdesk.publishing import campaigning, consents, handwork, holding, persons, services, sweeps
from contentdesk.publishing.holds import Scope
from contentdesk.publishing.models import Delivery, Hold
from contentdesk.publishing.queries import get_delivery
from contentdesk.publishing.states import ENDED, DeliveryState, HoldReason, HoldScope
from contentdesk.reviews.models import Verdict
from contentdesk.reviews.services import decide, submit
from contentdesk.umkm.models import PUBLISHING_PURPOSES
from contentdesk.umkm.queries import get_business
from contentdesk.umkm.services import give_consent
from contentdesk.users.models import User
from tests.channels.line import jpeg
from tests.factories import Factory
from tests.gates import open_all
from tests.publishing.guarantees import Guarantees
from tests.publishing.played import INSTAGRAM, TELEGRAM, Platforms, Public
from workers import publish, tick

D = DeliveryState
GRACE = timedelta(hours=3)
MARKS = {f"C{number:02}": "ok" for number in range(1, 13)}
TOKEN = "123456789:" + "A" * 35
LINK = "https://www.snackvideo.com/@kim.latihan/video/51995123456789012{:02}"


class Crash(BaseException):
    """The worker's process is gone: nothing of it runs any more."""


class Time:
    """Stands in for `datetime` where the time is read: `clock.now` itself was handed on to many a default."""

    moment = datetime(2026, 12, 1, 3, 0, tzinfo=UTC)

    @classmethod
    def now(cls, zone: Any = UTC) -> datetime:
        return cls.moment.astimezone(zone)


@dataclass
class Bell:
    """The doorbell as a list."""

    connection: redis.Redis
    rung: list[str] = field(default_factory=list)

    def ring(self, _queue: str, job: str, *args: str, **_: Any) -> bool:
        if job == publish.JOB and args[0] not in self.rung:
            self.rung.append(args[0])
        return True

    def ring_together(self, queue: str, job: str, groups: Iterable[Iterable[str]], **_: Any) -> bool:
        return all(self.ring(queue, job, delivery_id) for group in groups for delivery_id in group)

    def answered(self, *_: str) -> None:
        pass


class Watched(Http):
    """Says for whom it calls, and lets something happen before and after each call."""

    def __init__(self, world: "World", base: str) -> None:
        super().__init__(base)
        self._world = world

    def call(self, *args: Any, **kwargs: Any) -> Reply:
        self._world.reached()
        self._world.platforms.asker = self._world.in_hand[-1]
        reply = super().call(*args, **kwargs)
        self._world.reached()
        return reply


class World:
    def __init__(self, app: Flask, base: str, platforms: Platforms) -> None:
        make = Factory(app)
        self.bell, self.platforms = Bell(desk().bell.connection), platforms
        open_all(self.bell.connection)
        self.at: Desk = replace(desk(), bell=self.bell, http=Watched(self, base))  # type: ignore[arg-type]
        platforms.fetch = self._fetched
        self.kim = make.kim()
        self.member, self.chair = make.user(kim=self.kim), make.user(Role.CHAIR, kim=self.kim)
        self.reviewer = make.user(Role.REVIEWER)
        self.accounts = [self._account(make, *one) for one in (("instagram", INSTAGRAM), ("telegram", TELEGRAM))]
        self.accounts.append(make.account(self.kim, "snackvideo"))
        self.business = make.business(self.kim)
        self.campaign = make.campaign()
        self.photos = [self._photo(make, colour) for colour in ((200, 120, 40), (40, 120, 200))]
        self.in_hand: list[str] = []
        self.guarantees = Guarantees({account.id: account.kind for account in self.accounts})
        platforms.heard = self.guarantees.note_call
        self._points = 0
        self._then: tuple[int, Callable[[], object]] | None = None
        self._words = 0

    def _account(self, make: Factory, kind: str, external_id: str) -> Account:
        details = {"username": "kimlatihan", "bot_id": "123456789"}
        return make.account(
            self.kim, kind, external_id=external_id, token_sealed=self.at.box.seal(TOKEN), details=details
        )

    def _photo(self, make: Factory, colour: tuple[int, int, int]) -> Asset:
        stored = self.at.files.put(jpeg(colour, (1080, 1080)), ".jpg")
        return make.asset(self.member, sha256=stored.sha256, size=stored.size)

    def _fetched(self, url: str) -> bytes | None:
        token = url.rsplit("/", 1)[1].removesuffix(".jpg")
        sha256 = links.shared_sha256(token, self.at.config.secret_keys)
        return self.at.files.path_of(sha256, ".jpg").read_bytes() if sha256 else None

    # What people do. A refusal is an answer.

    def act(self, what: Callable[[], object]) -> None:
        with suppress(DomainError), transaction():
            what()
        db.session.rollback()

    def posts(self) -> list[str]:
        return list(db.session.scalars(select(Post.id).order_by(Post.created_at, Post.id)))

    def deliveries(self) -> list[str]:
        """Those first that the engine still looks at."""
        is_over = Delivery.state.not_in(sweeps.OPEN)
        return list(db.session.scalars(select(Delivery.id).order_by(is_over, Delivery.created_at, Delivery.id)))

    def of_kind(self, kind: str) -> str:
        """The first delivery on a channel of this kind."""
        mine = [account.id for account in self.accounts if account.kind == kind]
        return next(one for one in self.deliveries() if self.row(one).account_id in mine)

    def _content(self) -> Content:
        self._words += 1
        photo = self.photos[self._words % len(self.photos)]
        return Content(
            text=f"Keripik tempe Sanan, garing dua kali goreng. Rp15.000, kemasan {self._words}.",
            photos=(ContentPhoto(photo.id, "Keripik tempe di piring"),),
            business_ids=(self.business.id,),
            account_ids=tuple(account.id for account in self.accounts),
            photo_source="buatan_kim",
            faces="tidak_ada",
            children="tidak_ada",
        )

    def write(self) -> None:
        self.act(lambda: create_post(self.member, self._content(), self.at.files))

    def edit(self, post_id: str) -> None:
        post = get_post(post_id)
        self.act(lambda: edit_post(self.chair, post, self._content(), post.newest_number, self.at.files))

    def hand_in(self, post_id: str) -> None:
        self.act(lambda: submit(self.member, get_post(post_id)))

    def verdict(self, post_id: str, actor: User, verdict: Verdict) -> None:
        def give() -> None:
            post = get_post(post_id)
            decide(actor, post, post.revisions[-1].id, verdict, MARKS, "Mohon diperbaiki.")

        self.act(give)

    def plan(self, post_id: str, minutes: int) -> None:
        due_at = clock.now() + timedelta(minutes=minutes)
        self.act(lambda: services.schedule(self.chair, get_post(post_id), due_at, GRACE))

    def plan_anew(self, minutes: int) -> None:
        """A post from the first word to its plan."""
        self.write()
        post_id = self.posts()[-1]
        self.hand_in(post_id)
        self.verdict(post_id, self.reviewer, Verdict.APPROVE)
        self.plan(post_id, minutes)

    def approve_again(self, post_id: str) -> None:
        self.hand_in(post_id)
        self.verdict(post_id, self.reviewer, Verdict.APPROVE)

    def cancel(self, delivery_id: str) -> None:
        self.act(lambda: services.cancel(self.chair, get_delivery(delivery_id)))

    def withdraw_post(self, post_id: str) -> None:
        self.act(lambda: services.withdraw_post(self.chair, get_post(post_id)))

    def withdraw_consent(self) -> None:
        self.act(lambda: consents.withdraw(self.chair, get_business(self.business.id), PUBLISHING_PURPOSES))

    def give_consent(self) -> None:
        business = self.business.id
        self.act(
            lambda: give_consent(self.chair, get_business(business), PUBLISHING_PURPOSES, "formulir", clock.today())
        )

    def disconnect(self, number: int) -> None:
        account = self.accounts[number].id
        self.act(lambda: mark_expired(db.session.get_one(Account, account), "Sambungkan lagi."))

    def reconnect(self, number: int) -> None:
        account = self.accounts[number].id
        self.act(lambda: mark_connected(db.session.get_one(Account, account)))

    def person_looks(self, delivery_id: str) -> None:
        """And says what is true."""
        seen = [one for one in self.platforms.public if one.delivery_id == delivery_id]
        if seen:
            self.act(lambda: persons.is_there(self.chair, get_delivery(delivery_id), _link(seen[0])))
        else:
            self.act(lambda: persons.is_not_there(self.chair, get_delivery(delivery_id), GRACE))

    def take(self, delivery_id: str) -> None:
        self.act(lambda: handwork.take(self.member, get_delivery(delivery_id)))

    def prove(self, delivery_id: str) -> None:
        link = LINK.format(sorted(self.deliveries()).index(delivery_id))
        if self.row(delivery_id).account_id == self.accounts[2].id:
            self.act(lambda: handwork.finish(self.member, get_delivery(delivery_id), link))

    def hold(self) -> None:
        scope = Scope(HoldScope.KIM, self.kim.id)
        self.act(lambda: holding.place(self.chair, scope, HoldReason.OTHER, ""))

    def hold_campaign(self) -> None:
        scope = Scope(HoldScope.CAMPAIGN, self.campaign.id)
        self.act(lambda: holding.place(self.reviewer, scope, HoldReason.OTHER, ""))

    def release(self) -> None:
        """Each by who may: what the city placed a chair cannot lift."""
        for hold_id, by_city in db.session.execute(
            select(Hold.id, Hold.by_city).where(Hold.released_at.is_(None))
        ).all():
            actor = self.reviewer if by_city else self.chair
            self.act(lambda hold_id=hold_id, actor=actor: holding.release(actor, db.session.get_one(Hold, hold_id)))

    def move(self, post_id: str, into: bool) -> None:
        """Into the campaign, or out of it."""

        def do() -> None:
            post = get_post(post_id)
            campaigning.move(self.reviewer, post, self.campaign.id if into else None, post.campaign_id)

        self.act(do)

    # What machines do.

    def tick(self) -> None:
        tick.tick(self.at)

    def forget_rings(self) -> None:
        self.bell.rung.clear()

    def work(self, delivery_id: str, point: int = 0, then: Callable[[], object] | None = None) -> None:
        """One step of a worker. At its `point`th stop (before or after a call or a commit) something happens."""
        outer = self._points, self._then
        self._points, self._then = 0, (point, then) if then else None
        self.in_hand.append(delivery_id)
        if delivery_id in self.bell.rung:
            self.bell.rung.remove(delivery_id)
        try:
            publish.step(delivery_id, self.at)
        except Crash:
            db.session.rollback()
        finally:
            self.in_hand.pop()
            self._points, self._then = outer

    def reached(self) -> None:
        self._points += 1
        if self._then is not None and self._points == self._then[0]:
            then, self._then = self._then[1], None
            asker, points = self.platforms.asker, self._points
            then()
            self.platforms.asker, self._points = asker, points

    @contextmanager
    def watched_transaction(self) -> Iterator[Any]:
        """For `workers.publish`: what it commits is seen, and something may happen right before and after."""
        self.reached()
        with transaction() as session:
            yield session
        self.guarantees.note_intent(self.row(self.in_hand[-1]))
        db.session.rollback()
        self.reached()

    def its_moment_comes(self, delivery_id: str) -> None:
        """Time passes until the engine looks at it next."""
        row = self.row(delivery_id)
        if row.state in sweeps.OPEN:
            self.time_passes(max(0, int((row.next_at - clock.now()).total_seconds()) + 1))

    def time_passes(self, seconds: int) -> None:
        Time.moment += timedelta(seconds=seconds)
        self.platforms.time_passed()
        open_all(self.bell.connection)

    # What is true.

    def row(self, delivery_id: str) -> Delivery:
        db.session.rollback()
        return db.session.get_one(Delivery, delivery_id, populate_existing=True)

    def check(self) -> None:
        self.guarantees.check(self.platforms)

    def settle(self) -> None:
        """Nothing disturbs any more, time passes: everything ends where a person sees it."""
        self.release()
        self.platforms.faults.clear()
        self.platforms.last_faults.clear()
        for number in range(60):
            self.time_passes(int(min(30 * 1.4**number, 3 * 3600)))
            self.tick()
            for delivery_id in list(self.bell.rung):
                self.work(delivery_id)
            states = {delivery_id: self.row(delivery_id).state for delivery_id in self.deliveries()}
            for delivery_id, state in states.items():
                if state == D.UNKNOWN:
                    self.person_looks(delivery_id)
            self.check()
            if all(state in ENDED for state in states.values()):
                return
        raise AssertionError(f"does not settle: {states}")


def _link(post: Public) -> str:
    if post.account == TELEGRAM:
        return f"https://t.me/kimlatihan/{post.number}"
    return f"https://www.instagram.com/p/{post.number}/"
