"""Workbooks as a reader opens them: figures equal to the program's, nobody named unless asked for."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.builders import built_once, make_course, make_person, make_rating, write_rows
from tests.command_line import muster

HOME, TREASURY = "Home Office", "HM Treasury"
NAMES = [f"Nobody {letter}. Real" for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"]


def _people() -> list[dict[str, Any]]:
    """Twenty people in one department and three in another, each with a name of their own."""
    return [
        make_person(f"{number:04d}", name=NAMES[number], department=HOME if number < 20 else TREASURY,
                    unit="Data" if number % 2 else "")
        for number in range(23)
    ]  # fmt: skip


def _made_ready(small: Path) -> None:
    ratings = [make_rating(f"{number:04d}", level=number % 3) for number in range(22)]
    courses = [
        make_course("C1", cost_per_person_gbp="33.33"),
        make_course(
            "C2", from_level=1, cost_per_person_gbp=0, cost_per_cohort_gbp="100.01", min_group=3, max_group=7
        ),
    ]
    for kind, rows in (("people", _people()), ("assessments", ratings), ("courses", courses)):
        muster("import", kind, write_rows(small.parent / f"{kind}.csv", rows), on=small).ok()


@pytest.fixture
def ready(small: Path) -> Path:
    return built_once(small, _made_ready)


def _book(path: Path) -> Any:
    return openpyxl.load_workbook(path)


def _values(sheets: Iterable[Any]) -> list[Any]:
    return [
        cell.value for sheet in sheets for row in sheet.iter_rows() for cell in row if cell.value is not None
    ]


def _table(sheet: Any) -> list[dict[str, Any]]:
    """The rows of a sheet's first table below its headings, the row of totals left out."""
    table = next(iter(sheet.tables.values()))
    rows = [[cell.value for cell in row] for row in sheet[table.ref]]
    last = -1 if table.totalsRowCount else None
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:last]]


def test_a_gap_workbook_names_nobody_and_shows_no_small_count(ready: Path) -> None:
    out = ready.parent / "gaps.xlsx"
    assert muster("export", "gaps", "--out", out, on=ready).ok().out.strip() == f"Workbook: {out}"
    book = _book(out)
    values = _values(book.worksheets)
    assert not set(NAMES) & {str(value) for value in values}
    assert "People" not in book.sheetnames
    figures = _table(book["Figures"])
    treasury = [row for row in figures if row["Department"] == TREASURY]
    assert treasury
    for row in treasury:
        assert all(value == "[c]" for name, value in row.items() if name not in ("Department", "Skill"))
    for row in figures:
        counts = [value for name, value in row.items() if isinstance(value, int) and "evels" not in name]
        assert not [count for count in counts if 0 < count < 5]


def test_a_named_workbook_is_of_one_department_and_shows_everything(ready: Path) -> None:
    out = ready.parent / "named.xlsx"
    for scope in ((), ("--department", HOME, "--department", TREASURY)):
        ran = muster("export", "gaps", "--named", "--out", out, *scope, on=ready)
        assert ran.code == 2
        assert not out.exists()
    muster("export", "gaps", "--named", "--department", TREASURY, "--out", out, on=ready).ok()
    book = _book(out)
    values = {str(value) for value in _values(book.worksheets)}
    assert values & set(NAMES) == set(NAMES[20:23])
    assert "[c]" not in values
    assert any("OFFICIAL-SENSITIVE" in value for value in values)
    assert any("names" in value.lower() or "named" in value.lower() for value in values)


def test_figures_of_the_workbook_are_those_of_the_command(ready: Path) -> None:
    out = ready.parent / "home.xlsx"
    muster("export", "gaps", "--named", "--department", HOME, "--out", out, on=ready).ok()
    found = {(row["Unit"], row["Skill"]): row for row in _table(_book(out)["Figures"])}
    rows = muster("gaps", "--by", "unit", "--department", HOME, "--format", "json", on=ready).ok().json
    assert len(rows) == len(found)
    for row in rows:
        line = found[row["unit"], row["skill"]]
        assert (line["People required"], line["Assessed"], line["Meeting"], line["Short"], line["Levels short"]) == (
            row["required"], row["assessed"], row["meeting"], row["short"], row["levels_short"],
        )  # fmt: skip


def test_comparison_single_points_and_trend_are_those_of_the_commands(ready: Path) -> None:
    out, day = ready.parent / "more.xlsx", "2026-11-01"
    muster("export", "gaps", "--named", "--department", HOME, "--since", day, "--out", out, on=ready).ok()
    book = _book(out)
    about = ("--by", "unit", "--department", HOME, "--format", "json")
    compared = muster("comparison", *about, on=ready).ok().json
    assert [
        (row["Unit"], row["People assessed"], row["Requirements met"]) for row in _table(book["Comparison"])
    ] == [(row["unit"], row["people"], pytest.approx(row["share"], abs=1e-4)) for row in compared]
    points = muster("resilience", *about, on=ready).ok().json
    listed = _table(book["Single points of failure"]) if points else []
    assert [(row["Unit"], row["Skill"], row["People in them"]) for row in listed] == [
        (row["unit"], row["skill"], row["people_requiring"]) for row in points
    ]
    changed = muster("trend", *about, "--from", day, "--to", "2026-11-23", on=ready).ok().json
    rows = [row for row in _table(book["Trend"]) if row["Unit"] != "All"]
    assert [(row["Unit"], row["Before"], row["Joiners"], row["Change"]) for row in rows] == [
        (row["unit"], row["before"], row["joiners"], row["change"]) for row in changed
    ]
    assert any(row["Change"] for row in rows)


def test_an_aggregate_workbook_hides_small_groups_in_every_sheet(ready: Path) -> None:
    out = ready.parent / "aggregate.xlsx"
    muster("export", "gaps", "--since", "2026-11-01", "--out", out, on=ready).ok()
    book = _book(out)
    assert not set(NAMES) & {str(value) for value in _values(book.worksheets)}
    for name in ("Comparison", "Single points of failure", "Trend"):
        treasury = [row for row in _table(book[name]) if row["Department"] == TREASURY]
        assert treasury
        for row in treasury:
            numbers = [value for value in row.values() if isinstance(value, int | float) and value]
            assert numbers == [], (name, row)


def test_one_plan_workbook_per_department_adds_up_to_the_plan_to_the_penny(ready: Path) -> None:
    plan = muster("plan", "--budget", "433.43", "--format", "json", on=ready).ok().json
    folder = ready.parent / "plans"
    ran = muster("export", "plan", "1", "--out", folder, on=ready).ok()
    files = sorted(folder.iterdir())
    assert [file.name for file in files] == [f"{TREASURY}.xlsx", f"{HOME}.xlsx"]
    assert ran.out.count("Workbook: ") == 2
    rows = [row for file in files for row in _table(_book(file)["Plan"])]
    assert len(rows) == len(plan["lines"])
    assert plan["summary"]["cost_gbp"] > 0
    assert sum(_money(row["Cost"]) for row in rows) == _money(plan["summary"]["cost_gbp"])
    assert sum(row["Steps closed"] for row in rows) == plan["summary"]["steps_closed"]
    assert sum(_money(row["Hours"]) for row in rows) == _money(plan["summary"]["hours"])
    for file in files:
        book = _book(file)
        lines = _table(book["Plan"])
        department = file.stem
        mine = [line for line in plan["lines"] if line["department"] == department]
        assert {row["Staff id"] for row in lines} == {line["staff_id"] for line in mine}
        for sheet in ("Learner view", "Booking list", "By course"):
            assert sum(_money(row["Cost"]) for row in _table(book[sheet])) == sum(
                _money(line["cost_gbp"]) for line in mine
            )
        others = {person["name"] for person in _people() if person["department"] != department}
        assert not others & {str(value) for value in _values(book.worksheets)}


def _money(value: Any) -> Decimal:
    return Decimal(str(value or 0)).quantize(Decimal("0.01"))


def test_what_stays_open_is_in_the_workbook_with_its_reason(ready: Path) -> None:
    plan = muster("plan", "--budget", 0, "--format", "json", on=ready).ok().json
    out = ready.parent / "plan.xlsx"
    muster("export", "plan", "--out", out, on=ready).ok()
    found = {
        (row["Staff id"], row["Skill"]): row["Why it stays open"] for row in _table(_book(out)["Still open"])
    }
    assert found == {(need["staff_id"], need["skill"]): need["reason"] for need in plan["unmet"]}
    assert found


def test_a_cohort_price_is_split_to_the_penny(ready: Path) -> None:
    lines = muster("plan", "--budget", 1000, "--format", "json", on=ready).ok().json["lines"]
    groups: dict[str, list[Decimal]] = {}
    for line in lines:
        if line["course_code"] == "C2" and line["hours"]:
            groups.setdefault(line["quarter"], []).append(_money(line["cost_gbp"]))
    assert groups
    for costs in groups.values():
        assert sum(costs) % Decimal("100.01") == 0
        assert max(costs) - min(costs) <= Decimal("0.01")


def test_a_department_without_part_in_the_plan_is_a_wrong_usage(ready: Path) -> None:
    muster("plan", "--budget", 100, on=ready).ok()
    ran = muster("export", "plan", "--department", "Atlantis", "--out", ready.parent / "x.xlsx", on=ready)
    assert ran.code == 2
    assert TREASURY in ran.err
    assert not (ready.parent / "x.xlsx").exists()


def test_without_a_plan_there_is_none_to_export(ready: Path) -> None:
    ran = muster("export", "plan", "--out", ready.parent / "x.xlsx", on=ready)
    assert ran.code == 2
    assert "no plan yet" in ran.err


@pytest.mark.parametrize("ending", [".png", ".svg", ".pdf"])
def test_the_heat_map_is_drawn_in_the_form_of_its_ending(ready: Path, ending: str) -> None:
    out = ready.parent / f"heat{ending}"
    muster("export", "heatmap", "--out", out, on=ready).ok()
    marks = {".png": b"\x89PNG", ".svg": b"<?xml", ".pdf": b"%PDF"}
    assert out.read_bytes().startswith(marks[ending])


def test_a_picture_of_another_kind_is_a_wrong_usage(ready: Path) -> None:
    assert muster("export", "heatmap", "--out", ready.parent / "heat.bmp", on=ready).code == 2


def test_an_empty_organisation_gives_workbooks_all_the_same(small: Path) -> None:
    muster("export", "gaps", "--out", small.parent / "g.xlsx", on=small).ok()
    muster("export", "heatmap", "--out", small.parent / "h.png", on=small).ok()
    muster("plan", "--budget", 1, on=small).ok()
    muster("export", "plan", "--out", small.parent / "p.xlsx", on=small).ok()
    for name in ("g.xlsx", "p.xlsx"):
        assert "About" in _book(small.parent / name).sheetnames


def test_a_target_that_cannot_be_written_is_a_sentence(ready: Path) -> None:
    folder = ready.parent / "folder.xlsx"
    folder.mkdir()
    for out in (folder, ready.parent / "absent" / "x.xlsx"):
        ran = muster("export", "gaps", "--out", out, on=ready)
        assert ran.code in (1, 2, 3)
        assert "Traceback" not in ran.err
        assert ran.err.strip()
    assert list(folder.iterdir()) == []
