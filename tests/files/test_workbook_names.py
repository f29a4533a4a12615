"""Sheet, table and header names that Excel takes, from any text at all."""

from __future__ import annotations

import random
import unicodedata
from pathlib import Path

import openpyxl
import pytest

from app.files.report import Column, Report, Sheet
from app.files.workbook_names import (
    is_legal_table_name,
    legal_sheet_names,
    table_name_for,
    table_names,
    unique_headers,
)
from tests.counts import share
from tests.files.workbook_examples import MADE_AT, random_text, written

_NASTY = [
    "",
    " ",
    "'",
    "'x'",
    "History",
    "HISTORY",
    "Home Office",
    "home office",
    "HOME OFFICE",
    "a/b\\c",
    "../../etc",
    "[x]:*?",
    "x" * 40,
    "x" * 41,
    "🧑" * 20,
    "\x00",
    "a\tb",
    "Ｈistory",
    "x" * 28 + " '",
]


def _is_legal(name: str) -> bool:
    """Excel's rules, written again from its documentation."""
    return (
        0 < len(name.encode("utf-16-le")) // 2 <= 31
        and not set(name) & set("[]:*?/\\")
        and name[0] != "'"
        and name[-1] != "'"
        and bool(name.strip())
        and unicodedata.normalize("NFKC", name).casefold() != "history"
        and all(character.isprintable() or character == " " or ord(character) > 0x9F for character in name)
    )


def _check(names: list[str]) -> None:
    assert [name for name in names if not _is_legal(name)] == []
    assert len({name.casefold() for name in names}) == len(names)


def test_nasty_sheet_names_become_legal_and_unique() -> None:
    names = legal_sheet_names(_NASTY)
    _check(names)
    assert names[_NASTY.index("Home Office")] == "Home Office"
    assert names[_NASTY.index("home office")] == "home office (2)"


def test_random_sheet_names_become_legal_and_unique() -> None:
    chance = random.Random(7)
    for _ in range(share(10_000) // 20 + 1):
        _check(legal_sheet_names(random_text(chance) for _ in range(20)))


def test_a_workbook_of_nasty_sheet_names_opens_again_under_those_names(tmp_path: Path) -> None:
    chance = random.Random(8)
    wanted = [*_NASTY, *(random_text(chance) for _ in range(60))]
    sheets = tuple(Sheet(name, (Column("a", name),), [(name,)]) for name in wanted)
    book = openpyxl.load_workbook(written(tmp_path, Report("Names", sheets, MADE_AT)))
    assert book.sheetnames[1:] == legal_sheet_names(["About", *wanted])[1:]
    tables = [name for sheet in book.worksheets for name in sheet.tables]
    assert len({name.casefold() for name in tables}) == len(sheets) + 1
    assert all(is_legal_table_name(name) for name in tables)


@pytest.mark.parametrize(
    "name", ["A1", "XFD1048576", "R", "c", "R1C1", "", "1a", "a b", "a-b", "é", "x" * 300]
)
def test_names_that_read_as_something_else_are_no_table_names(name: str) -> None:
    assert not is_legal_table_name(name)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("By person", "By_person"),
        ("Still open", "Still_open"),
        ("A1", "Table_A1"),
        ("漢字", "Table"),
        ("Café", "Cafe"),
    ],
)
def test_table_names_are_made_from_sheet_names(text: str, name: str) -> None:
    assert table_name_for(text) == name
    assert is_legal_table_name(name)


def test_made_table_names_make_way_for_those_asked_for() -> None:
    assert table_names([("", "Plan"), ("Plan", "x"), ("", "plan")]) == ["Plan_2", "Plan", "plan_3"]


@pytest.mark.parametrize("asked", [["Plan", "PLAN"], ["A1"], ["my plan"]])
def test_table_names_asked_for_must_be_legal_and_unique(asked: list[str]) -> None:
    with pytest.raises(ValueError, match="not legal or is used twice"):
        table_names([(name, "sheet") for name in asked])


def test_headers_are_unique_on_one_line_and_never_blank() -> None:
    assert unique_headers(["Skill", "skill", "", "two\nlines", " ", "x" * 300]) == [
        "Skill",
        "skill (2)",
        "Column",
        "two lines",
        "Column (2)",
        "x" * 255,
    ]
