"""A plan as its readers look at it: by person, course, quarter or department; what stays open and why; two compared.

Pure functions over :class:`~app.services.training.records.PlanView`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from app.analysis.training_plan.result import UnmetReason
from app.services.training.records import PlanLineView, PlanView
from app.terms import FinancialQuarter, LineStatus


class PlanGrouping(StrEnum):
    """What the rows of a grouped plan stand for."""

    PERSON = "person"
    COURSE = "course"
    QUARTER = "quarter"
    DEPARTMENT = "department"


@dataclass(frozen=True, slots=True)
class EnrolmentView:
    """One person on one course: the line with all the skills it raises. ``raises`` says them in words."""

    line_id: int
    person_id: int
    staff_id: str
    name: str
    department: str
    unit: str
    grade: str
    role_level: str
    course_code: str
    course: str
    provider: str
    delivery: str
    quarter: FinancialQuarter
    raises: str
    steps_closed: int
    hours: Decimal
    cost_gbp: Decimal
    funding: str
    reason: str
    status: str
    is_locked: bool
    skills: tuple[PlanLineView, ...]
    comment: str = ""

    @property
    def quarter_label(self) -> str:
        """The quarter as people write it."""
        return self.quarter.label

    @property
    def is_over(self) -> bool:
        """Whether it was withdrawn or nobody came: it closes nothing any more."""
        return self.status in _OVER

    @property
    def counted(self) -> EnrolmentView:
        """The line as sums count it: one that is over closes nothing, and gives its money back where withdrawn."""
        if not self.is_over:
            return self
        back = self.status == LineStatus.WITHDRAWN.value
        return replace(self, steps_closed=0, hours=Decimal(0), cost_gbp=Decimal(0) if back else self.cost_gbp)


_OVER = frozenset({LineStatus.WITHDRAWN.value, LineStatus.DID_NOT_ATTEND.value})


@dataclass(frozen=True, slots=True)
class PlanGroup:
    """One person, course, quarter or department with what the plan gives it."""

    key: str
    label: str
    detail: str
    people: int
    enrolments: int
    steps_closed: int
    hours: Decimal
    cost_gbp: Decimal


@dataclass(frozen=True, slots=True)
class ReasonGroup:
    """Why needs stay open: one reason, the pairs and people it holds for, and the steps they miss."""

    reason: str
    pairs: int
    people: int
    steps_left: int


@dataclass(frozen=True, slots=True)
class PotSpend:
    """One pot: what the plan spends and what was given (None where nothing was said of it)."""

    pot: str
    spent: Decimal
    given: Decimal | None


@dataclass(frozen=True, slots=True)
class ComparedFigure:
    """One figure of two plans."""

    what: str
    first: Decimal
    second: Decimal
    is_money: bool = False

    @property
    def difference(self) -> Decimal:
        """Second less first."""
        return self.second - self.first


@dataclass(frozen=True, slots=True)
class ComparedPerson:
    """Somebody to whom the two plans give different courses: steps in each, courses only in each."""

    person_id: int
    staff_id: str
    name: str
    department: str
    steps_first: int
    steps_second: int
    only_first: str
    only_second: str

    @property
    def difference(self) -> int:
        """Steps won (positive) or lost with the second plan."""
        return self.steps_second - self.steps_first


@dataclass(frozen=True, slots=True)
class PlanComparison:
    """Two plans side by side; ``people`` lists those who lose most first."""

    first: str
    second: str
    figures: tuple[ComparedFigure, ...]
    people: tuple[ComparedPerson, ...]


def enrolments(plan: PlanView) -> tuple[EnrolmentView, ...]:
    """One row per person and course, in the plan's own order."""
    return enrolments_of(plan.lines)


def enrolments_of(lines: Iterable[PlanLineView]) -> tuple[EnrolmentView, ...]:
    """One row per person and course of some lines, in their order."""
    found: dict[int, list[PlanLineView]] = {}
    for line in lines:
        found.setdefault(line.line_id, []).append(line)
    return tuple(_enrolment(own) for own in found.values())


def _enrolment(lines: list[PlanLineView]) -> EnrolmentView:
    first = lines[0]
    return EnrolmentView(
        line_id=first.line_id,
        person_id=first.person_id,
        staff_id=first.staff_id,
        name=first.name,
        department=first.department,
        unit=first.unit,
        grade=first.grade,
        role_level=first.role_level,
        course_code=first.course_code,
        course=first.course,
        provider=first.provider,
        delivery=first.delivery,
        quarter=first.quarter,
        raises=", ".join(line.skill for line in lines if line.skill),
        steps_closed=sum(line.steps_closed for line in lines),
        hours=sum((line.hours for line in lines), Decimal(0)),
        cost_gbp=sum((line.cost_gbp for line in lines), Decimal(0)),
        funding=first.funding,
        reason=first.reason,
        status=first.status,
        is_locked=first.is_locked,
        skills=tuple(line for line in lines if line.skill),
        comment=first.comment,
    )


_KEYS: dict[PlanGrouping, Callable[[EnrolmentView], tuple[str, str, str]]] = {
    PlanGrouping.PERSON: lambda one: (
        one.staff_id,
        one.name,
        f"{one.role_level}, {one.department}".strip(", "),
    ),
    PlanGrouping.COURSE: lambda one: (one.course_code, one.course, one.provider),
    PlanGrouping.QUARTER: lambda one: (one.quarter.code, one.quarter.label, ""),
    PlanGrouping.DEPARTMENT: lambda one: (one.department, one.department or "No department any more", ""),
}


def grouped(rows: Iterable[EnrolmentView], by: PlanGrouping) -> tuple[PlanGroup, ...]:
    """The plan added up by one dimension: quarters in order of time, everything else by steps closed."""
    found: dict[tuple[str, str, str], list[EnrolmentView]] = defaultdict(list)
    for one in rows:
        found[_KEYS[by](one)].append(one.counted)
    groups = [
        PlanGroup(
            key=key,
            label=label,
            detail=detail,
            people=len({one.person_id for one in own if not one.is_over}),
            enrolments=sum(not one.is_over for one in own),
            steps_closed=sum(one.steps_closed for one in own),
            hours=sum((one.hours for one in own), Decimal(0)),
            cost_gbp=sum((one.cost_gbp for one in own), Decimal(0)),
        )
        for (key, label, detail), own in found.items()
    ]
    if by is PlanGrouping.QUARTER:
        return tuple(sorted(groups, key=lambda group: group.key))
    return tuple(sorted(groups, key=lambda group: (-group.steps_closed, group.label.casefold(), group.key)))


def belongs(one: EnrolmentView, by: PlanGrouping, key: str) -> bool:
    """Whether an enrolment stands behind a group."""
    return _KEYS[by](one)[0] == key


def reason_kind(reason: str) -> str:
    """The reason of an unmet need without its figures, as PRODUCT names it."""
    known = next((kind.value for kind in UnmetReason if reason.startswith(kind.value)), "")
    return known or reason.split(";", maxsplit=1)[0].split(" (", maxsplit=1)[0]


def unmet_by_reason(plan: PlanView) -> tuple[ReasonGroup, ...]:
    """Why needs stay open, the reason that costs most steps first."""
    pairs: dict[str, int] = defaultdict(int)
    steps: dict[str, int] = defaultdict(int)
    people: dict[str, set[int]] = defaultdict(set)
    for need in plan.unmet:
        kind = reason_kind(need.reason)
        pairs[kind] += 1
        steps[kind] += need.level_required - need.level_after
        people[kind].add(need.person_id)
    groups = [ReasonGroup(kind, pairs[kind], len(people[kind]), steps[kind]) for kind in pairs]
    return tuple(sorted(groups, key=lambda group: (-group.steps_left, group.reason)))


def pots(plan: PlanView) -> tuple[PotSpend, ...]:
    """What each pot spends of what it was given; pots without money or spending are left out."""
    given = plan.settings.money_of_pots
    spent = dict(plan.summary.cost_by_pot)
    names = [*spent, *(name for name in given if name not in spent)]
    return tuple(
        PotSpend(name, spent.get(name, Decimal(0)), given.get(name))
        for name in names
        if spent.get(name) or given.get(name)
    )


def compared(first: PlanView, second: PlanView) -> PlanComparison:
    """Two plans side by side: figures, and everybody whose courses differ."""
    one, other = first.summary, second.summary
    figures = (
        ComparedFigure("Steps closed", Decimal(one.steps_closed), Decimal(other.steps_closed)),
        ComparedFigure("Steps left open", Decimal(one.steps_left), Decimal(other.steps_left)),
        ComparedFigure("Cost", one.cost_gbp, other.cost_gbp, is_money=True),
        ComparedFigure("Hours of learning", one.hours, other.hours),
        ComparedFigure("People in the plan", Decimal(one.people), Decimal(other.people)),
        ComparedFigure("Courses planned", Decimal(one.enrolments), Decimal(other.enrolments)),
    )
    mine, theirs = _by_person(first), _by_person(second)
    people = [_person(mine.get(key, []), theirs.get(key, [])) for key in sorted(mine.keys() | theirs.keys())]
    changed = [person for person in people if person.only_first or person.only_second]
    return PlanComparison(
        first.title, second.title, figures, tuple(sorted(changed, key=lambda p: (p.difference, p.staff_id)))
    )


def _by_person(plan: PlanView) -> dict[int, list[EnrolmentView]]:
    found: dict[int, list[EnrolmentView]] = defaultdict(list)
    for one in enrolments(plan):
        if not one.is_over:
            found[one.person_id].append(one)
    return found


def _person(mine: list[EnrolmentView], theirs: list[EnrolmentView]) -> ComparedPerson:
    someone = (mine or theirs)[0]

    def only(these: list[EnrolmentView], those: list[EnrolmentView]) -> str:
        known = {(one.course_code, one.quarter) for one in those}
        return ", ".join(
            f"{one.course} ({one.quarter.label})"
            for one in these
            if (one.course_code, one.quarter) not in known
        )

    return ComparedPerson(
        person_id=someone.person_id,
        staff_id=someone.staff_id,
        name=someone.name,
        department=someone.department,
        steps_first=sum(one.steps_closed for one in mine),
        steps_second=sum(one.steps_closed for one in theirs),
        only_first=only(mine, theirs),
        only_second=only(theirs, mine),
    )
