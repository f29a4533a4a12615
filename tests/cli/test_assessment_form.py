"""The workbook units fill in with ratings: out, filled in, and back without loss."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.builders import contents, make_person, make_rating, write_rows
from tests.command_line import muster

HOME, TREASURY = "Home Office", "HM Treasury"
PEOPLE = [
    make_person("0011"), make_person("1002", department=TREASURY, role_level="Senior data engineer", unit="Data"),
    make_person("1003", employment="contractor"), make_person("1004", department=TREASURY, unit="Data"),
]  # fmt: skip
RATINGS = [make_rating("0011", "Programming", 2, assessed_on="2026-05-01", assessed_by="self")]


@pytest.fixture
def ready(small: Path) -> Path:
    for kind, rows in (("people", PEOPLE), ("assessments", RATINGS)):
        muster("import", kind, write_rows(small.parent / f"{kind}.csv", rows), on=small).ok()
    return small


def _form(path: Path) -> tuple[Any, Any, list[str], list[tuple[Any, ...]]]:
    book = openpyxl.load_workbook(path)
    sheet: Any = book["Ratings"]
    (table,) = sheet.tables.values()
    head, *body = sheet[table.ref]
    return book, sheet, [cell.value for cell in head], body


def test_one_form_for_each_department_with_every_required_skill_of_its_people(ready: Path) -> None:
    folder = ready.parent / "forms"
    muster("export", "assessment-form", "--out", folder, on=ready).ok()
    assert [path.name for path in sorted(folder.iterdir())] == [f"{TREASURY}.xlsx", f"{HOME}.xlsx"]
    wanted = muster("gaps", "--by", "person", "--format", "json", on=ready).ok().json
    for department in (HOME, TREASURY):
        _book, _sheet, names, body = _form(folder / f"{department}.xlsx")
        rows = [dict(zip(names, (cell.value for cell in row), strict=True)) for row in body]
        mine = [line for line in wanted if line["department"] == department]
        assert {(row["Staff id"], row["Skill"]) for row in rows} == {
            (one["staff_id"], one["skill"]) for one in mine
        }
        assert {row["Level"] for row in rows} == {None}
    _book, _sheet, names, body = _form(folder / f"{HOME}.xlsx")
    known = {
        (row[0].value, row[names.index("Skill")].value): row[names.index("Known so far")].value
        for row in body
    }
    assert known["0011", "Programming"] == "working"
    assert known["1003", "Programming"] == "not assessed"


def test_a_blank_form_has_nothing_to_load(ready: Path) -> None:
    out = ready.parent / "form.xlsx"
    muster("export", "assessment-form", "--department", HOME, "--out", out, on=ready).ok()
    before = contents(ready)
    ran = muster("import", "assessments", out, on=ready)
    assert ran.code in (0, 1), ran.err
    assert contents(ready) == before


def test_what_is_filled_in_comes_back_without_loss(ready: Path) -> None:
    out = ready.parent / "form.xlsx"
    muster("export", "assessment-form", "--department", HOME, "--out", out, on=ready).ok()
    book, _sheet, names, body = _form(out)
    words = ("expert", "below awareness", "awareness", "practitioner")
    for word, row in zip(words, body, strict=True):
        row[names.index("Level")].value = word
        row[names.index("Evidence")].value = f"saw {word}"
    body[0][names.index("Assessed on")].value = date(2026, 11, 2)
    filled = {
        (row[0].value, row[names.index("Skill")].value): words.index(word)
        for word, row in zip(words, body, strict=True)
    }
    book.save(out)
    muster("import", "assessments", out, on=ready).ok()
    level = {"expert": 4, "below awareness": 0, "awareness": 1, "practitioner": 3}
    found = {
        (row["staff_id"], row["skill"]): (row["held"], row["assessed_by"], row["assessed_on"])
        for row in muster("gaps", "--by", "person", "--department", HOME, "--format", "json", on=ready)
        .ok()
        .json
    }
    assert len(filled) == 4
    for key, place in filled.items():
        day = "2026-11-02" if place == 0 else "2026-11-23"
        assert found[key] == (level[words[place]], "line manager", day), key


def test_a_form_for_each_unit_and_one_file_of_one_unit_alone(ready: Path) -> None:
    folder = ready.parent / "units"
    muster("export", "assessment-form", "--by", "unit", "--out", folder, on=ready).ok()
    assert f"{TREASURY}, Data.xlsx" in {path.name for path in folder.iterdir()}
    ran = muster("export", "assessment-form", "--out", ready.parent / "all.xlsx", on=ready)
    assert ran.code == 2
    assert "--department" in ran.err
    for words in (("--by", "planet"), ("--assessed-by", "nobody")):
        assert muster("export", "assessment-form", *words, "--out", folder, on=ready).code == 2
