"""Lines put together by hand, held against the limits: the same ledger and the same independent check as the solver's.

Nothing is solved here. The problem is that of the plan's own settings on the data as it stands today; the lines are
laid on it as if all were locked, and what they cost, close and break is read off.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from sqlalchemy.orm import Session

from app.analysis.training_plan import (
    Credit,
    Enrolment,
    Forbidden,
    MoneyLimit,
    PlanLine,
    PlanProblem,
    PlanResult,
    PlanState,
    UnmetNeed,
    UnmetReason,
    check_plan,
)
from app.analysis.training_plan.keeping import bonus_of, unkept_demands
from app.analysis.training_plan.ledger import Ledger
from app.analysis.training_plan.problem import POTS
from app.analysis.training_plan.solve import PlanFaultError, plan_lines
from app.services.gap_base import GapBase
from app.services.training.booked import BookedLine, booked_lines, less_booked
from app.services.training.problem import ProblemKey, build_problem
from app.services.training.records import LineWish, PlanSettings
from app.services.training.sheet import FIXED, OVER, Key, PlanSheet, SheetLine, read_sheet
from app.terms import NOT_ASSESSED, FinancialQuarter, Funding, name_key

BY_HAND = "changed by hand"
"""The reason of a need that is open because lines were changed by hand."""


@dataclass(frozen=True, slots=True)
class OpenNeed:
    """A pair of somebody whose lines were changed: skill id and levels with the lines as they are now."""

    person_id: int
    skill_id: int
    level_now: int
    level_after: int
    level_required: int


@dataclass(frozen=True, slots=True)
class Judgement:
    """What lines cost and close today, who mentors, and every limit they break, in words.

    ``bonus`` is what priced targets met in time add to the weighted steps, in ten-thousandths.
    """

    costs: dict[Key, int]
    credits: dict[Key, tuple[Credit, ...]]
    mentors: dict[Key, int | None]
    bonus: int
    broken: tuple[str, ...]


class Board:
    """The problem of a plan with everybody on it whose lines are to be judged."""

    def __init__(self, session: Session, base: GapBase, sheet: PlanSheet, staff_ids: Iterable[str]) -> None:
        settings = sheet.settings
        self.base, self.settings, self.start = base, settings, sheet.start
        problem, self.key = _problem(session, base, settings, self.start, set(staff_ids))
        booked = _booked_elsewhere(session, base, sheet, (problem, self.key))
        self.problem = less_booked(problem, self.key, base, settings, booked)
        self.person_of = {int(key): place for place, key in enumerate(self.key.person_ids.tolist())}
        self.wished_away = _forbidden(problem, self.key, settings, self.start)
        self.forbidden = (*self.wished_away, *self.problem.forbidden)

    def enrolment(self, line: SheetLine) -> Enrolment | None:
        """The line on this problem; None where person, course or quarter is not part of it any more."""
        person = self.person_of.get(line.person_id)
        course = None if person is None else self.key.course_place(line.course_id, person)
        quarter = line.quarter - int(self.start)
        if person is None or course is None or not 0 <= quarter < self.settings.quarters:
            return None
        return Enrolment(person, course, quarter)

    def judge(self, lines: Sequence[SheetLine]) -> Judgement:
        """Costs, credits and broken limits of these lines. Lines that are over take no part but for money spent."""
        laid: dict[Enrolment, SheetLine] = {}
        outside: list[SheetLine] = []
        for line in lines:
            place = self.enrolment(line) if line.status not in OVER else None
            if place is None:
                outside.append(line)
            else:
                laid[place] = line
        problem = self._with(tuple(laid), outside)
        shown = plan_lines(problem, list(laid))
        demands = unkept_demands(problem, sorted(laid))
        broken = (*Ledger(problem).broken(sorted(laid)), *demands, *self._rules(laid))
        faults = check_plan(problem, _as_result(problem, shown))
        if faults and not broken:
            raise PlanFaultError(f"The lines failed their check: {faults[0]} ({len(faults)} faults)")
        return Judgement(
            costs={laid[one.enrolment].key: one.cost_pence for one in shown},
            credits={laid[one.enrolment].key: one.credits for one in shown},
            mentors={laid[one.enrolment].key: one.mentor for one in shown},
            bonus=bonus_of(problem, sorted(laid)),
            broken=broken,
        )

    def open_needs(self, person_id: int, credited: Iterable[Credit]) -> list[OpenNeed]:
        """Every need of somebody that stays below what is required with these credits."""
        person = self.person_of.get(person_id)
        if person is None:
            return []
        closed: dict[int, int] = {}
        for credit in credited:
            closed[credit.need] = closed.get(credit.need, 0) + credit.steps_closed
        needs = self.problem.needs
        found: list[OpenNeed] = []
        for need in np.flatnonzero(needs.person == person).tolist():
            held, required = int(needs.held[need]), int(needs.required[need])
            after = held + closed.get(need, 0)
            if held != NOT_ASSESSED and after < required:
                skill = int(self.key.skill_ids[needs.skill[need]])
                found.append(OpenNeed(person_id, skill, held, after, required))
        return found

    def _with(self, locked: tuple[Enrolment, ...], outside: Sequence[SheetLine]) -> PlanProblem:
        """The problem with these lines locked, and the money taken off that others have spent."""
        limits = tuple(less(limit, outside) for limit in self.problem.limits)
        return replace(self.problem, locked=locked, forbidden=self.forbidden, limits=limits)

    def _rules(self, laid: dict[Enrolment, SheetLine]) -> list[str]:
        """What the ledger does not look at: time, wishes, whom a course is open to."""
        problem, offers = self.problem, self.problem.offers
        wished = {(one.person, one.course, one.quarter) for one in self.wished_away}
        banned = {(one.person, one.course, one.quarter) for one in self.problem.forbidden}
        found: list[str] = []
        for place, line in sorted(laid.items()):
            last = place.quarter + int(offers.duration[place.course]) - 1
            name = f"{line.staff_id} on {line.course_code} in {line.when}"
            ways = {(place.person, place.course, None), (place.person, place.course, place.quarter)}
            if ways & wished:
                found.append(f"{name} is forbidden by the wishes of this plan")
            elif ways & banned:
                found.append(f"{name} clashes with what the person is booked on already")
            if last >= problem.quarters and not problem.overrun_allowed:
                found.append(f"{name} ends after the last quarter of the plan")
            if last > problem.learners.last_quarter[place.person]:
                found.append(f"{name} ends after the person leaves")
            is_open = offers.open_to
            if is_open is not None and not is_open[place.course, problem.learners.department[place.person]]:
                found.append(f"{name}: the course is not open to that department")
        return found


def less(limit: MoneyLimit, spent: Iterable[SheetLine]) -> MoneyLimit:
    """A money limit without what lines outside the problem have spent of it; never below nothing.

    A line that was withdrawn has spent nothing. Whose department it was is not known any more for people who are not
    on the problem, so that limits of single departments are left as they are.
    """
    taken = sum(
        line.spent
        for line in spent
        if Funding(line.funding) is limit.pot
        and limit.year in (None, FinancialQuarter(line.quarter).year)
        and limit.departments is None
    )
    return replace(limit, pence=max(0, limit.pence - taken)) if taken else limit


def is_fixed(line: SheetLine) -> bool:
    """Whether the line stands whatever else is planned."""
    return line.status in FIXED


def _problem(
    session: Session, base: GapBase, settings: PlanSettings, start: FinancialQuarter, staff_ids: set[str]
) -> tuple[PlanProblem, ProblemKey]:
    """The problem with everybody named on it who is in the scope, even where nothing of theirs is open."""
    plain = replace(settings, wishes=())
    problem, key = build_problem(session, base, plain, start)
    missing = staff_ids - set(problem.learners.staff_ids)
    population = base.population
    mask = population.mask(settings.scope)
    inside = sorted(staff for row, staff in enumerate(population.staff_id) if staff in missing and mask[row])
    if not inside or not key.course_codes:
        return problem, key
    # a line that is forbidden brings its person onto the problem; the ban itself is dropped again
    named = tuple(LineWish(staff, key.course_codes[0], None, is_forbidden=True) for staff in inside)
    problem, key = build_problem(session, base, replace(plain, wishes=named), start)
    return replace(problem, forbidden=()), key


def _booked_elsewhere(
    session: Session, base: GapBase, sheet: PlanSheet, made: tuple[PlanProblem, ProblemKey]
) -> tuple[BookedLine, ...]:
    """What other plans have booked: neither this plan's own lines, nor those of the plan it was made around."""
    settings = replace(sheet.settings, around_plan_id=sheet.plan_id)
    found = booked_lines(session, base, settings, *made)
    around = sheet.settings.around_plan_id
    if around is None:
        return found
    known = {line.line_id for line in read_sheet(session, around).lines.values()}
    return tuple(line for line in found if line.line_id not in known)


def _forbidden(
    problem: PlanProblem, key: ProblemKey, settings: PlanSettings, start: FinancialQuarter
) -> tuple[Forbidden, ...]:
    people = {staff: place for place, staff in enumerate(problem.learners.staff_ids)}
    courses = {name_key(code): key.course_ids[place] for place, code in enumerate(key.course_codes)}
    found: list[Forbidden] = []
    for wish in settings.wishes:
        person, course_id = people.get(wish.staff_id), courses.get(name_key(wish.course_code))
        if not wish.is_forbidden or person is None or course_id is None:
            continue
        course = key.course_place(course_id, person)
        if course is None:
            continue
        quarter = None if wish.quarter is None else int(wish.quarter) - int(start)
        if quarter is None or 0 <= quarter < settings.quarters:
            found.append(Forbidden(person, course, quarter))
    return tuple(found)


def _as_result(problem: PlanProblem, lines: tuple[PlanLine, ...]) -> PlanResult:
    """The lines as the independent check wants them; nothing is claimed of how good they are."""
    given = [credit for line in lines for credit in line.credits]
    closed: dict[int, int] = defaultdict(int)
    for credit in given:
        closed[credit.need] += credit.steps_closed
    costs: dict[Funding, int] = dict.fromkeys(POTS, 0)
    for line in lines:
        costs[line.funding] += line.cost_pence
    needs = problem.needs
    objective = sum(credit.steps_closed * credit.weight for credit in given) + bonus_of(
        problem, [line.enrolment for line in lines]
    )
    unmet = tuple(
        UnmetNeed(
            need, int(needs.person[need]), int(needs.skill[need]), held, held + closed[need], required,
            UnmetReason.DISPLACED, BY_HAND,
        )
        for need, (held, required) in enumerate(zip(needs.held.tolist(), needs.required.tolist(), strict=True))
        if held != NOT_ASSESSED and held + closed[need] < required
    )  # fmt: skip
    return PlanResult(
        state=PlanState.FEASIBLE,
        lines=lines,
        objective=objective,
        bound=objective,
        stages=(),
        unmet=unmet,
        steps_open_before=sum(closed.values())
        + sum(need.level_required - need.level_after for need in unmet),
        steps_closed=sum(closed.values()),
        cost_by_pot=costs,
        hours=sum(line.hours for line in lines),
        seconds=0.0,
    )
