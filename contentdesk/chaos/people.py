"""People who change their minds around the minute a post is due, through the services, in transactions of their own."""

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from random import Random
from threading import Event, Thread

from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from contentdesk.chaos.ledger import Case
from contentdesk.chaos.scene import GRACE, Planned, Scene, words
from contentdesk.chaos.warp import Warp
from contentdesk.lib import clock
from contentdesk.lib.db import db, transaction
from contentdesk.lib.desk import desk
from contentdesk.lib.errors import DomainError
from contentdesk.posts.content import content_of
from contentdesk.posts.queries import get_post, newest_revision
from contentdesk.posts.services import edit_post
from contentdesk.publishing import consents, services
from contentdesk.publishing.models import Delivery
from contentdesk.publishing.queries import get_delivery
from contentdesk.publishing.states import DeliveryState
from contentdesk.reviews.models import Verdict
from contentdesk.reviews.services import submit
from contentdesk.umkm.models import PUBLISHING_PURPOSES, Business
from contentdesk.users.models import User

log = logging.getLogger(__name__)
D = DeliveryState
BEGUN = (D.PUBLISHING, D.ACCEPTED, D.SENT, D.UNKNOWN)
SHARE = 0.22
"""Of all posts, on which somebody acts."""
BESIDE_S = (-4.0, 1.5)
"""Around the due moment."""
CHECKED = {f"C{number:02}": "ok" for number in range(1, 13)}
HANDS = 3


class People:
    def __init__(self, app: Flask, scene: Scene, warp: Warp, seed: int) -> None:
        self._app, self._scene, self._warp = app, scene, warp
        self._ledger, self._chance = scene.ledger, Random(f"people {seed}")  # noqa: S311 - repeatable, guards nothing
        self._over, self._begun_acts = Event(), list[Future[None]]()
        self._waiting = Thread(target=self._live)
        self.done: Counter[str] = Counter()

    def start(self) -> None:
        self._waiting.start()

    def stop(self) -> None:
        """Whoever is in the middle of something finishes it."""
        self._over.set()
        self._waiting.join()
        for act in self._begun_acts:
            act.result()

    def _plans(self) -> list[tuple[float, Callable[[Planned], None], Planned]]:
        acts = [self.edit, self.edit, self.edit_again, self.edit_again, self.withdraw_consent]
        acts += [self.cancel, self.move, self.withdraw_post]
        chosen = [post for post in self._scene.posts if self._chance.random() < SHARE]
        plans = [
            (post.due.timestamp() + self._chance.uniform(*BESIDE_S), self._chance.choice(acts), post) for post in chosen
        ]
        return sorted(plans, key=lambda plan: plan[0])

    def _live(self) -> None:
        with ThreadPoolExecutor(HANDS) as hands:
            for at, act, post in self._plans():
                while not self._over.is_set() and clock.now().timestamp() < at:
                    self._over.wait(0.05)
                if self._over.is_set():
                    return
                self._begun_acts.append(hands.submit(self._try, act, post))

    def _try(self, act: Callable[[Planned], None], post: Planned) -> None:
        name = act.__name__
        with self._app.app_context():
            try:
                act(post)
                self.done[name] += 1
            except DomainError as refused:
                self.done[f"{name} refused"] += 1
                log.info("%s of %s refused: %s", name, post.number, refused)
            except SQLAlchemyError as error:
                self.done[f"{name} cut off"] += 1
                log.info("%s of %s cut off: %s", name, post.number, type(error).__name__)
                self._ledger.unsure(self._touched(act, post))

    def _touched(self, act: Callable[[Planned], None], post: Planned) -> list[Case]:
        if act == self.withdraw_consent and post.business_id:
            same = [one for one in self._scene.posts if one.business_id == post.business_id]
            return [case for one in same for case in self._ledger.of_post[one.number]]
        return self._ledger.of_post[post.number]

    def edit(self, planned: Planned) -> None:
        """From now on the old words must not go out, and the new ones neither: nobody has approved them."""
        since = self._warp.now()
        with transaction():
            post, author = get_post(planned.post_id), db.session.get_one(User, planned.author_id)
            content = content_of(post, newest_revision(post))
            new = replace(content, text=words(planned.number, post.newest_number + 1), proposed_at=None)
            edit_post(author, post, new, post.newest_number, desk().files)
            begun = self._begun([planned.post_id])
        self._ended([planned], since, begun)

    def edit_again(self, planned: Planned) -> None:
        """Edited, handed in, approved and planned anew, for a little later."""
        self.edit(planned)
        due = clock.now() + timedelta(seconds=self._chance.uniform(3, 8))
        with transaction():
            post, author = get_post(planned.post_id), db.session.get_one(User, planned.author_id)
            submit(author, post)
        since = self._warp.now()
        with transaction():
            post, reviewer = get_post(planned.post_id), db.session.get_one(User, self._scene.reviewer_id)
            newest = newest_revision(post)
            text = newest.text
            self._ledger.offered(planned.number, text, since)
            services.decide_and_plan(reviewer, post, newest.id, Verdict.APPROVE, CHECKED, "", GRACE)
            deliveries = services.schedule(reviewer, post, due, GRACE)
            accounts = [one.account_id for one in deliveries if one.state == D.WAITING]
        self._ledger.planned(planned.number, accounts, text, due.timestamp(), since)

    def withdraw_consent(self, planned: Planned) -> None:
        if planned.business_id is None:
            return self.cancel(planned)
        since = self._warp.now()
        same = [one for one in self._scene.posts if one.business_id == planned.business_id]
        with transaction():
            chair = db.session.get_one(User, planned.chair_id)
            business = db.session.get_one(Business, planned.business_id)
            consents.withdraw(chair, business, PUBLISHING_PURPOSES)
            begun = self._begun([one.post_id for one in same])
        return self._ended(same, since, begun)

    def cancel(self, planned: Planned) -> None:
        """Takes one of its deliveries off the plan."""
        case = self._chance.choice(self._ledger.of_post[planned.number])
        since = self._warp.now()
        with transaction():
            chair = db.session.get_one(User, planned.chair_id)
            services.cancel(chair, self._delivery(planned, case))
        self._ledger.ended([case], (since, self._warp.now()), set())

    def move(self, planned: Planned) -> None:
        due = clock.now() + timedelta(seconds=self._chance.uniform(3, 10))
        since = self._warp.now()
        with transaction():
            post, chair = get_post(planned.post_id), db.session.get_one(User, planned.chair_id)
            deliveries = services.schedule(chair, post, due, GRACE)
            text = newest_revision(post).text
            accounts = [one.account_id for one in deliveries if one.state == D.WAITING]
        self._ledger.planned(planned.number, accounts, text, due.timestamp(), since)

    def withdraw_post(self, planned: Planned) -> None:
        since = self._warp.now()
        with transaction():
            post, author = get_post(planned.post_id), db.session.get_one(User, planned.author_id)
            services.withdraw_post(author, post)
            begun = self._begun([planned.post_id])
        self._ended([planned], since, begun)

    def _delivery(self, planned: Planned, case: Case) -> Delivery:
        mine = Delivery.post_id == planned.post_id, Delivery.account_id == case.account_id
        newest = select(Delivery.id).where(*mine).order_by(Delivery.id.desc()).limit(1)
        return get_delivery(db.session.scalars(newest).one())

    def _begun(self, post_ids: Sequence[str]) -> set[tuple[int, str]]:
        """Where it was on its way or out when the act took hold of the rows; asked within its transaction."""
        db.session.flush()
        numbers = {post.post_id: post.number for post in self._scene.posts}
        query = select(Delivery.post_id, Delivery.account_id)
        rows = db.session.execute(query.where(Delivery.post_id.in_(post_ids), Delivery.state.in_(BEGUN)))
        return {(numbers[row.post_id], row.account_id) for row in rows}

    def _ended(self, posts: Iterable[Planned], since: float, begun: set[tuple[int, str]]) -> None:
        until = self._warp.now()
        for post in posts:
            accounts = {account_id for number, account_id in begun if number == post.number}
            self._ledger.ended(self._ledger.of_post[post.number], (since, until), accounts)
