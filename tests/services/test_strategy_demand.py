"""Demand by unit, role level and quarter: against a plain second count, and conserved for a thousand contracts."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from app.files.options import ReadOptions
from app.progress import silent
from app.services.scope import Scope
from app.terms import FinancialQuarter
from app.workspace import Workspace
from tests.builders import load_people, make_people, make_person, write_rows
from tests.command_line import muster

TODAY = date(2026, 11, 23)
LEVELS = ("Data engineer", "Senior data engineer", "Service designer")


def _office(ws: Workspace, folder: Path) -> None:
    people = [
        make_person("1", department="Home Office", unit="Data"),
        make_person("2", department="HM Treasury"),
    ]
    load_people(ws, make_people(folder / "people.csv", people))


def _load(ws: Workspace, folder: Path, kind: str, rows: list[dict[str, Any]]) -> None:
    path = write_rows(folder / f"{kind}.csv", rows)
    if kind == "strategy":
        ws.strategy.commit_import(ws.strategy.preview_import(path, ReadOptions(), silent()))
    else:
        ws.strategy.commit_contracts(ws.strategy.preview_contracts(path, ReadOptions(), silent()))


def _need(number: int, **values: Any) -> dict[str, Any]:
    usual = {
        "area": "A", "priority": f"P{number % 5}", "target_date": "2027-12-31", "programme": f"G{number % 3}",
        "department": "", "role_level": "Data engineer", "fte": 1, "from_quarter": "", "to_quarter": "",
    }  # fmt: skip
    return usual | values


def test_demand_of_random_lines_equals_a_plain_count(ws: Workspace, tmp_path: Path) -> None:
    _office(ws, tmp_path)
    rng = random.Random(3)
    rows = [
        _need(
            number,
            department=rng.choice(("Home Office", "Home Office / Data", "HM Treasury", "")),
            role_level=rng.choice(LEVELS),
            fte=rng.randrange(0, 900) / 100,
            from_quarter=f"2026Q{rng.randrange(1, 5)}",
            to_quarter=f"2027Q{rng.randrange(1, 5)}",
        )
        for number in range(60)
    ]
    _load(ws, tmp_path, "strategy", rows)
    first, last = FinancialQuarter.parse("2026Q1"), FinancialQuarter.parse("2027Q4")
    for departments, inside in (
        ((), ("", "Home Office", "Home Office / Data", "HM Treasury")),
        (("Home Office",), ("Home Office", "Home Office / Data")),
    ):
        wanted: dict[tuple[str, str, str], int] = {}
        for row in rows:
            if row["department"] not in inside:
                continue
            for code in ("2026Q1", "2026Q2", "2026Q3", "2026Q4", "2027Q1", "2027Q2", "2027Q3", "2027Q4"):
                if row["from_quarter"] <= code <= row["to_quarter"] and row["fte"]:
                    key = row["department"], row["role_level"], code
                    wanted[key] = wanted.get(key, 0) + round(row["fte"] * 100)
        found = ws.strategy.demand(Scope(departments), first, last)
        assert {
            (cell.unit, cell.role_level, cell.quarter.code): cell.fte_hundredths for cell in found.cells
        } == wanted


def test_blank_quarters_follow_the_date_and_a_line_without_any_is_listed(
    ws: Workspace, tmp_path: Path
) -> None:
    _load(
        ws,
        tmp_path,
        "strategy",
        [
            _need(0, from_quarter="2026Q4", target_date="2027-06-30"),
            _need(1, target_date="2027-06-30", role_level="Service designer"),
            _need(2, target_date="", role_level="Service designer", fte=2),
            _need(3, target_date="", role_level="", skill="Testing", fte=2),
        ],
    )
    found = ws.strategy.demand()
    assert [(cell.role_level, cell.quarter.code, cell.fte_hundredths) for cell in found.cells] == [
        ("Data engineer", "2026Q4", 100),
        ("Data engineer", "2027Q1", 100),
        ("Service designer", "2027Q1", 100),
    ]
    assert [(one.what, one.reason) for one in found.undated] == [
        ("Service designer", "no quarter and no target date"),
        ("Testing", "no quarter and no target date"),
    ]
    assert found.first == FinancialQuarter.of(TODAY)


def test_a_thousand_contracts_give_back_every_fte_month(ws: Workspace, tmp_path: Path) -> None:
    _office(ws, tmp_path)
    rng = random.Random(5)
    rows = [
        {
            "supplier": f"Supplier {number % 40}", "service": f"Service {number // 40}",
            "role_level": rng.choice(LEVELS),
            "end_date": TODAY + timedelta(number // 7 + number % 40), "fte": f"{rng.randrange(1, 5_000) / 100:.2f}",
            "retained_pct": rng.choice(("", 0, 100, f"{rng.randrange(10_001) / 100:.2f}")),
            "department": "Home Office",
        }
        for number in range(1_000)
    ]  # fmt: skip
    _load(ws, tmp_path, "contracts", rows)
    assert len(ws.strategy.contracts()) == 1_000
    last = FinancialQuarter.parse("2028Q4")
    exits = ws.strategy.exits(last=last)
    quarters = int(last) - int(FinancialQuarter.of(TODAY)) + 1
    put_in = sum((Decimal(row["fte"]) for row in rows), Decimal(0)) * 3 * quarters
    came_out = sum(months.total for one in exits for months in one.quarters)
    assert Decimal(came_out) / 100 == put_in
    needed = sum(cell.contract_fte_hundredths for cell in ws.strategy.demand(last=last).cells)
    assert needed == sum(months.needed_fte_hundredths for one in exits for months in one.quarters)


def test_demand_and_months_from_the_command_line(small: Path, tmp_path: Path) -> None:
    muster("import", "people", make_people(tmp_path / "people.csv"), on=small).ok()
    contract = {
        "supplier": "Acme", "service": "Hosting", "end_date": "2027-02-14", "role_level": "Data engineer", "fte": "4",
        "department": "Home Office", "retained_pct": "50",
    }  # fmt: skip
    muster("import", "contracts", write_rows(tmp_path / "contracts.csv", [contract]), on=small).ok()
    months = muster("contracts", "months", "--to", "2027Q1", "--format", "csv", on=small).ok().rows
    assert [(row["quarter"], row["supplier_fte_months"], row["retained_fte_months"]) for row in months] == [
        ("2026Q3", "12.00", "0.00"),
        ("2026Q4", "6.00", "3.00"),
        ("2027Q1", "0.00", "6.00"),
    ]
    rows = muster("strategy", "demand", "--to", "2027Q1", "--format", "csv", on=small).ok().rows
    assert [(row["unit"], row["quarter"], row["fte"], row["contract_fte"]) for row in rows] == [
        ("Home Office", "2026Q4", "1.00", "1.00"),
        ("Home Office", "2027Q1", "2.00", "2.00"),
    ]
