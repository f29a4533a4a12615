"""A plan made anew around what is booked or completed: those lines stand, and the rest is solved again.

A line that stands is locked, so that it takes money, hours and places and its levels can be built on. Quarters that
have begun take nobody new. Lines of people or courses that can no longer be planned for take their money alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.analysis.training_plan import PlanProblem
from app.errors import UsageError
from app.services.gap_base import GapBase
from app.services.training.board import less
from app.services.training.records import LineWish, PlanSettings
from app.services.training.sheet import FIXED, SheetLine, line_key, read_sheet
from app.terms import FinancialQuarter, LineStatus


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands of an earlier plan: lines to keep in the new one, and lines of which only the money is left.

    ``open_from`` is the first quarter in which somebody new may start.
    """

    kept: tuple[SheetLine, ...] = ()
    spent: tuple[SheetLine, ...] = ()
    open_from: FinancialQuarter | None = None

    def kept_by_place(self) -> dict[tuple[int, int], SheetLine]:
        """The kept lines by person id and course id."""
        return {(line.person_id, line.course_id): line for line in self.kept}


def standing_lines(
    session: Session, base: GapBase, settings: PlanSettings, next_quarter: FinancialQuarter
) -> Standing:
    """What stands of the plan that a new one is made around; nothing where there is none."""
    if settings.around_plan_id is None:
        return Standing()
    sheet = read_sheet(session, settings.around_plan_id)
    start = settings.start or sheet.start
    population = base.population
    mask = population.mask(settings.scope)
    inside = {
        int(key) for key, is_in in zip(population.person_id.tolist(), mask.tolist(), strict=True) if is_in
    }
    offered = _offered(session)
    kept: list[SheetLine] = []
    spent: list[SheetLine] = []
    for line in sheet.lines.values():
        if line.status is LineStatus.DID_NOT_ATTEND:
            spent.append(line)
        if line.status not in FIXED:
            continue
        is_within = 0 <= line.quarter - int(start) < settings.quarters
        is_known = line.person_id in inside and line.course_id in offered
        if not is_within and line.status is LineStatus.BOOKED and is_known:
            raise UsageError(
                f"{line.staff_id} is booked on {line.course_code} in {line.when}, outside the new plan.",
                "Let the plan begin with that quarter or earlier, and end after it.",
            )
        (kept if is_within and is_known else spent).append(line)
    return Standing(tuple(kept), tuple(spent), next_quarter)


def with_locks(settings: PlanSettings, standing: Standing) -> PlanSettings:
    """The settings with every line that stands locked, in place of any other wish about it."""
    if not standing.kept:
        return settings
    fixed = {line.key for line in standing.kept}
    others = [wish for wish in settings.wishes if line_key(wish.staff_id, wish.course_code) not in fixed]
    locks = [
        LineWish(line.staff_id, line.course_code, FinancialQuarter(line.quarter)) for line in standing.kept
    ]
    return replace(settings, wishes=(*others, *locks))


def held_to(problem: PlanProblem, standing: Standing) -> PlanProblem:
    """The problem less the money that is gone, and with no place left in quarters that have begun."""
    if standing.open_from is None:
        return problem
    places = problem.offers.places.copy()
    begun = max(0, min(int(standing.open_from) - int(problem.start), problem.quarters))
    places[:, :begun] = 0
    for line in problem.locked:
        if line.quarter < begun:
            pool = problem.offers.pool
            same = line.course if pool is None else np.flatnonzero(pool == pool[line.course])
            places[same, line.quarter] += 1
    return replace(
        problem,
        offers=replace(problem.offers, places=np.ascontiguousarray(places)),
        limits=tuple(less(limit, standing.spent) for limit in problem.limits),
    )


def _offered(session: Session) -> set[int]:
    return {row[0] for row in session.execute(text("SELECT id FROM course WHERE is_offered"))}
