"""Line statuses in bulk: which lines are meant, and the change of all of them as one action."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.change import Outcome
from app.db.database import Database
from app.services.gaps import Gaps
from app.services.training.edits import EditPreview, Edits
from app.services.training.problem import pounds
from app.services.training.sheet import SheetLine, read_sheet
from app.services.training.status_rules import StatusEdit
from app.terms import FinancialQuarter, LineStatus, name_key


@dataclass(frozen=True, slots=True)
class LineChoice:
    """Which lines of a plan are meant; an empty part leaves nothing out.

    Departments go by name or path and hold all below them.
    """

    line_ids: frozenset[int] = frozenset()
    staff_ids: tuple[str, ...] = ()
    course_codes: tuple[str, ...] = ()
    quarters: tuple[FinancialQuarter, ...] = ()
    departments: tuple[str, ...] = ()
    statuses: tuple[LineStatus, ...] = ()

    @property
    def is_everything(self) -> bool:
        """Whether nothing narrows the choice."""
        return self == LineChoice()


@dataclass(frozen=True, slots=True)
class StatusCount:
    """How many lines of a plan have a status, and their money."""

    status: LineStatus
    lines: int
    cost_gbp: Decimal


class Statuses:
    """The statuses of plan lines."""

    def __init__(self, db: Database, gaps: Gaps, edits: Edits) -> None:
        self._db, self._gaps, self._edits = db, gaps, edits

    def chosen(
        self,
        plan_id: int,
        choice: LineChoice,
        status: LineStatus,
        on: date | None = None,
        comment: str | None = None,
    ) -> tuple[StatusEdit, ...]:
        """The change to one status for each line of the choice, in the plan's order; ready to preview or set."""
        with self._db.read() as session:
            sheet = read_sheet(session, plan_id)
        inside = self._people_of(choice.departments)
        return tuple(
            StatusEdit(line.staff_id, line.course_code, status, on, comment)
            for line in sheet.lines.values()
            if _is_chosen(line, choice) and (inside is None or line.person_id in inside)
        )

    def preview(self, plan_id: int, edits: Sequence[StatusEdit]) -> EditPreview:
        """What changes of status would do, and which of them are not legal; nothing is written."""
        return self._edits.preview(plan_id, (), edits)

    def change(
        self, plan_id: int, edits: Sequence[StatusEdit], *, seen_version: int | None = None
    ) -> Outcome[EditPreview]:
        """Change statuses in one transaction, all or none; completed lines propose ratings for sign-off.

        Raises LinesRefused where one of them is not legal (after :data:`~app.services.training.status_rules.NEXT`).
        """
        return self._edits.apply(plan_id, (), edits, seen_version=seen_version, action="Change line status")

    def counts(self, plan_id: int) -> tuple[StatusCount, ...]:
        """Lines and money by status, in the order of a line's life; statuses without lines are left out."""
        with self._db.read() as session:
            lines = read_sheet(session, plan_id).lines.values()
        found: list[StatusCount] = []
        for status in LineStatus:
            own = [line for line in lines if line.status is status]
            if own:
                found.append(StatusCount(status, len(own), pounds(sum(line.cost for line in own))))
        return tuple(found)

    def _people_of(self, departments: Sequence[str]) -> set[int] | None:
        if not departments:
            return None
        population = self._gaps.base(None).population
        units = population.units_below(departments)
        return {
            person
            for person, unit in zip(population.person_id.tolist(), population.unit_id.tolist(), strict=True)
            if unit in units
        }


def _is_chosen(line: SheetLine, choice: LineChoice) -> bool:
    staff = {name_key(one) for one in choice.staff_ids}
    courses = {name_key(one) for one in choice.course_codes}
    return (
        (not choice.line_ids or line.line_id in choice.line_ids)
        and (not staff or name_key(line.staff_id) in staff)
        and (not courses or name_key(line.course_code) in courses)
        and (not choice.quarters or line.quarter in {int(quarter) for quarter in choice.quarters})
        and (not choice.statuses or line.status in choice.statuses)
    )
