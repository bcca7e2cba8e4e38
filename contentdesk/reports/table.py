"""The answer to a question as rows and columns, before it becomes a page, a CSV or a workbook."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

Cell = str | int | float | None
"""None: not known. It is written as nothing, never as 0."""
Row = tuple[Cell, ...]


class Kind(StrEnum):
    TEXT = "text"
    """Names and codes, as they are."""
    WORD = "word"
    """A word of the catalogue, translated at the edge."""
    COUNT = "count"
    PERCENT = "percent"
    RATE = "rate"
    """A number with one decimal."""


NUMBERS = frozenset({Kind.COUNT, Kind.PERCENT, Kind.RATE})


@dataclass(frozen=True)
class Column:
    key: str
    label: str
    kind: Kind = Kind.COUNT
    unit: str = ""


@dataclass(frozen=True)
class Saying:
    """A sentence of the catalogue with its values; numbers and dates are written in the reader's way."""

    message: str
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Table:
    name: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    totals: tuple[Row, ...] = ()
    notes: tuple[Saying, ...] = ()

    def column(self, key: str) -> list[Cell]:
        """The values of one column, without totals."""
        place = [column.key for column in self.columns].index(key)
        return [row[place] for row in self.rows]
