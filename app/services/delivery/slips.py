"""What slips when a priority is cut: the plan solved again without the weight the priority gives.

The same settings, people, courses and limits; only the links of one priority are left out. What of the plan is then
gone is lost to the cut, what comes in its place is gained. Setting the priority aside and making a plan with the same
settings gives the same lines, where neither solve was stopped by time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.analysis.training_plan import PlanLine as SolvedLine
from app.analysis.training_plan import PlanProblem
from app.services.delivery.trace import PlannedSkill
from app.services.gap_base import GapBase
from app.services.training.problem import ProblemKey
from app.terms import FinancialQuarter


@dataclass(frozen=True, slots=True)
class SlipLine:
    """One enrolment that goes, comes or moves. ``change`` is lost, gained or moved (to ``quarter``)."""

    change: str
    person_id: int
    staff_id: str
    name: str
    unit: str
    role_level: str
    course_code: str
    course: str
    quarter: FinancialQuarter
    skills: str
    steps: int
    cost_pence: int
    served: bool

    @property
    def cost_gbp(self) -> Decimal:
        """Pounds."""
        return Decimal(self.cost_pence) / 100


@dataclass(frozen=True, slots=True)
class Slips:
    """What a cut costs and frees. ``note`` says what a reader must know (stopped by time, the data moved on)."""

    priority_id: int
    priority: str
    plan_id: int
    lines: tuple[SlipLine, ...]
    note: str

    def of(self, change: str) -> tuple[SlipLine, ...]:
        """The lines of one kind."""
        return tuple(line for line in self.lines if line.change == change)

    @property
    def steps_lost(self) -> int:
        """Steps of enrolments that go."""
        return sum(line.steps for line in self.of("lost"))

    @property
    def steps_gained(self) -> int:
        """Steps of enrolments that come instead."""
        return sum(line.steps for line in self.of("gained"))


@dataclass(frozen=True, slots=True)
class Enrolled:
    """One enrolment, of the plan or of the new solve."""

    person_id: int
    course_id: int
    course_code: str
    course: str
    quarter: int
    cost_pence: int
    skills: tuple[str, ...]
    steps: int


def of_plan(planned: Iterable[PlannedSkill]) -> list[Enrolled]:
    """The enrolments of a stored plan."""
    by_line: dict[int, list[PlannedSkill]] = {}
    for one in planned:
        by_line.setdefault(one.line_id, []).append(one)
    return [
        Enrolled(
            lines[0].person_id, lines[0].course_id, lines[0].course_code, lines[0].course, lines[0].quarter,
            lines[0].cost_pence, tuple(one.skill for one in lines if one.steps), sum(one.steps for one in lines),
        )
        for lines in by_line.values()
    ]  # fmt: skip


def of_result(
    lines: Sequence[SolvedLine], problem: PlanProblem, key: ProblemKey, titles: dict[int, str]
) -> list[Enrolled]:
    """The enrolments of a new solve."""
    people = key.person_ids.tolist()
    return [
        Enrolled(
            people[line.person], key.course_ids[line.course], key.course_codes[line.course],
            titles.get(key.course_ids[line.course], ""), int(problem.start) + line.quarter, line.cost_pence,
            tuple(key.skill_names[credit.skill] for credit in line.credits),
            sum(credit.steps_closed for credit in line.credits),
        )
        for line in lines
    ]  # fmt: skip


def difference(
    before: Sequence[Enrolled], after: Sequence[Enrolled], base: GapBase, serving: frozenset[tuple[int, str]]
) -> list[SlipLine]:
    """Lines lost, then moved, then gained; ``serving`` are (person, course code) that serve the priority."""
    old = {(one.person_id, one.course_id): one for one in before}
    new = {(one.person_id, one.course_id): one for one in after}
    facts = _Facts(base)
    lost = [facts.line("lost", one, serving) for key, one in old.items() if key not in new]
    moved = [
        facts.line("moved", new[key], serving)
        for key, one in old.items()
        if key in new and new[key].quarter != one.quarter
    ]
    gained = [facts.line("gained", one, serving) for key, one in new.items() if key not in old]
    return [*_sorted(lost), *_sorted(moved), *_sorted(gained)]


def _sorted(lines: list[SlipLine]) -> list[SlipLine]:
    return sorted(lines, key=lambda line: (line.quarter, line.staff_id, line.course_code))


class _Facts:
    """Names and units of people."""

    def __init__(self, base: GapBase) -> None:
        self._population = base.population
        self._row_of = {int(key): row for row, key in enumerate(base.population.person_id.tolist())}

    def line(self, change: str, one: Enrolled, serving: frozenset[tuple[int, str]]) -> SlipLine:
        population, row = self._population, self._row_of.get(one.person_id)
        level = None if row is None else population.levels.get(int(population.role_level_id[row]))
        return SlipLine(
            change=change,
            person_id=one.person_id,
            staff_id="" if row is None else population.staff_id[row],
            name="" if row is None else population.name[row],
            unit="" if row is None else population.units[int(population.unit_id[row])].path,
            role_level=level.name if level else "",
            course_code=one.course_code,
            course=one.course,
            quarter=FinancialQuarter(one.quarter),
            skills="; ".join(one.skills),
            steps=one.steps,
            cost_pence=one.cost_pence,
            served=(one.person_id, one.course_code) in serving,
        )
