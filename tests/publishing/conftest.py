"""The engine against the sandbox platform: real HTTP both ways, real photos, no worker in between."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from werkzeug.serving import make_server

from contentdesk.access.permissions import Role
from contentdesk.channels.models import Account
from contentdesk.lib import clock
from contentdesk.lib.db import db, transaction
from contentdesk.lib.desk import Desk, desk
from contentdesk.posts.models import Post, Revision, RevisionFile
from contentdesk.posts.states import PostState
from contentdesk.publishing.models import Delivery
from contentdesk.publishing.states import DeliveryState
from contentdesk.users.models import User
from tests import gates
from tests.channels.line import jpeg
from tests.factories import Factory
from tests.servers import SandboxProcess, free_port, wait_until
from workers import publish, tick

CAPTION = "Keripik tempe Sanan, garing dua kali goreng. Rp15.000 #KIMKotaMalang"


@pytest.fixture
def sandbox(platforms: SandboxProcess) -> SandboxProcess:
    return platforms.reset(container_delay_s=0.0)


@pytest.fixture(scope="session")
def public_url() -> str:
    return f"http://127.0.0.1:{free_port()}"


@pytest.fixture
def settings(sandbox: SandboxProcess, public_url: str) -> dict[str, Any]:
    return {"platform_base_url": sandbox.url, "public_url": public_url}


class Scene:
    """A KIM with an account, a reviewer, and a served app."""

    def __init__(self, app: Flask, make: Factory, sandbox: SandboxProcess) -> None:
        self.app, self.make, self.sandbox = app, make, sandbox
        self.at: Desk = desk()
        self.kim = make.kim()
        self.member: User = make.user(kim=self.kim)
        self.chair: User = make.user(Role.CHAIR, kim=self.kim)
        self.reviewer: User = make.user(Role.REVIEWER)
        opened = sandbox.account("kim.latihan")
        self.account: Account = make.account(
            self.kim,
            external_id=str(opened["id"]),
            handle="kim.latihan",
            token_sealed=self.at.box.seal(opened["access_token"]),
        )

    def scheduled(self, text: str = CAPTION, account: Account | None = None, **values: Any) -> Delivery:
        """Approved, planned, due now, with a real photo."""
        account = account or self.account
        post = self.make.post(
            self.member,
            state=PostState.SCHEDULED,
            text=text,
            accounts=(account,),
            businesses=values.pop("businesses", ()),
        )
        self._give_photo(post)
        return self.make.delivery(post, account, **values)

    def _give_photo(self, post: Post) -> None:
        stored = self.at.files.put(jpeg("#c87828", (1080, 1080)), ".jpg")
        with transaction():
            revision = db.session.scalars(select(Revision).where(Revision.post_id == post.id)).one()
            db.session.execute(
                update(RevisionFile)
                .where(RevisionFile.revision_id == revision.id)
                .values(sha256=stored.sha256, size=stored.size)
            )

    def go(self, delivery: Delivery, rounds: int = 30) -> Delivery:
        """The engine's steps until nothing is due for this delivery; time is moved, not waited for."""
        for _ in range(rounds):
            self.come_due(delivery)
            publish.step(delivery.id, self.at)
            if self.state(delivery) not in {DeliveryState.WAITING, DeliveryState.PREPARING}:
                break
        return self.fresh(delivery)

    def look(self, delivery: Delivery) -> Delivery:
        self.come_due(delivery)
        publish.step(delivery.id, self.at)
        return self.fresh(delivery)

    def minutes_pass(self, delivery: Delivery, minutes: int) -> None:
        """Since the irreversible call, as far as this delivery can tell."""
        row, ago = self.fresh(delivery), timedelta(minutes=minutes)
        moments = {key: value for key, value in row.checkpoint.items() if key.endswith("ready_at")}
        earlier = {key: (datetime.fromisoformat(value) - ago).isoformat() for key, value in moments.items()}
        assert row.intent_at
        self.change(delivery, intent_at=row.intent_at - ago, checkpoint=row.checkpoint | earlier)

    def come_due(self, delivery: Delivery) -> None:
        self.change(delivery, next_at=clock.now())
        gates.open_all(self.at.bell.connection)

    def change(self, delivery: Delivery, **values: Any) -> None:
        with transaction():
            db.session.execute(update(Delivery).where(Delivery.id == delivery.id).values(**values))

    def fresh(self, delivery: Delivery) -> Delivery:
        db.session.rollback()
        return db.session.scalars(
            select(Delivery).where(Delivery.id == delivery.id).execution_options(populate_existing=True)
        ).one()

    def state(self, delivery: Delivery) -> str:
        return self.fresh(delivery).state

    def tick(self) -> None:
        tick.tick(self.at)

    def committed_publishes(self) -> int:
        return sum(1 for call in self.sandbox.calls(path="media_publish$") if call["committed"])


@pytest.fixture
def scene(app: Flask, make: Factory, sandbox: SandboxProcess) -> Iterator[Scene]:
    port = int(desk().config.public_url.rsplit(":", 1)[1])
    server = make_server("127.0.0.1", port, app, threaded=True)
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield Scene(app, make, sandbox)
    server.shutdown()
    server.server_close()


__all__ = ["CAPTION", "Path", "Scene", "wait_until"]
