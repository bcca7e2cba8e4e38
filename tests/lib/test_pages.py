"""Pages of long lists."""

import pytest
from sqlalchemy import select

from contentdesk.kim.models import Kim
from contentdesk.lib.pages import page_of
from tests.factories import Factory


@pytest.mark.parametrize(("asked", "shown"), [(-3, 1), (0, 1), (2, 2), (4, 3), (10**30, 3)])
def test_a_page_that_is_not_there_is_the_nearest_one(make: Factory, asked: int, shown: int) -> None:
    for _ in range(5):
        make.kim()
    page = page_of(select(Kim).order_by(Kim.id), asked, per_page=2)
    assert (page.number, page.count) == (shown, 3)
    assert len(page.rows) == (1 if shown == 3 else 2)


def test_an_empty_list_has_one_page(make: Factory) -> None:
    page = page_of(select(Kim), 9)
    assert (page.number, page.count, page.rows, page.has_next) == (1, 1, [], False)


@pytest.mark.parametrize("path", ["/unggahan", "/umkm", "/kabar", "/akun", "/anggota", "/tinjauan"])
def test_no_page_number_breaks_a_list(make: Factory, path: str) -> None:
    browser = make.signed_in(make.user("admin"))
    for number in ("99999999999999999999999", "9" * 4400, "-1", "x"):
        assert browser.get(f"{path}?halaman={number}").status_code == 200
