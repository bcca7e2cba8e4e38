"""The pages of campaigns, in a browser without JavaScript."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from contentdesk.access.permissions import Role
from contentdesk.campaigns.models import Campaign
from contentdesk.kim.models import Kim
from contentdesk.lib import clock
from contentdesk.lib.db import db, transaction
from contentdesk.metrics.models import LatestFigures
from contentdesk.posts.models import Post
from contentdesk.posts.states import PostState
from contentdesk.publishing.states import DeliveryState
from contentdesk.users.models import User
from tests.counting import statements
from tests.factories import Factory

DAY = timedelta(days=1)


def main(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.text.partition('<main id="isi"')[2]


def out(make: Factory, campaign: Campaign, author: User, **figures: int | None) -> Post:
    """A post in the campaign that is public on one account; without figures nothing is known of it."""
    account = make.account(db.session.get_one(Kim, author.kim_id))
    post = make.post(author, state=PostState.SCHEDULED, accounts=(account,), campaign_id=campaign.id)
    delivery = make.delivery(post, account, state=DeliveryState.SENT, sent_at=clock.now())
    with transaction() as session:
        session.add(LatestFigures(delivery_id=delivery.id, taken_at=clock.now() if figures else None, **figures))
    return post


ASKED = {"name": "Belanja di Kampung", "about": "Satu usaha tiap kelurahan.", "tag": "BelanjaKampung"}


def days(first: int, last: int) -> dict[str, str]:
    today = clock.today()
    return {"first_day": (today + first * DAY).isoformat(), "last_day": (today + last * DAY).isoformat()}


def test_a_reviewer_makes_changes_and_ends_one(make: Factory) -> None:
    client = make.signed_in(make.user(Role.REVIEWER))
    assert "Belum ada kampanye" in main(client, "/kampanye")
    done = client.post("/kampanye/baru", data=ASKED | days(0, 30), follow_redirects=True)
    assert "Belanja di Kampung tersimpan." in done.text
    assert "#BelanjaKampung" in done.text
    campaign = db.session.scalars(select(Campaign)).one()
    path = f"/kampanye/{campaign.id}"
    assert 'value="Belanja di Kampung"' in main(client, f"{path}/ubah")
    client.post(f"{path}/ubah", data=ASKED | days(0, 30) | {"name": "Belanja Dekat"})
    assert "Belanja Dekat" in main(client, "/kampanye")
    assert "Kampanye diakhiri." in client.post(f"{path}/akhiri", follow_redirects=True).text
    assert "Sudah berakhir" in main(client, "/kampanye")
    assert "Kampanye dibuka lagi." in client.post(f"{path}/buka", follow_redirects=True).text
    assert "Sedang berjalan" in main(client, "/kampanye")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": " "}, "Isi nama kampanye."),
        ({"about": ""}, "Tulis tentang apa kampanyenya."),
        (days(5, 4), "Hari terakhir jatuh sebelum hari pertama."),
        ({"first_day": ""}, "Isi hari pertamanya."),
        ({"last_day": "9999-01-01"}, "Tulis tahun antara 2000 dan 2100."),
        ({"tag": "dua kata"}, "Tagar hanya huruf dan angka, tanpa spasi."),
        ({"name": "Sudah Ada"}, "Sudah ada kampanye dengan nama itu"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(
    make: Factory, wrong: dict[str, str], said: str
) -> None:
    make.campaign(name="Sudah Ada")
    page = make.signed_in(make.user(Role.ADMIN)).post("/kampanye/baru", data=ASKED | days(0, 30) | wrong)
    assert page.status_code == 422
    assert said in page.text
    assert "aria-invalid" in page.text
    assert wrong.get("about", ASKED["about"]) in page.text
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(Campaign)) == 1


def test_who_belongs_to_a_kim_reads_and_makes_none(make: Factory) -> None:
    campaign = make.campaign()
    client = make.signed_in(make.user(Role.CHAIR))
    page = main(client, f"/kampanye/{campaign.id}")
    for word in ("Akhiri", f"/kampanye/{campaign.id}/ubah"):
        assert word not in page
    assert f'href="/unggahan/baru?kampanye={campaign.id}"' in page
    assert "/kampanye/baru" not in main(client, "/kampanye")
    for path, method in (
        ("/kampanye/baru", "GET"),
        (f"/kampanye/{campaign.id}/ubah", "POST"),
        (f"/kampanye/{campaign.id}/akhiri", "POST"),
        (f"/kampanye/{campaign.id}/buka", "POST"),
    ):
        assert client.open(path, method=method).status_code == 403, path


def test_the_list_says_how_each_stands_and_how_much_is_in_it(make: Factory) -> None:
    today = clock.today()
    runs, comes = make.campaign(), make.campaign(first_day=today + DAY)
    over = make.campaign(first_day=today - 9 * DAY, last_day=today - DAY)
    member = make.user()
    for author in (member, member, make.user(kim=make.kim())):
        make.post(author, campaign_id=runs.id)
    make.post(member, campaign_id=runs.id, state=PostState.ARCHIVED)
    page = main(make.signed_in(make.user(Role.REVIEWER)), "/kampanye")
    assert page.index(runs.name) < page.index(comes.name) < page.index(over.name)
    assert [page.count(word) for word in ("Berjalan<", "Akan datang<", "Berakhir<")] == [1, 2, 1]
    assert "3 unggahan dari 2 KIM." in page
    assert "2 unggahan KIM Anda." in main(make.signed_in(member), "/kampanye")


def test_figures_are_summed_and_what_is_unknown_is_counted_beside_them(make: Factory) -> None:
    campaign, member = make.campaign(), make.user()
    other = make.user(kim=make.kim())
    out(make, campaign, member, reach=100, views=150, likes=7, comments=None, shares=2)
    out(make, campaign, other, reach=1000, views=None, likes=30)
    unknown = out(make, campaign, make.user(kim=make.kim()))
    make.post(member, campaign_id=campaign.id)
    out(make, make.campaign(), member, reach=5000)
    page = main(make.signed_in(make.user(Role.REVIEWER)), f"/kampanye/{campaign.id}")
    for word, value in (("Total jangkauan", "1.100"), ("Tayangan", "150"), ("Interaksi", "39"), ("Sudah terbit", "3")):
        assert f"<dt>{word}</dt><dd>{value}</dd>" in page
    assert "2 dari 3 unggahan diketahui angkanya." in page
    assert db.session.get_one(Kim, unknown.kim_id).name in page
    own = main(make.signed_in(member), f"/kampanye/{campaign.id}")
    assert "<dt>Total jangkauan</dt><dd>100</dd>" in own
    assert "1 dari 1 unggahan diketahui angkanya." in own


def test_people_of_a_kim_see_their_own_posts_only(make: Factory) -> None:
    campaign, member = make.campaign(), make.user()
    mine = make.post(member, campaign_id=campaign.id)
    theirs = make.post(make.user(kim=make.kim()), campaign_id=campaign.id)
    page = main(make.signed_in(member), f"/kampanye/{campaign.id}")
    assert mine.title in page
    assert theirs.title not in page
    assert db.session.get_one(Kim, theirs.kim_id).name not in page
    page = main(make.signed_in(make.user(Role.REVIEWER)), f"/kampanye/{campaign.id}")
    assert mine.title in page
    assert theirs.title in page


def test_nothing_known_is_said_and_not_shown_as_zero(make: Factory) -> None:
    campaign = make.campaign()
    client = make.signed_in(make.user(Role.REVIEWER))
    assert "Belum ada unggahan" in main(client, f"/kampanye/{campaign.id}")
    make.post(make.user(), campaign_id=campaign.id)
    page = main(client, f"/kampanye/{campaign.id}")
    assert page.count('<span class="unknown">belum ada data</span>') == 3
    assert "Angka datang setelah ada yang terbit." in page


def test_a_campaign_that_is_not_there_is_said_so(make: Factory) -> None:
    client = make.signed_in(make.user())
    assert client.get("/kampanye/tidak-ada").status_code == 404


def test_a_page_costs_the_same_however_many_posts(make: Factory) -> None:
    campaign = make.campaign()
    client = make.signed_in(make.user(Role.REVIEWER))
    path = f"/kampanye/{campaign.id}"

    def fill(number: int) -> None:
        for _ in range(number):
            out(make, campaign, make.user(kim=make.kim()), reach=1)

    fill(1)
    main(client, path)
    few = statements(lambda: main(client, path))
    fill(5)
    assert len(statements(lambda: main(client, path))) == len(few)
