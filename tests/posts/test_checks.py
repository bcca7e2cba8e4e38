"""What the checks find by themselves, tried on the twelve briefs and on each rule."""

import csv
import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from contentdesk.channels.registry import KINDS
from contentdesk.kim.models import Kim
from contentdesk.lib import clock
from contentdesk.lib.db import db, transaction
from contentdesk.posts import checklist, checks, claims, planning
from contentdesk.posts.content import Content, ContentPhoto
from contentdesk.posts.problems import Problem, Severity, Subject
from contentdesk.regions.models import Kelurahan
from contentdesk.umkm.models import Business, Product
from tests.factories import Factory

DATA = Path(__file__).parent / "data"
BRIEFS: list[dict[str, Any]] = json.loads((DATA / "umkm_examples.json").read_text("utf-8"))["umkm"]
ANSWERED = {"tidak ada": "tidak_ada"}
SEEN_ONLY_BY_PEOPLE: dict[str, set[str]] = {}
"""Failing ids that no check can find. None at present."""


def _answer(told: str) -> str | None:
    """What a member who answers honestly can fill in; with a missing permission: nothing."""
    return ANSWERED.get(told, "berizin" if "tertulis" in told else None)


def _business(brief: dict[str, Any]) -> Business:
    """Not kept: the checks are pure."""
    return Business(
        id=brief["id"],
        name=brief["nama_usaha"],
        category=brief["kategori"],
        product_kind=brief["jenis_produk"],
        kelurahan_code=brief["kelurahan_code"],
        kelurahan=Kelurahan(code=brief["kelurahan_code"], name=brief["kelurahan"]),
        hours=brief["jam_buka"],
        contact=brief["kontak_publik"],
        permits=brief["legalitas"],
        products=[
            Product(position=n, name=one["nama"], price=one["harga"], unit=one["satuan"])
            for n, one in enumerate(brief["produk"])
        ],
    )


def _subject(brief: dict[str, Any]) -> Subject:
    post, consent = brief["brief"], brief["persetujuan"]
    borrowed = any("google" in name for name in post["aset"])
    return Subject(
        text=post["caption"] + "\n" + " ".join(post["hashtags"]),
        alt_texts=(post["alt_text"],),
        businesses=(_business(brief),),
        consented=frozenset({brief["id"]}),
        kelurahan_code=brief["kelurahan_code"],
        proposed_at=datetime.fromisoformat(post["jadwal_usulan"]),
        photo_source=None if borrowed else "buatan_kim",
        faces=_answer(consent["orang_lain"]),
        children=_answer(consent["anak"]),
    )


def _items(found: list[Problem]) -> set[str]:
    return {problem.item for problem in found if problem.code not in {"no_target", "time_past"}}


@pytest.mark.parametrize("brief", BRIEFS, ids=[brief["id"] for brief in BRIEFS])
def test_the_expected_failures_of_each_brief_are_found(brief: dict[str, Any]) -> None:
    expected = {finding["butir"] for finding in brief["tinjauan_diharapkan"]["temuan"]}
    assert expected - _items(checks.problems(_subject(brief))) == SEEN_ONLY_BY_PEOPLE.get(brief["id"], set())


@pytest.mark.parametrize("brief", [b for b in BRIEFS if b["tinjauan_diharapkan"]["keputusan"] == "setuju"])
def test_nothing_required_is_held_against_a_good_brief(brief: dict[str, Any]) -> None:
    found = [p for p in checks.problems(_subject(brief)) if p.item != "C12"]
    assert [str(problem) for problem in found] == []


def test_words_in_boso_walikan_are_never_flagged() -> None:
    brief = BRIEFS[0]
    subject = replace(_subject(brief), consented=frozenset({brief["id"]}))
    with (DATA / "boso_walikan.csv").open(encoding="utf-8") as file:
        spoken = [row["walikan"] for row in csv.DictReader(file)]
    mixed = replace(subject, text=f"{subject.text}\n{' '.join(spoken)}\nMbois ilakes, sam! Nakam oskab sinam.")
    assert checks.problems(mixed) == checks.problems(subject)


@pytest.mark.parametrize(
    ("sentence", "code"),
    [
        ("Halal bihalal KIM hari Minggu.", "halal_without_certificate"),
        ("Nomor 10 di gang ini, cari rumah biru.", "unproven_claim"),
        ("Buka tiap hari 08.00\u201320.00 WIB.", "hours_missing"),
        ("Harga 15rb saja.", "price_missing"),
        ("Promo sampai 24 Desember.", "promo_without_date"),
        ("Pesan ke 0812-3456-7890.", "personal_number"),
        ("Obatnya rindu kampung.", "healing_claim"),
    ],
)
def test_innocent_words_raise_no_hint(sentence: str, code: str) -> None:
    brief = BRIEFS[10]
    business = _business(brief)
    business.contact, business.hours = "+62 812 3456 7890", "08.00-20.00 WIB"
    found = list(claims.hints(replace(_subject(brief), text=sentence, businesses=(business,))))
    assert code not in {problem.code for problem in found}


@pytest.mark.parametrize(
    ("sentence", "code"),
    [
        ("Dijamin halal.", "halal_without_certificate"),
        ("Nomor 1 di Malang", "unproven_claim"),
        ("Diskon besar hari ini", "promo_without_date"),
        ("NIK 3573015708900001", "personal_number"),
        ("Menyembuhkan maag", "healing_claim"),
        ("Kirim ke 0813-9999-1111", "personal_number"),
        ("Tanpa angka", "price_missing"),
        ("Tanpa jam", "hours_missing"),
    ],
)
def test_telling_words_raise_their_hint(sentence: str, code: str) -> None:
    business = _business(BRIEFS[10])
    business.contact, business.hours = "+62 812 3456 7890", "08.00-20.00 WIB"
    found = list(claims.hints(replace(_subject(BRIEFS[10]), text=sentence, businesses=(business,))))
    assert code in {problem.code for problem in found}
    assert all(problem.severity is Severity.ADVICE for problem in found)


def test_a_place_left_out_is_named() -> None:
    found = claims.hints(replace(_subject(BRIEFS[10]), text="Cireng."))
    assert "Tempat belum tertulis. Sisipkan Kelurahan Oro-oro Dowo?" in [str(problem) for problem in found]
    spelled_otherwise = replace(_subject(BRIEFS[10]), text="Cireng di Oro Oro Dowo.")
    assert "place_missing" not in {problem.code for problem in claims.hints(spelled_otherwise)}


def test_what_is_left_out_comes_with_the_text_that_mends_it() -> None:
    subject = replace(_subject(BRIEFS[0]), text="Keripik tempe.")
    found = list(claims.hints(subject))
    inserts = {p.code: p.insert for p in found}
    assert inserts["hours_missing"] == "Buka 08.00-20.00 WIB, tiap hari"
    assert inserts["marker_missing"] == claims.MARKER
    assert 'Penanda "Konten KIM bersama pelaku UMKM, tidak berbayar." belum ada.' in map(str, found)
    assert inserts["price_missing"] is not None
    assert "Keripik tempe original Rp15.000/bungkus 200 g" in inserts["price_missing"]
    mended = replace(subject, text="\n".join([subject.text, *(text for text in inserts.values() if text)]))
    assert list(claims.hints(mended)) == []


def _ready(make: Factory) -> tuple[str, Content]:
    """A post that may be sent."""
    kim = make.kim()
    author, account = make.user(kim=kim), make.account(kim)
    return kim.id, Content(
        text="Keripik tempe.",
        photos=(ContentPhoto(make.asset(author).id, "Keripik di nampan"),),
        business_ids=(make.business(kim).id,),
        account_ids=(account.id,),
        proposed_at=clock.now() + timedelta(days=1),
        photo_source="buatan_kim",
        faces="tidak_ada",
        children="tidak_ada",
    )


def _blocks(kim_id: str, content: Content) -> set[str]:
    return {problem.code for problem in checks.blocking(checks.of_content(kim_id, content))}


def test_a_finished_post_may_be_sent(make: Factory) -> None:
    assert _blocks(*_ready(make)) == set()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"photo_source": None}, "photo_source_missing"),
        ({"faces": None}, "faces_unanswered"),
        ({"children": None}, "children_unanswered"),
        ({"account_ids": ()}, "no_target"),
        ({"photos": ()}, "too_few_photos"),
        ({"text": " "}, "text_missing"),
        ({"text": "a" * 2201}, "text_too_long"),
        ({"text": "#a " * 31}, "too_many_hashtags"),
        ({"texts": {"instagram": "a" * 2201}}, "text_too_long"),
        ({"proposed_at": clock.now() - timedelta(minutes=1)}, "time_past"),
    ],
)
def test_what_a_platform_or_the_law_would_refuse_stops_sending(make: Factory, change: Any, code: str) -> None:
    kim_id, content = _ready(make)
    assert _blocks(kim_id, replace(content, **change)) == {code}


def test_a_business_without_consent_stops_sending(make: Factory) -> None:
    kim_id, content = _ready(make)
    lone = make.business(db.session.get_one(Kim, kim_id), consent=False)
    assert _blocks(kim_id, replace(content, business_ids=(lone.id,))) == {"no_consent"}


def test_a_limit_names_its_channel(make: Factory) -> None:
    kim_id, content = _ready(make)
    problem = checks.blocking(checks.of_content(kim_id, replace(content, text="a" * 2210)))[0]
    assert str(problem) == "Instagram: Teks 2210 huruf, batasnya 2200. Kurangi 10 huruf."


def test_a_missing_description_and_an_account_to_reconnect_are_advice(make: Factory) -> None:
    kim_id, content = _ready(make)
    with transaction():
        account = make.account(None, state="expired", handle="kim_terputus")
    photos = (content.photos[0]._replace(alt_text=""),)
    found = checks.of_content(kim_id, replace(content, photos=photos, account_ids=(account.id,)))
    advice = {problem.code for problem in found if not problem.blocks}
    assert {"alt_missing", "account_not_ready"} <= advice
    assert checks.blocking(found) == []


def test_every_problem_belongs_to_an_item_of_the_checklist() -> None:
    known = {item.id for item in checklist.items()}
    found = [problem for brief in BRIEFS for problem in checks.problems(_subject(brief))]
    assert known == {f"C{number:02}" for number in range(1, 13)}
    assert {problem.item for problem in found} <= known
    assert all(str(problem) and "%(" not in str(problem) for problem in found)
    assert set(checks.by_item(found)) == {problem.item for problem in found}


def test_only_items_that_have_to_do_with_the_post_apply() -> None:
    def ids(brief: dict[str, Any]) -> set[str]:
        return {item.id for item in checks.applying_items(_subject(brief))}

    craft = next(brief for brief in BRIEFS if brief["id"] == "umkm-08")
    assert {"C06", "C07", "C04"} & ids(craft) == set()
    assert {"C06", "C07"} <= ids(BRIEFS[0])
    assert "C03" in ids(craft)


@pytest.mark.parametrize(
    ("wib", "food", "codes"),
    [
        ("2026-12-18T17:45", False, ["time_maghrib"]),
        ("2026-12-18T12:00", False, ["time_friday"]),
        ("2026-12-17T12:00", False, []),
        ("2027-02-20T09:00", True, ["time_fasting"]),
        ("2027-02-20T09:00", False, []),
        ("2026-12-18T19:00", True, []),
    ],
)
def test_awkward_times_are_named(wib: str, food: bool, codes: list[str]) -> None:
    moment = clock.from_wib(datetime.fromisoformat(wib))
    assert [code for code, _ in planning.warnings(moment, food)] == codes


def test_suggested_times_lie_ahead_and_in_the_busy_hours() -> None:
    times = planning.suggestions()
    assert len(times) == 3
    assert all(moment > clock.now() + timedelta(hours=1) for moment in times)
    assert {clock.to_wib(moment).strftime("%H.%M") for moment in times} == {planning.busy_hours().split("-")[0]}
    assert set(KINDS) >= {"instagram", "snackvideo"}


@pytest.mark.parametrize(("days", "stopped"), [(179, False), (181, True), (20_000, True)])
def test_a_time_half_a_year_ahead_is_stopped(days: int, stopped: bool) -> None:
    found = checks.problems(replace(_subject(BRIEFS[0]), proposed_at=clock.now() + timedelta(days=days)))
    assert ("time_far" in {problem.code for problem in checks.blocking(found)}) is stopped
