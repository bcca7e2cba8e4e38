"""What is sent as bytes, through the engine: from the approved file in our store to the platform."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from contentdesk.channels import services
from contentdesk.channels.base import Login
from contentdesk.channels.kinds import youtube_upload
from contentdesk.channels.models import Account
from contentdesk.lib import clock
from contentdesk.lib.db import db, transaction
from contentdesk.lib.http import Http, Reply
from contentdesk.media.models import Media
from contentdesk.posts.models import Revision, RevisionFile
from contentdesk.publishing import claims
from contentdesk.publishing.models import Delivery, DeliveryEvent
from contentdesk.publishing.states import DeliveryState
from tests.channels.subject import Subject
from tests.channels.subjects import bluesky, telegram, wordpress, youtube
from tests.channels.videos import mp4_bytes
from tests.publishing.conftest import CAPTION, Scene
from workers import publish, steps

PIECE = 256 * 1024
FILM = mp4_bytes(2).ljust(2 * PIECE + 5, b"\0")


@pytest.fixture
def settings(settings: dict[str, Any]) -> dict[str, Any]:
    return settings | {"apps": {"youtube": ("aplikasi-kota", "rahasia-kota")}}


def connected(scene: Scene, kind: str, login: Login) -> Account:
    with transaction():
        made = services.connect(scene.chair, kind, scene.kim.id, login, scene.at.box)
        return db.session.get_one(Account, made.id)


def with_film(scene: Scene, delivery: Delivery) -> Delivery:
    stored = scene.at.files.put(FILM, ".mp4")
    with transaction():
        film = {"media": Media.VIDEO, "seconds": 2.0, "fps": 25.0, "width": 720, "height": 1280}
        of_revision = RevisionFile.revision_id == delivery.revision_id
        db.session.execute(update(RevisionFile).where(of_revision).values(sha256=stored.sha256, size=len(FILM), **film))
        revision = db.session.scalars(select(Revision).where(Revision.id == delivery.revision_id)).one()
        revision.options = {"youtube": dict(youtube.CHOSEN)}
    return delivery


@pytest.fixture
def short(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Delivery:
    monkeypatch.setattr(youtube_upload, "PIECE", PIECE)
    login = youtube.login_of(scene.sandbox.account("kim.latihan", platform="youtube"))
    return with_film(scene, scene.scheduled(account=connected(scene, "youtube", login)))


def test_a_short_goes_out_in_pieces_and_once(scene: Scene, short: Delivery) -> None:
    scene.sandbox.admin("faults", {"fault": "commit_then_drop", "method": "PUT", "skip": 2})
    assert scene.go(short).state == DeliveryState.UNKNOWN
    after = scene.look(short)
    [public] = scene.sandbox.published()
    assert (after.state, after.external_id, after.problem) == (DeliveryState.SENT, public["id"], None)
    assert public["caption"] == CAPTION
    assert public["images"][0]["size"] == len(FILM)
    assert len(scene.sandbox.calls("/upload/", "PUT")) == 4


def test_a_locked_short_counts_as_sent_with_a_note(scene: Scene, short: Delivery) -> None:
    scene.sandbox.admin("settings", {"youtube_audited": False})
    after = scene.go(short)
    assert after.state == DeliveryState.SENT
    assert "pribadi" in (after.problem or "")


def test_a_token_of_an_hour_is_renewed_before_it_is_used(scene: Scene, short: Delivery) -> None:
    """The sign-in was yesterday."""
    with transaction():
        account = db.session.get_one(Account, short.account_id)
        account.token_sealed = scene.at.box.seal("ya29.basi")
        account.token_expires_at = clock.now() - timedelta(hours=23)
    assert scene.go(short).state == DeliveryState.SENT
    assert len(scene.sandbox.calls("^/token$", "POST")) == 1


def test_photos_go_to_telegram_as_the_approved_bytes(scene: Scene) -> None:
    login = telegram.login_of(scene.sandbox.account("kim_latihan", platform="telegram"))
    delivery = scene.scheduled(account=connected(scene, "telegram", login))
    approved = db.session.scalars(select(RevisionFile.sha256).where(RevisionFile.revision_id == delivery.revision_id))
    wanted = list(approved)
    after = scene.go(delivery)
    [public] = scene.sandbox.published()
    assert (after.state, after.permalink) == (DeliveryState.SENT, public["permalink"])
    assert [one["sha256"] for one in public["images"]] == wanted


def test_a_lost_answer_of_telegram_is_for_a_person(scene: Scene) -> None:
    login = telegram.login_of(scene.sandbox.account("kim_latihan", platform="telegram"))
    delivery = scene.scheduled(account=connected(scene, "telegram", login))
    scene.sandbox.admin("faults", {"fault": "commit_then_drop", "path_regex": "sendPhoto$"})
    scene.go(delivery)
    assert scene.look(delivery).state == DeliveryState.UNKNOWN
    page = scene.make.signed_in(scene.chair).get(f"/terbitan/{delivery.id}").text
    assert "Sudah terbit atau belum?" in page
    assert len(scene.sandbox.calls("sendPhoto$")) == 1


@pytest.mark.parametrize("subject", [telegram.SUBJECT, bluesky.SUBJECT, wordpress.SUBJECT], ids=lambda one: one.kind)
def test_a_large_file_on_a_slow_line_stays_with_its_worker(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, subject: Subject
) -> None:
    """Nobody takes it over meanwhile: the upload would begin again and again, or a person be asked for nothing."""
    login = subject.open_account(scene.sandbox)
    delivery = scene.scheduled(account=connected(scene, subject.kind, login))
    with transaction():
        of_revision = RevisionFile.revision_id == delivery.revision_id
        db.session.execute(update(RevisionFile).where(of_revision).values(size=100_000_000))
    # Only a video may be so large, and one would take long to make.
    monkeypatch.setattr(steps, "refusals", lambda *_: [])
    at_once = Http.call

    def slowly(http: Http, method: str, url: str, **sent: Any) -> Reply:
        if sent.get("files") or sent.get("data"):
            row = scene.fresh(delivery)
            scene.change(delivery, lease_until=(row.lease_until or clock.now()) - timedelta(seconds=190))
            scene.tick()
        return at_once(http, method, url, **sent)

    monkeypatch.setattr(Http, "call", slowly)
    assert scene.go(delivery).state == DeliveryState.SENT
    told = set(db.session.scalars(select(DeliveryEvent.what).where(DeliveryEvent.delivery_id == delivery.id)))
    assert not {"worker_lost", "worker_lost_while_publishing"} & told


def test_a_worker_is_not_stopped_while_it_has_a_file_in_hand() -> None:
    both = claims.PREPARING_LASTS + claims.PUBLISHING_LASTS + 2 * claims.time_to_send(claims.MOST_AT_ONCE)
    assert timedelta(seconds=publish.LONGEST_S) > both
