"""Two plans side by side: figures, money per pot and department, everybody whose courses differ, line by line.

Pure functions over :class:`~app.services.training.records.PlanView`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal

from app.services.training.grouping import (
    ComparedFigure,
    ComparedPerson,
    EnrolmentView,
    compared,
    enrolments,
)
from app.services.training.records import PlanView


@dataclass(frozen=True, slots=True)
class ComparedGroup:
    """One pot or department in both plans."""

    name: str
    people_first: int
    people_second: int
    steps_first: int
    steps_second: int
    cost_first: Decimal
    cost_second: Decimal

    @property
    def difference(self) -> Decimal:
        """Money more (positive) or less with the second plan."""
        return self.cost_second - self.cost_first

    @property
    def steps_difference(self) -> int:
        """Steps more (positive) or fewer with the second plan."""
        return self.steps_second - self.steps_first


@dataclass(frozen=True, slots=True)
class ComparedLine:
    """A person on a course in one or both plans; what only one plan has is None on the other side.

    ``change``: "only first", "only second", "moved" (another quarter), "changed" (other steps or price).
    """

    change: str
    person_id: int
    staff_id: str
    name: str
    department: str
    unit: str
    course_code: str
    course: str
    quarter_first: str | None
    quarter_second: str | None
    steps_first: int | None
    steps_second: int | None
    hours_first: Decimal | None
    hours_second: Decimal | None
    cost_first: Decimal | None
    cost_second: Decimal | None


@dataclass(frozen=True, slots=True)
class ComparedPlans:
    """Two plans: titles, figures, pots, departments, people whose courses differ (those who lose most first), lines."""

    first_id: int
    second_id: int
    first: str
    second: str
    figures: tuple[ComparedFigure, ...]
    pots: tuple[ComparedGroup, ...]
    departments: tuple[ComparedGroup, ...]
    people: tuple[ComparedPerson, ...]
    lines: tuple[ComparedLine, ...]

    @property
    def losing(self) -> int:
        """How many people close fewer steps with the second plan."""
        return sum(person.difference < 0 for person in self.people)

    @property
    def gaining(self) -> int:
        """How many people close more steps with the second plan."""
        return sum(person.difference > 0 for person in self.people)


def compared_plans(first: PlanView, second: PlanView) -> ComparedPlans:
    """Everything in which two plans differ."""
    found = compared(first, second)
    mine, theirs = (tuple(one.counted for one in enrolments(plan)) for plan in (first, second))
    return ComparedPlans(
        first_id=first.plan_id,
        second_id=second.plan_id,
        first=first.title,
        second=second.title,
        figures=found.figures,
        pots=_groups(mine, theirs, lambda one: one.funding),
        departments=_groups(mine, theirs, lambda one: one.department),
        people=found.people,
        lines=_lines(mine, theirs),
    )


def _groups(
    mine: Iterable[EnrolmentView], theirs: Iterable[EnrolmentView], of: Callable[[EnrolmentView], str]
) -> tuple[ComparedGroup, ...]:
    sides: list[dict[str, list[EnrolmentView]]] = []
    for side in (mine, theirs):
        found: dict[str, list[EnrolmentView]] = {}
        for one in side:
            found.setdefault(of(one), []).append(one)
        sides.append(found)
    groups: list[ComparedGroup] = []
    for name in sorted({*sides[0], *sides[1]}, key=lambda name: (name.casefold(), name)):
        one, other = sides[0].get(name, []), sides[1].get(name, [])
        groups.append(
            ComparedGroup(
                name=name,
                people_first=len({line.person_id for line in one if not line.is_over}),
                people_second=len({line.person_id for line in other if not line.is_over}),
                steps_first=sum(line.steps_closed for line in one),
                steps_second=sum(line.steps_closed for line in other),
                cost_first=sum((line.cost_gbp for line in one), Decimal(0)),
                cost_second=sum((line.cost_gbp for line in other), Decimal(0)),
            )
        )
    return tuple(groups)


def _lines(mine: Iterable[EnrolmentView], theirs: Iterable[EnrolmentView]) -> tuple[ComparedLine, ...]:
    """Lines that differ, by person and course."""
    first = {(one.staff_id, one.course_code): one for one in mine}
    second = {(one.staff_id, one.course_code): one for one in theirs}
    found: list[ComparedLine] = []
    for key in sorted({*first, *second}):
        one, other = first.get(key), second.get(key)
        change = _change(one, other)
        known = one or other
        if not change or known is None:
            continue
        found.append(
            ComparedLine(
                change=change,
                person_id=known.person_id,
                staff_id=known.staff_id,
                name=known.name,
                department=known.department,
                unit=known.unit,
                course_code=known.course_code,
                course=known.course,
                quarter_first=one.quarter.code if one else None,
                quarter_second=other.quarter.code if other else None,
                steps_first=one.steps_closed if one else None,
                steps_second=other.steps_closed if other else None,
                hours_first=one.hours if one else None,
                hours_second=other.hours if other else None,
                cost_first=one.cost_gbp if one else None,
                cost_second=other.cost_gbp if other else None,
            )
        )
    return tuple(found)


def _change(one: EnrolmentView | None, other: EnrolmentView | None) -> str:
    if one is None:
        return "only second"
    if other is None:
        return "only first"
    if one.quarter != other.quarter:
        return "moved"
    is_same = (one.steps_closed, one.cost_gbp, one.hours) == (other.steps_closed, other.cost_gbp, other.hours)
    return "" if is_same else "changed"
