"""A small report with one of everything, and random text as bad as people can type it."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

from app.files.formulas import sum_of
from app.files.report import AboutLine, Chart, Column, Report, Rows, Sheet
from app.files.report_sheets import (
    NOT_ASSESSED,
    CrossTab,
    LinesTable,
    SummaryLine,
    cross_tab_sheet,
    pots_sheet,
    summary_sheet,
)
from app.files.workbook import write_workbook
from app.terms import FinancialQuarter, LineStatus

MADE_AT = datetime(2026, 11, 23, 9, 12, 30, tzinfo=UTC)
STATUSES = tuple(str(status) for status in LineStatus)
LONG_LIST = tuple(f"Course {number}: practice, reflection and more practice" for number in range(60))
FIRST = FinancialQuarter.parse("2026Q3")

PLAN_COLUMNS = (
    Column("staff_id", "Staff id", total="count"),
    Column("name", "Name"),
    Column("course", "Course", choices=LONG_LIST),
    Column("quarter", "Quarter", "quarter"),
    Column("level_now", "Level now", "level"),
    Column("steps_closed", "Steps closed", "int", total="sum"),
    Column("hours", "Hours", "decimal", total="average"),
    Column("cost_gbp", "Cost", "money", total="sum"),
    Column("funding", "Paid from"),
    Column("assessed_on", "Assessed on", "date"),
    Column("fte", "FTE", "fte"),
    Column("reason", "Why", wrap=True, width=30),
    Column("status", "Status", choices=STATUSES),
)
PLAN_ROWS: tuple[tuple[object, ...], ...] = tuple(
    (
        f"00{number}",
        "Zoë O’Brien",
        LONG_LIST[number],
        FIRST + number % 4,
        number % 5,
        1 + number % 2,
        7.5,
        Decimal("120.05") * number,
        "free" if number == 0 else "L&D budget",
        date(2026, 3, 1 + number),
        Decimal("0.60"),
        "Closes one step of a skill that 31 of 44 people are short of",
        "proposed",
    )
    for number in range(8)
)
TOTAL_COST = sum((row[7] for row in PLAN_ROWS), Decimal(0))  # type: ignore[misc]  # the rows hold Decimals there


def plan_sheet(rows: Rows = PLAN_ROWS) -> Sheet:  # type: ignore[assignment]  # tuples of objects, as above
    return Sheet(
        "Plan",
        PLAN_COLUMNS,
        rows,
        title="Who takes which course, when and why",
        notes=("One line for each person, course and skill.",),
        table_name="Plan",
        freeze_columns=2,
    )


def heat_sheet() -> Sheet:
    tab = CrossTab(
        "Department",
        ("Home Office", "Revenue", "Justice"),
        ("Data modelling", "User research", "Testing"),
        ((0.7, None, 0.1), (0.25, 0.5, NOT_ASSESSED), (0.0, 1.0, 0.33)),
        low=frozenset({(0, 0)}),
        row_totals=(0.4, 0.4, 0.5),
        column_totals=(0.3, 0.7, 0.2),
        grand_total=0.41,
    )
    return cross_tab_sheet(tab, name="Heat map", title="Home Office is furthest from ready")


def budget_sheet() -> Sheet:
    quarters = [FIRST + number for number in range(4)]
    amounts: dict[tuple[str, FinancialQuarter], Decimal] = {}
    for row in PLAN_ROWS:
        place = (str(row[8]), FinancialQuarter(row[3]))  # type: ignore[call-overload]  # a quarter
        amounts[place] = amounts.get(place, Decimal(0)) + row[7]  # type: ignore[operator]  # money
    budgets = {"L&D budget": Decimal("5000.00"), "free": Decimal(0)}
    return pots_sheet(LinesTable("Plan", "Cost", "Paid from", "Quarter"), quarters, amounts, budgets)


def report(*extra: Sheet) -> Report:
    charts = (
        Chart(
            "stacked column",
            "All the money is spent from the L&D budget",
            "Stacked columns of planned cost by quarter; every pound comes from the L&D budget.",
            "pot",
            tuple((FIRST + number).code for number in range(4)),
            "Quarter",
            "Cost (£)",
            sheet="Budget by quarter and pot",
            by_rows=True,
        ),
        Chart(
            "bar",
            "Everybody closes one or two steps",
            "Bars of the steps that each person closes, between one and two.",
            "staff_id",
            ("steps_closed",),
            "",
            "Steps closed",
            sheet="Plan",
            first_rows=5,
            place="beside",
        ),
    )
    lines = [
        SummaryLine("Cost", sum_of("Plan", "Cost", TOTAL_COST), "money", "Over all pots"),
        SummaryLine("Status", "proven best"),
    ]
    return Report(
        "Training plan for the Home Office & Co",
        (summary_sheet(lines, charts=charts), plan_sheet(), budget_sheet(), heat_sheet(), *extra),
        MADE_AT,
        about=(AboutLine("Department", "Home Office"), AboutLine("Gap", 0.004, "share")),
        reading=("Costs fall in the quarter in which a course starts.",),
    )


def written(folder: Path, what: Report | None = None, name: str = "plan.xlsx") -> Path:
    return write_workbook(what or report(), folder / name)


_PIECES = (
    *"=+-@\t\r\n＝＋－＠{}'\"&<>|!ab Zé漢\u202e\u2066\u200b\ufeff\x00\x08\x1b\x85\ufffe\uffff\ud800\udfff\u2028🧑‍💻",
    "=1+1",
    "=cmd|' /C calc'!A0",
    "{=SUM(1)}",
    "#N/A",
    "_x000D_",
    "_x0041_",
    "]]>",
    "<is>",
    "true",
    "1e5",
    "]:*?/\\",
    "History",
    "R1C1",
)


def random_text(chance: random.Random) -> str:
    return "".join(chance.choice(_PIECES) for _ in range(chance.randrange(0, 9)))
