"""Every pound and every step of a plan traced to a priority, or to "none".

The rule. The cost of an enrolment is split over the skills it raises, by weight × steps closed; what falls to a skill,
and its steps, is split over the priorities linked to that skill or to the person's role, by the weight each brings.
Both splits are whole pence and whole hundredths of a step by largest remainder, so that the parts add up exactly. A
skill no priority is linked to, and an enrolment that closes no step, go to "none". Links are today's; the weights
between skills are those the plan was made with.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.analysis.contract_months import split_evenly
from app.services.gap_base import GapBase
from app.services.strategy_weights import StrategyLinks
from app.terms import FinancialQuarter, LineStatus

NONE = "none"
"""What serves no priority."""

WITHOUT_EFFECT = frozenset({LineStatus.WITHDRAWN.value, LineStatus.DID_NOT_ATTEND.value})
"""Lines that raise nobody's level."""


@dataclass(frozen=True, slots=True)
class PlannedSkill:
    """One skill that one enrolment of a plan raises; ``skill_id`` 0 on an enrolment that closes no step."""

    line_id: int
    person_id: int
    course_id: int
    course_code: str
    course: str
    quarter: int
    ends_quarter: int
    cost_pence: int
    status: str
    skill_id: int
    skill: str
    level_after: int
    steps: int
    weight: int


@dataclass(frozen=True, slots=True)
class TraceLine:
    """What part of one enrolment and skill serves one priority; ``priority_id`` None is "none"."""

    line_id: int
    person_id: int
    staff_id: str
    name: str
    unit: str
    course_code: str
    course: str
    quarter: FinancialQuarter
    skill: str
    priority_id: int | None
    area: str
    priority: str
    cost_pence: int
    step_hundredths: int

    @property
    def cost_gbp(self) -> Decimal:
        """Pounds."""
        return Decimal(self.cost_pence) / 100

    @property
    def steps(self) -> Decimal:
        """Steps closed, in parts of one where several priorities share it."""
        return Decimal(self.step_hundredths) / 100


@dataclass(frozen=True, slots=True)
class TraceTotal:
    """What of a plan serves one priority, or none."""

    priority_id: int | None
    area: str
    priority: str
    cost_gbp: Decimal
    steps: Decimal
    enrolments: int
    people: int
    share: float | None


@dataclass(frozen=True, slots=True)
class Trace:
    """A plan traced: its lines, the totals by priority with "none" last, and what they add up to."""

    plan_id: int
    title: str
    status: str
    lines: tuple[TraceLine, ...]
    totals: tuple[TraceTotal, ...]
    cost_gbp: Decimal
    steps: Decimal


_PLANNED = """
SELECT l.id, l.person_id, l.course_id, c.code, c.title, l.quarter, c.duration_quarters, l.cost_pence, l.status,
       k.skill_id, s.name, k.level_after, k.steps_closed, k.weight
FROM plan_line AS l JOIN course AS c ON c.id = l.course_id
LEFT JOIN plan_line_skill AS k ON k.plan_line_id = l.id LEFT JOIN skill AS s ON s.id = k.skill_id
WHERE l.plan_id = :plan ORDER BY l.quarter, l.id, s.name
"""


def planned_skills(session: Session, plan_id: int) -> list[PlannedSkill]:
    """Everything a plan raises, enrolment by enrolment."""
    return [
        PlannedSkill(
            line_id=row[0],
            person_id=row[1],
            course_id=row[2],
            course_code=row[3],
            course=row[4],
            quarter=row[5],
            ends_quarter=row[5] + row[6] - 1,
            cost_pence=row[7],
            status=row[8],
            skill_id=row[9] or 0,
            skill=row[10] or "",
            level_after=row[11] or 0,
            steps=row[12] or 0,
            weight=row[13] or 0,
        )
        for row in session.execute(text(_PLANNED), {"plan": plan_id})
    ]


@dataclass(frozen=True, slots=True)
class PriorityName:
    """A priority as others refer to it."""

    priority_id: int
    area: str
    name: str


class Tracer:
    """Traces the lines of one plan."""

    def __init__(self, base: GapBase, links: StrategyLinks, names: dict[int, PriorityName]) -> None:
        self._base, self._links, self._names = base, links, names
        self._row_of = {int(key): row for row, key in enumerate(base.population.person_id.tolist())}
        self._known: dict[tuple[int, int], list[tuple[int, int]]] = {}

    def lines(self, planned: Sequence[PlannedSkill]) -> list[TraceLine]:
        """Every part of every enrolment, in the order of the plan."""
        by_line: dict[int, list[PlannedSkill]] = {}
        for one in planned:
            by_line.setdefault(one.line_id, []).append(one)
        return [line for raised in by_line.values() for line in self._enrolment(raised)]

    def _enrolment(self, raised: Sequence[PlannedSkill]) -> Iterable[TraceLine]:
        weights = [one.weight * one.steps for one in raised]
        whole = raised[0].cost_pence
        costs = split_evenly(whole, weights) if any(weights) else [whole, *([0] * (len(raised) - 1))]
        for one, cost in zip(raised, costs, strict=True):
            serves = self._serves(one)
            if not serves:
                yield self._line(one, None, cost, one.steps * 100)
                continue
            shares = [weight for _, weight in serves]
            parts = zip(
                serves, split_evenly(cost, shares), split_evenly(one.steps * 100, shares), strict=True
            )
            for (priority_id, _weight), pence, steps in parts:
                yield self._line(one, self._names[priority_id], pence, steps)

    def _serves(self, one: PlannedSkill) -> list[tuple[int, int]]:
        """(priority, weight it brings), by priority."""
        if not one.skill_id or not one.steps:
            return []
        population = self._base.population
        row = self._row_of.get(one.person_id)
        level_id = 0 if row is None else int(population.role_level_id[row])
        found = self._known.get((level_id, one.skill_id))
        if found is None:
            level = population.levels.get(level_id)
            role, name = (level.role, level.name) if level else ("", "")
            found = sorted(self._links.priorities(role, name, one.skill_id).items())
            self._known[level_id, one.skill_id] = found
        return found

    def _line(self, one: PlannedSkill, priority: PriorityName | None, pence: int, steps: int) -> TraceLine:
        population = self._base.population
        row = self._row_of.get(one.person_id)
        return TraceLine(
            line_id=one.line_id,
            person_id=one.person_id,
            staff_id="" if row is None else population.staff_id[row],
            name="" if row is None else population.name[row],
            unit="" if row is None else population.units[int(population.unit_id[row])].path,
            course_code=one.course_code,
            course=one.course,
            quarter=FinancialQuarter(one.quarter),
            skill=one.skill,
            priority_id=priority.priority_id if priority else None,
            area=priority.area if priority else "",
            priority=priority.name if priority else NONE,
            cost_pence=pence,
            step_hundredths=steps,
        )


def totals_of(lines: Sequence[TraceLine], names: Iterable[PriorityName]) -> tuple[TraceTotal, ...]:
    """The lines drawn together: priorities in the order of the strategy where anything serves them, "none" last."""
    whole = sum(line.cost_pence for line in lines)
    groups: dict[int | None, list[TraceLine]] = {}
    for line in lines:
        groups.setdefault(line.priority_id, []).append(line)
    order: list[int | None] = [name.priority_id for name in names]
    return tuple(
        TraceTotal(
            priority_id=key,
            area=groups[key][0].area,
            priority=groups[key][0].priority,
            cost_gbp=Decimal(sum(line.cost_pence for line in groups[key])) / 100,
            steps=Decimal(sum(line.step_hundredths for line in groups[key])) / 100,
            enrolments=len({line.line_id for line in groups[key]}),
            people=len({line.person_id for line in groups[key]}),
            share=sum(line.cost_pence for line in groups[key]) / whole if whole else None,
        )
        for key in [*order, None]
        if key in groups
    )
