"""What is booked already takes money, hours, places and release before a plan begins.

Lines of agreed plans that are approved, booked or completed, and lines still booked under a superseded plan. The
levels they bring count as reached when they end, so that no step is paid for twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.analysis.training_plan import Forbidden, MoneyLimit, PlanProblem
from app.analysis.training_plan.levels import hours_by_quarter
from app.services.gap_base import GapBase
from app.services.population import Ints
from app.services.training.demands import mentor_takes, with_fair_shares
from app.services.training.problem import ProblemKey, pounds
from app.services.training.records import PlanSettings, mentor_in, staff_id_of_mentor
from app.terms import FinancialQuarter, Funding, LineStatus, PlanStatus

_LINES = """
SELECT l.id, l.person_id, l.course_id, l.quarter, l.cost_pence, l.funding, l.hours_hundredths, c.duration_quarters,
       l.status, p.status, l.reason, c.delivery, c.mentor_hours_hundredths
FROM plan_line AS l JOIN plan AS p ON p.id = l.plan_id JOIN course AS c ON c.id = l.course_id
WHERE p.status IN ('agreed', 'superseded') AND l.status IN ('approved', 'booked', 'completed')
ORDER BY p.id DESC, l.id
"""

_RAISED = """
SELECT plan_line_id, skill_id, level_after FROM plan_line_skill WHERE plan_line_id IN
(SELECT l.id FROM plan_line AS l JOIN plan AS p ON p.id = l.plan_id
 WHERE p.status IN ('agreed', 'superseded') AND l.status IN ('approved', 'booked', 'completed'))
"""


@dataclass(frozen=True, slots=True)
class BookedLine:
    """One line that stands outside the plan; ``quarter`` counts from the plan's first and may be below 0.

    ``mentor`` is the staff id of who mentors, empty where nobody does, and ``mentoring`` what that takes of a
    quarter, in hundredths of hours.
    """

    line_id: int
    row: int
    person: int
    course_id: int
    quarter: int
    duration: int
    cost: int
    funding: Funding
    hours: int
    year: int
    raises: tuple[tuple[int, int], ...]
    mentor: str = ""
    mentoring: int = 0

    @property
    def end(self) -> int:
        """The quarter from whose start its levels count."""
        return self.quarter + self.duration

    @property
    def hours_in(self) -> dict[int, int]:
        """Hundredths of hours by quarter."""
        shares = hours_by_quarter(self.hours, self.duration)
        return {self.quarter + later: share for later, share in enumerate(shares)}


def booked_lines(
    session: Session,
    base: GapBase,
    settings: PlanSettings,
    problem: PlanProblem,
    key: ProblemKey,
) -> tuple[BookedLine, ...]:
    """Lines booked elsewhere that touch this plan: not its own locks, nor those of the plan it is made around."""
    if not settings.limits.is_less_booked:
        return ()
    locked = {(int(key.person_ids[k.person]), key.course_ids[k.course]) for k in problem.locked}
    own = _own_lines(session, settings.around_plan_id)
    raised: dict[int, list[tuple[int, int]]] = defaultdict(list)
    row_of = {int(person): row for row, person in enumerate(base.population.person_id.tolist())}
    place_of = {int(person): place for place, person in enumerate(key.person_ids.tolist())}
    for line_id, skill_id, level in session.execute(text(_RAISED)).all():
        raised[line_id].append((skill_id, level))
    found: dict[tuple[int, int], BookedLine] = {}
    for row in session.execute(text(_LINES)).all():
        who = (row[1], row[2])
        line = _line(row, problem, row_of.get(row[1], -1), place_of.get(row[1], -1), tuple(raised[row[0]]))
        is_ours = row[0] in own or who in locked or who in found
        if not is_ours and _stands(row) and line.quarter < problem.quarters and line.end > 0:
            found[who] = line
    return tuple(found.values())


def _own_lines(session: Session, plan_id: int | None) -> set[int]:
    """Lines of the plan this one is made around, which it holds itself or lets go."""
    if plan_id is None:
        return set()
    rows = session.execute(text("SELECT id FROM plan_line WHERE plan_id = :plan"), {"plan": plan_id})
    return {row[0] for row in rows}


def _stands(row: Any) -> bool:
    """What was only approved goes with its plan when that is superseded; what is booked stays booked."""
    return row[9] == PlanStatus.AGREED.value or row[8] != LineStatus.APPROVED.value


def _line(
    row: Any, problem: PlanProblem, population_row: int, person: int, raises: tuple[tuple[int, int], ...]
) -> BookedLine:
    return BookedLine(
        line_id=row[0],
        row=population_row,
        person=person,
        course_id=row[2],
        quarter=row[3] - int(problem.start),
        duration=row[7],
        cost=row[4],
        funding=Funding(row[5]),
        hours=row[6],
        year=FinancialQuarter(row[3]).year,
        raises=raises,
        mentor=staff_id_of_mentor(mentor_in(row[10])),
        mentoring=mentor_takes(row[11], row[6], row[7], row[12]) or 0,
    )


def less_booked(
    problem: PlanProblem, key: ProblemKey, base: GapBase, settings: PlanSettings, lines: Sequence[BookedLine]
) -> PlanProblem:
    """The problem with what these lines take already taken off."""
    if not lines:
        return problem
    problem = _less_money(problem, key, base, settings, lines)
    problem = _less_places(problem, key, lines)
    problem = _less_mentoring(_less_hours(problem, lines), base, lines)
    problem = _with_levels(_less_release(problem, base, lines), key, lines)
    return with_fair_shares(problem, settings, key.departments)


def _less_money(
    problem: PlanProblem, key: ProblemKey, base: GapBase, settings: PlanSettings, lines: Sequence[BookedLine]
) -> PlanProblem:
    """Money of the lines of people in the plan's scope that start within it."""
    mask = base.population.mask(settings.scope)
    counted = [line for line in lines if line.quarter >= 0 and line.row >= 0 and mask[line.row]]
    code_of = key.departments.code_of_row(base.population)

    def taken(limit: MoneyLimit) -> int:
        return sum(
            line.cost
            for line in counted
            if line.funding is limit.pot
            and limit.year in (None, line.year)
            and (limit.departments is None or code_of(line.row) in limit.departments)
        )

    spent = [taken(limit) for limit in problem.limits]
    limits = [
        replace(limit, pence=max(0, limit.pence - gone))
        for limit, gone in zip(problem.limits, spent, strict=True)
    ]
    reserves = list(problem.reserves)
    for number, reserve in enumerate(problem.reserves):
        drawn = sum(max(0, spent[place] - own) for place, own in reserve.accounts)
        left = max(0, reserve.pence - drawn)
        accounts = tuple((place, max(0, own - spent[place])) for place, own in reserve.accounts)
        reserves[number] = replace(reserve, pence=left, accounts=accounts)
        for place, own in accounts:
            limits[place] = replace(limits[place], pence=own + left)
    return replace(problem, limits=tuple(limits), reserves=tuple(reserves))


def _less_places(problem: PlanProblem, key: ProblemKey, lines: Sequence[BookedLine]) -> PlanProblem:
    places = problem.offers.places.copy()
    course_ids = np.array(key.course_ids, dtype=np.int64)
    for line in lines:
        if line.quarter >= 0:
            same = np.flatnonzero(course_ids == line.course_id)
            limited = same[places[same, line.quarter] < 2**31 - 1]
            places[limited, line.quarter] = np.maximum(0, places[limited, line.quarter] - 1)
    return replace(problem, offers=replace(problem.offers, places=places))


def _less_hours(problem: PlanProblem, lines: Sequence[BookedLine]) -> PlanProblem:
    hours = problem.learners.hours.copy()
    for line in lines:
        if line.person >= 0:
            _take(hours[line.person], line.hours_in)
    return replace(problem, learners=replace(problem.learners, hours=hours))


def _take(left: Ints, by_quarter: dict[int, int]) -> None:
    """Take hours off those one person has left in each quarter, down to 0; where there is no limit none are."""
    for quarter, hours in by_quarter.items():
        if 0 <= quarter < len(left) and left[quarter] < 2**31 - 1:
            left[quarter] = max(0, int(left[quarter]) - hours)


def _less_mentoring(problem: PlanProblem, base: GapBase, lines: Sequence[BookedLine]) -> PlanProblem:
    """Hours that mentors give, or learn themselves, in booked lines; one who also learns here has the learner's."""
    learner_of = {staff: place for place, staff in enumerate(problem.learners.staff_ids)}
    mentors = problem.mentors
    mentor_of = {staff: place for place, staff in enumerate(mentors.staff_ids)} if mentors else {}
    own = problem.learners.hours.copy()
    given = mentors.hours.copy() if mentors else own[:0]
    for line in lines:
        if line.mentor and line.mentoring:
            mentored = dict.fromkeys(range(line.quarter, line.end), line.mentoring)
            if line.mentor in learner_of:
                _take(own[learner_of[line.mentor]], mentored)
            elif line.mentor in mentor_of:
                _take(given[mentor_of[line.mentor]], mentored)
        if line.person < 0 <= line.row:
            mentor = mentor_of.get(base.population.staff_id[line.row])
            if mentor is not None:
                _take(given[mentor], line.hours_in)
    return replace(
        problem,
        learners=replace(problem.learners, hours=own),
        mentors=replace(mentors, hours=given) if mentors else None,
    )


def _less_release(problem: PlanProblem, base: GapBase, lines: Sequence[BookedLine]) -> PlanProblem:
    """People of a unit who are away already leave fewer places for the others, but may take more themselves."""
    release = problem.release
    if release is None:
        return problem
    team_of = {path: team for team, path in enumerate(release.names)}
    units = base.population.units
    most, away = release.most.copy(), release.away.copy()
    seen: set[tuple[int, int]] = set()
    for line in lines:
        if line.row < 0:
            continue
        team = team_of.get(units[int(base.population.unit_id[line.row])].path)
        for quarter in range(max(0, line.quarter), min(line.end, problem.quarters)):
            if team is None or (line.row, quarter) in seen:
                continue
            seen.add((line.row, quarter))
            most[team, quarter] = max(0, int(most[team, quarter]) - 1)
            if line.person >= 0:
                away[line.person, quarter] = True
    return replace(problem, release=replace(release, most=most, away=away))


def _with_levels(problem: PlanProblem, key: ProblemKey, lines: Sequence[BookedLine]) -> PlanProblem:
    """Levels that booked courses bring, held once they have ended: no course on the skill begins before that."""
    held = problem.needs.held.copy()
    skill_code = {int(skill): code for code, skill in enumerate(key.skill_ids.tolist())}
    need_of = {
        pair: need
        for need, pair in enumerate(
            zip(problem.needs.person.tolist(), problem.needs.skill.tolist(), strict=True)
        )
    }
    on_skill: dict[int, set[int]] = defaultdict(set)
    for course, skill in zip(problem.outcomes.course.tolist(), problem.outcomes.skill.tolist(), strict=True):
        on_skill[skill].add(course)
    forbidden: set[tuple[int, int, int | None]] = set()
    for line in lines:
        if line.person < 0:
            continue
        place = key.course_place(line.course_id, line.person)
        if place is not None:
            forbidden.add((line.person, place, None))
        for skill_id, level in line.raises:
            skill = skill_code.get(skill_id, -1)
            need = need_of.get((line.person, skill))
            if need is None or level <= held[need]:
                continue
            held[need] = min(level, int(problem.needs.required[need]))
            early = range(min(line.end, problem.quarters))
            forbidden |= {(line.person, course, quarter) for course in on_skill[skill] for quarter in early}
    locked = {(k.person, k.course) for k in problem.locked}
    bans = sorted(
        (ban for ban in forbidden if ban[:2] not in locked),
        key=lambda ban: (ban[0], ban[1], -1 if ban[2] is None else ban[2]),
    )
    return replace(
        problem,
        needs=replace(problem.needs, held=held),
        targets=tuple(_still_asked(problem, held, k) for k in range(len(problem.targets))),
        forbidden=(*problem.forbidden, *(Forbidden(*ban) for ban in bans)),
    )


def _still_asked(problem: PlanProblem, held: Ints, number: int) -> Any:
    """A target without the needs that booked courses bring to its level."""
    target = problem.targets[number]
    open_still = held[target.needs] < target.levels
    return replace(target, needs=target.needs[open_still], levels=target.levels[open_still])


def booked_words(lines: Sequence[BookedLine]) -> tuple[str, ...]:
    """What was taken off, in a sentence; nothing where nothing was."""
    if not lines:
        return ()
    cost = sum(line.cost for line in lines if line.quarter >= 0)
    are = "line is" if len(lines) == 1 else "lines are"
    taken = f"£{pounds(cost):,.2f}, their hours and their places are taken off"
    return (f"{len(lines):,} {are} approved or booked already: {taken}.",)
