"""``export workforce`` and ``export return`` from the command line: what they hold, and that nobody is named."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pytest

from app.workspace import Workspace
from tests.builders import USER, clock, load_people, make_people, make_person, write_rows
from tests.command_line import muster

NEED = {
    "area": "A", "priority": "P", "target_date": "2028-03-31", "programme": "Case working",
    "role_level": "Senior data engineer", "fte": 9, "from_quarter": "2026Q4", "to_quarter": "2028Q3",
}  # fmt: skip


@pytest.fixture
def office(small: Path) -> Path:
    """Six data engineers, eight senior ones and two service designers; nine senior data engineers are needed."""
    people = [make_person(str(1001 + at)) for at in range(6)]
    people += [make_person(str(2001 + at), role_level="Service designer") for at in range(2)]
    people += [make_person(str(3001 + at), role_level="Senior data engineer", grade="SEO") for at in range(8)]
    with Workspace.open(small, user=USER, clock=clock) as ws:
        load_people(ws, make_people(small.parent / "people.csv", people))
    muster("import", "strategy", write_rows(small.parent / "need.csv", [NEED]), on=small).ok()
    return small


def test_the_workbook_holds_every_part_and_the_forecast_s_figures(office: Path, tmp_path: Path) -> None:
    out = tmp_path / "w.xlsx"
    muster("export", "workforce", "--out", out, "--quarters", "3", "--seconds", "2", on=office).ok()
    book = openpyxl.load_workbook(out)
    assert book.sheetnames == [
        "About", "Summary", "Quarters", "Demand and supply", "Shortfalls", "Options", "Cheapest mix", "Assumptions",
        "Rates", "Contracts",
    ]  # fmt: skip
    told = json.loads(
        muster("forecast", "--quarters", "3", "--by", "role-level", "--format", "json", on=office).ok().out
    )
    wanted = [(one["supply_fte"], one["demand_fte"], one["shortfall_fte"]) for one in told
              if one["role_level"] == "Senior data engineer"]  # fmt: skip
    rows = [
        row
        for row in book["Demand and supply"].iter_rows(values_only=True)
        if row[2] == "Senior data engineer"
    ]
    assert [(row[4], row[7], row[8]) for row in rows] == [pytest.approx(one) for one in wanted]
    designers = [
        row for row in book["Demand and supply"].iter_rows(values_only=True) if row[2] == "Service designer"
    ]
    assert all(row[4] == "[c]" for row in designers), "two people are not shown"
    with ZipFile(out) as package:
        charts = [name for name in package.namelist() if name.startswith("xl/charts/chart")]
        text = "".join(package.read(name).decode() for name in package.namelist() if name.endswith(".xml"))
    assert len(charts) == 2
    assert text.count("descr=") >= 2
    assert "Person 1001" not in text
    assert "2001" not in {
        str(cell) for row in book["Cheapest mix"].iter_rows(values_only=True) for cell in row
    }


def test_names_need_one_department(office: Path, tmp_path: Path) -> None:
    out = tmp_path / "w.xlsx"
    refused = muster("export", "workforce", "--out", out, "--named", on=office)
    assert refused.code == 2
    assert "one department" in refused.err
    muster("export", "workforce", "--out", out, "--named", "--department", "Home Office", "--seconds", "2",
           on=office).ok()  # fmt: skip
    assert "People within reach" in openpyxl.load_workbook(out).sheetnames
    assert muster("export", "workforce", "--out", tmp_path / "w.pdf", on=office).code == 2


def test_the_return_hides_few_unless_told(office: Path, tmp_path: Path) -> None:
    out = tmp_path / "r.csv"
    columns = "role_level,headcount,fte"
    muster("export", "return", "--out", out, "--columns", columns, "--disclosure", "off", on=office).ok()
    with out.open(encoding="utf-8") as stream:
        assert list(csv.reader(stream)) == [
            ["role_level", "headcount", "fte"], ["Data engineer", "6", "6.00"],
            ["Senior data engineer", "8", "8.00"], ["Service designer", "2", "2.00"],
        ]  # fmt: skip
    shown = muster("export", "return", "--out", out, "--columns", columns, on=office).ok()
    assert "shown as [c]" in shown.err
    with out.open(encoding="utf-8") as stream:
        assert [row[1:] for row in csv.reader(stream)][1:] == [["[c]", "[c]"], ["8", "8.00"], ["[c]", "[c]"]]
    assert muster("export", "return", "--out", out, "--columns", "age", on=office).code == 2
    assert muster("export", "return", "--out", out, "--disclosure", "maybe", on=office).code == 2


def test_a_back_test_from_the_command_line(office: Path, tmp_path: Path) -> None:
    people = [make_person(str(1001 + at)) for at in range(8)]
    with Workspace.open(office, user=USER, clock=clock) as ws:
        load_people(ws, make_people(tmp_path / "old.csv", people), as_at=None)
    refused = muster("forecast", "--back-test", "2020-01-01", on=office)
    assert refused.code == 2
    assert "Nobody here had a role" in refused.err
