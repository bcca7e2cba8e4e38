"""The address of an open upload is as good as a key: the row keeps it sealed, and nobody is shown it."""

import json
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select, update

from contentdesk.channels import registry, services
from contentdesk.channels.abilities import HasSecretSteps
from contentdesk.channels.base import Login
from contentdesk.channels.kinds import youtube_upload
from contentdesk.channels.models import Account
from contentdesk.lib.crypto import Box, new_key
from contentdesk.lib.db import db, transaction
from contentdesk.lib.desk import Desk
from contentdesk.media.models import Media
from contentdesk.posts.models import Revision, RevisionFile
from contentdesk.publishing import checkpoints
from contentdesk.publishing.models import Delivery, DeliveryEvent
from contentdesk.publishing.states import DeliveryState
from tests import gates
from tests.channels.subjects import tiktok, youtube
from tests.channels.videos import mp4_bytes
from tests.conftest import KEY
from tests.publishing.conftest import Scene
from workers import publish

PIECE = 256 * 1024
FILM = mp4_bytes(5).ljust(2 * PIECE + 5, b"\0")
CHOSEN = {"youtube": dict(youtube.CHOSEN), "tiktok": dict(tiktok.PUBLIC)}


@pytest.fixture
def settings(settings: dict[str, Any]) -> dict[str, Any]:
    apps = dict.fromkeys(("youtube", "tiktok"), ("aplikasi-kota", "rahasia-kota"))
    return settings | {"apps": apps}


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(youtube_upload, "PIECE", PIECE)


def begun(scene: Scene, kind: str) -> Delivery:
    """A film whose upload has been opened, and nothing more."""
    scene.sandbox.admin("settings", dict(tiktok.QUICK) | {"youtube_list_delay_s": 0.0})
    login = {"youtube": youtube.login_of, "tiktok": tiktok.login_of}[kind](scene.sandbox.account(platform=kind))
    delivery = scene.scheduled(account=connected(scene, kind, login))
    stored = scene.at.files.put(FILM, ".mp4")
    film = {"media": Media.VIDEO, "seconds": 5.0, "fps": 25.0, "width": 720, "height": 1280, "size": len(FILM)}
    with transaction():
        of_revision = RevisionFile.revision_id == delivery.revision_id
        db.session.execute(update(RevisionFile).where(of_revision).values(sha256=stored.sha256, **film))
        db.session.get_one(Revision, delivery.revision_id).options = {kind: CHOSEN[kind]}
    if kind == "tiktok":  # its one piece would make it public at once
        busy = {"fault": "error", "code": "rate_limit_exceeded", "http": 429}
        scene.sandbox.admin("faults", busy | {"method": "PUT"})
    step(scene.at, delivery)
    assert scene.state(delivery) in {DeliveryState.PREPARING, DeliveryState.WAITING}
    return delivery


def connected(scene: Scene, kind: str, login: Login) -> Account:
    with transaction():
        made = services.connect(scene.chair, kind, scene.kim.id, login, scene.at.box)
        return db.session.get_one(Account, made.id)


def step(at: Desk, delivery: Delivery) -> None:
    with transaction():
        row = db.session.get_one(Delivery, delivery.id)
        row.next_at = row.due_at
    gates.open_all(at.bell.connection)
    publish.step(delivery.id, at)


def until(state: DeliveryState, scene: Scene, delivery: Delivery) -> None:
    for _ in range(9):
        if scene.state(delivery) == state:
            return
        step(scene.at, delivery)
    raise AssertionError((scene.state(delivery), scene.fresh(delivery).problem))


def go_on(at: Desk, scene: Scene, delivery: Delivery) -> Delivery:
    for _ in range(9):
        step(at, delivery)
    return scene.fresh(delivery)


def test_the_address_of_an_upload_stands_nowhere_in_the_open(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    delivery = begun(scene, "youtube")
    address = checkpoints.to_use(scene.fresh(delivery).checkpoint, scene.at.box)["session"]
    assert address.startswith("https://www.googleapis.com/upload/")
    scene.sandbox.admin("faults", {"fault": "commit_then_drop", "method": "PUT", "skip": 2})
    for wanted in (DeliveryState.PREPARING, DeliveryState.UNKNOWN, DeliveryState.SENT):
        until(wanted, scene, delivery)
        told = db.session.scalars(select(DeliveryEvent).where(DeliveryEvent.delivery_id == delivery.id))
        page = scene.make.signed_in(scene.chair).get(f"/terbitan/{delivery.id}").text
        shown = [json.dumps(scene.fresh(delivery).checkpoint), page, caplog.text, *(str(one.detail) for one in told)]
        assert not any(address[-30:] in text for text in shown)


@pytest.mark.parametrize("kind", ["youtube", "tiktok"])
def test_an_upload_goes_on_after_the_key_was_changed_and_the_old_one_is_gone(scene: Scene, kind: str) -> None:
    delivery = begun(scene, kind)
    channel = registry.get(kind)
    assert isinstance(channel, HasSecretSteps)
    assert not channel.secret_steps & set(scene.fresh(delivery).checkpoint)
    fresh = new_key()
    between = Box((fresh, KEY))
    with transaction():
        assert services.reseal(between)[1] == 0
        assert checkpoints.reseal(between) == (1, 0)
        assert checkpoints.reseal(Box((new_key(),))) == (0, 1)
    after = go_on(replace(scene.at, box=Box((fresh,))), scene, delivery)
    assert after.state == DeliveryState.SENT
    assert len(scene.sandbox.calls("/upload/youtube|video/init", "POST")) == 1


def test_an_upload_that_an_older_release_began_goes_on(scene: Scene) -> None:
    delivery = begun(scene, "youtube")
    row = scene.fresh(delivery)
    scene.change(delivery, checkpoint=checkpoints.to_use(row.checkpoint, scene.at.box))
    step(scene.at, delivery)
    assert "session" not in scene.fresh(delivery).checkpoint
    assert go_on(scene.at, scene, delivery).state == DeliveryState.SENT
    assert len(scene.sandbox.calls("/upload/youtube", "POST")) == 1


@pytest.mark.parametrize("kind", ["youtube", "tiktok"])
@pytest.mark.parametrize("lost_answer", [False, True])
def test_with_the_key_lost_it_still_goes_out_once(scene: Scene, kind: str, lost_answer: bool) -> None:
    """The tokens were sealed anew by signing in again; the address of the upload is lost."""
    delivery = begun(scene, kind)
    if lost_answer:
        last = {"youtube": 2, "tiktok": 0}[kind]
        scene.sandbox.admin("faults", {"fault": "commit_then_drop", "method": "PUT", "skip": last})
        until(DeliveryState.UNKNOWN, scene, delivery)
    box = Box((new_key(),))
    with transaction():
        account = db.session.get_one(Account, delivery.account_id)
        account.token_sealed = box.seal(services.login_of(account, scene.at.box).token)
    after = go_on(replace(scene.at, box=box), scene, delivery)
    assert after.state == DeliveryState.SENT
    assert len(scene.sandbox.published()) == 1
    assert len(scene.sandbox.calls("/upload/youtube|video/init", "POST")) == (1 if lost_answer else 2)
