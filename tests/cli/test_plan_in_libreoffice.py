"""A plan's workbook through LibreOffice: formulas worked out anew, and edits read back as openpyxl's are."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.cli.test_read_back import Edited, exported, ready
from tests.command_line import muster
from tests.libreoffice import needs_libreoffice, saved_by_libreoffice

__all__ = ["ready"]


def table(path: Path, sheet: str) -> list[dict[str, Any]]:
    """The rows of a sheet's table by header, values as they were last worked out."""
    found: Any = openpyxl.load_workbook(path, data_only=True)[sheet]
    (one,) = found.tables.values()
    head, *body = found[one.ref]
    return [{head[at].value: cell.value for at, cell in enumerate(row)} for row in body]


def pence(value: Any) -> Decimal:
    return Decimal(str(value)).quantize(Decimal("0.01"))


def with_lines_that_are_over(ready: Path) -> Any:
    """The plan after one line was withdrawn and nobody came to another, as the command line shows it."""
    muster("plan", "status", "1", "withdrawn", "--staff", "1003", "--course", "C1", on=ready).ok()
    for status in ("approved", "booked", "did not attend"):
        muster("plan", "status", "1", status, "--staff", "1004", "--course", "C1", on=ready).ok()
    return muster("plan", "show", "1", "--format", "json", on=ready).ok().json


def agrees(path: Path, plan: Any) -> None:
    """Every figure of the workbook is the plan's, to the penny."""
    lines = plan["lines"]
    going = [line for line in lines if line["status"] not in ("withdrawn", "did not attend")]
    paid = [line for line in lines if line["status"] != "withdrawn"]
    assert len(lines) > len(paid) > len(going)

    def total(of: list[Any], what: str) -> Decimal:
        return sum((pence(line[what]) for line in of), Decimal(0))

    enrolments = len({(line["staff_id"], line["course_code"], line["quarter"]) for line in going})
    figures = {row["Figure"]: row["Value"] for row in table(path, "Summary")}
    assert pence(figures["Cost"]) == pence(plan["summary"]["cost_gbp"]) == total(paid, "cost_gbp")
    assert pence(figures["Given back"]) == total(lines, "cost_gbp") - total(paid, "cost_gbp") > 0
    assert pence(figures["Hours of learning"]) == pence(plan["summary"]["hours"]) == total(going, "hours")
    assert figures["Skill steps closed"] == plan["summary"]["steps_closed"]
    assert figures["Courses in the plan"] == enrolments
    assert figures["People in the plan"] == len({line["staff_id"] for line in going})
    assert (figures["Withdrawn"], figures["Did not attend"], figures["of them booked"]) == (1, 1, 0)
    for row in table(path, "Budget by quarter and pot"):
        own = [line for line in lines if line["funding"] == row["Paid from"]]
        back = total(own, "cost_gbp") - total([line for line in own if line in paid], "cost_gbp")
        assert pence(row["Planned"]) == total(own, "cost_gbp")
        assert pence(row["Given back"]) == back
        assert back > 0 or row["Paid from"] != "L&D budget"
        assert pence(row["Left"]) == pence(row["Budget"]) - pence(row["Planned"]) + back
        for header, value in row.items():
            if "-" in header:
                of_quarter = [line for line in own if line["quarter"] == f"{header[:4]}{header[-2:]}"]
                assert pence(value) == total(of_quarter, "cost_gbp")
    teams = table(path, "Manager view")
    assert len(teams) == len({line["unit"] for line in lines})
    for row in teams:
        assert pence(row["Cost"]) == total([one for one in paid if one["unit"] == row["Team"]], "cost_gbp")
        assert pence(row["Hours"]) == total([one for one in going if one["unit"] == row["Team"]], "hours")
    by_course = table(path, "By course")
    assert sum(pence(row["Cost"]) for row in by_course) == total(paid, "cost_gbp")
    assert sum(pence(row["Hours"]) for row in by_course) == total(going, "hours")
    assert sum(row["Places to book"] for row in by_course) == enrolments


def test_a_workbook_counts_lines_that_are_over_as_the_plan_does(ready: Path) -> None:
    plan = with_lines_that_are_over(ready)
    agrees(exported(ready), plan)


@needs_libreoffice
@pytest.mark.slow
def test_formulas_worked_out_by_libreoffice_equal_the_plan_to_the_penny(ready: Path) -> None:
    plan = with_lines_that_are_over(ready)
    out = exported(ready)
    openpyxl.load_workbook(out).save(out)  # openpyxl keeps no values of formulas, so they must be worked out
    assert table(out, "Summary")[2]["Value"] is None
    agrees(saved_by_libreoffice(out, ready.parent / "lo"), plan)


def edited(ready: Path) -> Edited:
    at = Edited(exported(ready))
    at.put(at.row("1001", "C1"), status="approved", comment="asked for online\nin March")
    at.put(at.row("1003", "C1"), quarter="2027-28 Q2")
    at.put(at.row("1002", "C2"), course="C3", hours=99)
    at.put(at.row("1004", "C1"), status="perhaps")
    at.sheet.delete_rows(at.row("1002", "FREE"))
    at.put(at.sheet.max_row + 1, staff_id=1001, quarter="1 July 2027", course="C2", status="approved")
    at.save()
    return at


@needs_libreoffice
@pytest.mark.slow
def test_a_workbook_saved_by_libreoffice_reads_back_as_one_saved_by_openpyxl(ready: Path) -> None:
    at = edited(ready)
    done = saved_by_libreoffice(at.path, ready.parent / "lo")
    ours, theirs = (
        muster("plan", "read-back", path, "--preview", "--format", "json", on=ready).json
        for path in (at.path, done)
    )
    assert ours["rows"]
    assert ours == theirs
    assert {problem["severity"] for problem in ours["problems"]} == {"error", "note"}


@needs_libreoffice
@pytest.mark.slow
def test_libreoffice_leaves_an_unedited_workbook_unchanged(ready: Path) -> None:
    done = saved_by_libreoffice(exported(ready), ready.parent / "lo")
    ran = muster("plan", "read-back", done, "--format", "json", on=ready).ok()
    assert (ran.json["rows"], ran.json["problems"]) == ([], [])
    assert "nothing to change" in ran.err
