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

pytestmark = [needs_libreoffice, pytest.mark.slow]


def table(path: Path, sheet: str) -> list[dict[str, Any]]:
    """The rows of a sheet's table by header, values as they were last worked out."""
    found: Any = openpyxl.load_workbook(path, data_only=True)[sheet]
    (one,) = found.tables.values()
    head, *body = found[one.ref]
    return [{head[at].value: cell.value for at, cell in enumerate(row)} for row in body]


def pence(value: Any) -> Decimal:
    return Decimal(str(value)).quantize(Decimal("0.01"))


def test_formulas_worked_out_by_libreoffice_equal_the_plan_to_the_penny(ready: Path) -> None:
    muster("plan", "status", "1", "withdrawn", "--staff", "1003", "--course", "C1", on=ready).ok()
    plan = muster("plan", "show", "1", "--format", "json", on=ready).ok().json
    out = exported(ready)
    openpyxl.load_workbook(out).save(out)  # openpyxl keeps no values of formulas, so they must be worked out
    assert table(out, "Summary")[2]["Value"] is None
    done = saved_by_libreoffice(out, ready.parent / "lo")
    figures = {row["Figure"]: row["Value"] for row in table(done, "Summary")}
    assert pence(figures["Cost"]) == pence(plan["summary"]["cost_gbp"])
    assert pence(figures["Hours of learning"]) == pence(plan["summary"]["hours"])
    assert figures["Skill steps closed"] == plan["summary"]["steps_closed"]
    for row in table(done, "Budget by quarter and pot"):
        lines = [line for line in plan["lines"] if line["funding"] == row["Paid from"]]
        assert pence(row["Planned"]) == sum((pence(line["cost_gbp"]) for line in lines), Decimal(0))
        back = sum((pence(line["cost_gbp"]) for line in lines if line["status"] == "withdrawn"), Decimal(0))
        assert pence(row["Given back"]) == back > 0 or row["Paid from"] != "L&D budget"
        assert pence(row["Left"]) == pence(row["Budget"]) - pence(row["Planned"]) + back
        for header, value in row.items():
            if "-" in header:
                own = [line for line in lines if line["quarter"] == f"{header[:4]}{header[-2:]}"]
                assert pence(value) == sum((pence(line["cost_gbp"]) for line in own), Decimal(0))
    teams = table(done, "Manager view")
    assert len(teams) == len({line["unit"] for line in plan["lines"]})
    for row in teams:
        own = [
            line for line in plan["lines"] if line["unit"] == row["Team"] and line["status"] != "withdrawn"
        ]
        assert pence(row["Cost"]) == sum((pence(line["cost_gbp"]) for line in own), Decimal(0))
        assert pence(row["Hours"]) == sum((pence(line["hours"]) for line in own), Decimal(0))


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


def test_libreoffice_leaves_an_unedited_workbook_unchanged(ready: Path) -> None:
    done = saved_by_libreoffice(exported(ready), ready.parent / "lo")
    ran = muster("plan", "read-back", done, "--format", "json", on=ready).ok()
    assert (ran.json["rows"], ran.json["problems"]) == ([], [])
    assert "nothing to change" in ran.err
