"""No text of anybody's can become a formula, an error or a broken file (SAFETY 1.3 row 34)."""

from __future__ import annotations

import random
import re
from pathlib import Path

import openpyxl
import python_calamine

from app.files.report import Column, Report, Sheet
from app.files.safe_text import cell_text, may_start_formula
from tests.counts import share
from tests.files.workbook_examples import MADE_AT, random_text, written

_KINDS = ("text", "int", "money", "share", "date", "level", "quarter", "fte", "decimal")


def _texts() -> list[tuple[str, ...]]:
    chance = random.Random(11)
    return [tuple(random_text(chance) for _ in _KINDS) for _ in range(share(10_000) // len(_KINDS) + 1)]


def _book(folder: Path, rows: list[tuple[str, ...]]) -> Path:
    columns = tuple(Column(kind, kind, kind) for kind in _KINDS)
    return written(folder, Report("Bad text", (Sheet("Bad text", columns, rows),), MADE_AT))


def _unescaped(text: str) -> str:
    # Excel's own escape; openpyxl hands it over as it stands in the file.
    return re.sub(r"_x005F_(?=x[0-9A-Fa-f]{4}_)", "_", text)


def test_random_text_is_text_in_every_kind_of_column(tmp_path: Path) -> None:
    rows = _texts()
    sheet = openpyxl.load_workbook(_book(tmp_path, rows))["Bad text"]
    for row, cells in zip(rows, sheet.iter_rows(min_row=4, max_row=3 + len(rows)), strict=True):
        for text, cell in zip(row, cells, strict=True):
            shown = cell_text(text)
            assert _unescaped(cell.value or "") == shown
            assert cell.data_type == "s" or cell.value is None
            assert bool(cell.quotePrefix) == (
                bool(shown) and (may_start_formula(text) or may_start_formula(shown))
            )


def test_random_text_reads_back_alike_by_another_reader(tmp_path: Path) -> None:
    rows = _texts()
    book = python_calamine.CalamineWorkbook.from_path(_book(tmp_path, rows))
    read = book.get_sheet_by_name("Bad text").to_python()[3:]
    for row, found in zip(rows, read, strict=True):
        assert [str(value) for value in found] == [cell_text(text) for text in row]


def test_no_formula_element_is_written_for_text(tmp_path: Path) -> None:
    import zipfile

    with zipfile.ZipFile(_book(tmp_path, _texts())) as archive:
        for name in archive.namelist():
            if name.startswith("xl/worksheets/sheet"):
                assert b"<f>" not in archive.read(name)
                assert b't="e"' not in archive.read(name)


def test_titles_notes_and_marking_are_as_safe_as_cells(tmp_path: Path) -> None:
    bad = "=1+1\ufffe\x08\u202eTAB"
    sheet = Sheet("=bad", (Column("a", bad),), [("x",)], title=bad, notes=(bad,))
    what = Report(bad, (sheet,), MADE_AT, marking="@SUM(1) & more")
    found = openpyxl.load_workbook(written(tmp_path, what)).worksheets[1]
    assert [found[f"A{row}"].value for row in range(1, 6)] == [
        "@SUM(1) & more",
        *["=1+1[U+202E]TAB"] * 3,
        "x",
    ]
    assert {found[f"A{row}"].data_type for row in range(1, 6)} == {"s"}
