"""CSV in every encoding, separator and line end that people save it in."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import InputProblems
from app.files.csv_text import read_csv
from app.files.guard import RefusedError
from app.files.options import ReadOptions
from app.files.sheets import open_tables
from app.progress import silent
from tests.files.tables import csv_bytes

ROWS = [["Staff ID", "Name", "Place"], ["1", "Zoë O’Brien €", "Café"], ["2", "José", "“Quoted”, with comma"]]


def read(data: bytes) -> list[list[str]]:
    (table,) = read_csv(data, silent()).tables
    return [[str(cell) for cell in table.row(index)] for index in range(len(table))]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
def test_names_are_equal_in_every_encoding(encoding):
    assert read(csv_bytes(ROWS, encoding)) == ROWS


def test_guessed_encodings_are_said():
    assert "Windows-1252" in read_csv(csv_bytes(ROWS, "cp1252"), silent()).notes[0]
    assert read_csv(csv_bytes(ROWS), silent()).notes == ()


def test_old_macintosh_text():
    rows = [["Staff ID", "Name"], ["1", "Zoë O’Brien"]]
    data = csv_bytes(rows).decode().replace("\r\n", "\r").encode("mac_roman")
    assert read(data) == rows
    assert "Macintosh" in read_csv(data, silent()).notes[0]


def test_two_encodings_in_one_file():
    data = csv_bytes(ROWS) + csv_bytes(ROWS, "cp1252")
    assert read(data) == ROWS * 2
    assert "each line" in read_csv(data, silent()).notes[0]


def test_damaged_utf16_is_refused():
    with pytest.raises(RefusedError):
        read_csv(b"\xff\xfe" + b"\x00\xd8" * 9, silent())


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_separators_and_line_ends(delimiter, end):
    data = csv_bytes(ROWS, delimiter=delimiter).decode().replace("\r\n", end).encode()
    assert read(data) == ROWS


def test_sep_line_decides_and_is_no_row():
    assert read(b"sep=;\r\n" + csv_bytes(ROWS, delimiter=";")) == ROWS


def test_line_separator_character_does_not_end_a_row():
    rows = [["A", "B"], ["one\u2028two", "three\u0085four"]]
    assert read(csv_bytes(rows)) == rows


def test_quoted_cells_span_lines_and_rows_count_as_in_excel():
    rows = [["A", "B"], ["one\ntwo\nthree", "x"], ["4", "y"]]
    (table,) = read_csv(csv_bytes(rows), silent()).tables
    assert list(table.row_numbers) == [1, 2, 3]
    assert read(csv_bytes(rows)) == rows


def test_quote_that_is_never_closed_is_refused_with_its_row():
    with pytest.raises(RefusedError) as caught:
        read(b'A,B\r\n1,x\r\n2,"never closed\r\n' + b"3,y\r\n" * 1000)
    assert "row 3" in caught.value.sentence


def test_unusual_quotes_are_read_and_said():
    (table,) = read_csv(b'A,B\r\n1,"x"y\r\n2,z\r\n', silent()).tables
    assert len(table) == 3
    assert "quotation marks" in table.notes[0]


def test_nul_characters_are_taken_out_and_said():
    (table,) = read_csv(b"A,B\r\n1,x\0y\r\n", silent()).tables
    assert table.row(1) == ("1", "xy")
    assert "row 2" in table.notes[0]


def test_nul_tail_is_no_row():
    assert read(csv_bytes(ROWS) + bytes(5000)) == ROWS


def test_long_cell_is_listed(tmp_path):
    (table,) = read_csv(b"A,B\r\n1," + b"x" * 10_000_000 + b"\r\n", silent()).tables
    assert list(table.unreadable) == [(2, 1)]


def test_too_many_columns_are_refused(tmp_path):
    (tmp_path / "x.csv").write_bytes(b",".join([b"c"] * 5000) + b"\r\n")
    with pytest.raises(InputProblems):
        open_tables(tmp_path / "x.csv", ReadOptions(), silent())


CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r\ufeff"), max_size=8)


@given(st.lists(st.lists(CELL, min_size=3, max_size=3), min_size=1, max_size=8))
def test_any_text_reads_as_the_standard_library_reads_it(cells):
    rows = [["Staff ID", "Name", "Place"], *cells]
    data = csv_bytes(rows)
    naive = list(csv.reader(io.StringIO(data.decode(), newline="")))
    assert read(data) == [row + [""] * (3 - len(row)) for row in naive]
