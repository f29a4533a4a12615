"""What leaves of workforce planning: the workforce workbook and the periodic return."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from app.db.database import Database
from app.errors import UsageError
from app.files.atomic import atomic_write
from app.files.report import AboutLine, Column, Report, Sheet
from app.files.safe_text import write_csv
from app.files.workbook import write_workbook
from app.progress import Progress
from app.services.population import PopulationCache
from app.services.reports import Reports
from app.services.reports.returns import KEYS, USUAL, Returns, ReturnTable
from app.services.reports.workforce_report import WorkforceFound, workforce_report
from app.services.scope import Scope
from app.services.strategy import Strategy
from app.services.workforce import BASELINE, DEFAULT_QUARTERS, ClosingLimits, ScenarioLine, Workforce
from app.services.workforce.establishment import EstablishedPosts
from app.services.workforce.history import national_rates

if TYPE_CHECKING:
    from app.files.report import CellValue

_ONE_DEPARTMENT = "A named workbook is of one department or unit."
_HEADERS = {"fte": "FTE", "civil_servant": "Civil servants", "contractor": "Contractors",
            "managed_service": "Managed service", "role_family": "Role family", "role_level": "Role level"}  # fmt: skip
_WIDTHS = {"department": 38, "unit": 48, "role_family": 24, "role": 28, "role_level": 34}


@dataclass(frozen=True, slots=True)
class WorkforceWish:
    """What goes into a workforce workbook."""

    scope: Scope
    scenario: str | ScenarioLine = BASELINE
    quarters: int = DEFAULT_QUARTERS
    is_shared: bool = True
    named: bool = False
    limits: ClosingLimits | None = None


class WorkforceReports:
    """Documents of workforce planning."""

    def __init__(
        self,
        db: Database,
        workforce: Workforce,
        posts: EstablishedPosts,
        strategy: Strategy,
        population: PopulationCache,
        reports: Reports,
        today: Callable[[], date],
    ) -> None:
        self._db, self._workforce, self._posts, self._strategy = db, workforce, posts, strategy
        self._reports, self._returns, self._today = reports, Returns(population, today), today

    def workbook(self, wish: WorkforceWish, path: Path, progress: Progress) -> Path:
        """Write the workforce workbook. Without names it is an aggregate with small counts hidden, unless told raw.

        A named one is of one department or unit (PRODUCT, rule 6). Raises UsageError, Cancelled.
        """
        if wish.named and len(wish.scope.departments) != 1:
            raise UsageError(_ONE_DEPARTMENT, "Choose one with --department.")
        progress.step(0.05, "Forecasting")
        forecast = self._workforce.forecast(wish.scope, wish.scenario, wish.quarters)
        closing = self._workforce.closing(forecast, wish.limits, progress.part(0.1, 0.8))
        found = WorkforceFound(
            forecast=forecast,
            closing=closing,
            exits=self._strategy.exits(forecast.first, forecast.first + (forecast.quarters - 1)),
            posts=self._posts.lines(wish.scope),
            national=national_rates().leave["all"],
            is_shared=wish.is_shared and not wish.named,
            named=wish.named,
        )
        about = (
            *self._reports.about(wish.scope),
            AboutLine("As at", wish.scope.as_at or self._today(), "date"),
            AboutLine("Revision", forecast.revision, "int"),
        )
        report = workforce_report(found, about, self._db.clock())
        return write_workbook(
            replace(report, marking=self._reports.marking()), path, progress.part(0.85, 1.0)
        )

    def return_table(
        self, scope: Scope, columns: Sequence[str] = USUAL, *, is_shared: bool = True
    ) -> ReturnTable:
        """The periodic return as rows; raises UsageError for a column there is not."""
        return self._returns.table(scope, columns, is_shared=is_shared)

    def return_file(
        self,
        scope: Scope,
        path: Path,
        progress: Progress,
        columns: Sequence[str] = USUAL,
        *,
        is_shared: bool = True,
    ) -> Path:
        """Write the return as CSV or as a workbook, by the ending; raises UsageError for another."""
        kind = path.suffix.lower()
        if kind not in (".csv", ".xlsx"):
            raise UsageError(f"“{path.name}” is neither CSV nor a workbook.", "Use the ending .csv or .xlsx.")
        progress.step(0.1, "Counting people")
        found = self.return_table(scope, columns, is_shared=is_shared)
        if kind == ".xlsx":
            return write_workbook(self._return_report(found, scope), path, progress.part(0.3, 1.0))

        def write(part: Path) -> None:
            with part.open("w", encoding="utf-8", newline="") as stream:
                write_csv(stream, found.columns, [[_csv_value(one) for one in row] for row in found.rows])

        return atomic_write(path, write)

    def _return_report(self, found: ReturnTable, scope: Scope) -> Report:
        columns = tuple(
            Column(
                name,
                _HEADERS.get(name, name.replace("_", " ").capitalize()),
                "text" if name in KEYS else "fte" if name == "fte" else "int",
                width=_WIDTHS.get(name, 14),
            )
            for name in found.columns
        )
        rows: list[tuple[CellValue, ...]] = [tuple(row) for row in found.rows]
        note = (
            "[c] stands for a count of 1 to 4 people, or one that would give such a count away."
            if found.is_disclosed
            else "Raw figures: counts of 1 to 4 people are shown."
        )
        sheet = Sheet(
            "Return",
            columns,
            rows,
            title=f"People by role, level, grade and employment on {found.day:%d %B %Y}",
            empty_text="Nobody is in this scope.",
            table_name="Return",
        )
        about = (
            *self._reports.about(scope),
            AboutLine("As at", found.day, "date"),
            AboutLine("Disclosure", note),
        )
        return Report(
            "Workforce return", (sheet,), self._db.clock(), about, self._reports.marking(),
            reading=("Only confirmed and imported roles count; everybody else stands under “No role”.",),
        )  # fmt: skip


def _csv_value(value: CellValue) -> str | int:
    """FTE with its two places; counts and names as they are."""
    return f"{value:.2f}" if isinstance(value, Decimal) else value if isinstance(value, int) else str(value)
