"""One page of a long list."""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, func, select

from contentdesk.lib.db import db

PER_PAGE = 50
Row = TypeVar("Row")


@dataclass(frozen=True)
class Page(Generic[Row]):
    rows: list[Row]
    number: int
    total: int
    per_page: int = PER_PAGE

    @property
    def count(self) -> int:
        return max(1, -(-self.total // self.per_page))

    @property
    def has_next(self) -> bool:
        return self.number < self.count


def nearest(number: int, total: int, per_page: int = PER_PAGE) -> int:
    """The page itself or, where there is none, the first or the last one."""
    return min(max(1, number), max(1, -(-total // per_page)))


def page_of(query: Select[Any], number: int, per_page: int = PER_PAGE) -> Page[Any]:
    """Rows of page `number` (from 1) and the total, in two queries whatever the length."""
    total = db.session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    number = nearest(number, total, per_page)
    rows = db.session.scalars(query.limit(per_page).offset((number - 1) * per_page)).unique().all()
    return Page(list(rows), number, total, per_page)
