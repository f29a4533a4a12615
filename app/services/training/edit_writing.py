"""A plan's lines after changes by hand, written row by row, so that the history shows and reverts each of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from sqlmodel import col, select

from app.analysis.training_plan import Credit, PlanState
from app.analysis.training_plan import PlanLine as SolvedLine
from app.db.database import WriteScope
from app.errors import UsageError
from app.models import Plan, PlanLine, PlanLineSkill, PlanUnmet
from app.services.gap_base import WEIGHT_ONE, GapBase
from app.services.population import tables_since
from app.services.training.board import BY_HAND, Board, Judgement
from app.services.training.proposals import propose_ratings
from app.services.training.saving import line_reason
from app.services.training.sheet import PlanSheet, SheetLine
from app.terms import Funding, LineStatus

RESTS_ON = frozenset(
    {
        "assessment",
        "current_level",
        "requirement",
        "course",
        "course_outcome",
        "person",
        "person_spell",
        "role_assignment",
        "skill",
    }
)
"""Tables that a proven bound rests on: after a change to one of them it proves nothing any more."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What lines were judged on, how, and whose lines were changed (person ids)."""

    board: Board
    judgement: Judgement
    people: frozenset[int]


def write_sheet(
    w: WriteScope, before: PlanSheet, after: PlanSheet, judged: Judged | None, base: GapBase
) -> None:
    """Write what differs: lines, what they raise, what stays open, settings and figures of the plan."""
    plan = w.fetch(Plan, before.plan_id)
    _remove(
        w, {line.line_id for line in before.lines.values()} - {line.line_id for line in after.lines.values()}
    )
    old = {line.line_id: line for line in before.lines.values()}
    completed: list[SheetLine] = []
    for line in _in_free_order(before, after):
        known = old.get(line.line_id) if line.line_id else None
        row = _write_line(w, before.plan_id, line, known)
        if judged is not None and line.credits is not None:
            _write_skills(w, row.id or 0, line.credits, judged.board)
        if judged is not None and (known is None or _is_other(known, line)):
            row.reason = _reason(line, judged, base)
        if line.status is LineStatus.COMPLETED and (
            known is None or known.status is not LineStatus.COMPLETED
        ):
            completed.append(replace(line, line_id=row.id or 0))
    w.session.flush()
    if judged is not None:
        _write_open(w, after, judged)
    propose_ratings(w, completed)
    if after.settings != before.settings:
        plan.settings = after.settings.as_json()
    if judged is not None:
        _write_summary(w, plan, after, judged.judgement)


def _in_free_order(before: PlanSheet, after: PlanSheet) -> list[SheetLine]:
    """Lines that differ, each after the one that gives up its place: a person has a course once in a plan."""
    old = {line.line_id: line for line in before.lines.values()}
    waiting = [line for line in after.lines.values() if old.get(line.line_id) != line]
    kept = {line.line_id for line in after.lines.values()}
    taken = {line.key: line.line_id for line in before.lines.values() if line.line_id in kept}
    found: list[SheetLine] = []
    while waiting:
        free = [line for line in waiting if taken.get(line.key, line.line_id) == line.line_id]
        if not free:
            raise UsageError(
                "These changes give lines each other's places.", "Make them one after the other, in two goes."
            )
        for line in free:
            known = old.get(line.line_id)
            if known is not None:
                taken.pop(known.key, None)
            taken[line.key] = line.line_id
        done = {id(line) for line in free}
        waiting = [line for line in waiting if id(line) not in done]
        found += free
    return found


def _is_other(known: SheetLine, line: SheetLine) -> bool:
    """Whether what the line says of itself (course, levels, price) changed."""
    return (known.course_id, known.person_id, known.cost, known.steps) != (
        line.course_id,
        line.person_id,
        line.cost,
        line.steps,
    )


def _remove(w: WriteScope, line_ids: Iterable[int]) -> None:
    for line_id in sorted(line_ids):
        chosen = select(PlanLineSkill).where(col(PlanLineSkill.plan_line_id) == line_id)
        for skill in w.session.scalars(chosen).all():
            w.session.delete(skill)
        w.session.flush()  # what belongs to a line goes before it
        w.session.delete(w.fetch(PlanLine, line_id))
        w.session.flush()  # and a line goes before another takes its place


def _write_line(w: WriteScope, plan_id: int, line: SheetLine, known: SheetLine | None) -> PlanLine:
    values: dict[str, Any] = {
        "person_id": line.person_id,
        "course_id": line.course_id,
        "quarter": line.quarter,
        "hours_hundredths": line.hours,
        "cost_pence": line.cost,
        "funding": line.funding,
        "status": line.status.value,
        "is_locked": line.is_locked,
        "comment": line.comment,
        "approved_on": line.approved_on,
        "booked_on": line.booked_on,
        "ended_on": line.ended_on,
    }
    if known is None:
        row = PlanLine(plan_id=plan_id, **values)
        w.session.add(row)
        w.session.flush()
        return row
    row = w.fetch(PlanLine, line.line_id)
    is_moved = (row.person_id, row.course_id) != (line.person_id, line.course_id)
    for name, value in values.items():
        if getattr(row, name) != value:
            setattr(row, name, value)
    if is_moved:
        w.session.flush()  # a place is given up before another line takes it
    return row


def _write_skills(w: WriteScope, line_id: int, credited: Iterable[Credit], board: Board) -> None:
    chosen = select(PlanLineSkill).where(col(PlanLineSkill.plan_line_id) == line_id)
    held = {row.skill_id: row for row in w.session.scalars(chosen).all()}
    wanted = {int(board.key.skill_ids[credit.skill]): credit for credit in credited}
    for skill_id, row in held.items():
        if skill_id not in wanted:
            w.session.delete(row)
    for skill_id, credit in wanted.items():
        values = {
            "level_now": credit.level_now,
            "level_after": credit.level_after,
            "level_required": credit.level_required,
            "steps_closed": credit.steps_closed,
            "weight": credit.weight,
        }
        row = held.get(skill_id)
        if row is None:
            w.session.add(PlanLineSkill(plan_line_id=line_id, skill_id=skill_id, **values))
            continue
        for name, value in values.items():
            if getattr(row, name) != value:
                setattr(row, name, value)


def _reason(line: SheetLine, judged: Judged, base: GapBase) -> str:
    """Why the line is in the plan, with its levels and price as they are now."""
    given = line.credits if line.credits is not None else judged.judgement.credits.get(line.key, ())
    place = judged.board.enrolment(line)
    if not given or place is None:
        return "Put in by hand; it closes no step."
    who, what, when = place.person, place.course, place.quarter
    solved = SolvedLine(
        who, what, when, line.cost, line.hours, Funding(line.funding), given, line.is_locked,
        judged.judgement.mentors.get(line.key),
    )  # fmt: skip
    by_hand = "Changed by hand. " if line.person_id in judged.people else ""
    return f"{by_hand}{line_reason(solved, judged.board.key, base)}"


def _write_open(w: WriteScope, after: PlanSheet, judged: Judged) -> None:
    """What stays open of the people whose lines changed; a reason is kept as long as the need stays open."""
    plan_id = after.plan_id
    of_person: dict[int, list[Credit]] = defaultdict(list)
    for line in after.lines.values():
        of_person[line.person_id] += judged.judgement.credits.get(line.key, ())
    for person_id in sorted(judged.people):
        chosen = select(PlanUnmet).where(
            col(PlanUnmet.plan_id) == plan_id, col(PlanUnmet.person_id) == person_id
        )
        held = {row.skill_id: row for row in w.session.scalars(chosen).all()}
        needs = {need.skill_id: need for need in judged.board.open_needs(person_id, of_person[person_id])}
        for skill_id, row in held.items():
            if skill_id not in needs:
                w.session.delete(row)
        for skill_id, need in needs.items():
            row = held.get(skill_id)
            if row is None:
                w.session.add(
                    PlanUnmet(
                        plan_id=plan_id,
                        person_id=person_id,
                        skill_id=skill_id,
                        level_now=need.level_now,
                        level_after=need.level_after,
                        level_required=need.level_required,
                        reason=BY_HAND,
                    )
                )
            elif row.level_after != need.level_after:
                row.level_after = need.level_after
                row.reason = BY_HAND


def _write_summary(w: WriteScope, plan: Plan, after: PlanSheet, judgement: Judgement) -> None:
    """The figures as they are after changes by hand; the bound is kept as long as it still proves something."""
    figures, lines = after.figures(), after.lines.values()
    summary = dict(plan.summary)
    objective = float(figures.objective) + judgement.bonus / WEIGHT_ONE
    is_proven = not judgement.broken and not tables_since(w.session, plan.made_at_revision) & RESTS_ON
    bound = max(float(summary["bound"]), objective)
    pots: dict[str, int] = dict.fromkeys(summary["cost_by_pot"], 0)
    for line in lines:
        pots[line.funding] = pots.get(line.funding, 0) + line.spent
    gap = 0.0 if bound == objective else 100 * (bound - objective) / objective if objective else None
    summary.update(
        status=(PlanState.OPTIMAL if is_proven and bound == objective else PlanState.FEASIBLE).value,
        objective=objective,
        bound=bound,
        gap_pct=gap if is_proven else None,
        cost_pence=int(figures.cost_gbp * 100),
        hours_hundredths=int(figures.hours * 100),
        steps_closed=figures.steps_closed,
        steps_left=summary["steps_open_before"] - figures.steps_closed,
        people=figures.people,
        enrolments=figures.enrolments,
        cost_by_pot=pots,
        stages=[[wish, False] for wish, _ in summary["stages"]],
    )
    plan.summary = summary
