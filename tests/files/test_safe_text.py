"""Text that leaves the program cannot run, break a file, or read other than it is."""

from __future__ import annotations

import csv
import io
import random
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.files.safe_text import (
    CUT_MARK,
    LONGEST_CELL,
    cell_text,
    csv_text,
    may_start_formula,
    one_line,
    write_csv,
)
from app.terms import FinancialQuarter
from tests.counts import share
from tests.files.workbook_examples import random_text

_ANY_TEXT = st.text(st.characters(), max_size=60)
_DANGEROUS = tuple("=+-@\t\r\n\x00＝＋－＠")


def _naive(text: str) -> str:
    """The rule again, a character at a time."""
    kept: list[str] = []
    for character in text.replace("\r\n", "\n").replace("\r", "\n"):
        code = ord(character)
        if 0x202A <= code <= 0x202E or 0x2066 <= code <= 0x2069:
            kept.append(f"[U+{code:04X}]")
        elif character in "\t\n" or not (
            code < 0x20 or 0x7F <= code <= 0x9F or 0xD800 <= code <= 0xDFFF or code in (0xFFFE, 0xFFFF)
        ):
            kept.append(character)
    return "".join(kept)


@given(_ANY_TEXT)
def test_cell_text_equals_the_rule_written_again(text: str) -> None:
    assert cell_text(text) == _naive(text)


def test_random_bad_text_equals_the_rule_written_again() -> None:
    chance = random.Random(3)
    for _ in range(share(10_000)):
        text = random_text(chance)
        assert cell_text(text) == _naive(text)


@given(_ANY_TEXT)
def test_safe_text_stays_as_it_is(text: str) -> None:
    once = cell_text(text)
    assert cell_text(once) == once


@pytest.mark.parametrize(
    "text", ["Zoë O’Brien €", "e\u0301 and é", "👩‍💻", "نص عربي", "a\tb\nc", "  two  blanks "]
)
def test_ordinary_names_survive(text: str) -> None:
    assert cell_text(text) == text


@pytest.mark.parametrize("character", ["x", "🧑"])
def test_too_long_text_is_cut_where_excel_counts_and_says_so(character: str) -> None:
    cut = cell_text(character * 40_000)
    units = len(cut.encode("utf-16-le")) // 2
    assert LONGEST_CELL - 1 <= units <= LONGEST_CELL
    assert cut.endswith(CUT_MARK)


def test_text_that_just_fits_is_whole() -> None:
    assert cell_text("x" * LONGEST_CELL) == "x" * LONGEST_CELL


@pytest.mark.parametrize("start", _DANGEROUS)
def test_every_dangerous_start_is_seen(start: str) -> None:
    assert may_start_formula(f"{start}1")


@pytest.mark.parametrize("text", [" =1", "\u200b=1", "{=SUM(1)}", "{ = 1}", "\u00a0+1", "\ufeff@x"])
def test_dangerous_starts_are_seen_behind_blanks_and_braces(text: str) -> None:
    assert may_start_formula(text)


@pytest.mark.parametrize("text", ["", "a=1", "Data - modelling", "1-2", "{x}", "'=1"])
def test_harmless_text_is_left_alone(text: str) -> None:
    assert not may_start_formula(text)


def test_no_csv_field_of_random_text_starts_a_formula() -> None:
    chance = random.Random(5)
    texts = [random_text(chance) for _ in range(share(10_000))]
    made = io.StringIO(newline="")
    assert write_csv(made, ["=header"], [[text] for text in texts]) == len(texts)
    rows = list(csv.reader(io.StringIO(made.getvalue(), newline="")))
    fields = [row[0] if row else "" for row in rows]
    assert fields[0] == "'=header"
    assert len(fields) == len(texts) + 1
    assert not [field for field in fields if field.startswith(_DANGEROUS)]
    for field, text in zip(fields[1:], texts, strict=True):
        assert field in (_naive(text), "'" + _naive(text))


def test_csv_writes_values_as_machines_want_them() -> None:
    made = io.StringIO(newline="")
    row = (
        None,
        -5,
        Decimal("-1234.50"),
        Decimal("1E+3"),
        date(2026, 11, 3),
        FinancialQuarter.parse("2026Q3"),
        True,
        0.25,
    )
    write_csv(made, ["a"], [row])
    assert made.getvalue() == "a\n,-5,-1234.50,1000,2026-11-03,2026Q3,true,0.25\n"


def test_csv_text_marks_even_what_only_becomes_dangerous_when_cleaned() -> None:
    assert csv_text("\x08=1") == "'=1"


def test_one_line_has_no_line_ends() -> None:
    assert one_line(" a\r\n b\tc ") == "a b c"
