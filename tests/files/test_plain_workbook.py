"""The plain workbook, read back by two programs that did not write it."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook
from python_calamine import CalamineWorkbook

from app.files.plain_workbook import MOST_ROWS, write_plain_workbook

HEADINGS = [f"Column {number}" for number in range(1, 31)]
ROW = [
    "a <b> & \"c\" 'd'",
    "  blanks  ",
    "=1+1",
    3,
    0.81,
    date(2026, 2, 28),
    None,
    "",
    "Ó Sé",
    *[""] * 20,
    "AD",
]
DAY = date(2026, 11, 2)


def test_values_come_back_with_their_types(tmp_path: Path) -> None:
    path = tmp_path / "plain.xlsx"
    write_plain_workbook(path, "Staff & others", HEADINGS, [ROW, []], DAY)
    book = load_workbook(path)
    assert book.sheetnames == ["Staff & others"]
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    assert list(rows[0]) == HEADINGS
    assert rows[1][:9] == (*ROW[:5], datetime(2026, 2, 28), None, None, "Ó Sé")  # noqa: DTZ001
    assert rows[1][29] == "AD"
    assert book.worksheets[0]["C2"].data_type in {"s", "inlineStr"}


def test_the_importers_reader_sees_the_same(tmp_path: Path) -> None:
    path = tmp_path / "plain.xlsx"
    write_plain_workbook(path, "Staff", HEADINGS, [ROW], DAY)
    rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    assert rows[1][:6] == ROW[:6]


def test_the_same_rows_are_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one.xlsx", "two.xlsx"):
        write_plain_workbook(tmp_path / name, "Staff", HEADINGS, [ROW], DAY)
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()


@pytest.mark.slow
def test_more_rows_than_a_sheet_holds_are_refused(tmp_path: Path) -> None:
    rows: list[list[str]] = [[]] * (MOST_ROWS + 1)
    with pytest.raises(ValueError, match="1,048,575"):
        write_plain_workbook(tmp_path / "long.xlsx", "Staff", ["A"], rows, DAY)
