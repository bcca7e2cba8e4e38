"""The pages of the stop button, in a browser without JavaScript."""

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from contentdesk.access.permissions import Role
from contentdesk.kim.models import Kim
from contentdesk.lib import clock, words
from contentdesk.lib.db import db, transaction
from contentdesk.posts.states import PostState
from contentdesk.publishing import handwork, hold_lists, holding
from contentdesk.publishing.holds import MISSED, Scope
from contentdesk.publishing.models import Delivery, Hold
from contentdesk.publishing.queries import get_delivery
from contentdesk.publishing.states import DeliveryState, HoldReason, HoldScope
from contentdesk.users.models import User
from tests.factories import Factory

D = DeliveryState
CITY = Scope(HoldScope.CITY)


class Desk:
    """A KIM with its people and somebody of the city."""

    def __init__(self, make: Factory) -> None:
        self.make = make
        self.kim = make.kim()
        self.member, self.chair = make.user(kim=self.kim), make.user(Role.CHAIR, self.kim)
        self.reviewer = make.user(Role.REVIEWER)

    def planned(
        self, hours: int = 2, kind: str = "instagram", author: User | None = None, **values: object
    ) -> Delivery:
        author = author or self.member
        account = self.make.account(db.session.get_one(Kim, author.kim_id), kind=kind)
        post = self.make.post(author, state=PostState.SCHEDULED, accounts=(account,))
        return self.make.delivery(post, account, due_at=clock.now() + timedelta(hours=hours), **values)

    def hold(self, scope: Scope = CITY, by: User | None = None, words: str = "") -> Hold:
        with transaction():
            return hold_lists.get(holding.place(by or self.reviewer, scope, HoldReason.MOURNING, words).id)

    def as_(self, user: User) -> FlaskClient:
        return self.make.signed_in(user)


@pytest.fixture
def desk(make: Factory) -> Desk:
    return Desk(make)


def count() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Hold)) or 0


ASKED = {"what": "city:", "reason": "disaster", "words": "Banjir di tiga kelurahan"}


def test_the_first_button_shows_what_is_hit_and_only_the_second_one_holds(desk: Desk) -> None:
    desk.planned()
    going = desk.planned(hours=0, state=D.PUBLISHING)
    client = desk.as_(desk.reviewer)
    shown = client.post("/tahan/baru", data=ASKED | {"langkah": "lihat"})
    assert "1 unggahan di Seluruh kota akan ditahan, dari 1 KIM." in shown.text
    assert desk.kim.name in shown.text
    assert "Tidak bisa dihentikan lagi" in shown.text
    assert f"/terbitan/{going.id}" in shown.text
    assert count() == 0
    done = client.post("/tahan/baru", data=ASKED | {"langkah": "tahan", "dilihat": "city:"}, follow_redirects=True)
    assert "Ditahan. Tidak ada lagi yang mulai terbit" in done.text
    assert "Banjir di tiga kelurahan" in done.text
    assert count() == 1


def test_what_was_changed_after_looking_is_shown_once_more(desk: Desk) -> None:
    asked = ASKED | {"langkah": "tahan", "dilihat": "city:", "what": f"kim:{desk.kim.id}"}
    page = desk.as_(desk.reviewer).post("/tahan/baru", data=asked)
    assert (page.status_code, count()) == (200, 0)
    assert f'name="dilihat" value="kim:{desk.kim.id}"' in page.text


def test_two_clicks_make_one_hold(desk: Desk) -> None:
    client = desk.as_(desk.reviewer)
    places = {
        client.post("/tahan/baru", data=ASKED | {"langkah": "tahan", "dilihat": "city:"}).headers["Location"]
        for _ in range(2)
    }
    assert (len(places), count()) == (1, 1)


def test_what_is_missing_is_said_at_its_field(desk: Desk) -> None:
    page = desk.as_(desk.reviewer).post("/tahan/baru", data={"langkah": "lihat", "what": "city:"})
    assert page.status_code == 422
    assert "Pilih alasannya." in page.text


def test_a_chair_is_offered_the_own_kim_only(desk: Desk) -> None:
    other = desk.make.kim()
    client = desk.as_(desk.chair)
    page = client.get("/tahan/baru").text
    assert desk.kim.name in page
    assert other.name not in page
    assert "city:" not in page
    for forged in ("city:", f"kim:{other.id}"):
        asked = ASKED | {"what": forged, "langkah": "tahan", "dilihat": forged}
        assert client.post("/tahan/baru", data=asked).status_code == 422
    assert count() == 0


def test_everybody_concerned_sees_the_band_with_reason_and_whom_to_ask(desk: Desk) -> None:
    stranger = desk.make.user(kim=desk.make.kim())
    held = desk.hold(Scope(HoldScope.KIM, desk.kim.id), words="Wali kota wafat")
    for user in (desk.member, desk.chair, desk.reviewer):
        page = desk.as_(user).get("/kalender").text
        assert f"Penerbitan ditahan: {desk.kim.name}." in page
        assert "Masa berkabung. Wali kota wafat." in page
        assert f"Tanya {desk.reviewer.name}" in page
        assert f'href="/tahan/{held.id}"' in page
    assert "Penerbitan ditahan" not in desk.as_(stranger).get("/kalender").text
    assert desk.as_(stranger).get(f"/tahan/{held.id}").status_code == 404
    with transaction():
        holding.release(desk.reviewer, held)
    assert "Penerbitan ditahan" not in desk.as_(desk.member).get("/kalender").text


def test_lists_calendar_post_and_delivery_say_that_it_is_held(desk: Desk) -> None:
    delivery = desk.planned()
    desk.hold()
    day = clock.to_wib(delivery.due_at).date().isoformat()
    pages = (
        "/unggahan",
        "/beranda",
        f"/unggahan/{delivery.post_id}",
        f"/terbitan/{delivery.id}",
        f"/kalender?tampil=daftar&hari={day}",
    )
    client = desk.as_(desk.member)
    for path in pages:
        main = client.get(path).text.partition('<main id="isi"')[2]
        assert "Ditahan" in main, path
    said = client.get(f"/unggahan/{delivery.post_id}").text
    assert "Ditahan di Instagram: Masa berkabung." in said
    assert f"Tanya {desk.reviewer.name} atau admin kota." in said


def test_a_task_that_is_held_is_not_offered_and_who_has_it_in_hand_is_told(desk: Desk) -> None:
    task = desk.planned(hours=0, kind="snackvideo", state=D.HANDED_OVER)
    other = desk.make.user(kim=desk.kim)
    with transaction():
        handwork.take(desk.member, get_delivery(task.id))
    desk.hold()
    mine, theirs = desk.as_(desk.member), desk.as_(other)
    page = mine.get(f"/tugas/{task.id}").text
    assert "Jangan diunggah dulu" in page
    assert "Selesai, sudah terbit" in page
    assert f"/tugas/{task.id}/foto/" not in page
    assert "Jangan unggah dulu:" in mine.get("/beranda").text
    assert f"/tugas/{task.id}" not in theirs.get("/beranda").text
    assert "Saya yang mengerjakan" not in theirs.get(f"/tugas/{task.id}").text
    assert "Ditahan" in theirs.get("/tugas").text.partition('<main id="isi"')[2]


def test_planning_under_a_hold_says_that_it_waits(desk: Desk) -> None:
    account = desk.make.account(desk.kim)
    post = desk.make.post(desk.member, state=PostState.APPROVED, accounts=(account,))
    desk.hold()
    due = words.typed(clock.now() + timedelta(days=1))
    page = desk.as_(desk.member).post(f"/unggahan/{post.id}/jadwal", data={"due_at": due}, follow_redirects=True).text
    assert "Penerbitan sedang ditahan, jadi unggahan ini menunggu sampai dilepas." in page


def test_releasing_lists_what_was_missed_and_spreads_it_over_new_times(desk: Desk) -> None:
    second = desk.make.user(kim=desk.make.kim())
    late = [desk.planned(hours=-1), desk.planned(hours=-1), desk.planned(hours=-1, author=second)]
    held = desk.hold()
    client = desk.as_(desk.reviewer)
    page = client.post(f"/tahan/{held.id}/lepas", follow_redirects=True).text
    assert "3 unggahan sudah lewat waktunya dan tidak terbit sendiri." in page
    offered = dict(re.findall(r'name="(waktu-\w+)" value="([^"]+)"', page))
    assert len(offered) == len(set(offered.values())) == 3
    kept = late[1].post_id
    chosen = {"unggahan": [one.post_id for one in late if one.post_id != kept]}
    page = client.post(f"/tahan/{held.id}/jadwal", data=offered | chosen, follow_redirects=True).text
    assert "2 unggahan dijadwalkan." in page
    assert f'value="{kept}"' in page
    for one in late:
        due = db.session.scalars(
            select(Delivery.due_at).where(Delivery.post_id == one.post_id, Delivery.state == D.WAITING)
        ).all()
        assert [words.typed(moment) for moment in due] == (
            [] if one.post_id == kept else [offered[f"waktu-{one.post_id}"]]
        )


def test_a_second_click_on_release_or_on_new_times_says_that_it_is_done(desk: Desk) -> None:
    late = desk.planned(hours=-1)
    held = desk.hold()
    client = desk.as_(desk.reviewer)
    client.post(f"/tahan/{held.id}/lepas")
    assert "Sudah dilepas lebih dulu." in client.post(f"/tahan/{held.id}/lepas", follow_redirects=True).text
    times = {"unggahan": late.post_id, f"waktu-{late.post_id}": words.typed(clock.now() + timedelta(days=1))}
    client.post(f"/tahan/{held.id}/jadwal", data=times)
    again = client.post(f"/tahan/{held.id}/jadwal", data=times, follow_redirects=True)
    assert "Sudah dijadwalkan lebih dulu." in again.text
    planned = select(func.count()).where(Delivery.post_id == late.post_id, Delivery.state == D.WAITING)
    assert db.session.scalar(planned) == 1


def test_what_cannot_be_planned_anew_stays_and_says_why(desk: Desk) -> None:
    first, second = desk.planned(hours=-1), desk.planned(hours=-1)
    held = desk.hold()
    client = desk.as_(desk.reviewer)
    client.post(f"/tahan/{held.id}/lepas")
    times = {f"waktu-{first.post_id}": "2020-01-01T10:00", f"waktu-{second.post_id}": "kapan-kapan"}
    page = client.post(f"/tahan/{held.id}/jadwal", data=times | {"unggahan": [first.post_id, second.post_id]})
    assert page.status_code == 422
    assert "Waktu itu sudah lewat." in page.text
    assert "Isi tanggal dan jamnya." in page.text
    assert 'value="2020-01-01T10:00"' in page.text


def test_people_of_a_kim_give_new_times_to_their_own_posts_only(desk: Desk) -> None:
    stranger = desk.make.user(kim=desk.make.kim())
    mine, theirs = desk.planned(hours=-1), desk.planned(hours=-1, author=stranger)
    held = desk.hold()
    with transaction():
        holding.release(desk.reviewer, held)
    client = desk.as_(desk.member)
    page = client.get(f"/tahan/{held.id}").text
    assert mine.post_id in page
    assert theirs.post_id not in page
    due = words.typed(clock.now() + timedelta(days=1))
    client.post(f"/tahan/{held.id}/jadwal", data={"unggahan": theirs.post_id, f"waktu-{theirs.post_id}": due})
    db.session.rollback()
    assert db.session.get_one(Delivery, theirs.id).problem == MISSED
    assert not db.session.scalars(select(Delivery).where(Delivery.state == D.WAITING)).all()


def test_a_part_is_released_from_the_page_and_the_rest_stays(desk: Desk) -> None:
    desk.planned()
    held = desk.hold()
    client = desk.as_(desk.reviewer)
    page = client.get(f"/tahan/{held.id}").text
    assert f'value="kecamatan:{desk.kim.kelurahan_code[:8]}"' in page
    page = client.post(f"/tahan/{held.id}/lepas", data={"bagian": f"kim:{desk.kim.id}"}, follow_redirects=True).text
    assert "Dilepas. 1 unggahan terbit sesuai jadwal." in page
    assert "Sudah dilepas lebih dulu" in page
    assert "Penerbitan ditahan" not in desk.as_(desk.member).get("/kalender").text
    assert "Penerbitan ditahan" in client.get("/kalender").text


def test_a_chair_sees_a_hold_from_above_and_cannot_lift_it(desk: Desk) -> None:
    held = desk.hold()
    client = desk.as_(desk.chair)
    page = client.get(f"/tahan/{held.id}").text
    assert "Ditahan oleh kota" in page
    assert "Lepas semuanya" not in page
    assert client.post(f"/tahan/{held.id}/lepas").status_code == 403
    own = desk.hold(Scope(HoldScope.KIM, desk.kim.id), desk.chair)
    assert "Lepas semuanya" in client.get(f"/tahan/{own.id}").text
    assert client.post(f"/tahan/{own.id}/lepas").status_code == 303


def test_who_may_hold_finds_it_in_the_menu_and_others_do_not(desk: Desk) -> None:
    for user, there in ((desk.reviewer, True), (desk.chair, True), (desk.member, False)):
        assert ('href="/tahan"' in desk.as_(user).get("/kalender").text) is there
    assert desk.as_(desk.member).get("/tahan/baru").status_code == 403


def test_holds_that_are_over_stay_on_the_list(desk: Desk) -> None:
    held = desk.hold(words="Gempa")
    with transaction():
        holding.release(desk.reviewer, held)
    page = desk.as_(desk.chair).get("/tahan").text
    assert "Tidak ada yang ditahan" in page
    assert "Sudah dilepas" in page
    assert f"/tahan/{held.id}" in page


def test_a_campaign_is_held_from_its_page_and_its_posts_say_so(desk: Desk) -> None:
    campaign = desk.make.campaign(name="Belanja Dekat")
    delivery = desk.planned()
    desk.planned()
    client = desk.as_(desk.reviewer)
    client.post(f"/unggahan/{delivery.post_id}/kampanye", data={"campaign": campaign.id})
    typed = f"campaign:{campaign.id}"
    assert f'href="/tahan/baru?apa={typed}"' in client.get(f"/kampanye/{campaign.id}").text
    assert f'<option selected value="{typed}">Belanja Dekat</option>' in client.get(f"/tahan/baru?apa={typed}").text
    asked = ASKED | {"what": typed, "dilihat": typed}
    shown = client.post("/tahan/baru", data=asked | {"langkah": "lihat"}).text
    assert "1 unggahan di Kampanye Belanja Dekat akan ditahan, dari 1 KIM." in shown
    done = client.post("/tahan/baru", data=asked | {"langkah": "tahan"}, follow_redirects=True).text
    assert "Ditahan. Tidak ada lagi yang mulai terbit" in done
    assert f'value="kim:{desk.kim.id}"' in done
    assert 'value="campaign:' not in done
    for path in ("/kampanye", f"/kampanye/{campaign.id}", f"/unggahan/{delivery.post_id}", "/kalender"):
        assert "Ditahan" in client.get(path).text, path
    page = desk.as_(desk.member).get(f"/unggahan/{delivery.post_id}").text
    assert "Penerbitan ditahan: Kampanye Belanja Dekat." in page
    assert "di luar itu unggahan ini terbit lagi sesuai jadwal" in page


def test_taking_a_post_out_of_a_held_campaign_and_into_it_says_what_it_does(desk: Desk) -> None:
    campaign = desk.make.campaign()
    ahead, late = desk.planned(), desk.planned(hours=-1)
    desk.hold(Scope(HoldScope.CAMPAIGN, campaign.id))
    member, reviewer = desk.as_(desk.member), desk.as_(desk.reviewer)

    def move(client: FlaskClient, delivery: Delivery, values: dict[str, str]) -> str:
        return client.post(f"/unggahan/{delivery.post_id}/kampanye", data=values, follow_redirects=True).text

    for delivery in (ahead, late):
        page = move(member, delivery, {"campaign": campaign.id})
        assert "Penerbitan sedang ditahan, jadi unggahan ini menunggu sampai dilepas." in page
    out = {"campaign": "", "campaign_was": campaign.id}
    assert "Ini ditahan oleh kota, jadi hanya peninjau atau admin kota yang melepasnya." in move(member, ahead, out)
    assert "Tidak ditahan lagi, jadi terbit sesuai jadwal." in move(reviewer, ahead, out)
    assert "Tidak ditahan lagi, tetapi waktunya sudah lewat." in move(reviewer, late, out)


def test_a_campaign_goes_on_while_the_city_is_held(desk: Desk) -> None:
    campaign = desk.make.campaign(name="Posko Banjir")
    delivery = desk.planned()
    held = desk.hold()
    client = desk.as_(desk.reviewer)
    client.post(f"/unggahan/{delivery.post_id}/kampanye", data={"campaign": campaign.id})
    part = f"campaign:{campaign.id}"
    assert f'value="{part}"' in client.get(f"/tahan/{held.id}").text
    page = client.post(f"/tahan/{held.id}/lepas", data={"bagian": part}, follow_redirects=True).text
    assert "Dilepas. 1 unggahan terbit sesuai jadwal." in page
    assert "Kampanye Posko Banjir" in page
