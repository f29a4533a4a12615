"""The lines of a plan as something to work on: by person and course, with the figures of each, before and after."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.analysis.training_plan import Credit
from app.errors import AppError, UsageError
from app.models import Plan
from app.services.gap_base import WEIGHT_ONE
from app.services.people_import import as_date
from app.services.training.problem import pounds
from app.services.training.records import PlanSettings
from app.terms import FinancialQuarter, LineStatus, PlanStatus, name_key

Key = tuple[str, str]
"""Staff id and course code as they are looked up: one person takes a course once."""

FIXED = frozenset({LineStatus.BOOKED, LineStatus.COMPLETED})
"""What stands whatever else is planned: it takes money, hours and places, and its levels can be built on."""

OVER = frozenset({LineStatus.WITHDRAWN, LineStatus.DID_NOT_ATTEND})
"""What will not happen. The money of somebody who did not attend is spent all the same."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something asked of a line that cannot be done, and why. Whose and which line it is about comes first."""

    staff_id: str
    course_code: str
    why: str

    def sentence(self) -> str:
        """The refusal in one line."""
        about = " on ".join(part for part in (self.staff_id, self.course_code) if part)
        return f"{about}: {self.why}" if about else self.why


class LinesRefused(AppError):
    """Some of the changes asked for cannot be made; nothing was changed. ``refusals`` lists them."""

    def __init__(self, refusals: tuple[Refusal, ...]) -> None:
        self.refusals = refusals
        shown = " ".join(one.sentence() for one in refusals[:5])
        more = f" And {len(refusals) - 5:,} more." if len(refusals) > 5 else ""
        super().__init__(f"Nothing was changed. {shown}{more}", "Put these right, or leave them out.")


@dataclass(frozen=True, slots=True)
class PlanFigures:
    """What a plan comes to: steps closed, weighted steps, money, hours, people, lines."""

    steps_closed: int
    objective: Decimal
    cost_gbp: Decimal
    hours: Decimal
    people: int
    enrolments: int


@dataclass(frozen=True, slots=True)
class SheetLine:
    """One enrolment of a plan; ``line_id`` is 0 for one that is not stored yet.

    Money in pence, hours in hundredths, ``weighted`` in ten-thousandths of a step. ``credits`` is None where the
    stored ones stand.
    """

    line_id: int
    person_id: int
    staff_id: str
    name: str
    course_id: int
    course_code: str
    course: str
    quarter: int
    hours: int
    cost: int
    funding: str
    status: LineStatus
    is_locked: bool
    comment: str
    steps: int
    weighted: int
    approved_on: date | None = None
    booked_on: date | None = None
    ended_on: date | None = None
    credits: tuple[Credit, ...] | None = None

    @property
    def key(self) -> Key:
        """How it is looked up."""
        return line_key(self.staff_id, self.course_code)

    @property
    def when(self) -> str:
        """The quarter it starts in, as people write it."""
        return FinancialQuarter(self.quarter).label

    @property
    def spent(self) -> int:
        """Pence that the line takes of its pot: nothing once it is withdrawn."""
        return 0 if self.status is LineStatus.WITHDRAWN else self.cost


def line_key(staff_id: str, course_code: str) -> Key:
    """How a line is looked up."""
    return name_key(staff_id), name_key(course_code)


@dataclass(frozen=True, slots=True)
class PlanSheet:
    """A plan with its lines by person and course."""

    plan_id: int
    version: int
    title: str
    status: PlanStatus
    is_archived: bool
    settings: PlanSettings
    made_at_revision: int
    lines: dict[Key, SheetLine]

    @property
    def start(self) -> FinancialQuarter:
        """The first quarter of the plan."""
        if self.settings.start is None:
            raise UsageError("This plan does not say when it starts.", "Make it again.")
        return self.settings.start

    def figures(self) -> PlanFigures:
        """What the lines add up to: those that are over close nothing; only what was withdrawn gives its money back."""
        lines = [line for line in self.lines.values() if line.status not in OVER]
        return PlanFigures(
            steps_closed=sum(line.steps for line in lines),
            objective=Decimal(sum(line.weighted for line in lines)) / WEIGHT_ONE,
            cost_gbp=pounds(sum(line.spent for line in self.lines.values())),
            hours=pounds(sum(line.hours for line in lines)),
            people=len({line.person_id for line in lines}),
            enrolments=len(lines),
        )

    def with_lines(self, lines: Iterable[SheetLine], settings: PlanSettings | None = None) -> PlanSheet:
        """The same plan with other lines."""
        kept = {line.key: line for line in lines}
        return replace(self, lines=kept, settings=settings or self.settings)


_LINES = """
SELECT l.id, l.person_id, p.staff_id, p.name, l.course_id, c.code, c.title, l.quarter, l.hours_hundredths,
       l.cost_pence, l.funding, l.status, l.is_locked, l.comment,
       COALESCE((SELECT SUM(k.steps_closed) FROM plan_line_skill AS k WHERE k.plan_line_id = l.id), 0),
       COALESCE((SELECT SUM(k.steps_closed * k.weight) FROM plan_line_skill AS k WHERE k.plan_line_id = l.id), 0),
       l.approved_on, l.booked_on, l.ended_on
FROM plan_line AS l JOIN person AS p ON p.id = l.person_id JOIN course AS c ON c.id = l.course_id
WHERE l.plan_id = :plan ORDER BY l.quarter, p.staff_id, c.code
"""


def read_sheet(session: Session, plan_id: int) -> PlanSheet:
    """A plan's lines, ready to be worked on; UsageError where there is no such plan."""
    plan = session.get(Plan, plan_id)
    if plan is None:
        raise no_plan(plan_id)
    lines = [_line(row) for row in session.execute(text(_LINES), {"plan": plan_id})]
    return PlanSheet(
        plan_id=plan_id,
        version=plan.version,
        title=plan.title,
        status=PlanStatus(plan.status),
        is_archived=plan.archived_at is not None,
        settings=PlanSettings.from_json(plan.settings),
        made_at_revision=plan.made_at_revision,
        lines={line.key: line for line in lines},
    )


def _line(row: Any) -> SheetLine:
    return SheetLine(
        line_id=row[0],
        person_id=row[1],
        staff_id=row[2],
        name=row[3],
        course_id=row[4],
        course_code=row[5],
        course=row[6],
        quarter=row[7],
        hours=row[8],
        cost=row[9],
        funding=row[10],
        status=LineStatus(row[11]),
        is_locked=bool(row[12]),
        comment=row[13],
        steps=int(row[14]),
        weighted=int(row[15]),
        approved_on=as_date(row[16]),
        booked_on=as_date(row[17]),
        ended_on=as_date(row[18]),
    )


def no_plan(plan_id: int | None) -> UsageError:
    """The sentence for a plan that is not there."""
    return UsageError(
        "There is no plan yet." if plan_id is None else f"There is no plan {plan_id}.",
        "Make one with `muster plan --budget GBP`; `muster plan list` names them.",
    )


def refuse_closed(sheet: PlanSheet) -> None:
    """UsageError where the lines of a plan are not to be changed by hand any more."""
    if sheet.is_archived:
        raise UsageError(
            f"“{sheet.title}” was put away.", "Bring it back first: `muster plan archive ID --undo`."
        )
    if sheet.status is PlanStatus.SUPERSEDED:
        raise UsageError(f"“{sheet.title}” is superseded.", "Change the plan that took its place.")
