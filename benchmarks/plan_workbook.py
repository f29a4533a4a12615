"""A plan workbook of 30,000 lines, against openpyxl write_only with the same cells and no styles."""

from __future__ import annotations

import sys
import tempfile
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from benchmarks.measure import Result, peak_megabytes, report, seconds


def main(lines: int = 30_000) -> None:
    """Write the Plan sheet of invented lines both ways."""
    from app.files.report import Report, Sheet
    from app.files.workbook import write_workbook
    from app.services.reports.plan_report import PLAN_COLUMNS
    from app.terms import FinancialQuarter

    quarter = FinancialQuarter.parse("2026Q4")
    rows = [
        (
            f"S{number // 2:06}", f"Person {number // 2}", "Home Affairs / Digital / Data", "SEO",
            "Senior data engineer",
            f"C{number % 167:03}", "Data modelling in practice", "Civil Service Learning", "online", quarter,
            "Data modelling", 1, 2, 3, 1, Decimal("1.00"), Decimal("12.0"), Decimal("450.00"), "L&D budget",
            "proposed", "Raises Data modelling from awareness to working of practitioner; £450.00.",
        )
        for number in range(lines)
    ]  # fmt: skip
    made = Report(
        "Training plan",
        (Sheet("Plan", PLAN_COLUMNS, rows, table_name="Plan"),),
        datetime(2026, 11, 23, tzinfo=UTC),
    )
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        ours = seconds(lambda: write_workbook(made, folder / "ours.xlsx"), runs=3)
        note = f"peak {peak_megabytes():,.0f} MB before the baseline"
        baseline = seconds(lambda: _bare(rows, folder / "bare.xlsx"), runs=3)
    report(
        Result(
            f"plan workbook, {lines:,} lines",
            "openpyxl write_only, no styles",
            ours,
            baseline,
            1.5,
            note=note,
        )
    )


def _bare(rows: list[tuple[object, ...]], path: Path) -> None:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Plan")
    for row in rows:
        sheet.append([value if not hasattr(value, "label") else value.label for value in row])
    book.save(path)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 30_000)
