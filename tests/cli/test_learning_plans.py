"""Personal learning plans: a page for each person, and the same as a workbook."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.builders import built_once, make_course, make_person, make_rating, write_rows
from tests.command_line import muster

HOME, TREASURY = "Home Office", "HM Treasury"
PEOPLE = [
    make_person("1001"), make_person("1002", department=TREASURY, role_level="Senior data engineer"),
    make_person("1003"), make_person("1004", department=TREASURY),
]  # fmt: skip
RATINGS = [
    make_rating(staff, skill, 0)
    for staff in ("1001", "1002", "1003")
    for skill in ("Programming", "Data modelling")
] + [make_rating("1004", "Programming", 4), make_rating("1002", "Testing", 0)]  # fmt: skip
COURSES = [
    make_course("C1", hours=20),
    make_course("OJT", "Data modelling", hours=30, cost_per_person_gbp=0, funding="free", delivery="on the job"),
    make_course("C2", from_level=2, to_level=3, cost_per_person_gbp=50),
]  # fmt: skip


def _made_ready(small: Path) -> None:
    for kind, rows in (("people", PEOPLE), ("assessments", RATINGS), ("courses", COURSES)):
        muster("import", kind, write_rows(small.parent / f"{kind}.csv", rows), on=small).ok()
    muster("plan", "--budget", 5000, "--hours-per-quarter", 60, on=small).ok()


@pytest.fixture
def ready(small: Path) -> Path:
    return built_once(small, _made_ready)


def _pages(path: Path) -> int:
    return len(re.findall(rb"/Type /Page\b", path.read_bytes()))


def _rows(path: Path, sheet: str) -> list[dict[str, Any]]:
    found: Any = openpyxl.load_workbook(path)[sheet]
    (table,) = found.tables.values()
    head, *body = found[table.ref]
    return [
        dict(zip((cell.value for cell in head), (cell.value for cell in row), strict=True)) for row in body
    ]


def test_a_page_for_one_person_is_the_same_bytes_every_time(ready: Path) -> None:
    one, two = ready.parent / "one.pdf", ready.parent / "two.pdf"
    for out in (one, two):
        muster("export", "learning-plan", "1002", "--out", out, on=ready).ok()
    assert _pages(one) == 1
    assert one.read_bytes() == two.read_bytes()
    assert b"Person 1002" in one.read_bytes()  # in its properties, for people who cannot see it


def test_a_department_has_a_page_for_each_person_in_one_file_or_in_many(ready: Path) -> None:
    out, folder = ready.parent / "all.pdf", ready.parent / "plans"
    muster("export", "learning-plan", "--department", TREASURY, "--out", out, on=ready).ok()
    assert _pages(out) == 2
    muster("export", "learning-plan", "--department", TREASURY, "--out", folder, on=ready).ok()
    assert sorted(path.name for path in folder.iterdir()) == ["1002 Person 1002.pdf", "1004 Person 1004.pdf"]
    assert {_pages(path) for path in folder.iterdir()} == {1}


def test_the_workbook_holds_every_line_of_the_plan_sorted_by_kind(ready: Path) -> None:
    out = ready.parent / "lp.xlsx"
    muster("export", "learning-plan", "1002", "--plan", 1, "--out", out, on=ready).ok()
    lines = muster("plan", "show", "1", "--format", "json", on=ready).json["lines"]
    mine = [line for line in lines if line["staff_id"] == "1002"]
    planned = [row for row in _rows(out, "Learning plans") if row["Planned"] == "planned"]
    assert sum(row["Hours"] for row in planned) == sum(line["hours"] for line in mine)
    assert {row["What"] for row in planned} == {line["course"] for line in mine}
    kinds = {row["What"]: row["Kind of learning"] for row in planned}
    assert kinds["Course OJT"] == "On the job"
    assert kinds["Course C1"] == "Formal"
    unmet = muster("plan", "show", "1", "--format", "json", on=ready).json["unmet"]
    still = {(row["Staff id"], row["Skill"]): row["Why it stays open"] for row in _rows(out, "Still open")}
    assert still == {
        (one["staff_id"], one["skill"]): one["reason"] for one in unmet if one["staff_id"] == "1002"
    }


def test_somebody_near_with_the_skill_is_suggested_and_marked_so(ready: Path) -> None:
    out = ready.parent / "lp.xlsx"
    muster("export", "learning-plan", "1002", "--out", out, on=ready).ok()
    helped = [row for row in _rows(out, "Learning plans") if row["Kind of learning"] == "From others"]
    assert [(row["What"], row["Planned"], row["Hours"]) for row in helped] == [
        ("Ask Person 1004 (expert) to show you", "suggested", "to agree")
    ]


@pytest.mark.parametrize("words", [(), ("9999",), ("1001", "--department", HOME), ("1001", "--plan", "77")])
def test_wrong_usage_writes_nothing(ready: Path, words: tuple[str, ...]) -> None:
    ran = muster("export", "learning-plan", *words, "--out", ready.parent / "x.pdf", on=ready)
    assert ran.code == 2
    assert ran.err
    assert not (ready.parent / "x.pdf").exists()
