"""A machine whose clock was ahead of the platform's when the call was made, or behind."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete

from contentdesk.lib import clock
from contentdesk.lib.db import db, transaction
from contentdesk.posts.models import RevisionFile, RevisionPhoto
from contentdesk.publishing.states import DeliveryState
from tests.publishing.conftest import Scene
from tests.publishing.places import PLACES, Bad

D = DeliveryState
TELLING = tuple(kind for kind in PLACES if kind != "telegram")
CASES = [
    *((kind, True, 100) for kind in TELLING),
    *((kind, False, 100) for kind in ("facebook", "threads", "mastodon")),
    ("facebook", False, -100),
]


@pytest.mark.parametrize(("kind", "with_media", "wrong_by_s"), CASES)
def test_what_is_out_is_found_and_never_sent_again(
    scene: Scene, kind: str, with_media: bool, wrong_by_s: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, passed = Bad(scene, kind), timedelta(seconds=wrong_by_s)
    if not with_media:
        words_alone(bad)
    monkeypatch.setattr(clock, "now", lambda: datetime.now(UTC) + passed)
    bad.change(bad.delivery, due_at=clock.now())
    bad.fault(fault="commit_then_drop", times=1)
    bad.goes()
    for _look in range(4):
        passed += timedelta(seconds=70)
        bad.go(bad.delivery)
        if bad.state(bad.delivery) in (D.ACCEPTED, D.UNKNOWN):
            bad.look(bad.delivery)
    assert (bad.state(bad.delivery), bad.public()) == (D.SENT, 1)


def words_alone(bad: Bad) -> None:
    with transaction():
        for rows in (RevisionFile, RevisionPhoto):
            db.session.execute(delete(rows).where(rows.revision_id == bad.delivery.revision_id))
