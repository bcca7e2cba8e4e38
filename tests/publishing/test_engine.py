"""The guarantees: unapproved text cannot leave, public at most once, nothing due is forgotten."""

from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import delete, select, update

from contentdesk.channels.models import Account, AccountState
from contentdesk.lib import clock
from contentdesk.lib.db import db, transaction
from contentdesk.posts.models import Post, Revision, RevisionFile
from contentdesk.posts.queries import get_post
from contentdesk.posts.states import PostState
from contentdesk.publishing import claims, outcomes, services, sweeps
from contentdesk.publishing.claims import Held
from contentdesk.publishing.models import Delivery, DeliveryEvent
from contentdesk.publishing.outgoing import load
from contentdesk.publishing.states import DeliveryState
from contentdesk.reviews.models import Review
from contentdesk.umkm.models import Consent
from tests.media.samples import saved
from tests.publishing.conftest import CAPTION, Scene
from tests.servers import wait_until
from workers import publish

D = DeliveryState


def test_an_approved_post_goes_out_once_with_its_very_text_and_photo(scene: Scene) -> None:
    delivery = scene.go(scene.scheduled())
    assert delivery.state == D.SENT
    assert delivery.permalink
    assert delivery.permalink.startswith("https://www.instagram.com/p/")
    (post,) = scene.sandbox.published()
    file = db.session.scalars(select(RevisionFile)).one()
    assert post["caption"] == CAPTION
    assert [image["sha256"] for image in post["images"]] == [file.sha256]
    assert post["images"][0]["alt_text"] == "Keripik"


def test_in_practice_the_link_leads_to_the_stand_in(scene: Scene) -> None:
    delivery = scene.go(scene.scheduled())
    page = scene.make.signed_in(scene.member).get(f"/terbitan/{delivery.id}").text
    assert f'href="{scene.sandbox.url}/www.instagram.com/p/' in page
    assert 'href="https://www.instagram.com' not in page


def test_stepping_again_after_it_is_out_changes_nothing(scene: Scene) -> None:
    delivery = scene.scheduled()
    scene.go(delivery)
    for _ in range(3):
        scene.look(delivery)
    assert scene.committed_publishes() == 1


@pytest.mark.parametrize("state", [s for s in PostState if s != PostState.SCHEDULED])
def test_a_post_that_is_not_scheduled_does_not_go_out(scene: Scene, state: PostState) -> None:
    delivery = scene.scheduled()
    _set_post(delivery, state=state)
    scene.go(delivery, rounds=3)
    assert scene.sandbox.published() == []
    assert scene.state(delivery) == D.WAITING


def test_edited_text_never_goes_out(scene: Scene) -> None:
    delivery = scene.scheduled()
    post = db.session.get_one(Post, delivery.post_id)
    scene.make.revision(post, scene.member, number=2, text="Diam-diam diubah", accounts=(scene.account,))
    _set_post(delivery, newest_number=2)
    scene.go(delivery, rounds=3)
    assert scene.sandbox.published() == []


def test_the_old_text_stays_dead_when_the_edited_one_is_approved_and_scheduled(scene: Scene) -> None:
    delivery = scene.scheduled()
    post = db.session.get_one(Post, delivery.post_id)
    second = scene.make.revision(post, scene.member, number=2, text="Naskah kedua", accounts=(scene.account,))
    scene.make.approval(second)
    _set_post(delivery, newest_number=2, approved_number=2)
    scene.go(delivery, rounds=3)
    assert scene.sandbox.published() == []


def test_a_revision_approved_by_its_own_author_does_not_go_out(scene: Scene) -> None:
    delivery = scene.scheduled()
    with transaction():
        db.session.execute(update(Review).values(reviewer_id=scene.member.id))
    scene.go(delivery, rounds=3)
    assert scene.sandbox.published() == []


def test_a_state_set_by_hand_without_any_verdict_does_not_go_out(scene: Scene) -> None:
    delivery = scene.scheduled()
    with transaction():
        db.session.execute(delete(Review))
    scene.go(delivery, rounds=3)
    assert scene.sandbox.published() == []


def test_an_approval_that_was_taken_back_stops_it(scene: Scene) -> None:
    delivery = scene.scheduled()
    _set_post(delivery, approved_number=None)
    scene.go(delivery, rounds=3)
    assert scene.sandbox.published() == []


@pytest.mark.parametrize("state", [AccountState.EXPIRED, AccountState.NOT_ALLOWED, AccountState.CLOSED])
def test_an_account_that_does_not_work_is_not_even_tried(scene: Scene, state: AccountState) -> None:
    delivery = scene.scheduled()
    with transaction():
        db.session.execute(update(Account).values(state=state))
    scene.go(delivery, rounds=3)
    assert scene.sandbox.calls(path="media") == []
    assert scene.state(delivery) == D.WAITING


def test_withdrawn_consent_stops_it(scene: Scene) -> None:
    business = scene.make.business(scene.kim)
    delivery = scene.scheduled(businesses=(business,))
    with transaction():
        db.session.execute(update(Consent).where(Consent.purpose == "foto_produk").values(withdrawn_at=clock.now()))
    scene.go(delivery, rounds=3)
    assert scene.sandbox.published() == []
    assert scene.fresh(delivery).problem == claims.NO_CONSENT


def test_with_consent_in_force_it_goes_out(scene: Scene) -> None:
    business = scene.make.business(scene.kim)
    assert scene.go(scene.scheduled(businesses=(business,))).state == D.SENT


def test_an_edit_between_preparing_and_publishing_stops_it(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    delivery = scene.scheduled()
    real = claims.intend

    def edited_meanwhile(*args: Any) -> bool:
        _set_post(delivery, newest_number=2, within=True)
        return real(*args)

    monkeypatch.setattr(claims, "intend", edited_meanwhile)
    scene.go(delivery, rounds=4)
    assert scene.sandbox.published() == []
    assert scene.sandbox.calls(path="/media$", method="POST")  # it had been prepared


def test_a_changed_file_does_not_go_out_and_says_so(scene: Scene) -> None:
    delivery = scene.scheduled()
    file = db.session.scalars(select(RevisionFile)).one()
    path = scene.at.files.path_of(file.sha256, ".jpg")
    path.chmod(0o600)
    path.write_bytes(saved(Image.new("RGB", (1080, 1080), (10, 20, 200)), "JPEG"))  # a fine photo, but another one
    after = scene.go(delivery)
    assert (after.state, scene.sandbox.published()) == (D.FAILED, [])
    assert after.problem


def test_before_its_time_nothing_happens(scene: Scene) -> None:
    later = clock.now() + timedelta(hours=1)
    delivery = scene.scheduled(due_at=later)
    scene.go(delivery, rounds=2)
    assert scene.sandbox.calls(path="media") == []


def test_too_late_it_expires_where_its_author_sees_it(scene: Scene) -> None:
    delivery = scene.scheduled(due_at=clock.now() - timedelta(hours=4))
    scene.go(delivery, rounds=2)
    scene.tick()
    after = scene.fresh(delivery)
    assert (after.state, after.problem) == (D.EXPIRED, sweeps.TOO_LATE)
    assert scene.sandbox.published() == []


@pytest.mark.parametrize(
    "fault",
    [
        {"fault": "commit_then_drop"},
        {"fault": "commit_then_5xx"},
        {"fault": "error", "code": 4, "subcode": 2207051, "http": 403, "after_commit": True},
    ],
    ids=["drop", "5xx", "the answer that lies"],
)
def test_an_unknown_outcome_is_looked_up_and_never_repeated(scene: Scene, fault: dict[str, Any]) -> None:
    scene.sandbox.admin("faults", {"path_regex": "media_publish$", "times": 1, **fault})
    delivery = scene.scheduled()
    assert scene.go(delivery).state == D.UNKNOWN
    after = scene.look(delivery)
    assert after.state == D.SENT
    assert after.external_id == scene.sandbox.published()[0]["id"]
    assert scene.committed_publishes() == 1


def refused_and_out(scene: Scene) -> Delivery:
    """The platform said no, so it waits for another try; the post is public all the same."""
    lie = {"fault": "error", "code": 4, "after_commit": True}
    scene.sandbox.admin("faults", {"path_regex": "media_publish$", "times": 1, **lie})
    delivery = scene.scheduled()
    wait_until(lambda: (scene.come_due(delivery), publish.step(delivery.id, scene.at), scene.committed_publishes())[2])
    assert scene.state(delivery) == D.WAITING
    return delivery


def test_a_refusal_that_lied_makes_no_second_post_when_a_person_moves_the_plan(scene: Scene) -> None:
    delivery = refused_and_out(scene)
    with transaction():
        services.schedule(scene.member, get_post(delivery.post_id), clock.now() + timedelta(minutes=5))
    scene.change(delivery, due_at=clock.now())
    assert scene.go(delivery).state == D.UNKNOWN
    assert scene.look(delivery).state == D.SENT
    assert scene.committed_publishes() == 1


@pytest.mark.parametrize("given_up", [D.CANCELLED, D.EXPIRED])
def test_a_refusal_that_lied_makes_no_second_post_when_the_plan_was_given_up_meanwhile(
    scene: Scene, given_up: DeliveryState
) -> None:
    first = refused_and_out(scene)
    if given_up == D.EXPIRED:
        scene.change(first, expires_at=clock.now())
        scene.tick()
    else:
        with transaction():
            services.cancel(scene.chair, load(first.id))
    assert scene.state(first) == given_up
    with transaction():
        (again,) = services.schedule(scene.member, get_post(first.post_id), clock.now() + timedelta(minutes=5))
    scene.change(again, due_at=clock.now())
    assert scene.go(again).state == D.UNKNOWN
    assert scene.look(again).state == D.SENT
    assert scene.committed_publishes() == 1


def test_a_call_that_never_arrived_is_sent_after_looking(scene: Scene) -> None:
    scene.sandbox.admin("faults", {"path_regex": "media_publish$", "times": 1, "fault": "drop_before"})
    delivery = scene.scheduled()
    assert scene.go(delivery).state == D.UNKNOWN
    assert scene.look(delivery).state == D.UNKNOWN  # too early to say that it is not there
    scene.minutes_pass(delivery, 3)
    scene.look(delivery)
    assert scene.go(delivery).state == D.SENT
    assert scene.committed_publishes() == 1


def test_an_expired_login_stops_the_account_and_fails_nothing(scene: Scene) -> None:
    first, second = scene.scheduled(), scene.scheduled("Yang kedua #KIMKotaMalang")
    scene.sandbox.admin("tokens/revoke", {"account_id": scene.account.external_id, "subcode": 460})
    scene.go(first, rounds=2)
    scene.go(second, rounds=2)
    assert {scene.state(first), scene.state(second)} == {D.WAITING}
    assert db.session.get_one(Account, scene.account.id).state == AccountState.EXPIRED


def test_a_worker_that_died_while_preparing_is_followed_by_another(scene: Scene) -> None:
    delivery = scene.scheduled()
    with transaction():
        assert claims.claim([delivery.id], clock.now()).get(delivery.id)
    scene.change(delivery, lease_until=clock.now() - timedelta(seconds=1))
    scene.tick()
    assert scene.state(delivery) == D.WAITING
    assert scene.go(delivery).state == D.SENT


def test_a_worker_that_died_after_its_intent_leaves_an_unknown_that_is_settled(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*_: object) -> None:
        raise SystemExit

    monkeypatch.setattr(outcomes, "sent", dies)
    delivery = scene.scheduled()
    with pytest.raises(SystemExit):
        scene.go(delivery)
    assert scene.state(delivery) == D.PUBLISHING
    monkeypatch.undo()
    scene.change(delivery, lease_until=clock.now() - timedelta(seconds=1))
    scene.tick()
    assert scene.state(delivery) == D.UNKNOWN
    assert scene.look(delivery).state == D.SENT
    assert scene.committed_publishes() == 1


def test_of_many_workers_at_the_same_moment_one_gets_it(scene: Scene) -> None:
    delivery_id = scene.scheduled().id
    together, leases = Barrier(6), []

    def grab() -> None:
        with scene.app.app_context():
            together.wait(10)
            with transaction():
                leases.append(claims.claim([delivery_id], clock.now()).get(delivery_id))
            db.session.remove()

    threads = [Thread(target=grab) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(leases) == 6
    assert sum(lease is not None for lease in leases) == 1


def test_a_lost_queue_forgets_nothing(scene: Scene) -> None:
    delivery = scene.scheduled()
    scene.tick()
    assert scene.at.bell.queue("publish").count == 1
    scene.at.bell.connection.flushdb()
    scene.tick()
    assert scene.at.bell.queue("publish").job_ids
    assert scene.go(delivery).state == D.SENT


def test_a_dead_queue_does_not_fill_up(scene: Scene) -> None:
    scene.scheduled()
    for _ in range(5):
        scene.tick()
    assert scene.at.bell.queue("publish").count == 1


def test_the_timeline_tells_what_happened_and_no_secret(scene: Scene) -> None:
    scene.sandbox.admin("faults", {"path_regex": "media_publish$", "times": 1, "fault": "commit_then_drop"})
    delivery = scene.scheduled()
    scene.go(delivery)
    scene.look(delivery)
    events = db.session.scalars(
        select(DeliveryEvent).where(DeliveryEvent.delivery_id == delivery.id).order_by(DeliveryEvent.number)
    ).all()
    told = [event.what for event in events]
    assert told[-3:] == ["intent", "unknown", "sent"]
    token = scene.at.box.open(scene.account.token_sealed or "")
    assert token not in str([event.detail for event in events])


def test_a_refused_post_fails_with_a_sentence_for_its_author(scene: Scene) -> None:
    scene.sandbox.admin(
        "faults",
        {"path_regex": "/media$", "method": "POST", "times": 9, "fault": "error", "code": 36003, "subcode": 2207009},
    )
    after = scene.go(scene.scheduled())
    assert after.state == D.FAILED
    assert after.problem


def test_the_result_is_kept_even_when_the_lease_was_lost_meanwhile(scene: Scene) -> None:
    delivery = scene.scheduled()
    now = clock.now()
    with transaction():
        lease = claims.claim([delivery.id], now).get(delivery.id)
        assert lease
        assert claims.intend([Held(delivery.id, lease)], now)
    scene.change(delivery, state=D.UNKNOWN, lease=None, lease_until=None)
    with transaction():
        assert claims.settle_sent(delivery.id, external_id="1", sent_at=now)
    assert scene.state(delivery) == D.SENT


def _set_post(delivery: Delivery, *, within: bool = False, **values: Any) -> None:
    with transaction():
        db.session.execute(update(Post).where(Post.id == delivery.post_id).values(**values))


__all__ = ["Revision", "publish"]
