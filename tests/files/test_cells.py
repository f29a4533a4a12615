"""Columns of distinct values, and the first look at a workbook, in this process."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.files.cells import ColumnCoder, Table, column_letters, column_position
from app.files.guard import RefusedError, look_at_zip
from tests.files.tables import HEAD, rezipped, write_xlsx

VALUES = st.one_of(
    st.booleans(), st.integers(-2, 2), st.sampled_from([0.0, 1.0, 1.5]), st.text(max_size=2), st.dates()
)


@given(st.lists(st.lists(st.lists(VALUES, max_size=4), min_size=1, max_size=4), max_size=4))
def test_coded_columns_read_back_as_the_rows_they_came_from(chunks):
    """Rows may grow wider from one chunk to the next, and True stays apart from 1."""
    coder = ColumnCoder()
    for chunk in chunks:
        coder.add(list(chunk))
    rows = [row for chunk in chunks for row in chunk]
    columns = tuple(coder.columns())
    table = Table("", columns, range(1, len(rows) + 1))
    width = len(columns)
    assert width == max(map(len, rows), default=0)
    for index, row in enumerate(rows):
        expected = [*row, *[""] * (width - len(row))]
        got = table.row(index)
        assert [cell == want for cell, want in zip(got, expected, strict=True)] == [True] * width
        assert [isinstance(cell, bool) for cell in got] == [isinstance(cell, bool) for cell in expected]
    for column in columns:
        assert len({(isinstance(value, bool), value) for value in column.values}) == len(column.values)


@given(st.integers(0, 20_000))
def test_letters_and_positions_of_columns_are_inverse(position):
    assert column_position(column_letters(position)) == position


def test_look_finds_what_the_reader_does_not_tell(tmp_path: Path):
    def hide(book):
        book.active.row_dimensions[2].hidden = True
        book.active.column_dimensions["B"].hidden = True
        book.create_chartsheet("Chart", 0)

    rows = [HEAD, ["1", "=A1", "#N/A"], ["2", "x", "HO"]]
    chart, look = look_at_zip(write_xlsx(tmp_path / "x.xlsx", rows, hide).read_bytes()).sheets
    assert chart is None
    assert look is not None
    assert (look.rows, look.hidden_rows, look.hidden_columns) == (3, 1, 1)
    assert sorted(look.unreadable) == [(2, 1), (2, 2)]


def test_look_measures_wide_and_long_sheets(tmp_path: Path):
    whole = write_xlsx(tmp_path / "x.xlsx", [[f"c{n}" for n in range(300)], *[["x"]] * 50])
    (look,) = look_at_zip(whole.read_bytes()).sheets
    assert look is not None
    assert (look.rows, look.columns) == (51, 300)


@pytest.mark.parametrize("mark", [b' r="ABC7"', b" r='ABC7'", b'\tr = "ABC7"'])
def test_far_columns_are_seen_however_they_are_written(tmp_path: Path, mark: bytes):
    whole = write_xlsx(tmp_path / "x.xlsx", [HEAD])

    def stray(name: str, member: bytes) -> bytes:
        if "sheet1" not in name:
            return member
        cell = b"<sheetData><row><c" + mark + b"><v>1</v></c></row></sheetData>"
        return member[: member.index(b"<sheetData>")] + cell + member[member.index(b"</sheetData>") + 12 :]

    with pytest.raises(RefusedError) as caught:
        look_at_zip(rezipped(whole, tmp_path / "y.xlsx", stray).read_bytes())
    assert "outside any table" in caught.value.sentence
