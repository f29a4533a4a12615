"""What training plans are asked with and what comes out, as frozen records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from app.errors import UsageError
from app.services.scope import Scope
from app.services.training.limit_settings import PlanLimits, PotBudget
from app.terms import FinancialQuarter, Funding

DEFAULT_HOURS = Decimal(40)
"""Hours of learning per person and quarter where nothing else is said: about five days and a half."""


MENTOR_MARK = " Mentor: "
"""Stands before the mentor in the reason of a line."""


def mentor_in(reason: str) -> str:
    """Who mentors, as the reason of a line names them: name and staff id, or the staff id alone; empty for nobody."""
    return reason.partition(MENTOR_MARK)[2].removesuffix(".")


def staff_id_of_mentor(mentor: str) -> str:
    """The staff id of a mentor as named in a reason."""
    return mentor.rpartition("(")[2].removesuffix(")") if mentor.endswith(")") and " (" in mentor else mentor


MOST_HOURS = 92 * 24
"""No quarter has more hours than this."""

MOST_POUNDS = 10**12
"""More than any government spends on learning, and few enough pence for the arrays of the optimiser."""


@dataclass(frozen=True, slots=True)
class LineWish:
    """A line that must be in the plan, or (``is_forbidden``) must not; no quarter means any for a ban."""

    staff_id: str
    course_code: str
    quarter: FinancialQuarter | None
    is_forbidden: bool = False


@dataclass(frozen=True, slots=True)
class PlanSettings:
    """Everything a plan is made from, beside the data. Defaults run without a thought."""

    scope: Scope = field(default_factory=lambda: Scope(with_contractors=False))
    budgets: tuple[PotBudget, ...] = ()
    hours_per_quarter: Decimal = DEFAULT_HOURS
    start: FinancialQuarter | None = None
    quarters: int = 4
    seconds: float = 30.0
    gap_pct: float = 0.0
    is_overrun_allowed: bool = False
    is_scaled_by_fte: bool = False
    wishes: tuple[LineWish, ...] = ()
    title: str = ""
    around_plan_id: int | None = None
    limits: PlanLimits = field(default_factory=PlanLimits)

    def __post_init__(self) -> None:
        if not 0 <= self.hours_per_quarter <= MOST_HOURS:
            raise UsageError(
                f"Hours per quarter lie between 0 and {MOST_HOURS:,}.", "Give a number of hours such as 40."
            )
        if any(budget.pounds < 0 for budget in self.budgets):
            raise UsageError("A budget cannot be below £0.", "Give the money that may be spent.")
        if any(budget.pounds > MOST_POUNDS for budget in self.budgets):
            raise UsageError(
                f"A budget cannot be over £{MOST_POUNDS:,}.", "Give the money that may be spent."
            )
        if not self.seconds >= 0 or not 0 <= self.gap_pct <= 100:
            raise UsageError(
                "The time to look for a plan cannot be below 0 seconds, nor the gap outside 0 to 100 per cent.",
                "Try --seconds 30 --gap 0.",
            )
        if not 1 <= self.quarters <= 40:
            raise UsageError(
                f"A plan runs over 1 to 40 quarters, not {self.quarters}.", "Choose fewer or more."
            )

    def as_json(self) -> dict[str, Any]:
        """The settings as they are kept with the plan."""
        return {
            "departments": list(self.scope.departments),
            "role_family": self.scope.role_family,
            "framework": self.scope.framework,
            "as_at": self.scope.as_at.isoformat() if self.scope.as_at else None,
            "contractors": self.scope.with_contractors,
            "budgets": [
                [b.pot.value, f"{b.pounds:f}", b.year, *([list(b.departments)] if b.departments else [])]
                for b in self.budgets
            ],
            "hours_per_quarter": f"{self.hours_per_quarter:f}",
            "start": self.start.code if self.start is not None else None,
            "quarters": self.quarters,
            "seconds": self.seconds,
            "gap_pct": self.gap_pct,
            "overrun": self.is_overrun_allowed,
            "scaled_by_fte": self.is_scaled_by_fte,
            "wishes": [
                [w.staff_id, w.course_code, w.quarter.code if w.quarter is not None else None, w.is_forbidden]
                for w in self.wishes
            ],
            "around": self.around_plan_id,
            "limits": self.limits.as_json(),
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> PlanSettings:
        """Settings kept with a plan, read back."""
        as_at = kept.get("as_at")
        return cls(
            scope=Scope(
                tuple(kept["departments"]),
                kept["role_family"],
                kept["framework"],
                date.fromisoformat(as_at) if as_at else None,
                kept["contractors"],
            ),
            budgets=tuple(
                PotBudget(Funding(pot), Decimal(pounds), year, tuple(departments[0]) if departments else ())
                for pot, pounds, year, *departments in kept["budgets"]
            ),
            hours_per_quarter=Decimal(kept["hours_per_quarter"]),
            start=FinancialQuarter.parse(kept["start"]) if kept["start"] else None,
            quarters=kept["quarters"],
            seconds=kept["seconds"],
            gap_pct=kept.get("gap_pct", 0.0),
            is_overrun_allowed=kept["overrun"],
            is_scaled_by_fte=kept["scaled_by_fte"],
            wishes=tuple(
                LineWish(staff, course, FinancialQuarter.parse(quarter) if quarter else None, banned)
                for staff, course, quarter, banned in kept["wishes"]
            ),
            around_plan_id=kept.get("around"),
            limits=PlanLimits.from_json(kept.get("limits", {})),
        )

    @property
    def money_of_pots(self) -> dict[str, Decimal]:
        """What each pot may spend in all: budgets for everybody, or else those of departments and the reserve."""
        whole: dict[str, Decimal] = {}
        parts: dict[str, Decimal] = {}
        for budget in (*self.budgets, *self.limits.reserves):
            is_part = bool(budget.departments) or budget in self.limits.reserves
            chosen = parts if is_part else whole
            chosen[budget.pot.value] = chosen.get(budget.pot.value, Decimal(0)) + budget.pounds
        return parts | whole


@dataclass(frozen=True, slots=True)
class PlanLineView:
    """One enrolment × skill raised (FORMATS, ``plan``); hours and cost are on an enrolment's first row only.

    ``skill`` is empty on a locked line that closes nothing; its levels are None then.
    """

    line_id: int
    person_id: int
    staff_id: str
    name: str
    department: str
    unit: str
    grade: str
    role_family: str
    role: str
    role_level: str
    course_code: str
    course: str
    provider: str
    delivery: str
    quarter: FinancialQuarter
    skill: str
    level_now: int | None
    level_after: int | None
    level_required: int | None
    steps_closed: int
    weight: Decimal
    hours: Decimal
    cost_gbp: Decimal
    funding: str
    reason: str
    status: str
    is_locked: bool
    is_first: bool
    comment: str = ""

    @property
    def mentor(self) -> str:
        """Who mentors, as the reason names them; empty where nobody does."""
        return mentor_in(self.reason)


@dataclass(frozen=True, slots=True)
class UnmetView:
    """One pair that stays below what is required, and why."""

    person_id: int
    staff_id: str
    name: str
    department: str
    unit: str
    skill: str
    level_now: int
    level_after: int
    level_required: int
    reason: str


@dataclass(frozen=True, slots=True)
class PlanSummary:
    """The figures of a plan (FORMATS, ``summary``). ``gap_pct`` is None where no bound was found."""

    status: str
    objective: float
    bound: float
    gap_pct: float | None
    cost_gbp: Decimal
    hours: Decimal
    seconds: float
    steps_open_before: int
    steps_closed: int
    steps_left: int
    stages: tuple[tuple[str, bool], ...] = ()
    people: int = 0
    enrolments: int = 0
    cost_by_pot: tuple[tuple[str, Decimal], ...] = ()
    left_out_offers: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlanView:
    """A whole plan as the page, the command line and the workbooks show it."""

    plan_id: int
    version: int
    title: str
    status: str
    settings: PlanSettings
    summary: PlanSummary
    lines: tuple[PlanLineView, ...]
    unmet: tuple[UnmetView, ...]
    made_at: datetime
    made_by: str
    revision: int
    framework: str

    @property
    def quarters(self) -> tuple[FinancialQuarter, ...]:
        """The quarters of the plan, in order; a line that runs past the horizon adds none."""
        start = self.settings.start
        if start is None:
            return tuple(sorted({line.quarter for line in self.lines}))
        return tuple(start + place for place in range(self.settings.quarters))


@dataclass(frozen=True, slots=True)
class PlanCard:
    """One plan in the list; ``is_archived``: put away."""

    plan_id: int
    version: int
    title: str
    status: str
    made_at: datetime
    made_by: str
    cost_gbp: Decimal
    steps_closed: int
    steps_open_before: int
    enrolments: int
    is_archived: bool = False

    @property
    def shown_status(self) -> str:
        """The status as the list shows it."""
        return f"{self.status}, put away" if self.is_archived else self.status

    @property
    def made_on(self) -> date:
        """The day it was made, in UTC."""
        return self.made_at.date()


@dataclass(frozen=True, slots=True)
class CourseLine:
    """One course of the catalogue with what it leads to."""

    course_id: int
    code: str
    title: str
    provider: str
    delivery: str
    funding: str
    hours: Decimal
    duration_quarters: int
    cost_per_person: Decimal
    cost_per_cohort: Decimal
    group: str
    places: int | None
    outcomes: tuple[tuple[str, int, int], ...]
    is_offered: bool = True
