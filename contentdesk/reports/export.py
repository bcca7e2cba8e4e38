"""Tables as CSV (RFC 4180, UTF-8 with a byte order mark) and as a workbook."""

import csv
from collections.abc import Callable, Sequence
from io import BytesIO, StringIO
from typing import Any

import xlsxwriter

from contentdesk.lib.i18n import N_
from contentdesk.reports.table import NUMBERS, Cell, Column, Kind, Row, Saying, Table

BOM = "\ufeff"
CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""A spreadsheet takes text that begins so for a formula."""
FORMATS = {Kind.COUNT: "#,##0", Kind.PERCENT: '0"%"', Kind.RATE: "#,##0.0"}

LEVEL = N_("Tingkat")
NOTES = N_("Catatan")

Say = Callable[[Saying], str]
"""Writes a sentence in the reader's language."""


def harmless(text: str) -> str:
    """Text that no spreadsheet runs."""
    return f"'{text}" if text.lstrip(" ").startswith(RISKY) else text


def to_csv(tables: Sequence[tuple[str, Table]], say: Say) -> bytes:
    """All tables under one head; the first column says what a row is about. Nothing stands for what is not known."""
    columns = tables[0][1].columns
    text = StringIO()
    write = csv.writer(text, lineterminator="\r\n")
    write.writerow([harmless(say(Saying(word))) for word in (LEVEL, *(column.label for column in columns))])
    for level, table in tables:
        for row in table.rows:
            cells = _in_columns(table, row, columns)
            write.writerow([say(Saying(level)), *_texts(columns, cells, say)])
    return (BOM + text.getvalue()).encode()


def _in_columns(table: Table, row: Row, columns: Sequence[Column]) -> list[Cell]:
    """A row put under the columns of another table; what it does not have stays empty."""
    have = {column.key: cell for column, cell in zip(table.columns, row, strict=True)}
    return [have.get(column.key) for column in columns]


def _texts(columns: Sequence[Column], cells: Sequence[Cell], say: Say) -> list[Cell]:
    return [_text(column, cell, say) for column, cell in zip(columns, cells, strict=True)]


def _text(column: Column, cell: Cell, say: Say) -> Cell:
    if cell is None or column.kind in NUMBERS:
        return "" if cell is None else cell
    return harmless(say(Saying(str(cell))) if column.kind == Kind.WORD and cell else str(cell))


def to_xlsx(tables: Sequence[Table], notes: Sequence[Saying], title: str, say: Say) -> bytes:
    """A sheet for each table and one with what must be known. Rows are written as they come, not held in memory."""
    kept = BytesIO()
    book = xlsxwriter.Workbook(kept, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": title})
    try:
        for table in tables:
            _sheet(book, table, say)
        _notes_sheet(book, title, notes, say)
    finally:
        book.close()
    return kept.getvalue()


def _sheet(book: Any, table: Table, say: Say) -> None:
    sheet = book.add_worksheet(say(Saying(table.name)))
    head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "bottom"})
    sheet.freeze_panes(1, 2)
    sheet.repeat_rows(0)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    for place, column in enumerate(table.columns):
        sheet.set_column(place, place, _width(table, place, column))
        sheet.write_string(0, place, say(Saying(column.label)), head)
    for bold, rows, start in ((False, table.rows, 1), (True, table.totals, 1 + len(table.rows))):
        formats = {kind: book.add_format({"num_format": FORMATS.get(kind, "@"), "bold": bold}) for kind in Kind}
        for number, row in enumerate(rows, start):
            _write_row(sheet, number, table.columns, row, formats, say)


def _write_row(
    sheet: Any, number: int, columns: Sequence[Column], row: Row, formats: dict[Kind, Any], say: Say
) -> None:
    for place, (column, cell) in enumerate(zip(columns, row, strict=True)):
        if cell is None or cell == "":
            continue
        if column.kind in NUMBERS:
            sheet.write_number(number, place, cell, formats[column.kind])
        else:
            text = say(Saying(str(cell))) if column.kind == Kind.WORD else str(cell)
            sheet.write_string(number, place, text, formats[column.kind])


def _width(table: Table, place: int, column: Column) -> int:
    if column.kind in NUMBERS:
        return 13
    return min(60, max([12, *(len(str(row[place] or "")) + 2 for row in table.rows)]))


def _notes_sheet(book: Any, title: str, notes: Sequence[Saying], say: Say) -> None:
    sheet = book.add_worksheet(say(Saying(NOTES)))
    sheet.set_column(0, 0, 110)
    sheet.write_string(0, 0, title, book.add_format({"bold": True, "font_size": 14}))
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    for number, note in enumerate(notes, 2):
        sheet.write_string(number, 0, say(note), wrapped)
