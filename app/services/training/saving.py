"""Plans in the workspace: written whole, read back with the names that hold today."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.analysis.training_plan import PlanLine as SolvedLine
from app.analysis.training_plan import PlanProblem, PlanResult
from app.db.database import WriteScope
from app.models import Course, Plan, PlanLine, PlanLineSkill, PlanUnmet
from app.services.gap_base import WEIGHT_ONE, GapBase
from app.services.training.problem import ProblemKey, pounds
from app.services.training.records import (
    MENTOR_MARK,
    PlanLineView,
    PlanSettings,
    PlanSummary,
    PlanView,
    UnmetView,
)
from app.services.training.sheet import SheetLine
from app.terms import FinancialQuarter, LineStatus, PlanStatus, level_word


def summary_json(result: PlanResult, key: ProblemKey, people: int) -> dict[str, Any]:
    """The figures of a solved plan as they are kept."""
    return {
        "status": result.state.value,
        "objective": result.objective / WEIGHT_ONE,
        "bound": result.bound / WEIGHT_ONE,
        "gap_pct": None if result.gap_pct == float("inf") else result.gap_pct,
        "cost_pence": result.cost_pence,
        "hours_hundredths": result.hours,
        "seconds": result.seconds,
        "steps_open_before": result.steps_open_before,
        "steps_closed": result.steps_closed,
        "steps_left": result.steps_left,
        "stages": [[stage.wish, stage.is_proven] for stage in result.stages],
        "people": people,
        "enrolments": len(result.lines or ()),
        "cost_by_pot": {pot.value: pence for pot, pence in result.cost_by_pot.items()},
        "left_out_offers": list(key.left_out),
        "notes": list(key.notes),
    }


def summary_from(kept: dict[str, Any]) -> PlanSummary:
    """The figures as they are shown."""
    return PlanSummary(
        status=kept["status"],
        objective=kept["objective"],
        bound=kept["bound"],
        gap_pct=kept["gap_pct"],
        cost_gbp=pounds(kept["cost_pence"]),
        hours=pounds(kept["hours_hundredths"]),
        seconds=kept["seconds"],
        steps_open_before=kept["steps_open_before"],
        steps_closed=kept["steps_closed"],
        steps_left=kept["steps_left"],
        stages=tuple((wish, bool(proven)) for wish, proven in kept["stages"]),
        people=kept["people"],
        enrolments=kept["enrolments"],
        cost_by_pot=tuple((pot, pounds(pence)) for pot, pence in kept["cost_by_pot"].items()),
        left_out_offers=tuple(kept["left_out_offers"]),
        notes=tuple(kept.get("notes", ())),
    )


def write_plan(
    w: WriteScope,
    result: PlanResult,
    problem: PlanProblem,
    key: ProblemKey,
    base: GapBase,
    settings: PlanSettings,
    kept: Mapping[tuple[int, int], SheetLine] | None = None,
) -> Plan:
    """A draft with all its lines, in bulk. ``kept`` are lines that stand, by person and course id."""
    lines = result.lines or ()
    people = len({line.person for line in lines})
    plan = Plan(
        title=settings.title,
        status=PlanStatus.DRAFT.value,
        settings=settings.as_json(),
        summary=summary_json(result, key, people),
        made_at=w.now,
        made_by=w.user,
        made_at_revision=base.revision,
    )
    w.session.add(plan)
    w.session.flush()
    plan_id = plan.id or 0
    if not plan.title:
        plan.title = f"Plan {plan_id}, {problem.start.label} onwards"
    _write_lines(w, plan_id, lines, problem, (key, base, kept or {}))
    _write_unmet(w, plan_id, result, key)
    return plan


def _write_lines(
    w: WriteScope,
    plan_id: int,
    lines: Sequence[SolvedLine],
    problem: PlanProblem,
    known: tuple[ProblemKey, GapBase, Mapping[tuple[int, int], SheetLine]],
) -> None:
    if not lines:
        return
    key, base, kept = known
    first, count = w.next_id(PlanLine), len(lines)
    ids = range(first, first + count)
    people, courses = key.person_ids.tolist(), key.course_ids
    stands = [kept.get((people[line.person], courses[line.course])) for line in lines]
    w.bulk_insert(
        PlanLine,
        {
            "id": ids,
            "version": [1] * count,
            "plan_id": [plan_id] * count,
            "person_id": [people[line.person] for line in lines],
            "course_id": [courses[line.course] for line in lines],
            "quarter": [int(problem.start) + line.quarter for line in lines],
            "hours_hundredths": [line.hours for line in lines],
            "cost_pence": [line.cost_pence for line in lines],
            "funding": [line.funding.value for line in lines],
            "reason": [line_reason(line, key, base, one) for line, one in zip(lines, stands, strict=True)],
            "is_locked": [line.is_locked for line in lines],
            **_stages(stands),
        },
    )
    credited = [
        (line_id, credit) for line_id, line in zip(ids, lines, strict=True) for credit in line.credits
    ]
    skill_ids = key.skill_ids.tolist()
    w.bulk_insert(
        PlanLineSkill,
        {
            "plan_line_id": [line_id for line_id, _ in credited],
            "skill_id": [skill_ids[credit.skill] for _, credit in credited],
            "level_now": [credit.level_now for _, credit in credited],
            "level_after": [credit.level_after for _, credit in credited],
            "level_required": [credit.level_required for _, credit in credited],
            "steps_closed": [credit.steps_closed for _, credit in credited],
            "weight": [credit.weight for _, credit in credited],
        },
    )


def _stages(stands: Sequence[SheetLine | None]) -> dict[str, list[Any]]:
    """How far on lines are: proposed, or as they stand."""
    return {
        "status": [(one.status if one else LineStatus.PROPOSED).value for one in stands],
        "comment": [one.comment if one else "" for one in stands],
        "approved_on": [one.approved_on if one else None for one in stands],
        "booked_on": [one.booked_on if one else None for one in stands],
        "ended_on": [one.ended_on if one else None for one in stands],
    }


def line_reason(line: SolvedLine, key: ProblemKey, base: GapBase, stands: SheetLine | None = None) -> str:
    """Why this line is in the plan, in one sentence; ``stands`` is what it was in the plan this one is made around."""
    why = f"{stands.status.value.capitalize()} already" if stands else "Locked by you"
    if not line.credits:
        return f"{why}; it closes no further step." if stands else f"{why}; it closes no step."
    population = base.population
    level = population.levels.get(int(population.role_level_id[key.places[line.person]]))
    parts = [
        f"{key.skill_names[credit.skill]} from {level_word(credit.level_now)} to {level_word(credit.level_after)}"
        + ("" if credit.level_after >= credit.level_required else f" of {level_word(credit.level_required)}")
        for credit in line.credits
    ]
    steps = sum(credit.steps_closed for credit in line.credits)
    price = f"£{pounds(line.cost_pence):,.2f}" if line.cost_pence else "free"
    each = f" (£{pounds(line.cost_pence) / steps:,.2f} a step)" if line.cost_pence and steps > 1 else ""
    needs = f"required of a {level.name}" if level else "required"
    locked = f"{why}. " if line.is_locked else ""
    return f"{locked}Raises {'; '.join(parts)}, {needs}; {price}{each}.{_mentor(line, key)}"


def _mentor(line: SolvedLine, key: ProblemKey) -> str:
    """Who mentors, where the offer needs somebody."""
    return "" if line.mentor is None else f"{MENTOR_MARK}{key.mentor_names[line.mentor]}."


def _write_unmet(w: WriteScope, plan_id: int, result: PlanResult, key: ProblemKey) -> None:
    unmet = result.unmet
    if not unmet:
        return
    person_ids, skill_ids = key.person_ids.tolist(), key.skill_ids.tolist()
    w.bulk_insert(
        PlanUnmet,
        {
            "plan_id": [plan_id] * len(unmet),
            "person_id": [person_ids[need.person] for need in unmet],
            "skill_id": [skill_ids[need.skill] for need in unmet],
            "level_now": [need.level_now for need in unmet],
            "level_after": [need.level_after for need in unmet],
            "level_required": [need.level_required for need in unmet],
            "reason": [need.reason for need in unmet],
        },
    )


_LINES = """
SELECT l.id, l.person_id, l.course_id, l.quarter, l.hours_hundredths, l.cost_pence, l.funding, l.reason, l.status,
       l.is_locked, s.name, k.level_now, k.level_after, k.level_required, k.steps_closed, k.weight, l.comment
FROM plan_line AS l
LEFT JOIN plan_line_skill AS k ON k.plan_line_id = l.id
LEFT JOIN skill AS s ON s.id = k.skill_id
JOIN person AS p ON p.id = l.person_id
JOIN course AS c ON c.id = l.course_id
WHERE l.plan_id = :plan
ORDER BY l.quarter, p.staff_id, c.code, s.name
"""

_UNMET = """
SELECT u.person_id, s.name, u.level_now, u.level_after, u.level_required, u.reason
FROM plan_unmet AS u JOIN skill AS s ON s.id = u.skill_id JOIN person AS p ON p.id = u.person_id
WHERE u.plan_id = :plan ORDER BY p.staff_id, s.name
"""


def read_plan(session: Session, plan: Plan, base: GapBase) -> PlanView:
    """A plan with names, units and roles as they are today."""
    rows = session.execute(text(_LINES), {"plan": plan.id}).all()
    unmet_rows = session.execute(text(_UNMET), {"plan": plan.id}).all()
    people = _People(session, base, {row[1] for row in rows} | {row[0] for row in unmet_rows})
    courses = {course.id: course for course in session.query(Course).all()}
    lines: list[PlanLineView] = []
    seen: set[int] = set()
    for row in rows:
        is_first = row[0] not in seen
        seen.add(row[0])
        lines.append(_line_view(row, people.facts(row[1]), courses[row[2]], is_first=is_first))
    unmet = tuple(_unmet_view(row, people.facts(row[0])) for row in unmet_rows)
    versions = sorted({line.version for line in base.population.levels.values()})
    return PlanView(
        plan_id=plan.id or 0,
        version=plan.version,
        title=plan.title,
        status=plan.status,
        settings=PlanSettings.from_json(plan.settings),
        summary=summary_from(plan.summary),
        lines=tuple(lines),
        unmet=unmet,
        made_at=plan.made_at,
        made_by=plan.made_by,
        revision=plan.made_at_revision,
        framework=", ".join(versions),
    )


def _unmet_view(row: Any, facts: tuple[str, ...]) -> UnmetView:
    return UnmetView(
        person_id=row[0],
        staff_id=facts[0],
        name=facts[1],
        department=facts[2],
        unit=facts[3],
        skill=row[1],
        level_now=row[2],
        level_after=row[3],
        level_required=row[4],
        reason=row[5],
    )


class _People:
    """Names, units and roles of the people in a plan; somebody no longer in the population keeps the id."""

    def __init__(self, session: Session, base: GapBase, wanted: set[int]) -> None:
        self._base = base
        ids = base.population.person_id
        known = np.flatnonzero(np.isin(ids, np.array(sorted(wanted), dtype=np.int64)))
        self._row_of = {int(ids[row]): int(row) for row in known}
        missing = wanted - self._row_of.keys()
        self._names: dict[int, tuple[str, str]] = {}
        for person_id in missing:
            found = session.execute(
                text("SELECT staff_id, name FROM person WHERE id = :id"), {"id": person_id}
            )
            self._names[person_id] = tuple(found.one())  # type: ignore[assignment]
        self._memo: dict[int, tuple[str, ...]] = {}

    def facts(self, person_id: int) -> tuple[str, ...]:
        """staff_id, name, department, unit, grade, role family, role, role level."""
        found = self._memo.get(person_id)
        if found is None:
            found = self._memo[person_id] = self._facts(person_id)
        return found

    def _facts(self, person_id: int) -> tuple[str, ...]:
        row = self._row_of.get(person_id)
        if row is None:
            staff_id, name = self._names[person_id]
            return staff_id, name, "", "", "", "", "", ""
        population = self._base.population
        unit = population.units[int(population.unit_id[row])]
        level = population.levels.get(int(population.role_level_id[row]))
        return (
            population.staff_id[row],
            population.name[row],
            population.units[unit.department_id].name,
            unit.path,
            population.grade[row],
            level.family if level else "",
            level.role if level else "",
            level.name if level else "",
        )


def _line_view(row: Any, facts: tuple[str, ...], course: Course, *, is_first: bool) -> PlanLineView:
    staff_id, name, department, unit, grade, family, role, role_level = facts
    return PlanLineView(
        line_id=row[0],
        person_id=row[1],
        staff_id=staff_id,
        name=name,
        department=department,
        unit=unit,
        grade=grade,
        role_family=family,
        role=role,
        role_level=role_level,
        course_code=course.code,
        course=course.title,
        provider=course.provider,
        delivery=course.delivery,
        quarter=FinancialQuarter(row[3]),
        skill=row[10] or "",
        level_now=row[11],
        level_after=row[12],
        level_required=row[13],
        steps_closed=row[14] or 0,
        weight=Decimal(row[15] or 0) / WEIGHT_ONE,
        hours=pounds(row[4]) if is_first else Decimal(0),
        cost_gbp=pounds(row[5]) if is_first else Decimal(0),
        funding=row[6],
        reason=row[7],
        status=row[8],
        is_locked=bool(row[9]),
        is_first=is_first,
        comment=row[16],
    )
