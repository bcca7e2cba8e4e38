"""Putting a post into a campaign: in the composer and on its page, without a new revision and a new review."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from contentdesk.access.permissions import Role
from contentdesk.lib import clock
from contentdesk.lib.db import db, transaction
from contentdesk.lib.errors import Conflict, DomainError, NotFound, NotPermitted
from contentdesk.posts.models import Post, Revision
from contentdesk.posts.queries import get_post
from contentdesk.posts.states import PostState
from contentdesk.publishing import campaigning
from contentdesk.users.models import User
from tests.factories import Factory


def move(actor: User, post: Post, campaign_id: str | None, was: str | None = None) -> None:
    with transaction():
        campaigning.move(actor, get_post(post.id), campaign_id, was)


def campaign_of(post: Post) -> str | None:
    db.session.rollback()
    return db.session.get_one(Post, post.id, populate_existing=True).campaign_id


def test_what_was_approved_stays_approved(make: Factory) -> None:
    member, campaign = make.user(), make.campaign()
    post = make.post(member, state=PostState.APPROVED)
    move(member, post, campaign.id)
    found = get_post(post.id)
    assert (found.campaign_id, found.state, found.newest_number, found.approved_number) == (
        campaign.id,
        PostState.APPROVED,
        1,
        1,
    )


@pytest.mark.parametrize(
    ("role", "own", "refused"),
    [
        (Role.MEMBER, True, None),
        (Role.CHAIR, True, None),
        (Role.REVIEWER, False, None),
        (Role.ADMIN, False, None),
        (Role.MEMBER, False, NotFound),
        (Role.CHAIR, False, NotFound),
        (Role.JUDGE, False, NotPermitted),
    ],
)
def test_the_authors_kim_and_reviewers_choose_and_nobody_else(
    make: Factory, role: str, own: bool, refused: type[DomainError] | None
) -> None:
    author, campaign = make.user(), make.campaign()
    post = make.post(author)
    kim = get_post(post.id).kim if own else None
    person = make.user(role, kim or (make.kim() if role in {Role.MEMBER, Role.CHAIR} else None))
    if refused is None:
        move(person, post, campaign.id)
        assert campaign_of(post) == campaign.id
        return
    with pytest.raises(refused):
        move(person, post, campaign.id)
    assert campaign_of(post) is None


def test_nothing_is_put_into_one_that_is_over_or_not_there(make: Factory) -> None:
    member = make.user()
    post, over = make.post(member), make.campaign(ended_at=clock.now())
    with pytest.raises(DomainError, match="sudah berakhir"):
        move(member, post, over.id)
    with pytest.raises(NotFound):
        move(member, post, "tidak-ada")
    assert campaign_of(post) is None


def test_what_is_in_one_that_is_over_stays_and_may_be_taken_out(make: Factory) -> None:
    member, over = make.user(), make.campaign(ended_at=clock.now())
    post = make.post(member, campaign_id=over.id)
    move(member, post, over.id, over.id)
    assert campaign_of(post) == over.id
    move(member, post, None, over.id)
    assert campaign_of(post) is None


def test_who_saw_another_campaign_overwrites_nothing(make: Factory) -> None:
    member, first, second = make.user(), make.campaign(), make.campaign()
    post = make.post(member, campaign_id=first.id)
    with pytest.raises(Conflict, match="Tidak ada yang ditimpa"):
        move(member, post, second.id, None)
    assert campaign_of(post) == first.id
    move(member, post, first.id, None)


def test_an_archived_post_stays_where_it_is(make: Factory) -> None:
    member, campaign = make.user(), make.campaign()
    with pytest.raises(Conflict, match="diarsipkan"):
        move(member, make.post(member, state=PostState.ARCHIVED), campaign.id)


def test_the_page_of_a_post_tells_its_campaign_and_when_it_came_in(make: Factory) -> None:
    member, campaign = make.user(), make.campaign(name="Belanja Dekat")
    post = make.post(member)
    client = make.signed_in(member)
    path = f"/unggahan/{post.id}"
    assert "Tidak masuk kampanye." in client.get(path).text
    page = client.post(f"{path}/kampanye", data={"campaign": campaign.id}, follow_redirects=True).text
    assert "Kampanye tersimpan. Naskah dan jadwalnya tetap." in page
    assert "Masuk kampanye Belanja Dekat" in page
    assert f'href="/kampanye/{campaign.id}"' in page
    page = client.post(f"{path}/kampanye", data={"campaign_was": campaign.id}, follow_redirects=True).text
    assert "Keluar dari kampanye Belanja Dekat" in page
    stranger = make.signed_in(make.user(kim=make.kim()))
    assert stranger.post(f"{path}/kampanye", data={"campaign": campaign.id}).status_code == 404


def test_the_reviewer_sees_the_campaign(make: Factory) -> None:
    campaign = make.campaign(name="Belanja Dekat")
    post = make.post(make.user(), state=PostState.IN_REVIEW, campaign_id=campaign.id)
    page = make.signed_in(make.user(Role.REVIEWER)).get(f"/tinjauan/{post.id}").text
    assert "<dt>Kampanye</dt>" in page
    assert "Belanja Dekat" in page


def sent(client: FlaskClient, path: str, **values: str) -> dict[str, str]:
    """What the composer's form holds of the choice, with some of it changed."""
    page = client.get(path).text
    kept = {
        "campaign_was": r'name="campaign_was" value="(\w*)"',
        "base_number": r'name="base_number"[^>]*value="(\d+)"',
    }
    found = {name: re.search(pattern, page) for name, pattern in kept.items()}
    select_box = re.search(r'<select id="campaign".*?</select>', page)
    chosen = re.search(r'value="(\w+)" selected', select_box[0]) if select_box else None
    known = {name: one[1] for name, one in found.items() if one} | {"campaign": chosen[1] if chosen else ""}
    return known | values


def test_without_campaigns_the_composer_asks_nothing(make: Factory) -> None:
    client = make.signed_in(make.user())
    make.campaign(ended_at=clock.now())
    assert 'name="campaign"' not in client.get("/unggahan/baru").text


def test_a_draft_remembers_its_campaign_and_a_link_chooses_one(make: Factory) -> None:
    member, campaign = make.user(), make.campaign(name="Belanja Dekat", tag="#Dekat")
    client = make.signed_in(member)
    asked = sent(client, f"/unggahan/baru?kampanye={campaign.id}", text="Keripik.")
    assert asked["campaign"] == campaign.id
    draft = client.post("/unggahan/baru", data=asked).headers["Location"]
    page = client.get(draft).text
    assert f'value="{campaign.id}" selected' in page
    assert 'data-insert="#Dekat"' in page
    post = db.session.scalars(select(Post)).one()
    assert (post.campaign_id, post.newest_number) == (campaign.id, 1)
    client.post(draft, data=sent(client, draft, text="Keripik.", campaign=""))
    assert campaign_of(post) is None
    assert len(db.session.scalars(select(Revision)).all()) == 1


def test_an_old_form_takes_nothing_out_of_a_campaign(make: Factory) -> None:
    member, campaign = make.user(), make.campaign()
    post = make.post(member)
    client = make.signed_in(member)
    path = f"/unggahan/{post.id}/ubah"
    old = sent(client, path, text="Naskah baru.")
    move(member, post, campaign.id)
    client.post(path, data=old)
    assert campaign_of(post) == campaign.id
    assert get_post(post.id).revisions[-1].text == "Naskah baru."


def test_what_was_typed_comes_back_when_the_campaign_ended_meanwhile(make: Factory) -> None:
    member, campaign = make.user(), make.campaign()
    client = make.signed_in(member)
    asked = sent(client, "/unggahan/baru", text="Naskah panjang.", campaign=campaign.id)
    with transaction():
        db.session.merge(campaign).ended_at = clock.now()
    page = client.post("/unggahan/baru", data=asked)
    assert page.status_code == 422
    assert "sudah berakhir, jadi belum ada yang disimpan" in page.text
    assert "Naskah panjang." in page.text
    assert db.session.scalars(select(Post)).all() == []


def test_a_planned_post_is_not_moved_from_the_composer(make: Factory) -> None:
    member, campaign = make.user(), make.campaign(name="Belanja Dekat")
    post = make.post(member, state=PostState.SCHEDULED, campaign_id=campaign.id)
    client = make.signed_in(member)
    path = f"/unggahan/{post.id}/ubah"
    page = client.get(path).text
    assert 'name="campaign"' not in page
    assert f"/unggahan/{post.id}#kampanye" in page
    forged = {"campaign": "", "campaign_was": campaign.id, "base_number": "1", "text": "Keripik tempe Sanan, Rp15.000."}
    page = client.post(path, data=forged)
    assert "Kampanyenya diganti di halaman unggahan" in page.text
    assert campaign_of(post) == campaign.id
