"""The practice data is whole and obeys the rules of real data. Loaded once, each test reads a copy."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from contentdesk.access.permissions import Role
from contentdesk.audit.services import first_broken
from contentdesk.channels.models import Account, AccountState
from contentdesk.demo import cast, crew, scenes
from contentdesk.kim.models import Kim
from contentdesk.lib import clock
from contentdesk.lib.db import db, transaction
from contentdesk.lib.desk import Desk
from contentdesk.lib.http import Http
from contentdesk.metrics.models import LatestFigures, Sample
from contentdesk.posts import checks, parts
from contentdesk.posts.content import content_of
from contentdesk.posts.models import Post, Revision, RevisionFile
from contentdesk.posts.queries import newest_revision
from contentdesk.posts.states import PostState
from contentdesk.publishing.conditions import may_go_out
from contentdesk.publishing.models import Delivery
from contentdesk.publishing.states import DeliveryState
from contentdesk.reports.kinds import reach
from contentdesk.reports.periods import Period
from contentdesk.reports.queries import Scope
from contentdesk.umkm.models import Business
from contentdesk.umkm.queries import consented_ids
from contentdesk.users.models import User
from tests.demo.conftest import Practice

pytestmark = pytest.mark.xdist_group("practice")


@pytest.fixture
def database_url(practice: Practice, postgres: str | None, tmp_path: Path) -> Iterator[str]:
    with practice.copied(tmp_path) as url:
        yield url


@pytest.fixture
def settings(practice: Practice) -> dict[str, Any]:
    return {"platform_base_url": practice.sandbox.url, "practice": True, "data_dir": practice.folder}


@pytest.fixture
def loaded(at: Desk) -> Desk:
    return at


def sent() -> list[Delivery]:
    return list(db.session.scalars(select(Delivery).where(Delivery.state == DeliveryState.SENT)))


def ids_that_may_go_out() -> set[str]:
    return set(db.session.scalars(select(Delivery.id).where(may_go_out())))


def test_the_city_has_43_kim_and_14_kelurahan_without_one(loaded: Desk) -> None:
    kims = db.session.scalars(select(Kim)).all()
    assert len(kims) == 43
    assert len({kim.kelurahan_code for kim in kims}) == 43
    assert not cast.WITHOUT_KIM & {kim.kelurahan_code for kim in kims}
    assert {"KIM Purwo Agung", "KIM Rodowo", "KIM Gerabah"} <= {kim.name for kim in kims}


def test_every_practice_person_can_sign_in_with_the_password_that_is_printed(loaded: Desk, client: FlaskClient) -> None:
    for person in cast.PEOPLE:
        browser = client.application.test_client()
        answer = browser.post("/masuk", data={"login": person.login, "password": cast.PASSWORD})
        assert answer.status_code == 303, person.login


def test_the_practice_members_and_their_chair_share_a_kim_with_a_business(loaded: Desk) -> None:
    people = {person.login: person for person in db.session.scalars(select(User))}
    homes = {people[person.login].kim_id for person in cast.PEOPLE if person.of_home}
    assert len(homes) == 1
    assert db.session.scalar(select(func.count(Business.id)).where(Business.kim_id == homes.pop())) == 1
    assert all(person.kim_id for person in people.values() if person.role in {Role.MEMBER, Role.CHAIR})


def test_one_business_has_not_consented_to_photos_and_nothing_about_it_went_out(loaded: Desk) -> None:
    businesses = {business.id: business for business in db.session.scalars(select(Business))}
    assert len(businesses) == 12
    missing = set(businesses) - consented_ids(businesses)
    assert [businesses[one].name for one in missing] == ["Rotan Bale"]
    about = db.session.scalars(
        select(Business.id).join(Revision.businesses).join(Delivery, Delivery.revision_id == Revision.id)
    ).all()
    assert about
    assert missing.isdisjoint(about)


def test_what_went_out_was_approved_by_another_person_and_consented_to(loaded: Desk) -> None:
    cut_off = set(db.session.scalars(select(Account.id).where(Account.state == AccountState.EXPIRED)))
    allowed = ids_that_may_go_out()
    for delivery in sent():
        assert (delivery.id in allowed) != (delivery.account_id in cut_off)


def test_what_is_planned_may_really_go_out(loaded: Desk) -> None:
    planned = list(db.session.scalars(select(Delivery).where(Delivery.state != DeliveryState.SENT)))
    assert {delivery.state for delivery in planned} == {DeliveryState.WAITING, DeliveryState.HANDED_OVER}
    assert {delivery.id for delivery in planned} <= ids_that_may_go_out()
    assert all(clock.now() < delivery.due_at < delivery.expires_at for delivery in planned)


def test_the_desk_holds_work_in_every_state(loaded: Desk) -> None:
    found = dict(db.session.execute(select(Post.state, func.count()).group_by(Post.state)).tuples().all())
    assert found[PostState.DRAFT] == 3
    assert found[PostState.IN_REVIEW] == 3
    assert found[PostState.CHANGES_ASKED] == 2
    assert found[PostState.REJECTED] == found[PostState.APPROVED] == 1
    assert found[PostState.SCHEDULED] > 100


def test_reviewers_find_something_in_two_of_three_waiting_posts(loaded: Desk) -> None:
    waiting = db.session.scalars(select(Post).where(Post.state == PostState.IN_REVIEW)).all()
    found = [checks.of_revision(post, newest_revision(post)) for post in waiting]
    assert not any(checks.blocking(each) for each in found)
    assert sorted(bool(each) for each in found) == [False, True, True]


def test_an_edit_that_changes_nothing_finds_the_same_digest(loaded: Desk) -> None:
    """The rows of the past are as the composer would have written them."""
    post = db.session.scalars(select(Post).join(Delivery).where(Delivery.state == DeliveryState.SENT).limit(1)).one()
    revision = newest_revision(post)
    digest, content, kim_id = revision.digest, content_of(post, revision), post.kim_id
    with transaction():
        assert parts.gather(kim_id, content, loaded.files).digest == digest


def test_every_file_that_went_out_is_in_the_store(loaded: Desk) -> None:
    hashes = set(db.session.scalars(select(RevisionFile.sha256)))
    assert len(hashes) >= 12
    assert all(len(loaded.files.read_verified(one, ".jpg")) < 150_000 for one in hashes)


def test_figures_have_a_source_and_a_time_and_reach_is_never_above_views(loaded: Desk) -> None:
    rows = db.session.scalars(select(Sample)).all()
    assert {row.source for row in rows} == {"api", "manual"}
    for row in rows:
        assert row.taken_at <= clock.now()
        assert row.reach is None or 20 <= row.reach <= (row.views or 0)
    for latest in db.session.scalars(select(LatestFigures).where(LatestFigures.taken_at.is_not(None))):
        newest = max((row for row in rows if row.delivery_id == latest.delivery_id), key=lambda row: row.taken_at)
        assert (latest.reach, latest.views, latest.taken_at) == (newest.reach, newest.views, newest.taken_at)


def test_everything_that_went_out_is_followed_so_the_beat_starts_nothing(loaded: Desk) -> None:
    followed = set(db.session.scalars(select(LatestFigures.delivery_id)))
    assert {delivery.id for delivery in sent()} == followed


def test_the_report_shows_four_kinds_of_kelurahan_and_differing_reach(loaded: Desk) -> None:
    today = clock.today()
    admin = db.session.scalars(select(User).where(User.role == Role.ADMIN)).one()
    report = reach.build(admin, Scope(cast.CITY), Period(today - timedelta(days=75), today))
    assert report.count(reach.Standing.NO_KIM) == 14
    assert report.count(reach.Standing.SILENT) == 3
    assert report.count(reach.Standing.UNKNOWN) == 2
    assert report.count(reach.Standing.KNOWN) == 38
    assert len({place.sums.reach for place in report.places}) > 30
    assert report.total.posts > 100


def test_the_platform_knows_what_went_out(loaded: Desk, practice: Practice) -> None:
    live = {post["id"]: post for post in practice.sandbox.published()}
    automatic = [delivery for delivery in sent() if delivery.external_id]
    assert len(automatic) == len(live)
    for delivery in automatic:
        assert delivery.permalink == live[str(delivery.external_id)]["permalink"]


def test_the_chain_of_the_log_is_whole(loaded: Desk) -> None:
    assert first_broken() is None


def test_tokens_are_sealed_and_work(loaded: Desk) -> None:
    account = db.session.scalars(
        select(Account).where(Account.kind == crew.AUTOMATIC, Account.state == AccountState.CONNECTED)
    ).first()
    assert account is not None
    assert account.token_sealed is not None
    token = loaded.box.open(account.token_sealed)
    assert token not in account.token_sealed
    http = Http(loaded.config.platform_base_url)
    answer = http.call(
        "GET", "https://graph.instagram.com/v25.0/me", params={"access_token": token, "fields": "username"}
    )
    assert answer.json()["username"] == account.handle


def test_the_drawings_are_the_same_every_time_and_differ_from_each_other() -> None:
    first = {name: scenes.draw(name) for name in scenes.SCENES}
    assert first == {name: scenes.draw(name) for name in scenes.SCENES}
    assert len(set(first.values())) == len(first) >= 12
    assert max(map(len, first.values())) < 150_000
