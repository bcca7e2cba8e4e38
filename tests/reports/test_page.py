"""The page, the CSV and the workbook show the same figures."""

import csv
import re
from io import BytesIO, StringIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook

from contentdesk.access.permissions import Role
from contentdesk.reports.export import harmless
from tests.factories import Factory
from tests.reports.city import NOVEMBER, City

NAMES = (
    "Klojen",
    "Kauman",
    "Samaan",
    "Dinoyo",
    "Purwantoro",
    "Bareng",
    "Kasin",
    "Sukun",
    "Buring",
    "Polehan",
    "Gadang",
)


@pytest.fixture
def city(make: Factory) -> City:
    """Eleven kelurahan with figures, one without, one silent, 44 without a KIM."""
    city = City(make)
    for number, name in enumerate(NAMES, 1):
        city.sent(city.kim(name), reach=number * 1700, views=number * 2000, likes=number)
    city.sent(city.kim("Bandulan"))
    city.kim("Jodipan")
    return city


@pytest.fixture
def reader(city: City) -> FlaskClient:
    return city.make.signed_in(city.make.user(Role.REVIEWER))


def page(reader: FlaskClient, **args: str) -> str:
    answer = reader.get("/laporan/jangkauan", query_string=NOVEMBER | args)
    assert answer.status_code == 200
    return answer.text


def map_of(text: str, kind: str = "wide") -> str:
    found = re.search(rf'<svg class="tilemap {kind}".*?</svg>', text, re.S)
    assert found
    return found.group()


def rows(text: str) -> list[tuple[str, str]]:
    """(name, reach as written) of the table of all kelurahan."""
    table = text[text.index('id="semua"') :]
    found = re.findall(r'<tr id="k-[\d.]+">.*?</tr>', table, re.S)
    return [(_plain(re.search(r'<th scope="row">(.*?)<small', row, re.S)), _reach(row)) for row in found]


def _plain(found: re.Match[str] | None) -> str:
    assert found
    return re.sub(r"<[^>]+>", "", found.group(1)).strip()


def _reach(row: str) -> str:
    return _plain(re.search(r'<td class="num">((?:<b>|<span class="muted">)[^–].*?)</td>', row, re.S))


def test_the_map_has_57_tiles_twice_and_each_leads_to_its_row(reader: FlaskClient) -> None:
    text = page(reader)
    for kind, anchor in (("wide", "k"), ("small", "p")):
        links = re.findall(rf'<a href="#({anchor}-[\d.]+)" aria-label="([^"]+)"', map_of(text, kind))
        assert len(links) == 57
        assert all(f'id="{target}"' in text for target, _ in links)
    assert 'aria-label="Gadang: 18.700 dari 1 unggahan"' in text
    assert 'role="img" aria-label="Jangkauan tertinggi dari Gadang: 18.700.' in map_of(text)


def test_the_three_kinds_of_nothing_differ_on_map_and_table(reader: FlaskClient) -> None:
    text = page(reader)
    looks = {look: map_of(text).count(f'class="hex-{look}"') for look in ("unknown", "silent", "none")}
    assert looks == {"unknown": 1, "silent": 1, "none": 44}
    written = dict(rows(text))
    assert written["Bandulan"] == "belum ada data"
    assert written["Jodipan"] == "belum ada unggahan"
    assert written["Tlogowaru"] == "belum ada KIM"
    assert len(written) == 57


def test_unknown_is_never_written_as_zero(reader: FlaskClient) -> None:
    assert not [name for name, reach in rows(page(reader)) if reach in {"", "0"}]
    assert '<text class="v" y="15">0</text>' not in page(reader)


def test_the_page_says_what_its_figures_are(reader: FlaskClient) -> None:
    text = page(reader)
    for sentence in (
        "jangkauan dari KIM di kelurahan itu, bukan jumlah warga",
        "Orang yang sama dapat terhitung lebih dari sekali",
        "11 dari 12 unggahan diketahui angkanya",
        "Data per Selasa, 10 November 2026",
        "Sumber Instagram: sambungan resmi, 11 dari 12 terbitan",
        "Lima kelas kuantil",
        "1 Nov 2026 sampai 30 Nov 2026",
    ):
        assert sentence in text, sentence


def test_columns_sort_by_links_and_say_so(reader: FlaskClient) -> None:
    text = page(reader)
    assert rows(text)[0] == ("Gadang", "18.700")
    assert text.count("aria-sort=") == 1
    assert 'aria-sort="descending"' in text
    upwards = re.search(r'href="([^"]+)"[^>]*>Jangkauan<svg', text)
    assert upwards
    answer = reader.get(upwards.group(1).replace("&amp;", "&").split("#")[0])
    assert 'aria-sort="ascending"' in answer.text
    assert rows(answer.text)[0] == ("Klojen", "1.700")
    assert rows(page(reader, urut="kelurahan"))[0][0] == "Arjosari"


def csv_rows(reader: FlaskClient, **args: str) -> list[dict[str, str]]:
    answer = reader.get("/laporan/jangkauan.csv", query_string=NOVEMBER | args)
    assert answer.data.startswith(b"\xef\xbb\xbf")
    assert answer.data.count(b"\r\n") == answer.data.count(b"\n")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert 'filename="jangkauan-2026-11.csv"' in answer.headers["Content-Disposition"]
    return list(csv.DictReader(StringIO(answer.data.decode("utf-8-sig"), newline="")))


def sheet(reader: FlaskClient, name: str, **args: str) -> list[dict[str, Any]]:
    answer = reader.get("/laporan/jangkauan.xlsx", query_string=NOVEMBER | args)
    found = load_workbook(BytesIO(answer.data))[name]
    head, *body = found.iter_rows(values_only=True)
    return [dict(zip(map(str, head), row, strict=True)) for row in body]


@pytest.mark.parametrize("args", [{}, {"urut": "kelurahan"}, {"kecamatan": "35.73.02"}, {"kanal": "snackvideo"}])
def test_csv_and_workbook_equal_the_page(reader: FlaskClient, args: dict[str, str]) -> None:
    shown = [
        (name, int(reach.replace(".", "")) if reach[0].isdigit() else None)
        for name, reach in rows(page(reader, **args))
    ]
    lines = [row for row in csv_rows(reader, **args) if row["Tingkat"] == "kelurahan"]
    assert [
        (row["Kelurahan"], int(row["Total jangkauan"]) if row["Total jangkauan"] else None) for row in lines
    ] == shown
    book = sheet(reader, "Kelurahan", **args)
    assert [(row["Kelurahan"], row["Total jangkauan"]) for row in book[:-1]] == shown
    known = [reach for _, reach in shown if reach is not None]
    assert book[-1]["Total jangkauan"] == (sum(known) if known else None)


def test_totals_stand_in_both_files(reader: FlaskClient) -> None:
    by_level: dict[str, int] = {}
    for row in csv_rows(reader):
        by_level[row["Tingkat"]] = by_level.get(row["Tingkat"], 0) + int(row["Total jangkauan"] or 0)
    assert set(by_level) == {"kelurahan", "kecamatan", "kota"}
    assert len(set(by_level.values())) == 1
    book = sheet(reader, "Kecamatan")
    assert sum(row["Total jangkauan"] or 0 for row in book[:-1]) == book[-1]["Total jangkauan"] == by_level["kota"]


def test_the_workbook_has_frozen_heads_formats_and_notes(reader: FlaskClient) -> None:
    book = load_workbook(BytesIO(reader.get("/laporan/jangkauan.xlsx", query_string=NOVEMBER).data))
    assert book.sheetnames == ["Kelurahan", "Kecamatan", "Catatan"]
    first = book["Kelurahan"]
    assert first.freeze_panes == "C2"
    reach = next(cell.column_letter for cell in first[1] if cell.value == "Total jangkauan")
    assert first[f"{reach}2"].number_format == "#,##0"
    assert first[f"{reach}2"].value == 18700
    notes = " ".join(str(cell.value) for cell in book["Catatan"]["A"])
    assert "11 dari 12 unggahan" in notes
    assert "Data per" in notes


def test_a_kim_or_kelurahan_cannot_smuggle_a_formula_into_the_files(city: City, reader: FlaskClient) -> None:
    from contentdesk.lib.db import transaction

    with transaction():
        city.kelurahan("Gadang").name = '=HYPERLINK("http://x","klik")'
    row = csv_rows(reader)[0]
    assert row["Kelurahan"] == '\'=HYPERLINK("http://x","klik")'
    book = load_workbook(BytesIO(reader.get("/laporan/jangkauan.xlsx", query_string=NOVEMBER).data))
    assert book["Kelurahan"]["B2"].data_type == "s"


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\t=1", " =1", "＝1"])
def test_text_that_a_spreadsheet_would_run_is_made_harmless(text: str) -> None:
    assert harmless(text) == f"'{text}"
    assert harmless("Oro-oro Dowo") == "Oro-oro Dowo"


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        ({"dari": "2026-11-10", "sampai": "2026-11-01"}, "Tanggal akhir lebih awal"),
        ({"dari": "2026-11-10"}, "Tanggal itu tidak terbaca"),
        ({"bulan": "besok"}, "Tanggal itu tidak terbaca"),
        ({"dari": "0001-01-01", "sampai": "0001-01-02"}, "antara tahun 2015"),
        ({"bulan": "9999-12"}, "antara tahun 2015"),
        ({"dari": "2016-01-01", "sampai": "2026-01-01"}, "paling lama tiga tahun"),
    ],
)
def test_a_wrong_date_is_told_and_nothing_breaks(reader: FlaskClient, args: dict[str, str], sentence: str) -> None:
    answer = reader.get("/laporan/jangkauan", query_string=args)
    assert answer.status_code == 200
    assert sentence in answer.text
    for suffix in ("csv", "xlsx"):
        assert reader.get(f"/laporan/jangkauan.{suffix}", query_string=args).status_code == 200


def test_dates_of_ones_own_choice(reader: FlaskClient) -> None:
    answer = reader.get("/laporan/jangkauan", query_string={"dari": "2026-11-10", "sampai": "2026-11-10"})
    assert rows(answer.text)[0] == ("Gadang", "18.700")
    answer = reader.get("/laporan/jangkauan", query_string={"dari": "2026-11-11", "sampai": "2026-11-12"})
    assert rows(answer.text)[0][1] == "belum ada unggahan"


@pytest.mark.parametrize("args", [{"kanal": "tidak-ada"}, {"kecamatan": "99.99.99"}])
def test_a_channel_or_kecamatan_that_is_none_is_not_found(reader: FlaskClient, args: dict[str, str]) -> None:
    assert reader.get("/laporan/jangkauan", query_string=args).status_code == 404


def test_an_empty_city_has_a_page_too(make: Factory) -> None:
    reader = make.signed_in(make.user(Role.ADMIN))
    for suffix in ("", ".csv", ".xlsx"):
        assert reader.get(f"/laporan/jangkauan{suffix}").status_code == 200


@pytest.mark.parametrize("role", [Role.MEMBER, Role.JUDGE])
def test_members_and_judges_do_not_read_reports(make: Factory, role: str) -> None:
    reader = make.signed_in(make.user(role))
    for suffix in ("", ".csv", ".xlsx"):
        assert reader.get(f"/laporan/jangkauan{suffix}").status_code == 403


def test_the_page_carries_no_inline_style_or_script(reader: FlaskClient) -> None:
    text = page(reader)
    assert " style=" not in text
    assert "<style" not in text
    assert not re.search(r"\son\w+=", text)
