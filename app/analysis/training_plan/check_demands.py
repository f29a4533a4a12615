"""The independent check of reserves, shared places, released teams, mentors, targets and fair shares.

Plain loops from the rules, like ``check.py`` and for the same reason.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from app.analysis.training_plan.problem import PlanProblem
from app.analysis.training_plan.result import PlanLine


def check_demands(problem: PlanProblem, lines: Sequence[PlanLine]) -> list[str]:
    """Every demand of these kinds that the lines break, in sentences. Targets: see :func:`target_steps`."""
    return [
        *_reserves(problem, lines),
        *_pools(problem, lines),
        *_release(problem, lines),
        *_mentors(problem, lines),
        *_fair_shares(problem, lines),
    ]


def _reserves(problem: PlanProblem, lines: Sequence[PlanLine]) -> list[str]:
    faults: list[str] = []
    for reserve in problem.reserves:
        drawn = 0
        for place, own in reserve.accounts:
            limit = problem.limits[place]
            spent = 0
            for line in lines:
                year = (problem.start + line.quarter).year
                mine = (
                    limit.departments is None
                    or int(problem.learners.department[line.person]) in limit.departments
                )
                if line.funding is limit.pot and mine and (limit.year is None or limit.year == year):
                    spent += line.cost_pence
            drawn += max(0, spent - own)
        if drawn > reserve.pence:
            faults.append(f"{reserve.words}: {drawn} pence drawn, {reserve.pence} there.")
    return faults


def _pools(problem: PlanProblem, lines: Sequence[PlanLine]) -> list[str]:
    pool = problem.offers.pool
    if pool is None:
        return []
    faults: list[str] = []
    for line in lines:
        together = sum(
            1 for other in lines if other.quarter == line.quarter and pool[other.course] == pool[line.course]
        )
        if together > problem.offers.places[line.course, line.quarter]:
            faults.append(f"{problem.offers.codes[line.course]}: {together} people share too few places.")
    return faults


def _release(problem: PlanProblem, lines: Sequence[PlanLine]) -> list[str]:
    release = problem.release
    if release is None:
        return []
    faults: list[str] = []
    away: dict[tuple[int, int], set[int]] = defaultdict(set)
    for line in lines:
        end = line.quarter + int(problem.offers.duration[line.course])
        for quarter in range(line.quarter, end):
            if quarter >= problem.quarters or not release.away[line.person, quarter]:
                away[int(release.team[line.person]), quarter].add(line.person)
    for (team, quarter), people in away.items():
        row = release.most[team]
        if len(people) > (row[quarter] if quarter < problem.quarters else row[-1]):
            faults.append(f"{release.names[team]}: {len(people)} people away in quarter {quarter + 1}.")
    return faults


def _own_hours(problem: PlanProblem, lines: Sequence[PlanLine], learner: int, quarter: int) -> int:
    """Hundredths of hours that a learner spends on courses in a quarter, dealt out hour by hour."""
    total = 0
    for line in lines:
        if line.person != learner:
            continue
        duration = int(problem.offers.duration[line.course])
        shares = [0] * duration
        left, turn = int(problem.offers.hours[line.course]), 0
        whole = left // (100 * duration) * 100
        shares = [whole] * duration
        left -= whole * duration
        while left > 0:
            shares[turn] += min(100, left)
            left -= min(100, left)
            turn += 1
        if 0 <= quarter - line.quarter < duration:
            total += shares[quarter - line.quarter]
    return total


def _mentors(problem: PlanProblem, lines: Sequence[PlanLine]) -> list[str]:
    hours, mentors = problem.offers.mentor_hours, problem.mentors
    faults: list[str] = []
    given: Counter[tuple[int, int]] = Counter()
    mentees: dict[tuple[int, int], list[int]] = defaultdict(list)
    for line in lines:
        code = problem.offers.codes[line.course]
        if hours is None or hours[line.course] < 0:
            if line.mentor is not None:
                faults.append(f"{code} needs no mentor and shows one.")
            continue
        if line.mentor is None or mentors is None:
            faults.append(f"{code} shows no mentor.")
            continue
        unit = int(mentors.unit_of[line.person])
        end = line.quarter + int(problem.offers.duration[line.course])
        if int(mentors.unit[line.mentor]) not in (unit, int(mentors.parent[unit])):
            faults.append(f"{code}: the mentor is out of reach.")
        if not mentors.able[line.mentor, line.course] or mentors.learner[line.mentor] == line.person:
            faults.append(f"{code}: the mentor is not able.")
        if end - 1 > mentors.last_quarter[line.mentor]:
            faults.append(f"{code}: the mentor has left.")
        for quarter in range(line.quarter, end):
            given[line.mentor, quarter] += int(hours[line.course])
            mentees[line.mentor, quarter].append(line.course)
    return [*faults, *_mentors_own(problem, lines, given, mentees)]


def _mentors_own(
    problem: PlanProblem,
    lines: Sequence[PlanLine],
    given: Counter[tuple[int, int]],
    mentees: dict[tuple[int, int], list[int]],
) -> list[str]:
    mentors = problem.mentors
    if mentors is None:
        return []
    faults: list[str] = []
    for (mentor, quarter), hours in given.items():
        learner = int(mentors.learner[mentor])
        row = mentors.hours[mentor] if learner < 0 else problem.learners.hours[learner]
        limit = int(row[quarter]) if quarter < problem.quarters else int(row[-1])
        own = 0 if learner < 0 else _own_hours(problem, lines, learner, quarter)
        if hours + own > limit:
            faults.append(f"mentor {mentors.staff_ids[mentor]} has {hours} and {own} of {limit} hundredths.")
    if problem.offers.max_mentees is not None:
        for (mentor, _), courses in mentees.items():
            if any(len(courses) > problem.offers.max_mentees[course] for course in courses):
                faults.append(f"mentor {mentors.staff_ids[mentor]} has {len(courses)} mentees at once.")
    return faults


def _fair_shares(problem: PlanProblem, lines: Sequence[PlanLine]) -> list[str]:
    faults: list[str] = []
    for share in problem.fair_shares:
        closed = 0
        for line in lines:
            home = problem.learners.department if problem.learners.home is None else problem.learners.home
            if int(home[line.person]) in share.homes:
                closed += sum(credit.steps_closed * credit.weight for credit in line.credits)
        if closed < share.needed:
            faults.append(f"{share.words}: {closed} of {share.needed} ten-thousandths.")
    return faults


def target_steps(problem: PlanProblem, person: int, level_at: dict[tuple[int, int], int]) -> list[int]:
    """Steps of every target that a person has met in time; ``level_at`` is the level by (need, start of quarter)."""
    met: list[int] = []
    for target in problem.targets:
        steps = 0
        for need, level in zip(target.needs.tolist(), target.levels.tolist(), strict=True):
            if problem.needs.person[need] == person:
                held = int(problem.needs.held[need])
                steps += max(0, min(level_at.get((need, target.by + 1), held), level) - held)
        met.append(steps)
    return met
