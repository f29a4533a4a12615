"""Strategy and contract files: what is read, and what is said where a row cannot be used."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from app.errors import InputProblems
from app.files.contracts import ContractsFile, read_contracts
from app.files.named import KnownNames
from app.files.options import ReadOptions
from app.files.strategy import StrategyFile, read_strategy
from app.progress import silent
from app.terms import FinancialQuarter
from tests.builders import write_rows

KNOWN = KnownNames(
    levels=(
        ("Data engineer", "Data engineer"),
        ("Data engineer", "Senior data engineer"),
        ("Service designer", "Service designer"),
        ("Data analyst", "Lead"),
        ("Developer", "Lead"),
    ),
    skills=("Programming", "Data modelling"),
    departments=("Home Office", "Home Office / Data", "HM Treasury", "HM Treasury / Data"),
)
ROW = {"area": "Better use of data", "priority": "Registers", "target_date": "31/03/2027"}
LINE = {
    "supplier": "Acme",
    "service": "Hosting",
    "end_date": "2027-03-31",
    "role_level": "Data engineer",
    "fte": "2.5",
}


def _strategy(folder: Path, *rows: dict[str, Any], **options: Any) -> StrategyFile:
    path = write_rows(folder / "strategy.csv", [ROW | row for row in rows])
    return read_strategy(path, ReadOptions(**options), silent(), KNOWN)


def _contracts(folder: Path, *rows: dict[str, Any]) -> ContractsFile:
    path = write_rows(folder / "contracts.csv", [LINE | row for row in rows])
    return read_contracts(path, ReadOptions(), silent(), KNOWN)


def _errors(found: StrategyFile | ContractsFile) -> list[tuple[int, str, str]]:
    return [(one.row, one.column, one.what) for one in found.problems if one.severity == "error"]


def test_a_row_is_read_whole(tmp_path: Path) -> None:
    found = _strategy(
        tmp_path,
        {"programme": "Case working", "department": "home office", "role_level": "senior data engineer", "fte": "2,5",
         "from_quarter": "2026-27 Q4", "to_quarter": "2027Q2", "weight": "2.5", "skill": "programming"},
    )  # fmt: skip
    (row,) = found.rows
    assert (row.area, row.priority, row.target_on) == ("Better use of data", "Registers", date(2027, 3, 31))
    assert (row.department, row.role, row.role_level) == (
        "Home Office",
        "Data engineer",
        "Senior data engineer",
    )
    assert (row.fte_hundredths, row.weight, row.skill) == (250, 25_000, "Programming")
    assert (row.from_quarter, row.to_quarter) == (
        FinancialQuarter.parse("2026Q4"),
        FinancialQuarter.parse("2027Q2"),
    )
    assert not found.problems


def test_the_date_and_weight_of_a_priority_hold_for_its_other_rows(tmp_path: Path) -> None:
    found = _strategy(tmp_path, {"weight": "3"}, {"target_date": "", "skill": "Programming"})
    assert [(row.target_on, row.weight) for row in found.rows] == [(date(2027, 3, 31), 30_000)] * 2


@pytest.mark.parametrize(
    ("row", "column", "what"),
    [
        ({"area": ""}, "area", "There is no area"),
        ({"target_date": "soon"}, "target_date", "This is not a date"),
        ({"skill": "Programing"}, "skill", "This skill is not in any framework loaded"),
        ({"role": "Data enginer"}, "role", "This role is not in any framework loaded"),
        ({"role_level": "Chief wizard"}, "role_level", "This role level is not in any framework loaded"),
        (
            {"role_level": "Lead"},
            "role_level",
            "2 roles have a level of this name: “Data analyst”, “Developer”",
        ),
        (
            {"role": "Service designer", "role_level": "Lead"},
            "role_level",
            "The role “Service designer” has no such level",
        ),
        ({"department": "Home Ofice"}, "department", "This department is not in the workspace"),
        ({"department": "Data"}, "department", "Several units have this name: HM Treasury / Data; Home Office / Data"),
        ({"fte": "-1", "role_level": "Data engineer"}, "fte", "FTE cannot be negative or that large"),
        ({"fte": "1.234", "role_level": "Data engineer"}, "fte", "FTE has at most two places"),
        ({"fte": "2"}, "fte", "FTE without a role level"),
        ({"weight": "11"}, "weight", "A weight lies between 0.1 and 10"),
        ({"weight": "0.05"}, "weight", "A weight lies between 0.1 and 10"),
        ({"from_quarter": "2026Q5"}, "from_quarter", "This is not a financial quarter"),
        (
            {"from_quarter": "2026Q3", "to_quarter": "2026Q2"},
            "to_quarter",
            "The last quarter lies before the first (2026Q3)",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_row(
    tmp_path: Path, row: dict[str, Any], column: str, what: str
) -> None:
    found = _strategy(tmp_path, {}, row | {"priority": "Another"})
    assert _errors(found) == [(3, column, what)]
    assert [one.row for one in found.rows] == [2]
    assert all(problem.advice for problem in found.problems)


def test_two_rows_of_a_priority_must_say_the_same(tmp_path: Path) -> None:
    found = _strategy(tmp_path, {"weight": "2"}, {"weight": "3", "target_date": "2027-04-01"})
    assert _errors(found) == [
        (3, "target_date", "Row 2 says 2027-03-31 for the same priority"),
    ]
    found = _strategy(tmp_path, {"weight": "2"}, {"weight": "3"})
    assert _errors(found) == [(3, "weight", "Row 2 says 2 for the same priority or programme")]


def test_a_role_alone_with_fte_means_the_level_of_its_name(tmp_path: Path) -> None:
    found = _strategy(tmp_path, {"role": "Data engineer", "fte": "1"})
    assert found.rows[0].role_level == "Data engineer"
    assert [one.what for one in found.problems] == ["No role level is named; “Data engineer” is taken"]


def test_a_file_without_a_needed_column_is_refused(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "short.csv", [{"area": "A", "priority": "P"}])
    with pytest.raises(InputProblems, match="1 problem"):
        read_strategy(path, ReadOptions(), silent(), KNOWN)


def test_contracts_are_read_whole(tmp_path: Path) -> None:
    found = _contracts(
        tmp_path,
        {
            "value_gbp": "£1,200,000",
            "day_rate_gbp": "650.50",
            "retained_pct": "60",
            "department": "HM Treasury",
        },
        {"role_level": "Senior data engineer", "fte": 1, "retained_pct": "62.5%"},
    )
    (contract,) = found.contracts
    assert (contract.supplier, contract.service, contract.department) == ("Acme", "Hosting", "HM Treasury")
    assert (contract.ends_on, contract.value_pence) == (date(2027, 3, 31), 120_000_000)
    assert [
        (line.fte_hundredths, line.day_rate_pence, line.retained_hundredths) for line in contract.lines
    ] == [
        (250, 65_050, 6_000),
        (100, None, 6_250),
    ]


@pytest.mark.parametrize(
    ("row", "column", "what"),
    [
        ({"end_date": ""}, "end_date", "There is no end_date"),
        ({"fte": ""}, "fte", "There is no fte"),
        ({"role_level": "Wizard"}, "role_level", "This role level is not in any framework loaded"),
        ({"retained_pct": "130"}, "retained_pct", "A share lies between 0 and 100 per cent"),
        ({"day_rate_gbp": "-5"}, "day_rate_gbp", "A cost cannot be negative"),
        ({"supplier": ""}, "supplier", "There is no supplier"),
    ],
)
def test_what_is_wrong_with_a_contract_is_said(
    tmp_path: Path, row: dict[str, Any], column: str, what: str
) -> None:
    found = _contracts(tmp_path, {}, {"service": "Desktops"} | row)
    assert _errors(found) == [(3, column, what)]
    assert [one.service for one in found.contracts] == ["Hosting"]


def test_a_repeated_line_of_a_contract_counts_and_is_said(tmp_path: Path) -> None:
    found = _contracts(tmp_path, {}, {})
    assert [line.fte_hundredths for line in found.contracts[0].lines] == [250, 250]
    assert [one.what for one in found.problems] == ["The row repeats row 2; both are counted"]
